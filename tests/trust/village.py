"""Tenants in a database of their own, each with canaries: words that nobody else may ever be answered.

Twenty on four connections, or as many as `ZVENO_TEST_TENANTS` and `ZVENO_TEST_CONNECTIONS` say.
"""

from __future__ import annotations

import os
import random
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import Client, TestResponse

from app.commands.database import prepare
from app.config import Settings
from app.factory import create_app
from app.kernel.clock import now
from app.kernel.db import db, unit_of_work
from app.kernel.identity import Identity, hq, network_worker, speaking_as, tenant
from app.kernel.ids import HQ, tenant_id
from app.kernel.money import Money
from app.web.links import sign
from app.web.media import folder
from app.web.models import Mail
from blueprints.accounts import keys, service
from blueprints.accounts.models import Customer
from blueprints.accounts.passwords import hash_password
from blueprints.leads.service import Contact, open_lead, write
from tenants import registry
from tenants.bootstrap import ensure_hq, upgrade
from tenants.models import Site
from tenants.owner import owner_engine
from tenants.provisioning import NewTenant, provision
from tests.conftest import HQ_TENANT, PASSWORDS
from tests.house import token_of

SIZE = int(os.environ.get("ZVENO_TEST_TENANTS", "20"))
CONNECTIONS = int(os.environ.get("ZVENO_TEST_CONNECTIONS", "4"))
PASSWORD = "a long word of the village"
SAME_ID = uuid.UUID(int=7)
"""Of a customer of each: whoever mixes tenants up would answer one with another's."""
CANARY = re.compile(r"canary-(t_\d{6})-\w+")


@dataclass(slots=True)
class Inhabitant:
    """A tenant with what an attacker would like to have of it."""

    id: str
    host: str
    canary: str
    cookies: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    lead_id: uuid.UUID | None = None
    picture: str = ""
    key: str = ""

    @property
    def base(self) -> str:
        """Address of its site."""
        return f"http://{self.host}:8000"


class Village:
    """The network under attack. `web` has so many connections and not one more."""

    def __init__(self, web: Flask, worker: Flask, superuser: str, inhabitants: list[Inhabitant]) -> None:
        self.web, self.worker, self.superuser = web, worker, superuser
        self.inhabitants = inhabitants

    @contextmanager
    def speaking(self, who: Identity | str) -> Iterator[None]:
        """One unit of work of a tenant or another identity."""
        identity = tenant(who) if isinstance(who, str) else who
        app = self.worker if identity == network_worker() else self.web
        with app.app_context(), speaking_as(identity), unit_of_work():
            yield

    def ask(
        self, at: Inhabitant, path: str, method: str = "GET", cookie: str = "", headers: dict[str, str] | None = None,
        data: Any = None,
    ) -> TestResponse:
        """One request without memory; `cookie` is the whole header."""
        sent = {"Cookie": cookie, **(headers or {})} if cookie else dict(headers or {})
        client = Client(self.web, use_cookies=False)
        return client.open(path, method=method, base_url=at.base, headers=sent, data=data)

    def sign_in(self, at: Inhabitant, place: str, email: str) -> str:
        """Cookies of a browser that has signed in."""
        client = Client(self.web)
        page = client.get(f"{place}/sign-in", base_url=at.base)
        form = {"email": email, "password": PASSWORD, "csrf_token": token_of(page.text)}
        reply = client.post(f"{place}/sign-in", base_url=at.base, data=form)
        assert reply.status_code == 303, reply.text
        cookie = client.get_cookie("zveno", domain=at.host)
        assert cookie is not None
        return f"zveno={cookie.value}"

    def do(self, *statements: str) -> None:
        """Something only a superuser may: opening and shutting doors for control tests."""
        with psycopg.connect(self.superuser, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What stands, as the superuser sees it."""
        with psycopg.connect(self.superuser) as connection:
            return connection.execute(query).fetchall()


@contextmanager
def settled(
    superuser: str, settings: Settings, home: Path, *, size: int = SIZE, pooler: int | None = None
) -> Iterator[Village]:
    """A village from nothing in the database `village`, thrown away at the end; `pooler` is PgBouncer's port."""
    prepare(superuser, "village", PASSWORDS)
    registry.forget()
    own = replace(settings, data_dir=str(home), keep_pages_seconds=10, **{
        name: _moved(getattr(settings, name)) for name in ("database_web", "database_worker", "database_owner")
    })
    inhabitants = _provision(own.database_owner, size)
    if pooler:
        own = replace(own, database_pooled=True, **{
            name: at_port(getattr(own, name), pooler) for name in ("database_web", "database_worker")
        })
    village = Village(_app(own, "web"), _app(own, "worker"), _moved(superuser), inhabitants)
    try:
        for number, one in enumerate(inhabitants):
            _furnish(village, one, number)
        registry.forget()
        yield village
    finally:
        for app in (village.web, village.worker):
            with app.app_context():
                db.engine.dispose()
        owner_engine(own.database_owner).dispose()
        registry.forget()
        with psycopg.connect(superuser, autocommit=True) as connection:
            connection.execute("DROP DATABASE village WITH (FORCE)")


def foreign(answer: str, to: str) -> list[str]:
    """Canaries of others in an answer to `to`."""
    return [found.group(0) for found in CANARY.finditer(answer) if found.group(1) != to]


def at_port(address: str, port: int) -> str:
    """The same database at another port of this machine."""
    return sa.make_url(address).set(host="127.0.0.1", port=port).render_as_string(hide_password=False)


def _provision(owner_address: str, size: int) -> list[Inhabitant]:
    owner = owner_engine(owner_address)
    assert upgrade(owner) == []
    ensure_hq(owner, replace(HQ_TENANT, slug="v1", hosts=("v1.localhost",)))
    for number in range(2, size + 1):
        slug = f"v{number}"
        with owner.begin() as connection:
            provision(connection, NewTenant(
                slug=slug, name=slug, legal_name=slug, inn=f"{7700000000 + number}", hosts=(f"{slug}.localhost",),
            ))
    chance = random.Random(7)
    return [
        Inhabitant(
            tenant_id(number), f"v{number}.localhost", f"canary-{tenant_id(number)}-{chance.getrandbits(64):x}"
        )
        for number in range(1, size + 1)
    ]


def _furnish(village: Village, one: Inhabitant, number: int) -> None:
    """A canary in every room: people, orders' contacts, leads, messages, mails, settings, files, keys."""
    with village.speaking(one.id):
        hashed = hash_password(PASSWORD)
        person = service.create_staff(
            email=f"owner{number}@example.ru", name=one.canary, role="owner", password_hash=hashed, at=now()
        )
        customer = Customer(
            id=SAME_ID, email=f"buyer{number}@example.ru", name=one.canary, password_hash=hashed
        )
        db.session.add_all([
            customer, Site(id=1, texts={"slogan": one.canary}),
            Mail(to_address="x@example.ru", template="mail/none", locale="ru", params={"name": one.canary}),
        ])
        lead = open_lead(
            kind="question", source="dealer_site", campaign=one.canary, city_id=None, lines=[], value=Money(0),
            contact=Contact(one.canary, phone=one.canary, address=one.canary), locale="ru", at=now(),
        )
        write(lead=lead, author="customer", body=one.canary, at=now())
        db.session.flush()
        one.lead_id = lead.id
        _key, one.key = keys.make_key(name=one.canary, scopes=["orders:read", "leads:read"], at=now())
        one.tokens = _tokens(one, person, customer)
        folder(one.id).mkdir(parents=True)
        one.picture = f"{number:032x}.webp"
        (folder(one.id) / one.picture).write_text(one.canary)
    one.cookies = {
        "staff": village.sign_in(one, "/desk", f"owner{number}@example.ru"),
        "customer": village.sign_in(one, "/account", f"buyer{number}@example.ru"),
    }


def _tokens(one: Inhabitant, person: Any, customer: Any) -> dict[str, str]:
    """Addresses behind signed links, each good at this tenant."""
    reset = service.password_link(person, "reset").partition(":8000")[2]
    own = service.password_link(customer, "reset").partition(":8000")[2]
    return {
        "reset of staff": reset, "invitation": service.password_link(person, "invite").partition(":8000")[2],
        "reset of customer": own,
        "entry": f"/desk/enter/{service.entry_token(person.id)}",
        "registration": f"/account/register/{sign('register', 'new@example.ru')}",
        "offer": f"/l/offer/{sign('offer', f'{one.id}:{one.lead_id}')}",
        "feedback": f"/l/feedback/{sign('feedback', str(one.lead_id))}",
    }


def _app(settings: Settings, login: Any) -> Flask:
    app = create_app(replace(settings, database_owner=""), login=login)
    app.config.update(RATELIMIT_ENABLED=False)
    with app.app_context():
        db.engine.pool._pool.maxsize, db.engine.pool._max_overflow = CONNECTIONS, 0  # type: ignore[attr-defined]
    return app


def _moved(address: str) -> str:
    return sa.make_url(address).set(database="village").render_as_string(hide_password=False)


__all__ = ["HQ", "Inhabitant", "Village", "foreign", "hq", "settled"]
