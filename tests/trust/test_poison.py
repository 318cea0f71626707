"""A delivery that kills every worker that hears it: dead in the end, and its neighbours hardly notice."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from app.config import environment
from app.kernel.db import db
from app.kernel.events import OutboxEvent
from app.kernel.jobs import DUTY
from app.worker import MAX_LOSSES
from tests.house import KAZAN, House
from tests.trust.street import Child, wait_for

pytestmark = pytest.mark.crash

NEIGHBOURS, NEIGHBOURS_WAIT = 20, 5.0
HELD, DONE_AGAIN = 3, 30.0
DUTIES = f"event = '{DUTY}'"
POISONOUS = "handler = '__main__.poisonous'"


@contextmanager
def running(house: House, logs: Path, *names: str, with_relay: bool = True) -> Iterator[list[Child]]:
    """Workers or others of these names and, as a rule, the relay, each a process of its own."""
    env = environment(replace(house.settings, database_owner=""))
    children = [
        Child(name, [sys.executable, "-m", "tests.trust.poison", name.partition("-")[0]], logs, env)
        for name in (*names, *(["relay"] if with_relay else []))
    ]
    try:
        for child in children:
            child.start()
        yield children[:len(names)]
    finally:
        for child in children:
            child.stop()


def tell(house: House, name: str, times: int = 1, **more: str) -> None:
    with house.speaking(KAZAN):
        for _time in range(times):
            db.session.add(OutboxEvent(tenant_id=KAZAN, name=name, payload={"tenant_id": KAZAN, **more}))


def count(house: House, condition: str) -> int:
    return int(str(house.scalar(f"SELECT count(*) FROM network.deliveries WHERE {condition}")))


def test_poison_dies_of_its_losses_and_neighbours_hardly_wait(house: House, tmp_path: Path) -> None:
    with running(house, tmp_path, "worker-1") as (worker,):
        tell(house, "Knocked")
        wait_for(lambda: count(house, "state = 'done'") == 1, 60, "the first knock, which waits for the start")
        begun = house.scalar("SELECT now()")
        tell(house, "Poisoned")
        for loss in range(1, MAX_LOSSES + 1):
            tell(house, "Knocked", NEIGHBOURS)
            done = 1 + loss * NEIGHBOURS
            wait_for(lambda all_=done: count(house, "event = 'Knocked' AND state = 'done'") == all_, 30, "neighbours")
            wait_for(lambda told=loss: count(house, f"event = 'Poisoned' AND attempts = {told}") == 1, 30, "poison")
            hurry(house, "Poisoned")
        wait_for(lambda: count(house, "event = 'Poisoned' AND state = 'dead'") == 1, 30, "the end of it")
        assert worker.is_alive
    assert house.rows("SELECT state, attempts, losses, error FROM network.deliveries WHERE event = 'Poisoned'") == [
        ("dead", MAX_LOSSES, MAX_LOSSES, f"ProcessLost: the worker's process ended {MAX_LOSSES} times")
    ]
    assert count(house, "event = 'Knocked' AND attempts > 1") == 0
    assert house.scalar(f"SELECT count(*) FROM {KAZAN}.customers") == 1 + NEIGHBOURS * MAX_LOSSES
    assert_neighbours_hardly_waited(house, begun)


def test_a_duty_that_kills_its_worker_dies_of_its_losses_too(house: House, tmp_path: Path) -> None:
    with running(house, tmp_path, "worker-1") as (worker,):
        tell(house, "Knocked")
        wait_for(lambda: count(house, "event = 'Knocked' AND state = 'done'") == 1, 60, "the first knock")
        begun = house.scalar("SELECT now()")
        with running(house, tmp_path, "scheduler", with_relay=False):
            wait_for(lambda: knocked_until(house, f"{POISONOUS} AND state = 'dead'"), 60, "the end of the duty")
            runs = count(house, f"{DUTIES} AND NOT {POISONOUS} AND state = 'done'")
        wait_for(lambda: count(house, "event = 'Knocked' AND state = 'queued'") == 0, 30, "neighbours")
        assert worker.is_alive
    assert runs > 0, "the other duties go on"
    assert house.rows(f"SELECT state, attempts, losses, error FROM network.deliveries WHERE {POISONOUS}") == [
        ("dead", MAX_LOSSES, MAX_LOSSES, f"ProcessLost: the worker's process ended {MAX_LOSSES} times")
    ]
    assert house.scalar("SELECT kind FROM network.delivery_acts") == "died"
    assert_neighbours_hardly_waited(house, begun)


def knocked_until(house: House, condition: str) -> bool:
    """Another neighbour comes while it is not so."""
    tell(house, "Knocked")
    return count(house, condition) == 1


def assert_neighbours_hardly_waited(house: House, begun: object) -> None:
    done, longest = house.rows(
        "SELECT count(*), max(extract(epoch FROM done_at - published_at)) FROM network.deliveries"
        " WHERE event = 'Knocked' AND published_at >= %(begun)s", begun=begun,
    )[0]
    print(f"\n{MAX_LOSSES} workers killed, {done} neighbours done, the longest wait {longest:.2f} s")
    assert float(str(longest)) < NEIGHBOURS_WAIT


def test_what_a_killed_worker_was_doing_is_done_again_soon(house: House, tmp_path: Path) -> None:
    door = tmp_path / "open"
    names = [f"worker-{number}" for number in range(HELD)]
    with running(house, tmp_path, *names) as workers:
        tell(house, "Held", HELD, path=str(door))
        wait_for(lambda: count(house, "begun_at IS NOT NULL") == HELD, 30, "work")
        killed = time.monotonic()
        for worker in workers:
            worker.kill()
        wait_for(lambda: not any(worker.is_alive for worker in workers), 10, "their end")
        door.touch()
        for worker in workers:
            worker.start()
        wait_for(lambda: count(house, "state = 'done'") == HELD, DONE_AGAIN, "the work of the killed")
        print(f"\nthe work of {HELD} killed workers was done again after {time.monotonic() - killed:.1f} s")
    assert house.rows("SELECT DISTINCT attempts, losses FROM network.deliveries") == [(2, 1)]
    assert house.scalar(f"SELECT count(*) FROM {KAZAN}.customers") == HELD


def test_told_to_end_a_worker_ends_what_it_does_first(house: House, tmp_path: Path) -> None:
    door = tmp_path / "open"
    with running(house, tmp_path, "worker-1") as (worker,):
        tell(house, "Held", path=str(door))
        wait_for(lambda: count(house, "begun_at IS NOT NULL") == 1, 30, "work")
        worker.terminate()
        door.touch()
        wait_for(lambda: not worker.is_alive, 30, "the end of the worker")
    assert house.rows("SELECT state, attempts, losses FROM network.deliveries") == [("done", 1, 0)]


def test_a_child_outlives_no_keeper(house: House, tmp_path: Path) -> None:
    with running(house, tmp_path, "worker-1") as (worker,):
        (child,) = until(worker.children)
        worker.kill()
        wait_for(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, 10, "the child's end")


def until(something: Callable[[], list[psutil.Process]]) -> list[psutil.Process]:
    wait_for(lambda: bool(something()), 30, "a child")
    return something()


def hurry(house: House, event: str) -> None:
    """Do not wait for the lease to end."""
    house.rows("UPDATE network.deliveries SET next_at = now() WHERE event = %(event)s RETURNING 1", event=event)
