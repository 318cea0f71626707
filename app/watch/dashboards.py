"""The dashboards, as a definition to read; `zveno metrics dashboards` writes them as Grafana takes them."""

from __future__ import annotations

import json
from itertools import count
from typing import Any, NamedTuple

WIDTH, HEIGHT, COLUMNS = 8, 7, 3


class Panel(NamedTuple):
    """A graph: its title, the unit of its axis, and queries by what their lines are called."""

    title: str
    unit: str
    queries: dict[str, str]


class Dashboard(NamedTuple):
    """Some graphs that answer one question."""

    name: str
    title: str
    panels: tuple[Panel, ...]


def _share(of: str, by: str) -> str:
    return f'sum(rate({of}[5m])) / sum(rate({by}[5m]))'


def _percentile(share: float, metric: str, by: str = "", where: str = "") -> str:
    names = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, sum by ({names}) (rate({metric}_bucket{where}[5m])))"


REQUESTS, FAILED = "zveno_request_seconds_count", 'zveno_request_seconds_count{status="5xx"}'
DELIVERIES = "zveno_delivery_seconds_count"
MAIL, MAKING = 'handler="app.web.mail.send"', 'handler="blueprints.sites.subscribers.make_site"'

ORDERS = 'sum by (source) (increase(zveno_events_total{event="OrderPlaced"}[1h]'
ANSWERS = "LeadAccepted|LeadDeclined|LeadOfferExpired"

DASHBOARDS = (
    Dashboard("sites", "Zveno: sites", (
        Panel("Requests", "reqps", {"{{status}}": f"sum by (status) (rate({REQUESTS}[5m]))"}),
        Panel("Share that failed on our side", "percentunit", {"5xx": _share(FAILED, REQUESTS)}),
        Panel("Time to answer", "s", {
            "half": _percentile(0.5, "zveno_request_seconds"), "95 %": _percentile(0.95, "zveno_request_seconds"),
            "99 %": _percentile(0.99, "zveno_request_seconds"),
        }),
        Panel("The slowest routes (95 %)", "s", {
            "{{route}}": f"topk(8, {_percentile(0.95, 'zveno_request_seconds', 'route')})",
        }),
        Panel("Where the time goes: routes by seconds a second", "none", {
            "{{route}}": "topk(8, sum by (route) (rate(zveno_request_seconds_sum[5m])))",
        }),
        Panel("Answered with kept pages", "percentunit", {"kept": _share("zveno_kept_pages_total", REQUESTS)}),
        Panel("Sign-ins", "reqps", {"{{kind}} {{outcome}}": "sum by (kind, outcome) (rate(zveno_sign_ins_total[5m]))"}),
        Panel("Refused, too many (429)", "reqps", {"429": "sum(rate(zveno_limited_requests_total[5m]))"}),
        Panel("Processes", "none", {"{{kind}}": "sum by (kind) (zveno_processes)"}),
    )),
    Dashboard("work", "Zveno: work behind the sites", (
        Panel("Not taken from the outbox", "none", {"events": "max(zveno_outbox_events)"}),
        Panel("Deliveries due and tried again", "none", {
            "due {{queue}}": "max by (queue) (zveno_deliveries_due)",
            "again {{queue}}": "max by (queue) (zveno_deliveries_retrying)",
        }),
        Panel("Waiting since", "s", {
            "outbox": "max(zveno_outbox_oldest_seconds)",
            "{{queue}}": "max by (queue) (zveno_deliveries_overdue_seconds)",
        }),
        Panel("Deliveries", "ops", {"{{outcome}}": f"sum by (outcome) (rate({DELIVERIES}[5m]))"}),
        Panel("The slowest handlers (95 %)", "s", {
            "{{handler}}": f"topk(8, {_percentile(0.95, 'zveno_delivery_seconds', 'handler')})",
        }),
        Panel("Failed, lost, given up", "ops", {
            "failed {{handler}}": f'sum by (handler) (rate({DELIVERIES}{{outcome="failed"}}[5m])) > 0',
            "lost {{handler}}": "sum by (handler) (rate(zveno_deliveries_lost_total[5m])) > 0",
            "given up {{handler}}": "sum by (handler) (rate(zveno_deliveries_died_total[5m])) > 0",
        }),
        Panel("Waiting for a person", "none", {"dead letters": "max(zveno_dead_letters)"}),
        Panel("Since a duty succeeded", "s", {
            "{{duty}}": "time() - max by (duty) (zveno_duty_done_timestamp_seconds)",
        }),
        Panel("Time of duties", "s", {
            "{{duty}}": "sum by (duty) (rate(zveno_duty_seconds_sum[15m]))"
                        " / sum by (duty) (rate(zveno_duty_seconds_count[15m]))",
        }),
        Panel("Jobs in the queue", "none", {"{{queue}}": "max by (queue) (zveno_queue_jobs)"}),
        Panel("Workers lost", "none", {"an hour": "sum(increase(zveno_workers_lost_total[1h]))"}),
        Panel("Mail", "ops", {"{{outcome}}": f"sum by (outcome) (rate({DELIVERIES}{{{MAIL}}}[5m]))"}),
    )),
    Dashboard("trade", "Zveno: trade", (
        Panel("Orders an hour", "none", {
            "{{source}}": f"{ORDERS}))", "{{source}}, a week ago": f"{ORDERS} offset 1w))",
        }),
        Panel("Payments an hour", "none", {
            "paid": 'sum(increase(zveno_events_total{event="OrderPaid"}[1h]))',
            "to give back": 'sum(increase(zveno_events_total{event="RefundDue"}[1h]))',
        }),
        Panel("Leads", "none", {
            "without anybody": "max(zveno_leads_unrouted)", "with HQ": "max(zveno_leads_escalated)",
            "offered": "max(zveno_offers_open)", "offered, too late": "max(zveno_offers_late)",
        }),
        Panel("What became of offers, an hour", "none", {
            "{{event}}": f'sum by (event) (increase(zveno_events_total{{event=~"{ANSWERS}"}}[1h]))',
        }),
        Panel("Tenants", "none", {"{{state}}": "max by (state) (zveno_tenants)"}),
        Panel("Making a tenant", "s", {
            "half": _percentile(0.5, "zveno_delivery_seconds", where=f"{{{MAKING}}}"),
            "95 %": _percentile(0.95, "zveno_delivery_seconds", where=f"{{{MAKING}}}"),
        }),
    )),
    Dashboard("stores", "Zveno: database, queue, backup", (
        Panel("Answer in time", "none", {"database": "min(zveno_database_up)", "queue": "min(zveno_queue_up)"}),
        Panel("Connections of this house", "none", {
            "at work": "sum(zveno_db_connections_used)", "limit": "sum(zveno_db_connections_limit)",
        }),
        Panel("Connections of the server", "none", {
            "open": "max(zveno_db_backends)", "limit": "max(zveno_db_backends_limit)",
        }),
        Panel("Isolation broken", "none", {"an hour": "sum(increase(zveno_isolation_broken_total[1h]))"}),
        Panel("WAL held back", "bytes", {"{{slot}}": "max by (slot) (zveno_wal_held_bytes)"}),
        Panel("Age of the newest backup", "s", {"backup": "time() - max(zveno_backup_timestamp_seconds)"}),
    )),
)


def as_json(dashboard: Dashboard) -> str:
    """The dashboard as Grafana imports it."""
    document = {
        "uid": f"zveno-{dashboard.name}", "title": dashboard.title, "tags": ["zveno"], "schemaVersion": 39,
        "timezone": "browser", "refresh": "30s", "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [{"name": "source", "type": "datasource", "query": "prometheus"}]},
        "panels": [_panel(place, panel) for place, panel in enumerate(dashboard.panels)],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _panel(place: int, panel: Panel) -> dict[str, Any]:
    letters = map(chr, count(ord("A")))
    return {
        "id": place + 1, "title": panel.title, "type": "timeseries",
        "datasource": {"type": "prometheus", "uid": "${source}"},
        "gridPos": {"h": HEIGHT, "w": WIDTH, "x": place % COLUMNS * WIDTH, "y": place // COLUMNS * HEIGHT},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": [
            {"refId": letter, "expr": query, "legendFormat": legend}
            for letter, (legend, query) in zip(letters, panel.queries.items(), strict=False)
        ],
    }
