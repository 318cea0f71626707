"""Calls that are repeated, by impatient programs and customers, while processes die: one effect, the same reply.

`ZVENO_TEST_REPLAYS` says how many repetitions; `make trust` takes the full length.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests

from app.config import Settings
from app.factory import create_app
from app.kernel.clock import now
from blueprints.accounts.keys import make_key
from tenants import registry
from tests.blueprints.orders.shelf import fill_shelf, put_stock
from tests.conftest import network_settings
from tests.house import HQ, KAZAN, SIBIR, House
from tests.trust.street import ANNA, PATIENCE, Customer, Street, built, hidden, subject, wait_for

pytestmark = pytest.mark.crash

REPLAYS = int(os.environ.get("ZVENO_TEST_REPLAYS", "240"))
AT_ONCE = 8
KILL_EVERY = 5
"""So many rounds pass between two kills of a process that serves."""
KEYS_OF_ONE = 20
"""Programs of one dealer take turns, so that none calls more often in a minute than a program may."""
HOSTS = {HQ: "ochag.localhost", KAZAN: "teplo-kazan.localhost", SIBIR: "sibir.localhost"}
secrets: dict[str, list[str]] = {}

Reply = tuple[int, str]


@pytest.fixture(scope="module")
def street() -> Iterator[Street]:
    home = Path(tempfile.mkdtemp(prefix="zveno-replays-"))
    registry.forget()
    try:
        with built(home, furnish) as street:
            yield street
    finally:
        registry.forget()
        secrets.clear()
        shutil.rmtree(home, ignore_errors=True)


def furnish(superuser: str, queue: str, smtp: str, port: int, data: str) -> Settings:
    """Two dealers with boilers and programs of their own."""
    settings = network_settings(superuser, queue, data, smtp=smtp, site_port=port)
    house = House(create_app(settings), create_app(settings, login="worker"), settings, superuser)
    boiler, pump = fill_shelf(house)
    for dealer in (KAZAN, SIBIR):
        put_stock(house, dealer, {boiler: 100_000, pump: 100_000})
        with house.speaking(dealer):
            secrets[dealer] = [
                make_key(name="1C", scopes=["leads:read", "leads:write"], at=now())[1] for _key in range(KEYS_OF_ONE)
            ]
    return settings


def test_a_call_repeated_has_one_effect_and_one_reply(street: Street) -> None:
    rounds = max(KILL_EVERY * 2, REPLAYS // (AT_ONCE * 2))
    begun, replies, answered = time.monotonic(), 0, Counter[str]()
    for number in range(rounds):
        program, neighbour = Program(street, KAZAN, number), Program(street, SIBIR, number)
        key = f"call-{number}"
        replies_here: dict[str, list[Reply]] = {"mine": [], "theirs": []}
        acts: list[Callable[[], None]] = [
            lambda: replies_here["mine"].append(program.bring(key)) for _one in range(AT_ONCE)  # noqa: B023
        ]
        acts += [lambda: replies_here["theirs"].append(neighbour.bring(key)) for _one in range(2)]  # noqa: B023
        if number % KILL_EVERY == 0:
            acts.append(lambda: kill(street))
        at_once(acts)
        replies_here["mine"] += [program.bring(key) for _one in range(AT_ONCE - 4)]  # later, and after the crash
        for other_body in ({"quantity": 2}, {"name": "Борис"}):
            status, body = program.bring(key, **other_body)
            assert status == 422 and json.loads(body)["field"] == "Idempotency-Key", body
            answered["other body"] += 1
        for whose, same in replies_here.items():
            assert {status for status, _body in same} == {201}, (number, whose, same)
            assert len({body for _status, body in same}) == 1, (number, whose, same)
            answered[whose] += len(same)
        assert replies_here["mine"][0][1] != replies_here["theirs"][0][1]
        replies += AT_ONCE + 2 + AT_ONCE - 4 + 2
    settle(street)
    leads = street.rows("SELECT owner_id, count(*) FROM network.leads WHERE source = 'api' GROUP BY 1 ORDER BY 1")
    assert leads == [(KAZAN, rounds), (SIBIR, rounds)]
    assert_each_once(street, "LeadOpened")
    print(f"\n{replies} calls with {rounds} keys in {time.monotonic() - begun:.0f} s, {len(street.kills)} kills:"
          f" one lead a key and dealer, every reply the same ({dict(answered)})")


def test_a_checkout_sent_again_is_one_order_and_one_page(street: Street) -> None:
    (boiler,) = street.rows("SELECT id FROM network.products WHERE slug = 'boiler'")[0]
    rounds, begun = max(KILL_EVERY * 2, REPLAYS // (AT_ONCE * 2)), time.monotonic()
    kills = len(street.kills)
    for number in range(rounds):
        anna = Anna(street.settings.site_port, KAZAN, boiler, number)
        anna.fill_in()
        pages: list[str] = []
        acts: list[Callable[[], None]] = [
            lambda: pages.append(anna.send()) for _one in range(AT_ONCE)  # noqa: B023
        ]
        if number % KILL_EVERY == 0:
            acts.append(lambda: kill(street))
        at_once(acts)
        pages += [anna.send() for _one in range(AT_ONCE // 2)] + [anna.send(name="Борис Петров")]
        assert len(pages) == AT_ONCE * 3 // 2 + 1 and len(set(pages)) == 1, (number, pages)
    settle(street)
    assert street.rows(f"SELECT count(*), count(DISTINCT cart_id) FROM {KAZAN}.orders") == [(rounds, rounds)]
    assert street.rows(f"SELECT DISTINCT contact ->> 'name' FROM {KAZAN}.orders") == [(ANNA["name"],)]
    assert_each_once(street, "OrderPlaced")
    print(f"\n{rounds * (AT_ONCE * 3 // 2 + 1)} checkouts of {rounds} carts in {time.monotonic() - begun:.0f} s,"
          f" {len(street.kills) - kills} kills: one order a cart, always the same page")


class Program:
    """A dealer's program that insists on its call until it is answered."""

    def __init__(self, street: Street, dealer: str, number: int) -> None:
        port = street.settings.site_port
        self._address = f"http://127.0.0.1:{port}/api/v1/leads"
        self._headers = {
            "Host": f"{HOSTS[dealer]}:{port}", "Content-Type": "application/json",
            "Authorization": f"Bearer {secrets[dealer][number % KEYS_OF_ONE]}",
        }

    def bring(self, key: str, *, quantity: int = 1, name: str = "Анна Ковалёва") -> Reply:
        """Bring a lead in under this key; status and body of the answer."""
        body = {
            "kind": "order", "customer": {"name": name, "phone": "+79161234567"},
            "lines": [{"sku": "BOILER", "quantity": quantity}],
        }
        deadline = time.monotonic() + PATIENCE
        while True:
            with suppress(requests.RequestException):
                reply = requests.post(
                    self._address, data=json.dumps(body), headers={**self._headers, "Idempotency-Key": key}, timeout=15
                )
                if reply.status_code < 500 and reply.status_code not in (409, 429):
                    return reply.status_code, reply.text
            assert time.monotonic() < deadline, f"{key} was not answered in {PATIENCE:.0f} s"
            time.sleep(0.05)


class Anna(Customer):
    """A customer who presses the button again and again."""

    def fill_in(self) -> None:
        """Put a boiler in the cart and open the checkout."""
        token = self._token("/account/sign-in")
        self._post("/cart/lines", csrf_token=token, product_id=self._product_id, quantity=1)
        page = self._get("/checkout")
        self._form = {name: hidden(page, name) for name in ("csrf_token", "key", "seen")}

    def send(self, **other: Any) -> str:
        """Send the form once more; the order whose page is shown, or what was said instead.

        The page's address is signed anew each time, so that it says when it was given.
        """
        browser = requests.Session()  # each press is a connection of its own
        browser.headers.update(self._browser.headers)
        browser.cookies.update(self._browser.cookies)
        again = Customer(0, self._at, self._product_id, 0)
        again._base, again._browser = self._base, browser
        reply = again._post("/checkout", **{**ANNA, **self._form, "email": self._email, **other})
        path = reply.headers.get("Location", "")
        return subject(path.rpartition("/")[2]) if "/l/order/" in path else f"{reply.status_code} {reply.text[:2000]}"


def kill(street: Street) -> None:
    """A process that serves dies while the calls are under way."""
    time.sleep(random.random() / 20)
    street.strike("web's child")


def at_once(acts: list[Callable[[], None]]) -> None:
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], None]) -> None:
        gate.wait()
        act()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def settle(street: Street) -> None:
    """Wait until everything that was published was heard."""
    waiting = "SELECT (SELECT count(*) FROM network.outbox WHERE dispatched_at IS NULL)" \
              " + (SELECT count(*) FROM network.deliveries WHERE state <> 'done')"

    def is_done() -> bool:
        street.revive()
        return street.rows(waiting) == [(0,)]

    wait_for(is_done, PATIENCE, "the outbox to be empty")


def assert_each_once(street: Street, event: str) -> None:
    """Nothing was published twice of one lead or order."""
    twice = street.rows(f"SELECT payload FROM network.outbox WHERE name = '{event}' GROUP BY 1 HAVING count(*) > 1")
    assert twice == []
