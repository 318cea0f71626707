"""The house under test: real PostgreSQL and Valkey, a network of HQ and two dealers, clean for each test."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import sqlalchemy as sa
from flask import Flask

from app.commands.database import prepare
from app.config import Settings
from app.embedded import EmbeddedPostgres, EmbeddedValkey
from app.factory import create_app
from app.kernel.identity import speaking_as
from tenants import registry
from tenants.bootstrap import ensure_hq, upgrade
from tenants.cluster import OWNER, WEB, WORKER_LOGIN
from tenants.migrating import load_models
from tenants.owner import owner_engine
from tenants.provisioning import NewTenant, provision
from tests.chromium import browser  # noqa: F401 -- a fixture for all
from tests.house import House

hypothesis.settings.register_profile("house", deadline=None)  # nor fail for being slow
hypothesis.settings.load_profile("house")
registry.FRESH = 600.0  # a slow machine must not change what a page asks; changes call `forget` themselves

PASSWORDS = {login: f"test-{login}" for login in (WEB, WORKER_LOGIN, OWNER)}

MOSCOW, KAZAN, NOVOSIBIRSK = 524901, 551487, 1496747

HQ_TENANT = NewTenant(
    slug="ochag", name="Очаг", legal_name="АО «Очаг»", inn="7707083893", kind="hq",
    hosts=("ochag.localhost", "localhost"), city_id=MOSCOW,
)
HOURS = {"weekly": {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}}
DEALERS = (
    NewTenant(
        slug="teplo-kazan", name="Тепло Казань", legal_name="ООО «Тепло Казань»", inn="7736207543",
        hosts=("teplo-kazan.localhost",), city_id=KAZAN, territories=(("73", "primary"),), profile={"hours": HOURS},
    ),
    NewTenant(
        slug="sibir", name="Сибирь Тепло", legal_name="ООО «Сибирь Тепло»", inn="7736050003",
        hosts=("sibir.localhost",), city_id=NOVOSIBIRSK, timezone="Asia/Novosibirsk",
        territories=(("53", "exclusive"),), profile={"hours": HOURS},
    ),
)


@pytest.fixture(scope="session")
def services(worker_id: str) -> Iterator[tuple[str, str]]:
    """Superuser's address of PostgreSQL and address of Valkey, for this process of the test run."""
    place = Path(tempfile.mkdtemp(prefix=f"zveno-{worker_id}-"))
    place.chmod(0o755)
    with EmbeddedPostgres(place / "postgres", durable=False) as postgres, EmbeddedValkey(place / "valkey") as valkey:
        yield postgres.url, valkey.url
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """Name of the xdist worker, `master` without xdist."""
    return os.environ.get("PYTEST_XDIST_WORKER", "master")


@pytest.fixture(scope="session")
def settings(services: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of the network under test, migrated and with its tenants made."""
    superuser, queue = services
    prepare(superuser, "zveno", PASSWORDS)
    return network_settings(superuser, queue, str(tmp_path_factory.mktemp("data")))


def network_settings(superuser: str, queue: str, data_dir: str, **more: Any) -> Settings:
    """Settings of a network of HQ and two dealers, made in the prepared database `zveno` of that cluster."""
    address = sa.make_url(superuser).set(database="zveno")

    def login(name: str) -> str:
        return address.set(username=name, password=PASSWORDS[name]).render_as_string(hide_password=False)

    settings = Settings(
        database_web=login(WEB), database_worker=login(WORKER_LOGIN), database_owner=login(OWNER), queue=queue,
        secret_key="a key for tests, long enough to be taken", data_dir=data_dir,
        argon2_memory_kib=8, argon2_time=1, **{"keep_pages_seconds": 0, **more},
    )
    _make_network(settings)
    return settings


def _make_network(settings: Settings) -> None:
    load_models()
    owner = owner_engine(settings.database_owner)
    assert upgrade(owner) == []
    ensure_hq(owner, HQ_TENANT)
    for dealer in DEALERS:
        with owner.begin() as connection:
            provision(connection, dealer)


@pytest.fixture(scope="session")
def apps(settings: Settings) -> dict[str, Flask]:
    """The application with each login."""
    made = {
        "web": create_app(replace(settings, database_owner=""), login="web"),
        "worker": create_app(settings, login="worker"),
    }
    for app in made.values():
        app.config.update(TESTING=True, RATELIMIT_ENABLED=False)
    return made


@pytest.fixture
def house(apps: dict[str, Flask], services: tuple[str, str], settings: Settings) -> Iterator[House]:
    """A clean network: HQ `t_000001`, dealers `t_000002` (Kazan) and `t_000003` (Novosibirsk)."""
    house = House(apps["web"], apps["worker"], settings, services[0])
    with speaking_as(None):
        yield house
    house.clean()


@pytest.fixture
def app(house: House) -> Flask:
    """The web application."""
    return house.web
