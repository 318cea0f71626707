"""Events that one handler hears together: one unit of work for those of a job, each alone once one of them failed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from app import relay, worker
from app.kernel.clock import now
from app.kernel.db import db, unit_of_work
from app.kernel.events import EVENTS, SUBSCRIPTIONS, event, publish, subscribe
from app.kernel.identity import network_worker, speaking_as
from app.kernel.ids import new_id
from blueprints.accounts.models import Customer
from tests.house import KAZAN, SIBIR, House

HANDLER = "tests.app.test_together.greet"


@event
class Came:
    """Guests came."""

    tenant_id: str
    name: str


del EVENTS["Came"]  # known while these tests run, and not to the page of events
heard: list[list[str]] = []


def greet(events: list[Came]) -> None:
    """Write each into the guest book; nobody likes the wolf."""
    heard.append(sorted(each.name for each in events))
    for each in events:
        db.session.add(Customer(id=new_id(), name=each.name, email=f"{each.name}@example.ru"))
        db.session.flush()
        if each.name == "wolf":
            raise RuntimeError("a wolf")


@pytest.fixture(autouse=True)
def guests() -> Iterator[None]:
    heard.clear()
    EVENTS["Came"] = Came
    subscribe(Came, speaks="tenant_id", together=4)(greet)
    yield
    del SUBSCRIPTIONS["Came"], EVENTS["Came"]


def come(house: House, *names: str, to: str = KAZAN) -> None:
    with house.speaking(to):
        for name in names:
            publish(Came(tenant_id=to, name=name))


def book(house: House) -> list[str]:
    return sorted(str(row[0]) for row in house.rows(f"SELECT name FROM {KAZAN}.customers"))


def keys(house: House) -> list[list[str]]:
    """All deliveries there are, as a job carries them."""
    with house.worker.app_context(), speaking_as(network_worker()), unit_of_work():
        relay._note_deliveries()
    rows = house.rows("SELECT tenant_id, event_id::text, handler FROM network.deliveries ORDER BY event_id")
    return [[str(each) for each in row] for row in rows]


def test_those_of_a_job_are_heard_in_one_unit_and_others_in_theirs(house: House) -> None:
    come(house, "anna", "boris", "clara")
    come(house, "dora", to=SIBIR)
    assert house.work() == 4
    assert sorted(heard) == [["anna", "boris", "clara"], ["dora"]]
    assert book(house) == ["anna", "boris", "clara"]
    assert house.rows("SELECT DISTINCT state, attempts, losses FROM network.deliveries") == [("done", 1, 0)]


def test_a_job_carries_as_many_as_are_heard_together_and_of_one_speaker_alone(house: House) -> None:
    come(house, *(f"guest {number}" for number in range(6)))
    come(house, "dora", to=SIBIR)
    keys(house)
    with house.worker.app_context(), speaking_as(network_worker()), unit_of_work():
        _again, groups = relay._lease(now(), only_again=False)
    assert [(len(group), {key[0] for key in group}) for group in groups] == [
        (4, {KAZAN}), (2, {KAZAN}), (1, {SIBIR})
    ]


def test_one_that_fails_keeps_nobody_else_from_being_heard_once(house: House) -> None:
    come(house, "anna", "wolf", "boris")
    told = keys(house)
    with house.worker.app_context():
        worker.deliver_all(deliveries=told)
    assert book(house) == ["anna", "boris"]
    assert sorted(house.rows("SELECT state, attempts, losses, error FROM network.deliveries"), key=str) == [
        ("done", 1, 0, None), ("done", 1, 0, None), ("queued", 1, 0, "RuntimeError: a wolf"),
    ]


def test_a_job_that_comes_again_has_no_effect(house: House) -> None:
    come(house, "anna", "boris")
    told = keys(house)
    with house.worker.app_context():
        for _time in range(3):
            worker.deliver_all(deliveries=told)
    assert heard == [["anna", "boris"]]


def test_what_somebody_else_is_at_work_on_is_left_to_him(house: House) -> None:
    come(house, "anna")
    mine = uuid.UUID(keys(house)[0][1])
    come(house, "boris")
    told = keys(house)
    with house.worker.app_context():
        with speaking_as(network_worker()), unit_of_work():
            assert worker.claimed(KAZAN, [mine], HANDLER) == [mine]
            worker.deliver_all(deliveries=told)
        assert heard == [["boris"]]
        worker.deliver_all(deliveries=told)
    assert book(house) == ["anna", "boris"]


def test_those_whose_process_ended_are_found_again_and_go_alone(house: House) -> None:
    come(house, "anna", "boris")
    told = keys(house)
    with house.worker.app_context():
        assert len(worker._begin(KAZAN, [uuid.UUID(each[1]) for each in told], HANDLER)) == 2
        worker.deliver_all(deliveries=told)
        assert heard == [], "together they are begun for the first time only"
        house.rows("UPDATE network.deliveries SET next_at = now() - interval '1 s' RETURNING 1")
        with speaking_as(network_worker()), unit_of_work():
            again, fresh = relay._lease(now(), only_again=False)
        assert ([len(group) for group in again], fresh) == ([1, 1], [])
        for group in again:
            worker.deliver_all(deliveries=group)
    assert sorted(heard) == [["anna"], ["boris"]]
    assert house.rows("SELECT DISTINCT state, attempts, losses FROM network.deliveries") == [("done", 2, 1)]
