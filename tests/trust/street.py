"""A whole network in processes of its own that may be killed at any moment, and the customers who notice nothing."""

from __future__ import annotations

import base64
import html
import json
import os
import random
import re
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from email import message_from_bytes
from pathlib import Path
from typing import Any, ClassVar

import psutil
import psycopg
import requests
from aiosmtpd.controller import Controller

from app.commands.database import prepare
from app.config import Settings, environment
from app.embedded import EmbeddedPostgres, EmbeddedValkey
from app.embedded.process import launch
from tests.conftest import PASSWORDS
from tests.house import HQ, KAZAN

ROOT = Path(__file__).parents[2]
HOSTS = {HQ: "ochag.localhost", KAZAN: "teplo-kazan.localhost"}
KAZAN_CITY = 551487
PATIENCE = 90.0
BACKENDS = """
SELECT coalesce(
    (SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
     ORDER BY usename = 'zveno_owner' AND state <> 'idle' DESC, state <> 'idle' DESC, random() LIMIT 1),
    pg_backend_pid())
"""
ANNA = {
    "delivery_method": "courier", "address": "ул. Баумана, 1", "name": "Анна Петрова", "phone": "8 916 123-45-67",
    "payment_method": "on_delivery", "consent": "y",
}


class Child:
    """A process of the network, started again whenever it is found dead."""

    def __init__(self, name: str, command: list[str], logs: Path, env: dict[str, str]) -> None:
        self.name, self._command, self._env = name, command, env
        self._log = logs / f"{name}.log"
        self._popen: Any = None

    def start(self) -> None:
        """Start it, unless it lives."""
        if self._popen is None or self._popen.poll() is not None:
            self._popen = launch(
                self._command, log=self._log, ends_by=signal.SIGTERM, cwd=ROOT, env={**os.environ, **self._env}
            )

    def kill(self, *, only_a_child: bool = False) -> None:
        """SIGKILL for it, or for one of its own children."""
        with suppress(psutil.NoSuchProcess):
            victim = psutil.Process(self._popen.pid)
            if only_a_child:
                victim = random.choice(self.children() or [victim])
            victim.kill()
            with suppress(psutil.TimeoutExpired):
                victim.wait(5)

    def terminate(self) -> None:
        """Ask it to end."""
        self._popen.terminate()

    @property
    def pid(self) -> int:
        """Number of the process that was started last."""
        return int(self._popen.pid)

    @property
    def is_alive(self) -> bool:
        """Whether the process that was started still runs."""
        return self._popen is not None and self._popen.poll() is None

    def children(self) -> list[psutil.Process]:
        """Its own children."""
        return psutil.Process(self._popen.pid).children()

    def stop(self) -> None:
        """End it and what it started."""
        if self._popen is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._popen.pid, signal.SIGKILL)
            self._popen.wait()


class Postbox:
    """A mail server that counts what it is given by Message-ID."""

    def __init__(self) -> None:
        self.received: list[str] = []
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Take a mail."""
        self.received.append(str(message_from_bytes(envelope.content)["Message-ID"]))
        return "250 OK"

    @property
    def address(self) -> str:
        """Where to deliver."""
        return f"smtp://127.0.0.1:{self._controller.port}"

    def __enter__(self) -> Postbox:
        self._controller.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._controller.stop()


class Street:
    """The running network: its stores, its processes, and the axe."""

    def __init__(self, settings: Settings, postgres: EmbeddedPostgres, valkey: EmbeddedValkey, post: Postbox) -> None:
        self.settings, self.superuser, self.post = settings, postgres.url, post
        self._postgres, self._valkey = postgres, valkey
        self.children: dict[str, Child] = {}
        self.kills: list[str] = []

    def open(self, logs: Path) -> None:
        """Start all processes and wait for the first page."""
        commands = {
            "web": ["web", "--workers", "2"], "worker-1": ["worker"], "worker-2": ["worker"], "relay": ["relay"],
            "scheduler": ["scheduler"], "provisioner": ["provisioner"],
        }
        for name, command in commands.items():
            owner = self.settings.database_owner if name == "provisioner" else ""
            env = environment(replace(self.settings, database_owner=owner))
            self.children[name] = Child(name, [sys.executable, "-m", "app.cli", *command], logs, env)
        self.revive()
        wait_for(self._answers, 60, "the first page")

    def close(self) -> None:
        """End every process that was started here."""
        for child in self.children.values():
            child.stop()

    def revive(self) -> None:
        """What a supervisor does: start what has died."""
        for child in self.children.values():
            child.start()

    def strike(self, victim: str) -> None:
        """Kill without warning: a process by its name, one of its children, or a store."""
        if victim in self._stores:
            self._stores[victim](self)
        else:
            name, _, child = victim.partition("'s ")
            self.children[name].kill(only_a_child=bool(child))
        self.kills.append(victim)
        self.revive()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What stands, as the superuser sees it; a database that is just starting again is waited for."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                with psycopg.connect(self.superuser, dbname="zveno") as connection:
                    return connection.execute(query).fetchall()
            except psycopg.OperationalError:
                assert time.monotonic() < deadline, f"PostgreSQL did not come back in {PATIENCE:.0f} s"
                time.sleep(0.1)

    def _fell_postmaster(self) -> None:
        os.kill(self._postgres.pid or 0, signal.SIGKILL)
        self._postgres.stop()
        self._postgres.start()

    def _fell_backend(self) -> None:
        """One that works, best one that makes a tenant: PostgreSQL then ends all others and recovers."""
        (pid,) = self.rows(BACKENDS)[0]
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def _wipe(self) -> None:
        pid = self._valkey.pid
        assert pid is not None
        process = psutil.Process(pid)
        process.kill()
        with suppress(psutil.TimeoutExpired):
            process.wait(5)
        shutil.rmtree(self._valkey.data.resolve() / "appendonlydir", ignore_errors=True)
        self._valkey.start()

    _stores: ClassVar[dict[str, Callable[[Street], None]]] = {
        "valkey": _wipe, "postgres": _fell_postmaster, "postgres backend": _fell_backend,
    }

    def _answers(self) -> bool:
        with suppress(requests.RequestException):
            return requests.get(f"http://127.0.0.1:{self.settings.site_port}/readyz", timeout=5).ok
        return False


class Customer:
    """Somebody who orders one boiler and tries again, with the same form, until he is told that it is done."""

    def __init__(self, port: int, at: str, product_id: int, number: int) -> None:
        self._base = f"http://127.0.0.1:{port}"
        self._browser = requests.Session()
        self._browser.headers["Host"] = f"{HOSTS[at]}:{port}"
        self._product_id = product_id
        self._email = f"anna{number}@example.ru"
        self._at = at
        self.retries = 0

    def order(self) -> str:
        """Buy; answers the id of the cart whose order was acknowledged."""
        token = self._token("/account/sign-in")
        if self._at == HQ:
            self._post("/city", csrf_token=token, city_id=KAZAN_CITY, next="/cart")
        self._post("/cart/lines", csrf_token=token, product_id=self._product_id, quantity=1)
        page = self._get("/checkout")
        form = {name: hidden(page, name) for name in ("csrf_token", "key", "seen")}
        reply = self._post("/checkout", **ANNA, **form, email=self._email)
        if "/l/order/" not in reply.headers.get("Location", ""):
            raise AssertionError(f"{reply.status_code} {reply.headers.get('Location')} {_words(reply.text)}")
        return subject(form["key"])

    def _token(self, path: str) -> str:
        return hidden(self._get(path), "csrf_token")

    def _get(self, path: str) -> str:
        return self._insist("GET", path).text

    def _post(self, path: str, **form: Any) -> requests.Response:
        return self._insist("POST", path, data=form)

    def _insist(self, method: str, path: str, **options: Any) -> requests.Response:
        deadline = time.monotonic() + PATIENCE
        while True:
            with suppress(requests.RequestException):
                reply = self._browser.request(method, self._base + path, timeout=15, allow_redirects=False, **options)
                if reply.status_code < 500 and reply.status_code != 429:
                    return reply
            assert time.monotonic() < deadline, f"{method} {path} was not answered in {PATIENCE:.0f} s"
            self.retries += 1
            time.sleep(0.3)


@dataclass(slots=True)
class Shopping:
    """Customers in several threads; what they were told."""

    port: int
    product_id: int
    total: int
    acknowledged: list[str]
    failures: list[str]
    retries: int = 0

    def run(self, threads: int) -> list[threading.Thread]:
        """Let them in; every second one shops at the dealer's own site."""
        numbers = iter(range(self.total))
        lock = threading.Lock()

        def shop() -> None:
            while True:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    return
                customer = Customer(self.port, (HQ, KAZAN)[number % 2], self.product_id, number)
                try:
                    self.acknowledged.append(customer.order())
                except Exception as error:  # told at the end, with all others
                    self.failures.append(f"{number}: {type(error).__name__}: {error}")
                self.retries += customer.retries

        started = [threading.Thread(target=shop, daemon=True) for _thread in range(threads)]
        for thread in started:
            thread.start()
        return started


@contextmanager
def built(home: Path, settings_of: Any) -> Iterator[Street]:
    """Stores of its own under `home`; `settings_of(superuser, queue)` makes and fills the network."""
    home.chmod(0o755)
    with ExitStack() as stack:
        postgres = stack.enter_context(EmbeddedPostgres(home / "postgres", durable=False))
        valkey = stack.enter_context(EmbeddedValkey(home / "valkey"))
        post = stack.enter_context(Postbox())
        prepare(postgres.url, "zveno", PASSWORDS)
        settings = settings_of(postgres.url, valkey.url, post.address, free_port(), str(home / "data"))
        street = Street(settings, postgres, valkey, post)
        stack.callback(street.close)
        (home / "logs").mkdir()
        street.open(home / "logs")
        yield street


def wait_for(condition: Any, seconds: float, what: str) -> float:
    """Wait until it is so; answers how long it took."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < seconds, f"{what} did not come in {seconds:.0f} s"
        time.sleep(0.2)
    return time.monotonic() - begun


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    assert found, f"no {name} in {_words(page)}"
    return html.unescape(found.group(1))


def _words(page: str) -> str:
    main = page.partition("<main")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", main or page).split())[:300]


def subject(token: str) -> str:
    """What a signed token says, in the clear."""
    payload = token.split(".")[0]
    return str(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))
