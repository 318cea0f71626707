"""The relay: notes a delivery for each handler of an event, and hands out what is due to the queue.

The queue only wakes workers: what it loses is handed out again (`app.worker`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

import redis
import sqlalchemy as sa
import structlog
from flask import Flask, current_app
from sqlalchemy.dialects.postgresql import insert

from app.kernel import metrics
from app.kernel.clock import now
from app.kernel.db import db, unit_of_work
from app.kernel.events import PROVISIONER_SPEAKS, SUBSCRIPTIONS, Delivery, OutboxEvent, heard_together
from app.kernel.identity import network_worker, speaking_as
from app.kernel.jobs import DUTY
from app.worker import EVENTS_QUEUE, PATIENCE, PROVISION_QUEUE, Key, queue, stop_on_signal

log = structlog.get_logger()

BATCH = 80
GROUP = 8
"""So many deliveries a job carries, unless their handler hears more together; those that were tried before go alone,
for they may end their process."""
HANDED = timedelta(seconds=3)
"""How long a handed-out delivery may wait for its turn before it is handed out again."""
FULL = 10
"""So many jobs in a queue, and the relay hands out no more: what waits too long in there is only told again."""


def relay_once(connection: redis.Redis | None = None) -> int:
    """Note deliveries of new events, hand out what is due; answers how many deliveries."""
    connection = connection or redis.Redis.from_url(current_app.config["ZVENO"].queue)
    # Asked before the lease, so that a queue that is away costs no delivery its turn.
    is_full = any(queue(name, connection).count >= FULL for name in (EVENTS_QUEUE, PROVISION_QUEUE))
    with speaking_as(network_worker()), unit_of_work():
        told = _note_deliveries()
        again, fresh = _lease(now(), only_again=is_full)
    for event in told:
        metrics.EVENTS.labels(event.name, event.payload.get("source", "")).inc()
    _enqueue(again, connection, at_front=True)  # who waits for lost work has waited once before
    _enqueue(fresh, connection)
    return sum(map(len, (*again, *fresh)))


def _note_deliveries() -> Sequence[sa.Row[Any]]:
    events = db.session.execute(_TAKE, {"at": now()}).all()
    rows = [row for event in events for row in _duties(event)]
    if rows:
        db.session.execute(_NOTE, rows)
    return events


_TOLD = (
    sa.select(OutboxEvent.tenant_id, OutboxEvent.id).where(OutboxEvent.dispatched_at.is_(None))
    .order_by(OutboxEvent.created_at).limit(BATCH).with_for_update(skip_locked=True).cte("told")
)
_TAKE = (
    sa.update(OutboxEvent.__table__).where(OutboxEvent.tenant_id == _TOLD.c.tenant_id, OutboxEvent.id == _TOLD.c.id)
    .values(dispatched_at=sa.bindparam("at"))
    .returning(OutboxEvent.tenant_id, OutboxEvent.id, OutboxEvent.name, OutboxEvent.payload, OutboxEvent.created_at)
)
_NOTE = insert(Delivery.__table__).on_conflict_do_nothing()


def _duties(event: sa.Row[Any]) -> list[dict[str, Any]]:
    """A delivery for each handler; none when the event was written in another's name, or names nobody to handle it."""
    try:
        if event.payload["tenant_id"] != event.tenant_id:
            raise PermissionError(f"in the name of {event.payload['tenant_id']}")
        return [
            {"tenant_id": sub.speaker(event.payload), "event_id": event.id, "handler": sub.name,
             "owner_id": event.tenant_id, "event": event.name, "published_at": event.created_at}
            for sub in SUBSCRIPTIONS.get(event.name, ()) if sub.concerns(event.payload)
        ]
    except (KeyError, TypeError, PermissionError) as error:
        log.error("event_refused", event_id=str(event.id), name=event.name, tenant=event.tenant_id, error=str(error))
        return []


def _lease(at: datetime, *, only_again: bool) -> tuple[list[list[Key]], list[list[Key]]]:
    """What is due, in groups as jobs carry them: what was tried before, alone, and the rest."""
    due = db.session.execute(_HAND_OUT, {"at": at, "again_at": at + HANDED, "tries": int(only_again)}).all()
    due.sort(key=itemgetter(0, 2))  # an update answers in an order of its own; ids of events tell their time
    return _grouped([(tenant_id, str(event_id), handler, tries) for _at, tenant_id, event_id, handler, tries in due])


_DUE = (
    sa.select(Delivery.tenant_id, Delivery.event_id, Delivery.handler, Delivery.next_at)
    .where(Delivery.state == "queued", Delivery.next_at <= sa.bindparam("at"), Delivery.event != DUTY,
           Delivery.attempts >= sa.bindparam("tries"))
    .order_by(Delivery.next_at).limit(BATCH).with_for_update(skip_locked=True).cte("due")
)
_HAND_OUT = (
    sa.update(Delivery.__table__)
    .where(Delivery.tenant_id == _DUE.c.tenant_id, Delivery.event_id == _DUE.c.event_id,
           Delivery.handler == _DUE.c.handler)
    .values(next_at=sa.bindparam("again_at"))
    .returning(_DUE.c.next_at, Delivery.tenant_id, Delivery.event_id, Delivery.handler, Delivery.attempts)
)


def _grouped(due: list[tuple[str, str, str, int]]) -> tuple[list[list[Key]], list[list[Key]]]:
    groups: list[list[Key]] = []
    for name in (EVENTS_QUEUE, PROVISION_QUEUE):
        fresh = [key for *key, attempts in due if not attempts and _queue_of(key) == name]
        fresh.sort(key=_company)
        for company, same in groupby(fresh, key=_company):
            keys, most = list(same), company[2] if company else GROUP
            groups += [keys[first:first + most] for first in range(0, len(keys), most)]
    return [[key] for *key, attempts in due if attempts], groups


def _company(key: Key) -> tuple[Any, ...]:
    """Those that one handler hears together go together; of the others none before its turn."""
    speaker, _event_id, handler = key
    many = heard_together(handler)
    return (speaker, handler, many) if many else ()


def _queue_of(key: Key) -> str:
    return PROVISION_QUEUE if key[0] == PROVISIONER_SPEAKS else EVENTS_QUEUE


def _enqueue(groups: Iterable[list[Key]], connection: redis.Redis, *, at_front: bool = False) -> None:
    for group in groups:
        queue(_queue_of(group[0]), connection).enqueue_call(
            "app.worker.deliver_all", kwargs={"deliveries": group}, result_ttl=0, failure_ttl=60,
            timeout=600 * len(group), at_front=at_front,
        )


def relay(app: Flask, *, pause: float = 0.1) -> None:
    """Relay until told to stop; a database or queue that is away is waited for."""
    stop = stop_on_signal()
    connection = redis.Redis.from_url(app.config["ZVENO"].queue)
    while not stop.is_set():
        with app.app_context():
            try:
                wait = pause if relay_once(connection) < BATCH else 0
            except (sa.exc.SQLAlchemyError, redis.RedisError) as error:
                log.warning("relay_waits", error=type(error).__name__)
                wait = PATIENCE
        stop.wait(wait)
