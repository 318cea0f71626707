"""A small demo network for the journeys: the same processes, brought up by the same code."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import requests
from rich.console import Console

from app.config import Settings
from app.demo.home import DATABASE, Home, Ports
from app.demo.run import bring_up
from app.demo.supervisor import PortTaken, Supervisor, require_free
from app.embedded import EmbeddedPostgres

SIZE = {"dealers": 4, "products": 60, "orders": 80}
"""Dealers in Moscow, Saint Petersburg, Kazan and Chelyabinsk."""
HQ_SITE = "ochag"
LINK = re.compile(r"http://[^\s<>\"]+")
PATIENCE = 30.0
"""Seconds until a mail or an effect of a worker must be there."""


class Missing(AssertionError):
    """What should have happened by itself did not."""


@dataclass
class Network:
    """A running network, and what a test may ask of it."""

    settings: Settings
    home: Home
    ports: Ports
    read: set[str] = field(default_factory=set)

    def address(self, site: str, path: str = "/") -> str:
        """Where a page of a tenant stands; `site` is his slug."""
        return f"http://{site}.localhost:{self.ports.site}{path}"

    @property
    def password(self) -> str:
        """The password of all log-ins."""
        return self.home.secrets["password"]

    def mail(self, to: str, *about: str) -> dict[str, Any]:
        """The next unread mail to an address whose subject or text has all these words; it is waited for."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            for summary in reversed(self._mails(to)):
                if summary["id"] in self.read:
                    continue
                mail = requests.get(f"{self._mails_at}/{summary['id']}", timeout=5).json()
                if all(words in mail["subject"] + mail["text"] for words in about):
                    self.read.add(summary["id"])
                    return mail
            time.sleep(0.2)
        raise Missing(f"no mail to {to} about {about!r}; there are {[mail['subject'] for mail in self._mails(to)]}")

    def rows(self, query: str, **values: object) -> list[tuple[Any, ...]]:
        """Rows as the superuser, who sees all."""
        superuser = EmbeddedPostgres(self.home.folder / "postgres").url
        with psycopg.connect(superuser, dbname=DATABASE) as connection:
            cursor = connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    def until(self, query: str, **values: object) -> list[tuple[Any, ...]]:
        """Rows of a query as soon as there are some."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if rows := self.rows(query, **values):
                return rows
            time.sleep(0.2)
        raise Missing(f"nothing answers {query} with {values}")

    def tenant(self, slug: str) -> str:
        """Id of a tenant."""
        return str(self.rows("SELECT id FROM network.tenants WHERE slug = %(slug)s", slug=slug)[0][0])

    def stock_up(self, slug: str, sku: str, pieces: int) -> None:
        """Let a dealer have so many free pieces, reported just now."""
        self.rows(
            "INSERT INTO network.stock (owner_id, product_id, on_hand, reserved, lead_time_days, reported_at)"
            " SELECT %(owner)s, id, %(pieces)s, 0, 0, now() FROM network.products WHERE sku = %(sku)s"
            " ON CONFLICT (owner_id, product_id) DO UPDATE SET on_hand = stock.reserved + excluded.on_hand,"
            " reported_at = now()", owner=self.tenant(slug), sku=sku, pieces=pieces,
        )

    def errors(self) -> list[str]:
        """The latest lines of the logs that say what went wrong."""
        lines = [line for log in (self.home.folder / "logs").glob("*.log") for line in log.read_text().splitlines()]
        return [line for line in lines if '"level": "error"' in line or "failed" in line][-5:]

    def _mails(self, to: str) -> list[dict[str, Any]]:
        return requests.get(self._mails_at, params={"to": to}, timeout=5).json()["messages"]

    @property
    def _mails_at(self) -> str:
        return f"http://127.0.0.1:{self.ports.mail_page}/api/messages"


def link_in(mail: dict[str, Any], part: str) -> str:
    """The address in a mail's plain part that has these words in it."""
    found = [link for link in LINK.findall(mail["text"]) if part in link]
    assert found, f"no link with {part!r} in:\n{mail['text']}"
    return found[0]


def offer_in(mail: dict[str, Any]) -> str:
    """The page of the lead a mail tells a dealer of; the links before it lead to one step each."""
    return [link for link in LINK.findall(mail["text"]) if "/l/offer/" in link][-1]


@contextmanager
def running(folder: Path, **size: int) -> Iterator[Network]:
    """A whole network on free ports, all of it ended when the block ends."""
    ports, home = _free_ports(), Home(folder)
    quiet = Console(file=(folder / "supervisor.log").open("w", encoding="utf-8"))
    with Supervisor(folder, where=f"http://{HQ_SITE}.localhost:{ports.site}", console=quiet) as supervisor:
        yield Network(bring_up(supervisor, home, ports, **size), home, ports)


def _free_ports() -> Ports:
    """Ports that nobody has; each worker of a test run looks in a lane of his own, for two may look at once."""
    lane = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 8
    for number in range(8300 + 400 * lane + os.getpid() % 300, 12_000, 31):
        ports = Ports(number)
        try:
            for port in (ports.site, ports.mail_page, ports.smtp, ports.payments, ports.mail_in):
                require_free(port, "a journey", "PORT")
        except PortTaken:
            continue
        return ports
    raise RuntimeError("no free ports between 8300 and 12000")
