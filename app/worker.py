"""What happens outside a request: handlers of events. The relay is `app.relay`, periodic duties have `app.duties`.

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
from collections.abc import Iterable
from datetime import timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

import redis
import rq
import sqlalchemy as sa
import structlog
from flask import Flask, current_app
from rq.exceptions import StopRequested
from rq.serializers import JSONSerializer
from sqlalchemy.dialects.postgresql import ARRAY

from app.kernel import dead_letters, metrics, tracing
from app.kernel.clock import now
from app.kernel.db import db, unit_of_work
from app.kernel.events import (
    PROVISIONER_SPEAKS,
    Delivery,
    Later,
    OutboxEvent,
    heard_together,
    is_heard_by,
    revive,
    subscription,
)
from app.kernel.identity import Identity, network_worker, speaking_as, tenant
from app.kernel.jobs import every

log = structlog.get_logger()

Key = list[str]  # who speaks, the event's id, the handler: names a delivery
Told = tuple[str, dict[str, Any], str | None]  # an event's name, payload and trace

LEASE = timedelta(seconds=5)
"""How long a delivery may be worked on before somebody looks whether he who does still lives."""
MAX_ATTEMPTS = 8
MAX_LOSSES = 5
"""So many workers may die of a delivery, each of them kept from its neighbours, before it is dead."""
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


# -- handlers ------------------------------------------------------------------------------------


def deliver_all(*, deliveries: Iterable[Key]) -> None:
    """RQ entry point: make some deliveries, one after the other, or those together that one handler hears together."""
    for (speaker, handler), keys in groupby(deliveries, key=itemgetter(0, 2)):
        event_ids = [event_id for _speaker, event_id, _handler in keys]
        if len(event_ids) > 1 and heard_together(handler) and _deliver_together(speaker, event_ids, handler):
            continue
        for event_id in event_ids:
            deliver(tenant=speaker, event_id=event_id, handler=handler)


def _deliver_together(speaker: str, event_ids: list[str], handler: str) -> bool:
    """Whether one unit of work has seen to all; if one fails, nothing has happened and each is still to be tried."""
    ids, started = [uuid.UUID(each) for each in event_ids], time.perf_counter()
    structlog.contextvars.bind_contextvars(handler=handler)
    try:
        made = _deliver(speaker, ids, handler)
    except Exception as error:  # whatever it was: who of them it is of is found out one by one
        log.warning("deliveries_failed_together", count=len(ids), error=dead_letters.reason_of(error))
        _put_off(speaker, ids, handler, 0)
        return False
    finally:
        structlog.contextvars.clear_contextvars()
    for _one in range(made):
        metrics.count_delivery(handler, "done", started)
    return True


def deliver(*, tenant: str, event_id: str, handler: str) -> None:
    """Let one handler hear one event, once in effect."""
    structlog.contextvars.bind_contextvars(event_id=event_id, handler=handler)
    outcome, started = "failed", time.perf_counter()
    try:
        outcome = "done" if _deliver(tenant, [uuid.UUID(event_id)], handler) else ""
    except Later as later:
        outcome = "later"
        _put_off(tenant, [uuid.UUID(event_id)], handler, later.seconds)
    except Exception as error:  # whatever a handler raises is its delivery's failure
        log.warning("delivery_failed", error=dead_letters.reason_of(error))
        _note_failure(tenant, uuid.UUID(event_id), handler, error)
    finally:
        if outcome and is_heard_by(handler):  # a queue somebody else wrote to shall not multiply the metrics
            metrics.count_delivery(handler, outcome, started)
        structlog.contextvars.clear_contextvars()


def _deliver(speaker: str, event_ids: list[uuid.UUID], handler: str) -> int:
    """How many of them there was anything to do about, and it is done."""
    with speaking_as(_identity(speaker)), unit_of_work():
        ours = claimed(speaker, event_ids, handler)
        told = _begin(speaker, ours, handler) if ours else {}
        if not told:
            return 0
        name, _payload, trace = next(iter(told.values()))
        if trace:
            structlog.contextvars.bind_contextvars(trace_id=trace.split("-")[1])
        facts = {"zveno.event": name, "messaging.message.id": str(next(iter(told))), "zveno.tenant": speaker}
        with tracing.span(handler, facts, kind="CONSUMER", parent=trace, calm=(Later,)):
            subscription(name, handler).hear([revive(name, payload) for name, payload, _trace in told.values()])
        db.session.execute(_DONE, {"speaker": speaker, "told": list(told), "heard_by": handler, "at": now()})
    return len(told)


def claimed(speaker: str, event_ids: list[uuid.UUID], handler: str) -> list[uuid.UUID]:
    """Those of them that nobody else is at work on: they are ours alone until this transaction ends."""
    return list(db.session.scalars(_CLAIM, {"before": f"delivery {speaker} ", "told": event_ids, "heard_by": handler}))


_ID = sa.func.unnest(sa.bindparam("told", type_=ARRAY(sa.Uuid)), type_=sa.Uuid).column_valued("id")
_CLAIM = sa.select(_ID).where(sa.func.pg_try_advisory_xact_lock(sa.func.hashtextextended(
    sa.func.concat(sa.bindparam("before", type_=sa.Text), _ID, " ", sa.bindparam("heard_by", type_=sa.Text)), 0
)))


def _begin(speaker: str, event_ids: list[uuid.UUID], handler: str) -> dict[uuid.UUID, Told]:
    """Count the try of each, whatever may become of it; answers what events say, of those with anything to do.

    A transaction of its own, while the claims are held: a try found begun has nobody who makes it any more. Several
    are begun together only for the first time, for those that were lost before may end their process.
    """
    with speaking_as(network_worker()), unit_of_work(separate=True):
        begun = {row.event_id: (row.name, row.payload, row.trace) for row in db.session.execute(_FIRST_TRY, {
            "speaker": speaker, "told": event_ids, "heard_by": handler, "at": now(), "lease": now() + LEASE,
        })}
        if not begun and len(event_ids) == 1:
            again = _begin_again(speaker, event_ids[0], handler)
            begun = {event_ids[0]: again} if again else {}
        return begun


_NAMED = (
    Delivery.tenant_id == sa.bindparam("speaker"),
    Delivery.event_id == sa.any_(sa.bindparam("told", type_=ARRAY(sa.Uuid))),
    Delivery.handler == sa.bindparam("heard_by"),
)
_FIRST_TRY = (
    sa.update(Delivery.__table__)
    .where(
        *_NAMED, Delivery.state == "queued", Delivery.begun_at.is_(None),
        Delivery.losses == 0, Delivery.attempts < MAX_ATTEMPTS,
        OutboxEvent.id == Delivery.event_id, OutboxEvent.tenant_id == Delivery.owner_id,
    )
    .values(attempts=Delivery.attempts + 1, begun_at=sa.bindparam("at"), next_at=sa.bindparam("lease"))
    .returning(Delivery.event_id, OutboxEvent.name, OutboxEvent.payload, OutboxEvent.trace)
)
_DONE = sa.update(Delivery.__table__).where(*_NAMED).values(
    state="done", done_at=sa.bindparam("at"), begun_at=None, error=None,
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
        .where(*_keys(speaker, [event_id], handler), Delivery.state == "queued").with_for_update(of=Delivery)
    ).first()
    return (row[0], row[1]) if row else None


def _put_off(speaker: str, event_ids: list[uuid.UUID], handler: str, seconds: float) -> None:
    with speaking_as(network_worker()), unit_of_work():
        db.session.execute(
            sa.update(Delivery)
            .where(*_keys(speaker, event_ids, handler), Delivery.state == "queued", Delivery.begun_at.is_not(None))
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


def _keys(speaker: str, event_ids: Iterable[uuid.UUID], handler: str) -> tuple[sa.ColumnElement[bool], ...]:
    return Delivery.tenant_id == speaker, Delivery.event_id.in_(list(event_ids)), Delivery.handler == handler


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


def stop_on_signal() -> threading.Event:
    """Set once the process is asked to end."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
