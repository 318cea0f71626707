"""A handler that has nothing to do yet is asked again, and that is no failure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from app.kernel.clock import frozen, now
from app.kernel.events import EVENTS, SUBSCRIPTIONS, Later, event, publish, subscribe
from tests.house import KAZAN, House

told: list[datetime] = []


class Kettle:
    """Set on the fire."""

    tenant_id: str


@pytest.fixture
def kettle() -> Iterator[type]:
    told.clear()
    made = event(Kettle)
    subscribe(made, speaks="tenant_id")(wait_for_it)
    yield made
    del EVENTS["Kettle"], SUBSCRIPTIONS["Kettle"]


def wait_for_it(_event: object) -> None:
    told.append(now())
    if len(told) < 12:
        raise Later(60)


def test_a_handler_may_wait_longer_than_failures_are_forgiven(house: House, kettle: type) -> None:
    with house.speaking(KAZAN):
        publish(kettle(tenant_id=KAZAN))
    house.work()
    assert len(told) == 1
    assert house.rows("SELECT state, attempts, error FROM network.deliveries") == [("queued", 0, None)]
    assert house.scalar("SELECT next_at > now() + interval '50 seconds' FROM network.deliveries")
    start = told[0]
    for minute in range(1, 12):
        with frozen(start.replace(year=start.year + minute)):
            house.work()
    assert len(told) == 12
    assert house.rows("SELECT state, attempts FROM network.deliveries") == [("done", 1)]
