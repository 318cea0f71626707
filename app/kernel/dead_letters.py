"""Deliveries that could not be made: why they died, sending them again, setting them aside; each act leaves its row."""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.kernel import metrics
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused
from app.kernel.events import Delivery, DeliveryAct
from app.kernel.words import _

LOST = "ProcessLost"
"""What a reason begins with when nobody was left to tell it."""
LONGEST = 2000
PERSONAL = re.compile(r"[^\s<>'\"(),;=]+@[^\s<>'\"(),;=]+|\+?\d[\d\s()-]{8,}\d")

Key = tuple[str, uuid.UUID, str]
"""Who speaks, the event, the handler."""


class NoSuchDelivery(NotFound):
    """Nothing of that name is known."""

    def __init__(self) -> None:
        super().__init__(_("There is no such failed task. Its time may be over."))


class NotDead(Refused):
    """Somebody was faster, or it never failed."""

    def __init__(self) -> None:
        super().__init__(_("This task no longer waits for a decision. Look at its history."))


def reason_of(error: Exception) -> str:
    """What went wrong, for staff and logs: no statement's values, no address or number of a person."""
    told = str(error)
    if isinstance(error, sa.exc.DBAPIError):
        diagnosis = getattr(error.orig, "diag", None)
        told = getattr(diagnosis, "message_primary", None) or type(error.orig).__name__
    return f"{type(error).__name__}: {PERSONAL.sub('…', told)}"[:LONGEST]


def loss_of(losses: int) -> str:
    """The reason of a delivery whose handler never came back so many times."""
    return f"{LOST}: the worker's process ended {losses} times"


def die(delivery: Delivery, payload: dict[str, Any], at: datetime) -> None:
    """No more tries; of what the event says only the ids are kept for those who will look at it."""
    delivery.state, delivery.died_at, delivery.begun_at = "dead", at, None
    delivery.ids = {name: str(value) for name, value in payload.items() if name.endswith("_id") and value}
    _note(delivery, "died", "system", delivery.error, at)
    metrics.DIED.labels(delivery.handler).inc()


def replay(key: Key, *, actor: str, at: datetime) -> None:
    """Try it all over again; `NoSuchDelivery` or `NotDead` otherwise."""
    _send_again(_lock(key, "dead", "set_aside"), actor, at)


def replay_all(*, handler: str, actor: str, at: datetime, limit: int = 500) -> int:
    """Try every dead delivery of a handler again, the oldest first; answers how many."""
    deliveries = db.session.scalars(
        sa.select(Delivery).where(Delivery.state == "dead", Delivery.handler == handler)
        .order_by(Delivery.died_at).limit(limit).with_for_update(skip_locked=True)
    ).all()
    for delivery in deliveries:
        _send_again(delivery, actor, at)
    return len(deliveries)


def set_aside(key: Key, *, reason: str, actor: str, at: datetime) -> None:
    """Nothing is to be done about it, for a reason that stays with it; `NoSuchDelivery` or `NotDead` otherwise."""
    delivery = _lock(key, "dead")
    delivery.state = "set_aside"
    _note(delivery, "set_aside", actor, reason, at)


def find(event_id: uuid.UUID, *states: str) -> list[Key]:
    """Deliveries of an event in one of these states, by default dead or set aside."""
    rows = db.session.execute(
        sa.select(Delivery.tenant_id, Delivery.event_id, Delivery.handler)
        .where(Delivery.event_id == event_id, Delivery.state.in_(states or ("dead", "set_aside")))
        .order_by(Delivery.handler)
    )
    return [tuple(row) for row in rows]


def _lock(key: Key, *states: str) -> Delivery:
    tenant_id, event_id, handler = key
    delivery = db.session.scalar(
        sa.select(Delivery)
        .where(Delivery.tenant_id == tenant_id, Delivery.event_id == event_id, Delivery.handler == handler)
        .with_for_update()
    )
    if delivery is None:
        raise NoSuchDelivery
    if delivery.state not in states:
        raise NotDead
    return delivery


def _send_again(delivery: Delivery, actor: str, at: datetime) -> None:
    delivery.state, delivery.attempts, delivery.losses, delivery.next_at = "queued", 0, 0, at
    _note(delivery, "replayed", actor, None, at)


def _note(delivery: Delivery, kind: str, actor: str, reason: str | None, at: datetime) -> None:
    db.session.add(DeliveryAct(
        tenant_id=delivery.tenant_id, event_id=delivery.event_id, handler=delivery.handler, kind=kind, actor=actor,
        reason=reason, at=at,
    ))
