"""What is so at this moment: asked of the database in one short statement, of the queue, and of the backups' folder.

It speaks as the network's worker, which sees the network's tables and no tenant's own.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import redis
import sqlalchemy as sa
from prometheus_client.core import GaugeMetricFamily

from app.config import Settings
from app.kernel.db import ExtendedCursor, guard
from app.kernel.identity import network_worker, speaking_as
from app.kernel.jobs import DUTY

TIMEOUT = 2.0
"""Seconds the statement may take; then the numbers of the database are missing, and the rest is shown."""
QUEUES = ("events", "provision")

GAUGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "zveno_database_up": ("Whether the database answered in time", ()),
    "zveno_queue_up": ("Whether Valkey answered in time", ()),
    "zveno_queue_jobs": ("Jobs in a queue of Valkey; ten are enough, for the record is the database's", ("queue",)),
    "zveno_outbox_events": ("Events the relay has not taken yet", ()),
    "zveno_outbox_oldest_seconds": ("Age of the oldest of them", ()),
    "zveno_deliveries_due": ("Deliveries whose time has come", ("queue",)),
    "zveno_deliveries_overdue_seconds": ("How long the first of them is waiting since", ("queue",)),
    "zveno_deliveries_retrying": ("Deliveries that have failed or got lost, and will be tried again", ("queue",)),
    "zveno_dead_letters": ("Deliveries and duties given up, which wait for a person", ()),
    "zveno_duty_done_timestamp_seconds": ("When a periodic duty last succeeded", ("duty",)),
    "zveno_leads_unrouted": ("Leads nobody has yet, and no person was asked to place", ()),
    "zveno_leads_escalated": ("Leads that wait for a person at HQ", ()),
    "zveno_offers_open": ("Leads offered to dealers who have not answered", ()),
    "zveno_offers_late": ("Of these, such whose window is over", ()),
    "zveno_tenants": ("Tenants by state", ("state",)),
    "zveno_db_backends": ("Connections the whole server has open", ()),
    "zveno_db_backends_limit": ("Connections the server allows", ()),
    "zveno_wal_receiver_up": ("Whether somebody is keeping the WAL of a replication slot", ("slot",)),
    "zveno_wal_held_bytes": ("WAL the server holds back for a slot", ("slot",)),
    "zveno_backup_timestamp_seconds": ("When the newest base backup in the folder was taken", ()),
}

STATEMENT = sa.text(f"""
WITH waiting AS MATERIALIZED (
    SELECT CASE tenant_id WHEN 'provisioner' THEN 'provision' ELSE 'events' END AS queue, next_at, attempts
    FROM network.deliveries WHERE state = 'queued' AND event <> '{DUTY}'
), queues AS (
    SELECT queue, count(next_at) FILTER (WHERE next_at <= now()) AS due,
        coalesce(extract(epoch FROM now() - min(next_at) FILTER (WHERE next_at <= now())), 0) AS overdue,
        count(*) FILTER (WHERE attempts > 0) AS retrying
    FROM (VALUES ('events'), ('provision')) AS named(queue) LEFT JOIN waiting USING (queue) GROUP BY queue
), outbox AS (
    SELECT count(*) AS events, coalesce(extract(epoch FROM now() - min(created_at)), 0) AS oldest
    FROM network.outbox WHERE dispatched_at IS NULL
), offers AS (
    SELECT count(*) AS open, count(*) FILTER (WHERE deadline_at < now()) AS late
    FROM network.lead_offers WHERE state = 'offered'
), leads AS (
    SELECT count(*) FILTER (WHERE escalated_at IS NULL) AS unrouted,
        count(*) FILTER (WHERE escalated_at IS NOT NULL) AS escalated
    FROM network.leads WHERE assignee_id IS NULL AND state = 'new'
)
SELECT 'zveno_deliveries_due' AS name, queue AS label, due::float8 AS value FROM queues
UNION ALL SELECT 'zveno_deliveries_overdue_seconds', queue, overdue FROM queues
UNION ALL SELECT 'zveno_deliveries_retrying', queue, retrying FROM queues
UNION ALL SELECT 'zveno_outbox_events', '', events FROM outbox
UNION ALL SELECT 'zveno_outbox_oldest_seconds', '', oldest FROM outbox
UNION ALL SELECT 'zveno_dead_letters', '', count(*) FROM network.deliveries WHERE state = 'dead'
UNION ALL SELECT 'zveno_duty_done_timestamp_seconds', handler, extract(epoch FROM done_at)
    FROM network.deliveries WHERE event = '{DUTY}' AND done_at IS NOT NULL
UNION ALL SELECT 'zveno_offers_open', '', open FROM offers
UNION ALL SELECT 'zveno_offers_late', '', late FROM offers
UNION ALL SELECT 'zveno_leads_unrouted', '', unrouted FROM leads
UNION ALL SELECT 'zveno_leads_escalated', '', escalated FROM leads
UNION ALL SELECT 'zveno_tenants', state, count(*) FROM network.tenants GROUP BY state
UNION ALL SELECT 'zveno_db_backends', '', count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'
UNION ALL SELECT 'zveno_db_backends_limit', '', current_setting('max_connections')::float8
UNION ALL SELECT 'zveno_wal_receiver_up', slot_name, active::int FROM pg_replication_slots
UNION ALL SELECT 'zveno_wal_held_bytes', slot_name, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)
    FROM pg_replication_slots WHERE restart_lsn IS NOT NULL
""")

Row = tuple[str, str, float]
"""Name of a gauge, its label, its value."""


class State:
    """Collector of the gauges; what does not answer is missing, and its own gauge says so."""

    def __init__(self, settings: Settings, backups: Path | None = None) -> None:
        url = sa.make_url(settings.database_worker).set(drivername="postgresql+psycopg")
        self._engine = sa.create_engine(
            url, poolclass=sa.NullPool, hide_parameters=True,
            connect_args={"cursor_factory": ExtendedCursor, "connect_timeout": 3, "tcp_user_timeout": 5000},
        )
        guard(self._engine)
        self._queue = redis.Redis.from_url(settings.queue, socket_timeout=1, socket_connect_timeout=1)
        self._backups = backups

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Nothing to ask while it is registered."""
        return [_family(name) for name in GAUGES]

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """All gauges that have a value now."""
        families: dict[str, GaugeMetricFamily] = {}
        for name, label, value in (*self._database(), *self._valkey(), *self._newest_backup()):
            family = families.setdefault(name, _family(name))
            family.add_metric([label] if GAUGES[name][1] else [], value)
        return families.values()

    def _database(self) -> Iterator[Row]:
        rows: list[Row] = []
        try:
            with speaking_as(network_worker()), self._engine.begin() as connection, _hurried(connection):
                rows = [(name, label, float(value)) for name, label, value in connection.execute(STATEMENT)]
        except sa.exc.SQLAlchemyError:
            rows = []
        yield "zveno_database_up", "", float(bool(rows))
        yield from rows

    def _valkey(self) -> Iterator[Row]:
        try:
            rows = [("zveno_queue_jobs", name, float(self._queue.llen(f"rq:queue:{name}"))) for name in QUEUES]
        except redis.RedisError:
            rows = []
        yield "zveno_queue_up", "", float(bool(rows))
        yield from rows

    def _newest_backup(self) -> Iterator[Row]:
        """By the names `zveno db backup` gives."""
        moments = []
        for base in self._backups.glob("base-*Z") if self._backups else ():
            with contextlib.suppress(ValueError):
                moments.append(datetime.strptime(base.name, "base-%Y%m%dT%H%M%SZ").replace(tzinfo=UTC))
        if moments:
            yield "zveno_backup_timestamp_seconds", "", max(moments).timestamp()


@contextlib.contextmanager
def _hurried(connection: sa.Connection) -> Iterator[None]:
    """Cancel what takes too long. By a clock of ours: a pooler in transaction mode hands on no setting."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    timer = threading.Timer(TIMEOUT, raw.cancel_safe, kwargs={"timeout": 1.0})
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _family(name: str) -> GaugeMetricFamily:
    help_, labels = GAUGES[name]
    return GaugeMetricFamily(name, help_, labels=labels)
