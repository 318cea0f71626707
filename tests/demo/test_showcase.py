"""A network of some size shows what it can: each thing once, made by the house's own verbs."""

from __future__ import annotations

from pathlib import Path

from app.config import Settings
from app.demo.load.showcase import LEAST
from tests.demo.test_load import loaded

SHOWN = {
    "versions": "SELECT version, state, definition -> 'explore_percent' FROM network.sourcing_profiles ORDER BY 1",
    "ways": "SELECT s ->> 'way', s #> '{split,max_split}' FROM network.sourcing_profiles,"
    " jsonb_array_elements(definition -> 'strategies') s WHERE version = 3 ORDER BY 1",
    "rehearsals": "SELECT version, against, state, total > 0 FROM network.rehearsals",
    "parts": "SELECT part, state FROM network.leads"
    " WHERE order_id = (SELECT order_id FROM network.leads WHERE part = 2) ORDER BY part",
    "branches": "SELECT count(*) FROM network.tenants WHERE parent_id IS NOT NULL",
    "paused": "SELECT count(*) FROM network.tenants WHERE profile ->> 'paused_until' IS NOT NULL",
    "points": "SELECT count(*) FROM network.tenants WHERE jsonb_array_length(profile -> 'points') > 0",
    "papers": "SELECT count(*) > 10, count(revoked_at) > 0, count(*) FILTER (WHERE valid_until < '2026-11-23') > 0"
    " FROM network.certificates",
    "letters": "SELECT state, count(*) FROM t_000001.incoming_mail GROUP BY 1 ORDER BY 1",
    "together": "SELECT count(*) FROM network.routing_runs WHERE explanation ->> 'together' = '3'",
    "tables": "SELECT state, filename FROM t_000001.import_runs",
    "contradictions": "SELECT count(*), count(questioned_at), count(objected_at) FROM network.leads"
    " WHERE contradiction = 'lost_but_bought'",
    "calls": "SELECT state, count(*) FROM network.webhook_calls GROUP BY 1 ORDER BY 1",
    "webhooks": "SELECT count(disabled_at) FROM network.webhooks",
}


def test_a_new_user_finds_something_of_everything(
    services: tuple[str, str], settings: Settings, tmp_path: Path
) -> None:
    made = loaded(services[0], settings, tmp_path, seed=11, dealers=LEAST, queries=SHOWN, shows=True)
    assert made.facts == {
        "versions": [(1, "retired", 0), (2, "active", 0), (3, "draft", 10)],
        "ways": [("broadcast", 1), ("one_after_another", 2)],
        "rehearsals": [(3, 2, "queued", True)],
        "parts": [(1, "accepted"), (2, "offered")],
        "branches": [(3,)], "paused": [(2,)], "points": [(3,)], "papers": [(True, True, True)],
        "letters": [("lead", 3), ("rejected", 1)], "together": [(3,)],
        "tables": [("queued", "vystavka-aquatherm.csv")],
        "contradictions": [(3, 2, 1)],
        "calls": [("done", 7), ("given_up", 2)], "webhooks": [(1,)],
    }
