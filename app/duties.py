"""Periodic duties: the scheduler wakes them through the queue, and a worker runs one at a time and counts its losses.

A duty has one row among the deliveries, which no event asked for. `begun_at` stands while it runs, so one that is
found standing was lost with its process. After as many losses in a row as a delivery may have it is dead, as
deliveries are: HQ sees it among the failed tasks, and it rests until somebody sends it again.
"""

from __future__ import annotations

import contextlib
import time
import uuid

import redis
import sqlalchemy as sa
import structlog
from flask import Flask
from sqlalchemy.dialects.postgresql import insert

from app.kernel import dead_letters, metrics, tracing
from app.kernel.clock import now
from app.kernel.db import db, unit_of_work
from app.kernel.events import Delivery
from app.kernel.identity import network_worker, speaking_as
from app.kernel.ids import HQ
from app.kernel.jobs import DUTY, PERIODIC
from app.worker import EVENTS_QUEUE, MAX_LOSSES, claimed, queue, stop_on_signal

log = structlog.get_logger()


def run_duty(name: str) -> None:
    """RQ entry point: one periodic duty as the network's worker, in one unit of work; the next one while it runs."""
    duty, started = PERIODIC[name], time.perf_counter()
    try:
        with speaking_as(network_worker()), unit_of_work():
            if not (_is_ours(name) and _begin(name)):
                return
            with tracing.span(name, {"zveno.duty": name}):
                duty.function()
            _end(name, state="done", done_at=now(), attempts=0, losses=0, error=None)
    except Exception as error:
        with speaking_as(network_worker()), unit_of_work():
            _end(name, error=dead_letters.reason_of(error))
        metrics.count_duty(name, "failed", started)
        raise
    metrics.count_duty(name, "done", started)


def _is_ours(name: str) -> bool:
    speaker, duty_id, handler = _key(name)
    return bool(claimed(speaker, [duty_id], handler))


def _begin(name: str) -> bool:
    """Count the try in a transaction of its own; False when the duty is dead."""
    with unit_of_work(separate=True):
        duty = _find(name)
        if duty.state in ("dead", "set_aside"):
            return False
        if duty.begun_at is not None:
            duty.losses += 1
            metrics.LOST.labels(name).inc()
            duty.error = dead_letters.loss_of(duty.losses)
        if duty.losses >= MAX_LOSSES:
            log.error("duty_died", duty=name, error=duty.error)
            dead_letters.die(duty, {}, now())
            return False
        duty.attempts += 1
        duty.begun_at = now()
        return True


def _find(name: str) -> Delivery:
    """The duty's row, locked; made when there is none."""
    speaker, duty_id, handler = _key(name)
    db.session.execute(insert(Delivery).values(
        tenant_id=speaker, event_id=duty_id, handler=handler, owner_id=HQ, event=DUTY, published_at=now(),
    ).on_conflict_do_nothing())
    return db.session.scalars(sa.select(Delivery).where(_is(name)).with_for_update()).one()


def _end(name: str, **values: object) -> None:
    db.session.execute(
        sa.update(Delivery).where(_is(name), Delivery.state.in_(("queued", "done")))
        .values(begun_at=None, **values).execution_options(synchronize_session=False)
    )


def _is(name: str) -> sa.ColumnElement[bool]:
    speaker, duty_id, handler = _key(name)
    return sa.and_(Delivery.tenant_id == speaker, Delivery.event_id == duty_id, Delivery.handler == handler)


def _key(name: str) -> tuple[str, uuid.UUID, str]:
    return network_worker().role, uuid.uuid5(uuid.NAMESPACE_OID, name), name


def schedule(app: Flask) -> None:
    """Wake periodic duties through the queue until told to stop.

    RQ's own cron would do, but it enqueues by pickle only, and our queues carry nothing but JSON.
    """
    stop = stop_on_signal()
    connection = redis.Redis.from_url(app.config["ZVENO"].queue)
    due = dict.fromkeys(PERIODIC, 0.0)
    for name, duty in PERIODIC.items():
        metrics.DUTY_PERIOD.labels(name).set(duty.seconds)
    while not stop.is_set():
        moment = time.monotonic()
        for name in [name for name, at in due.items() if at <= moment]:
            with contextlib.suppress(redis.RedisError):  # then it stays due
                queue(EVENTS_QUEUE, connection).enqueue_call(
                    "app.duties.run_duty", kwargs={"name": name}, result_ttl=0, failure_ttl=60,
                    ttl=max(5, PERIODIC[name].seconds),
                )
                due[name] = moment + PERIODIC[name].seconds
        stop.wait(0.5)
