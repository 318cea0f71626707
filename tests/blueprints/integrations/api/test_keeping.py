"""Replies of the API are forgotten after their days, in each tenant's schema, a bounded number at a time."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from app import duties
from app.kernel.clock import now
from app.kernel.db import db
from app.web.models import IdempotencyKey
from blueprints.integrations.api import keeping
from tests.house import HQ, KAZAN, SIBIR, House

DUTY = "blueprints.integrations.api.keeping.forget_replies"


def keep(house: House, tenant_id: str, *days: int) -> None:
    with house.speaking(tenant_id):
        db.session.add_all(
            IdempotencyKey(
                actor="key:1", key=f"k{number}", request_hash="x", status=200, reply={},
                created_at=now() - timedelta(days=old),
            )
            for number, old in enumerate(days)
        )


def clean(house: House) -> None:
    with house.worker.app_context():
        duties.run_duty(DUTY)


def kept(house: House, tenant_id: str) -> list[str]:
    return [str(key) for (key,) in house.rows(f"SELECT key FROM {tenant_id}.idempotency_keys ORDER BY key")]


def test_what_is_older_than_its_days_goes_everywhere(house: House) -> None:
    keep(house, HQ, 15, 13)
    keep(house, KAZAN, 20, 0)
    keep(house, SIBIR, 1)
    clean(house)
    assert (kept(house, HQ), kept(house, KAZAN), kept(house, SIBIR)) == (["k1"], ["k1"], ["k0"])


def test_a_run_takes_a_bounded_number_the_oldest_first(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "BATCH", 2)
    monkeypatch.setattr(keeping, "BATCHES", 2)
    keep(house, KAZAN, 20, 30, 40, 50, 60, 70)
    clean(house)
    assert kept(house, KAZAN) == ["k0", "k1"]
    clean(house)
    assert kept(house, KAZAN) == []


def test_a_tenant_who_cannot_be_reached_keeps_nobody_from_it(house: House) -> None:
    keep(house, HQ, 20)
    keep(house, SIBIR, 20)
    with psycopg.connect(house.superuser, dbname="zveno", autocommit=True) as connection:
        connection.execute(f"REVOKE DELETE ON {KAZAN}.idempotency_keys FROM {KAZAN}")
        try:
            clean(house)
        finally:
            connection.execute(f"GRANT DELETE ON {KAZAN}.idempotency_keys TO {KAZAN}")
    assert (kept(house, HQ), kept(house, SIBIR)) == ([], [])
