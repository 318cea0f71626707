"""What happens outside a request: relay and handlers of events; periodic duties have `app.duties`.

The record of what is to be done is `network.deliveries`; the queue only wakes workers. So each part
may be killed at any moment: the relay hands out again what is due, and a handler marks its delivery in
the transaction of its effect. A try is counted before it begins, so a handler that ends its own
process is tried no more often than one that raises.
"""

from __future__ import annotations

import random
import signal
import threading
import time
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import redis
import rq
import sqlalchemy as sa
import structlog
from flask import Flask, current_app
from rq.exceptions import StopRequested
from rq.serializers import JSONSerializer
from sqlalchemy.dialects.postgresql import insert

from app.kernel import dead_letters, metrics, tracing
from app.kernel.clock import now
from app.kernel.db import db, unit_of_work
from app.kernel.events import (
    PROVISIONER_SPEAKS,
    SUBSCRIPTIONS,
    Delivery,
    Later,
    OutboxEvent,
    is_heard_by,
    revive,
    subscription,
)
from app.kernel.identity import Identity, network_worker, speaking_as, tenant
from app.kernel.jobs import DUTY, every

log = structlog.get_logger()

Key = list[str]  # who speaks, the event's id, the handler: names a delivery
Told = tuple[str, dict[str, Any], str | None]  # an event's name, payload and trace

BATCH = 80
GROUP = 8
"""So many deliveries a job carries; those that were tried before go alone, for they may end their process."""
HANDED = timedelta(seconds=3)
"""How long a handed-out delivery may wait for its turn before it is handed out again."""
LEASE = timedelta(seconds=5)
"""How long a delivery may be worked on before somebody looks whether he who does still lives."""
MAX_ATTEMPTS = 8
MAX_LOSSES = 5
"""So many workers may die of a delivery, each of them kept from its neighbours, before it is dead."""
FULL = 10
"""So many jobs in a queue, and the relay hands out no more: what waits too long in there is only told again."""
PATIENCE = 1.0
"""Seconds between two looks at a database or a queue that is away."""
KEEP_DONE = timedelta(days=14)

EVENTS_QUEUE, PROVISION_QUEUE = "events", "provision"
JOBS = frozenset({"app.worker.deliver_all", "app.duties.run_duty"})
"""All that a worker ever calls, whatever somebody may have put into the queue."""


def queue(name: str, connection: redis.Redis | None = None) -> rq.Queue:
    """The RQ queue of that name; JSON only, so nothing it carries can run code."""
    connection = connection or redis.Redis.from_url(current_app.config["ZVENO"].queue)
    return rq.Queue(name, connection=connection, serializer=JSONSerializer, job_class=Job)


# -- relay ---------------------------------------------------------------------------------------


def relay_once(connection: redis.Redis | None = None) -> int:
    """Note deliveries of new events, hand out what is due; answers how many deliveries."""
    connection = connection or redis.Redis.from_url(current_app.config["ZVENO"].queue)
    with speaking_as(network_worker()), unit_of_work():
        told = _note_deliveries()
    for event in told:
        metrics.EVENTS.labels(event.name, event.payload.get("source", "")).inc()
    # Asked before the lease, so that a queue that is away costs no delivery its turn.
    is_full = any(queue(name, connection).count >= FULL for name in (EVENTS_QUEUE, PROVISION_QUEUE))
    with speaking_as(network_worker()), unit_of_work():
        again, fresh = _lease(now(), only_again=is_full)
    _enqueue(again, connection, at_front=True)  # who waits for lost work has waited once before
    _enqueue(fresh, connection)
    return sum(map(len, (*again, *fresh)))


def _note_deliveries() -> Sequence[OutboxEvent]:
    events = db.session.scalars(
        sa.select(OutboxEvent).where(OutboxEvent.dispatched_at.is_(None))
        .order_by(OutboxEvent.created_at).limit(BATCH).with_for_update(skip_locked=True)
    ).all()
    rows = [row for event in events for row in _duties(event)]
    if rows:
        db.session.execute(insert(Delivery).values(rows).on_conflict_do_nothing())
    if events:
        db.session.execute(
            sa.update(OutboxEvent).where(sa.tuple_(OutboxEvent.tenant_id, OutboxEvent.id).in_(
                [(event.tenant_id, event.id) for event in events]
            )).values(dispatched_at=now()).execution_options(synchronize_session=False)
        )
    return events


def _duties(event: OutboxEvent) -> list[dict[str, Any]]:
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
    due = db.session.execute(
        sa.select(Delivery.tenant_id, Delivery.event_id, Delivery.handler, Delivery.attempts)
        .where(Delivery.state == "queued", Delivery.next_at <= at, Delivery.event != DUTY,
               Delivery.attempts >= int(only_again))
        .order_by(Delivery.next_at).limit(BATCH).with_for_update(skip_locked=True)
    ).all()
    keys = [row[:3] for row in due]
    if keys:
        db.session.execute(
            sa.update(Delivery).where(sa.tuple_(Delivery.tenant_id, Delivery.event_id, Delivery.handler).in_(keys))
            .values(next_at=at + HANDED).execution_options(synchronize_session=False)
        )
    return _grouped([(tenant_id, str(event_id), handler, attempts) for tenant_id, event_id, handler, attempts in due])


def _grouped(due: list[tuple[str, str, str, int]]) -> tuple[list[list[Key]], list[list[Key]]]:
    groups: list[list[Key]] = []
    for name in (EVENTS_QUEUE, PROVISION_QUEUE):
        fresh = [key for *key, attempts in due if not attempts and _queue_of(key) == name]
        groups += [fresh[first:first + GROUP] for first in range(0, len(fresh), GROUP)]
    return [[key] for *key, attempts in due if attempts], groups


def _queue_of(key: Key) -> str:
    return PROVISION_QUEUE if key[0] == PROVISIONER_SPEAKS else EVENTS_QUEUE


def _enqueue(groups: Iterable[list[Key]], connection: redis.Redis, *, at_front: bool = False) -> None:
    for group in groups:
        queue(_queue_of(group[0]), connection).enqueue_call(
            "app.worker.deliver_all", kwargs={"deliveries": group}, result_ttl=0, failure_ttl=60,
            timeout=600 * len(group), at_front=at_front,
        )


# -- handlers ------------------------------------------------------------------------------------


def deliver_all(*, deliveries: Iterable[Key]) -> None:
    """RQ entry point: make some deliveries, one after the other."""
    for tenant_id, event_id, handler in deliveries:
        deliver(tenant=tenant_id, event_id=event_id, handler=handler)


def deliver(*, tenant: str, event_id: str, handler: str) -> None:
    """Let one handler hear one event, once in effect."""
    structlog.contextvars.bind_contextvars(event_id=event_id, handler=handler)
    outcome, started = "failed", time.perf_counter()
    try:
        outcome = "done" if _deliver(tenant, uuid.UUID(event_id), handler) else ""
    except Later as later:
        outcome = "later"
        _put_off(tenant, uuid.UUID(event_id), handler, later.seconds)
    except Exception as error:  # whatever a handler raises is its delivery's failure
        log.warning("delivery_failed", error=dead_letters.reason_of(error))
        _note_failure(tenant, uuid.UUID(event_id), handler, error)
    finally:
        if outcome and is_heard_by(handler):  # a queue somebody else wrote to shall not multiply the metrics
            metrics.count_delivery(handler, outcome, started)
        structlog.contextvars.clear_contextvars()


def _deliver(speaker: str, event_id: uuid.UUID, handler: str) -> bool:
    """Whether there was anything to do, and it is done."""
    with speaking_as(_identity(speaker)), unit_of_work():
        if not claim(speaker, event_id, handler):
            return False
        event = _begin(speaker, event_id, handler)
        if event is None:
            return False
        name, payload, trace = event
        if trace:
            structlog.contextvars.bind_contextvars(trace_id=trace.split("-")[1])
        facts = {"zveno.event": name, "messaging.message.id": str(event_id), "zveno.tenant": speaker}
        with tracing.span(handler, facts, kind="CONSUMER", parent=trace, calm=(Later,)):
            subscription(name, handler).handler(revive(name, payload))
        db.session.execute(
            sa.update(Delivery).where(*_key(speaker, event_id, handler))
            .values(state="done", done_at=now(), begun_at=None, error=None)
            .execution_options(synchronize_session=False)
        )
    return True


def claim(speaker: str, event_id: uuid.UUID, handler: str) -> bool:
    """Be the only one at work on the delivery until this transaction ends; False when another worker is."""
    name = f"delivery {speaker} {event_id} {handler}"
    return bool(db.session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(sa.func.hashtextextended(name, 0)))))


def _begin(speaker: str, event_id: uuid.UUID, handler: str) -> Told | None:
    """Count the try, whatever may become of it; answers what the event says, None when there is nothing to do.

    A transaction of its own, while the claim is held: a try found begun has nobody who makes it any more.
    """
    with speaking_as(network_worker()), unit_of_work(separate=True):
        first = db.session.execute(_FIRST_TRY, {
            "speaker": speaker, "told": event_id, "heard_by": handler, "at": now(), "lease": now() + LEASE,
        }).first()
        return tuple(first) if first else _begin_again(speaker, event_id, handler)


_FIRST_TRY = (
    sa.update(Delivery)
    .where(
        Delivery.tenant_id == sa.bindparam("speaker"), Delivery.event_id == sa.bindparam("told"),
        Delivery.handler == sa.bindparam("heard_by"), Delivery.state == "queued", Delivery.begun_at.is_(None),
        Delivery.losses == 0, Delivery.attempts < MAX_ATTEMPTS,
        OutboxEvent.id == Delivery.event_id, OutboxEvent.tenant_id == Delivery.owner_id,
    )
    .values(attempts=Delivery.attempts + 1, begun_at=sa.bindparam("at"), next_at=sa.bindparam("lease"))
    .returning(OutboxEvent.name, OutboxEvent.payload, OutboxEvent.trace).execution_options(synchronize_session=False)
)


def _begin_again(speaker: str, event_id: uuid.UUID, handler: str) -> Told | None:
    """As `_begin`, for a delivery that has been lost before, tried often, or needs no try any more."""
    found = _find(speaker, event_id, handler)
    if found is None:
        return None
    delivery, event = found
    if delivery.begun_at is not None:
        delivery.losses += 1
        metrics.LOST.labels(handler).inc()
        delivery.error = dead_letters.loss_of(delivery.losses)
    if delivery.losses >= MAX_LOSSES or delivery.attempts >= MAX_ATTEMPTS:
        log.error("delivery_died", error=delivery.error)
        dead_letters.die(delivery, event.payload, now())
        return None
    delivery.attempts += 1
    delivery.begun_at = now()
    delivery.next_at = now() + LEASE + (backoff(delivery.losses) if delivery.losses else timedelta())
    return event.name, event.payload, event.trace


def _find(speaker: str, event_id: uuid.UUID, handler: str) -> tuple[Delivery, OutboxEvent] | None:
    """The delivery that still waits, locked, and its event."""
    row = db.session.execute(
        sa.select(Delivery, OutboxEvent)
        .join(OutboxEvent, sa.and_(Delivery.event_id == OutboxEvent.id, Delivery.owner_id == OutboxEvent.tenant_id))
        .where(*_key(speaker, event_id, handler), Delivery.state == "queued").with_for_update(of=Delivery)
    ).first()
    return (row[0], row[1]) if row else None


def _put_off(speaker: str, event_id: uuid.UUID, handler: str, seconds: float) -> None:
    with speaking_as(network_worker()), unit_of_work():
        db.session.execute(
            sa.update(Delivery).where(*_key(speaker, event_id, handler), Delivery.state == "queued")
            .values(attempts=Delivery.attempts - 1, begun_at=None, next_at=now() + timedelta(seconds=seconds))
            .execution_options(synchronize_session=False)
        )


def _note_failure(speaker: str, event_id: uuid.UUID, handler: str, error: Exception) -> None:
    with speaking_as(network_worker()), unit_of_work():
        found = _find(speaker, event_id, handler)
        if found is None:
            return
        delivery, event = found
        delivery.begun_at = None
        delivery.error = dead_letters.reason_of(error)
        delivery.next_at = now() + backoff(delivery.attempts)
        if delivery.attempts >= MAX_ATTEMPTS:
            dead_letters.die(delivery, event.payload, now())


def backoff(attempts: int) -> timedelta:
    """How long to wait before the next try: 1, 2, 4 ... seconds up to five minutes, a quarter of it by chance."""
    seconds = min(300.0, 2.0 ** (attempts - 1))
    return timedelta(seconds=seconds * (0.75 + random.random() / 2))


def _identity(speaker: str) -> Identity:
    return network_worker() if speaker in ("network_worker", PROVISIONER_SPEAKS) else tenant(speaker)


def _key(speaker: str, event_id: uuid.UUID, handler: str) -> tuple[sa.ColumnElement[bool], ...]:
    return Delivery.tenant_id == speaker, Delivery.event_id == event_id, Delivery.handler == handler


@every(seconds=3600)
def forget_done() -> None:
    """Drop deliveries and events that were done long ago."""
    before = now() - KEEP_DONE
    db.session.execute(sa.delete(Delivery).where(Delivery.state == "done", Delivery.done_at < before))
    open_events = sa.select(Delivery.event_id)
    db.session.execute(
        sa.delete(OutboxEvent).where(OutboxEvent.dispatched_at < before, OutboxEvent.id.not_in(open_events))
    )


# -- processes -----------------------------------------------------------------------------------


class Job(rq.job.Job):
    """RQ's job, held to what a worker may call."""

    def perform(self) -> Any:
        """Call the function, if it is one of ours."""
        if self.func_name not in JOBS:
            raise PermissionError(f"{self.func_name} is no job of this house")
        return super().perform()


class Worker(rq.SimpleWorker):
    """RQ's worker without a fork a job: the record of work is ours, so a lost process loses nothing."""

    max_connection_wait_time = PATIENCE

    def __init__(self, app: Flask, names: tuple[str, ...], connection: redis.Redis) -> None:
        self._app = app
        self.is_stopping = False
        super().__init__(
            [queue(name, connection) for name in names], connection=connection, serializer=JSONSerializer,
            job_class=Job, worker_ttl=30, log_job_description=False,
        )

    def perform_job(self, job: rq.job.Job, queue: rq.Queue, execution: Any) -> bool:
        """Run the job in a fresh application context, with nobody speaking yet."""
        with speaking_as(None), self._app.app_context():
            return super().perform_job(job, queue, execution)

    def request_stop(self, signum: int, frame: Any) -> None:
        """As RQ's, remembered."""
        self.is_stopping = True
        super().request_stop(signum, frame)


def work(app: Flask, names: tuple[str, ...] = (EVENTS_QUEUE,), *, burst: bool = False) -> None:
    """Work on the queues until told to stop, or in a burst until they are empty.

    RQ's worker gives up when the queue goes away in the middle of a job; then a new one takes its place.
    """
    connection = redis.Redis.from_url(app.config["ZVENO"].queue)
    while True:
        worker = Worker(app, names, connection)
        try:
            worker.work(burst=burst, logging_level="WARNING")
        except StopRequested:
            return
        except redis.RedisError as error:
            if burst:
                raise
            log.warning("worker_waits", error=type(error).__name__)
        if burst or worker.is_stopping:
            return
        time.sleep(PATIENCE)


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


def stop_on_signal() -> threading.Event:
    """Set once the process is asked to end."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
