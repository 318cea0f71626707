"""Numbers that processes count as they work, for Prometheus: a table to read.

Labels hold names out of the code alone (routes, handlers, events) and no tenant, so no visitor can multiply them.
What the database knows is asked there when somebody looks (`app.watch.state`), and not counted here.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

FOLDER = os.environ.get("ZVENO_METRICS_DIR")
"""Where processes of this machine share their numbers; the client asks for it while it is imported, so now."""
if FOLDER:
    Path(FOLDER).mkdir(parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = FOLDER

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram  # noqa: E402

REGISTRY = CollectorRegistry()

REQUESTS = Histogram(
    "zveno_request_seconds", "Requests by pattern of route, method and class of status", ("route", "method", "status"),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5), registry=REGISTRY,
)
KEPT_PAGES = Counter("zveno_kept_pages", "Requests answered with a kept page, counted in the requests too",
                     registry=REGISTRY)
LIMITED = Counter("zveno_limited_requests", "Requests refused because there were too many (429)", registry=REGISTRY)
SIGN_INS = Counter(
    "zveno_sign_ins", "Sign-ins by what became of them: in, or refused for password, code, passkey or limit",
    ("kind", "outcome"), registry=REGISTRY,
)

EVENTS = Counter(
    "zveno_events", "Events the relay took from the outbox; source where the event names one", ("event", "source"),
    registry=REGISTRY,
)
DELIVERIES = Histogram(
    "zveno_delivery_seconds", "Deliveries by handler and outcome: done, later, failed", ("handler", "outcome"),
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120), registry=REGISTRY,
)
LOST = Counter("zveno_deliveries_lost", "Tries that ended with their process", ("handler",), registry=REGISTRY)
DIED = Counter("zveno_deliveries_died", "Deliveries and duties that were given up", ("handler",), registry=REGISTRY)
PROCESSES = Gauge("zveno_processes", "Processes at work on this machine", ("kind",), multiprocess_mode="livesum",
                  registry=REGISTRY)
WORKERS_LOST = Counter("zveno_workers_lost", "Working processes that ended unasked and were replaced",
                       registry=REGISTRY)
DUTIES = Histogram(
    "zveno_duty_seconds", "Runs of periodic duties by outcome: done, failed", ("duty", "outcome"),
    buckets=(0.01, 0.1, 1, 10, 60, 600), registry=REGISTRY,
)
DUTY_PERIOD = Gauge("zveno_duty_period_seconds", "How often the scheduler wakes a duty", ("duty",),
                    multiprocess_mode="livemax", registry=REGISTRY)

CONNECTIONS = Gauge("zveno_db_connections_used", "Database connections at work in the processes of this machine",
                    multiprocess_mode="livesum", registry=REGISTRY)
CONNECTIONS_LIMIT = Gauge("zveno_db_connections_limit", "Database connections these processes may open",
                          multiprocess_mode="livesum", registry=REGISTRY)
ISOLATION_BROKEN = Counter("zveno_isolation_broken", "Times a guard of tenants' isolation threw a connection away",
                           registry=REGISTRY)

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """A request was answered; `route` is the pattern, never the path."""
    REQUESTS.labels(route, method if method in METHODS else "other", f"{status // 100}xx").observe(seconds)
    if status == 429:
        LIMITED.inc()


def count_delivery(handler: str, outcome: str, started: float) -> None:
    """A handler that began at that count of seconds is through with an event."""
    DELIVERIES.labels(handler, outcome).observe(time.perf_counter() - started)


def count_duty(duty: str, outcome: str, started: float) -> None:
    """A duty that began at that count of seconds is over."""
    DUTIES.labels(duty, outcome).observe(time.perf_counter() - started)
