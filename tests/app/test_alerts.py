"""Dashboards and alerts name what there is; each alert has its page, fires at what it is for, and else is silent."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.kernel import metrics
from app.watch.dashboards import DASHBOARDS, as_json
from app.watch.state import GAUGES

DOCS = Path(__file__).resolve().parents[2] / "docs"
RULES = [
    rule for group in yaml.safe_load((DOCS / "operating/alerts.yml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
PROMTOOL = shutil.which("promtool")
MINUTES = 150

STEADY = {
    'up{job="zveno"}': "1", "zveno_outbox_oldest_seconds": "0.1", "zveno_dead_letters": "0", "zveno_database_up": "1",
    "zveno_queue_up": "1", "zveno_offers_late": "0", "zveno_leads_unrouted": "0", "zveno_leads_escalated": "0",
    "zveno_db_backends": "20", "zveno_db_backends_limit": "100", "zveno_db_connections_used": "3",
    "zveno_db_connections_limit": "16", 'zveno_deliveries_overdue_seconds{queue="events"}': "0.1",
    'zveno_deliveries_overdue_seconds{queue="provision"}': "0", 'zveno_wal_receiver_up{slot="zveno_wal"}': "1",
    'zveno_wal_held_bytes{slot="zveno_wal"}': "16000000", "zveno_workers_lost_total": "2",
    'zveno_duty_period_seconds{duty="expire"}': "2", "zveno_isolation_broken_total": "0",
    **{f'zveno_processes{{kind="{kind}"}}': "2" for kind in ("web", "worker", "relay", "scheduler", "provisioner")},
}
"""What stands, in a network where all is well."""
MOVING = {
    'zveno_request_seconds_count{status="2xx"}': 600, 'zveno_request_seconds_count{status="5xx"}': 1,
    'zveno_request_seconds_bucket{le="0.1"}': 590, 'zveno_request_seconds_bucket{le="1"}': 600,
    'zveno_request_seconds_bucket{le="5"}': 601, 'zveno_request_seconds_bucket{le="+Inf"}': 601,
    'zveno_events_total{event="OrderPlaced",source="ads"}': 3,
    'zveno_sign_ins_total{kind="staff",outcome="password"}': 2,
    'zveno_delivery_seconds_count{handler="mail",outcome="done"}': 10,
    'zveno_delivery_seconds_count{handler="mail",outcome="failed"}': 0,
    'zveno_duty_done_timestamp_seconds{duty="expire"}': 60, "zveno_backup_timestamp_seconds": 60,
}
"""What grows there by so much a minute."""

AMISS: dict[str, dict[str, str | None]] = {
    "NotWatched": {'up{job="zveno"}': "0"},
    "ProcessMissing": {'zveno_processes{kind="relay"}': None},
    "SitesFail": {'zveno_request_seconds_count{status="5xx"}': "0+20"},
    "SitesSlow": {f'zveno_request_seconds_bucket{{le="{le}"}}': "0+500" for le in ("0.1", "1")},
    "OrdersStopped": {},
    "PasswordsGuessed": {'zveno_sign_ins_total{kind="staff",outcome="password"}': "0+20"},
    "OutboxWaits": {"zveno_outbox_oldest_seconds": "90"},
    "WorkWaits": {'zveno_deliveries_overdue_seconds{queue="provision"}': "90"},
    "DeadLetters": {"zveno_dead_letters": "1"},
    "HandlerFails": {'zveno_delivery_seconds_count{handler="mail",outcome="failed"}': "0+5"},
    "WorkersLost": {"zveno_workers_lost_total": "0+1"},
    "DutyLate": {'zveno_duty_done_timestamp_seconds{duty="expire"}': "0"},
    "LeadsWait": {"zveno_offers_late": "1"},
    "LeadsWaitForHq": {"zveno_leads_escalated": "1"},
    "IsolationBroken": {"zveno_isolation_broken_total": "0+1"},
    "StoreDown": {"zveno_database_up": "0"},
    "ConnectionsShort": {"zveno_db_backends": "95"},
    "WalNotKept": {'zveno_wal_receiver_up{slot="zveno_wal"}': "0"},
    "BackupOld": {"zveno_backup_timestamp_seconds": None},
}
"""What must be so for an alert to fire; None where there is nothing."""


def known() -> set[str]:
    """Names of samples as Prometheus sees them."""
    names = set(GAUGES)
    for metric in metrics.REGISTRY.collect():
        parts = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}.get(metric.type, ("",))
        names |= {metric.name + part for part in parts}
    return names


def named(expression: str) -> set[str]:
    return set(re.findall(r"\bzveno_\w+", expression))


def anchors(page: str) -> Iterator[str]:
    """As GitHub makes them of headings."""
    for heading in re.findall(r"^#+ (.+)$", page, re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_dashboards_are_written_down_and_show_what_there_is() -> None:
    folder = DOCS / "operating/dashboards"
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()} == {
        f"{one.name}.json": as_json(one) for one in DASHBOARDS
    }
    shown = {name for one in DASHBOARDS for panel in one.panels for query in panel.queries.values()
             for name in named(query)}  # fmt: skip
    assert shown and shown <= known()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_names_what_there_is_and_where_to_read_on(rule: dict[str, Any]) -> None:
    assert named(rule["expr"]) <= known()
    assert rule["expr"].startswith("up{") or named(rule["expr"])
    assert rule["labels"]["severity"] in ("call", "look")
    assert all(rule["annotations"][part] for part in ("summary", "why"))
    page, _hash, anchor = rule["annotations"]["runbook_url"].partition("#")
    assert anchor == rule["alert"].lower()
    assert anchor in set(anchors((DOCS.parent / page).read_text(encoding="utf-8")))


def test_every_alert_is_tried() -> None:
    assert list(AMISS) == [rule["alert"] for rule in RULES]


@pytest.mark.skipif(
    PROMTOOL is None and os.environ.get("ZVENO_REQUIRE_PROMTOOL") != "1",
    reason="promtool is not installed (Debian: prometheus)",
)
def test_alerts_fire_at_what_they_are_for_and_else_are_silent(tmp_path: Path) -> None:
    cases = [_case(alert, amiss, [alert]) for alert, amiss in AMISS.items() if alert != "OrdersStopped"]
    _try(tmp_path / "cases.yml", "1m", [*cases, _case("calm", {}, [])])
    _try(tmp_path / "quiet.yml", "30m", [_quiet_week()])


def _try(path: Path, often: str, cases: list[dict[str, Any]]) -> None:
    whole = {"rule_files": [str(DOCS / "operating/alerts.yml")], "evaluation_interval": often, "tests": cases}
    path.write_text(json.dumps(whole))
    done = subprocess.run([str(PROMTOOL), "test", "rules", str(path)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def _case(name: str, amiss: dict[str, str | None], fire: list[str]) -> dict[str, Any]:
    """Some hours of a network in which all is well but what is amiss; exactly these alerts fire at their end."""
    series: dict[str, str | None] = {**STEADY, **{one: f"0+{step}" for one, step in MOVING.items()}, **amiss}
    return {
        "name": name, "interval": "1m",
        "input_series": [
            {"series": one, "values": f"{values}x{MINUTES}"} for one, values in series.items() if values is not None
        ],
        "promql_expr_test": [_firing(f"{MINUTES}m", fire)],
    }


def _quiet_week() -> dict[str, Any]:
    """Orders all the time for a week and an hour, and from then on none: heard of only when it is two hours ago."""
    samples, orders = (7 * 24 + 1) * 15, 'zveno_events_total{event="OrderPlaced",source="ads"}'
    steady = [{"series": one, "values": f"{values}x{samples + 60}"} for one, values in STEADY.items()]
    fresh = [{"series": one, "values": f"0+240x{samples + 60}"} for one, step in MOVING.items() if step == 60]
    return {
        "name": "OrdersStopped", "interval": "4m",
        "input_series": [*steady, *fresh, {"series": orders, "values": f"0+3x{samples} {3 * samples}+0x60"}],
        "promql_expr_test": [_firing("170h", []), _firing("172h", ["OrdersStopped"])],
    }


def _firing(at: str, alerts: list[str]) -> dict[str, Any]:
    return {
        "expr": 'sum by (alertname) (ALERTS{alertstate="firing"}) > bool 0', "eval_time": at,
        "exp_samples": [{"labels": f'{{alertname="{alert}"}}', "value": 1} for alert in alerts],
    }
