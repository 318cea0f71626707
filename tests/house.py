"""What a test does with the house: speak as somebody, visit a site, let the workers work, clean up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

import psycopg
import redis
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from psycopg.types.json import Json

from app.config import Settings
from app.kernel.db import unit_of_work
from app.kernel.identity import Identity, network_worker, speaking_as, tenant
from app.kernel.ids import HQ
from app.relay import relay_once
from app.web.mail import compose
from app.web.models import Mail
from app.worker import EVENTS_QUEUE, PROVISION_QUEUE, work
from tenants import registry
from tenants.belongings import SHARES

KAZAN, SIBIR = "t_000002", "t_000003"
HOSTS = {HQ: "ochag.localhost:8000", KAZAN: "teplo-kazan.localhost:8000", SIBIR: "sibir.localhost:8000"}
KEPT = ("regions", "cities", "vat_rates", "tenants", "hosts", "territories", "tenant_migrations", "schema_version")
BORN = "SELECT id, name, profile FROM network.tenants WHERE number <= 3"
AREAS = "SELECT id FROM network.territories WHERE ended_at IS NULL"


class Browser(FlaskClient):
    """A browser that stays at one host."""

    def __init__(self, app: Flask, site: str) -> None:
        super().__init__(app, app.response_class)
        self.site = site

    def open(self, *args: Any, **options: Any) -> Any:
        """As Flask's, with the host of the site unless another one is named."""
        if args and isinstance(args[0], str):
            options.setdefault("base_url", self.site)
        return super().open(*args, **options)


class House:
    """The network under test. `web` and `worker` are the application with either login."""

    def __init__(self, web: Flask, worker: Flask, settings: Settings, superuser: str) -> None:
        self.web = web
        self.worker = worker
        self.settings = settings
        self.superuser = superuser
        if superuser:
            self._remember()

    def _remember(self) -> None:
        """Note what cleaning has to bring back."""
        self.born, self.areas = self.rows(BORN), [number for (number,) in self.rows(AREAS)]

    @contextmanager
    def speaking(self, who: Identity | str) -> Iterator[None]:
        """One unit of work as a tenant (by id) or another identity."""
        identity = tenant(who) if isinstance(who, str) else who
        app = self.worker if identity == network_worker() else self.web
        with app.app_context(), speaking_as(identity), unit_of_work():
            yield

    def visit(self, tenant_id: str = HQ) -> Browser:
        """A browser at the tenant's host; it sends the right Host and keeps cookies."""
        return Browser(self.web, f"http://{HOSTS[tenant_id]}")

    def work(self, rounds: int = 10) -> int:
        """Relay and work in bursts until nothing is due; answers how many deliveries ran."""
        ran = 0
        with self.worker.app_context():
            for _round in range(rounds):
                woken = relay_once()
                if not woken:
                    return ran
                ran += woken
                work(self.worker, (PROVISION_QUEUE, EVENTS_QUEUE), burst=True)
        raise AssertionError("the house never came to rest")

    def scalar(self, query: str, **values: object) -> object:
        """One value as the superuser, who sees all."""
        with psycopg.connect(self.superuser, dbname="zveno") as connection:
            row = connection.execute(query, values).fetchone()
        return row[0] if row else None

    def rows(self, query: str, **values: object) -> list[tuple[object, ...]]:
        """Rows as the superuser, who sees all."""
        with psycopg.connect(self.superuser, dbname="zveno") as connection:
            return connection.execute(query, values).fetchall()

    def clean(self) -> None:
        """Empty every table a test may have filled, and the queue; throw away tenants a test made."""
        with psycopg.connect(self.superuser, dbname="zveno", autocommit=True) as connection:
            self._drop_made(connection)
            filled = [
                f'"{schema}"."{table}"'
                for schema, table in connection.execute(
                    "SELECT schemaname, relname FROM pg_stat_user_tables"
                    " WHERE (schemaname = 'network' OR schemaname LIKE 't\\_%%') AND relname <> ALL (%s)"
                    " AND pg_relation_size(relid) > 0", [list(KEPT)],
                )
            ]
            if filled:
                connection.execute(f"TRUNCATE {', '.join(filled)} CASCADE")
            for tenant_id, name, profile in self.born:
                connection.execute(
                    "UPDATE network.tenants SET state = 'active', state_reason = NULL, name = %(name)s,"
                    " profile = %(profile)s WHERE id = %(id)s AND"
                    " (state, name, profile) IS DISTINCT FROM ('active', %(name)s, %(profile)s::jsonb)",
                    {"id": tenant_id, "name": name, "profile": Json(profile)},
                )
            self._restore_areas(connection)
        redis.Redis.from_url(self.settings.queue).flushall()
        registry.forget()

    def _restore_areas(self, connection: psycopg.Connection) -> None:
        connection.execute("DELETE FROM network.territories WHERE id <> ALL (%s)", [self.areas])
        connection.execute("SET session_replication_role = replica")  # what ended does not begin again otherwise
        connection.execute("UPDATE network.territories SET ended_at = NULL WHERE ended_at IS NOT NULL")

    def _drop_made(self, connection: psycopg.Connection) -> None:
        for (tenant_id,) in connection.execute("SELECT id FROM network.tenants WHERE number > 3").fetchall():
            assert re.fullmatch(r"t_\d{6}", tenant_id)
            connection.execute(f"DROP SCHEMA IF EXISTS {tenant_id} CASCADE")
            connection.execute("TRUNCATE network.leads CASCADE")
            for table, share in reversed(SHARES.items()):
                for column in share.columns if share else ():
                    connection.execute(f"DELETE FROM network.{table} WHERE {column} = %s", [tenant_id])


def token_of(page: str) -> str:
    """The CSRF token of a page's form."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, "the page has no form token"
    return found.group(1)


def take_mails(sent: list[EmailMessage], mails: Iterable[Mail]) -> Iterator[Mail]:
    """Stands for a mail server that keeps what it is given."""
    for mail in mails:
        sent.append(compose(mail))
        yield mail


__all__ = ["HOSTS", "HQ", "KAZAN", "SIBIR", "House", "sa", "take_mails", "token_of"]
