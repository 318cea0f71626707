"""A siege: many tenants on few connections, thousands of requests, nearly half of them hostile; nothing leaks.

`ZVENO_TEST_SIEGE`, `ZVENO_TEST_TENANTS` and `ZVENO_TEST_CONNECTIONS` make it longer and the network larger.

Then each class once more with its guard switched off: now it must leak, else the siege proved nothing.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random

import pytest
import structlog

from app.config import Settings
from tests.trust import hostile, hostile_doors  # noqa: F401 (its classes register themselves)
from tests.trust.guards import GUARDS
from tests.trust.guards_of_doors import MORE_GUARDS
from tests.trust.village import HQ, Inhabitant, Village, foreign, settled

REQUESTS, THREADS = int(os.environ.get("ZVENO_TEST_SIEGE", "1500")), 3
READERS = {"HQ looks into a dealer": HQ, "network's worker reads contacts": "", "cookie of another": ""}
"""Who is shown the answer, where it is not the tenant that tries; nobody's canaries are for nobody."""
MIND = 0.45
"""Share of hostile requests."""


@pytest.fixture(scope="module")
def village(
    services: tuple[str, str], settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Village]:
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with settled(services[0], settings, tmp_path_factory.mktemp("village")) as village:
        yield village
    structlog.configure(**before)


def test_nothing_leaks_under_siege(village: Village) -> None:
    tries, leaks, own = Counter[str](), list[str](), Counter[str]()
    names = list(hostile.CLASSES)

    def besiege(seed: int) -> None:
        chance = Random(seed)
        for number in range(REQUESTS // THREADS):
            me, other = chance.sample(village.inhabitants, 2)
            if chance.random() < MIND:
                name = names[(number * THREADS + seed) % len(names)]
                leaks.extend(leaked(village, name, me, other, chance))
            else:
                name, shown = "ordinary", hostile.ordinary(village, me, chance)
                own[me.id] += me.canary in shown
                leaks.extend(foreign(shown, me.id))
            tries[name] += 1

    begun = time.monotonic()
    _at_once(besiege)
    _report(tries, time.monotonic() - begun, leaks)
    assert leaks == []
    assert sum(tries.values()) - tries["ordinary"] >= 500
    assert len(tries) > 30
    assert len(own) == len(village.inhabitants) and sum(own.values()) > tries["ordinary"] / 2
    assert _untouched(village)


@pytest.mark.parametrize("name", list(hostile.CLASSES))
def test_control_with_its_guard_switched_off_the_class_leaks(village: Village, name: str) -> None:
    me, other = village.inhabitants[4], village.inhabitants[9]
    with ({**GUARDS, **MORE_GUARDS})[name](village, me, other):
        found = next((leak for seed in range(40) for leak in leaked(village, name, me, other, Random(seed))), None)
    assert found, "the guard that was switched off guards nothing of this class"


def leaked(village: Village, name: str, me: Inhabitant, other: Inhabitant, chance: Random) -> list[str]:
    """What a try got that it should not have."""
    answer = hostile.CLASSES[name](village, me, other, chance)
    found = foreign(answer.text, READERS.get(name, me.id))
    return found + ([f"{name}: let in"] if answer.is_let_in else [])


def _at_once(act: Callable[[int], None]) -> None:
    raised: list[BaseException] = []

    def run(seed: int) -> None:
        try:
            act(seed)
        except BaseException as error:  # a thread's failure is the test's
            raised.append(error)

    threads = [threading.Thread(target=run, args=(seed,)) for seed in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]


def _untouched(village: Village) -> bool:
    """Nobody wrote into another's rooms."""
    people_of = "SELECT name FROM {0}.staff UNION ALL SELECT name FROM {0}.customers"
    return all(village.rows(people_of.format(one.id)) == [(one.canary,)] * 2 for one in village.inhabitants)


def _report(tries: Counter[str], seconds: float, leaks: list[str]) -> None:
    hostile_tries = sum(tries.values()) - tries["ordinary"]
    print(f"\n{sum(tries.values())} requests, {hostile_tries} hostile, {len(leaks)} leaks, {seconds:.0f} s")
    for name, count in sorted(tries.items()):
        print(f"  {count:5d}  {name}")
