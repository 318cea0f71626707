"""What nobody needs any more is destroyed without being asked: by the terms of the dictionary, in bounded batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from flask import current_app

from app.kernel.clock import now
from app.kernel.db import db, unit_of_work
from app.kernel.identity import speaking_as, tenant
from app.kernel.jobs import every
from app.kernel.words import _
from blueprints.leads.models import Lead
from blueprints.privacy.rules import TERMS
from blueprints.privacy.search import Row, erase, overdue
from blueprints.privacy.service import SYSTEM, leave_act
from tenants.models import Tenant
from tenants.personal_data import HOLDINGS

log = structlog.get_logger()

BATCH = 500
BATCHES = 10
"""So many transactions a tenant in one run; the next one takes what is left over, so that others need not wait."""
WITHOUT_ACT = frozenset({"carts", "web_sessions", "idempotency_keys", "personal_requests"})
"""What names nobody by itself, and acts whose own time is over."""


@every(seconds=6 * 3600)
def end_terms() -> None:
    """In every tenant's schema, each as that tenant; one that cannot be reached keeps nobody else from it."""
    at = now()
    tenants = sa.select(Tenant.id).where(Tenant.state != "dropped").order_by(Tenant.number)
    for tenant_id in db.session.scalars(tenants).all():
        try:
            with speaking_as(tenant(tenant_id)):
                _end_all(at)
        except sa.exc.SQLAlchemyError as error:
            log.warning("terms_not_ended", tenant=tenant_id, error=type(error).__name__)


def _end_all(at: datetime) -> None:
    for _batch in range(BATCHES):
        with unit_of_work():
            if end_batch(at=at) < BATCH:
                return


def end_batch(*, at: datetime, limit: int = BATCH) -> int:
    """Destroy what is overdue, at most `limit` rows a term and table, and leave the act; answers the largest batch."""
    erased: dict[str, int] = {}
    numbers: set[str] = set()
    largest = 0
    for name, condition, before in _terms(at):
        rows = overdue(name, condition, before=before, limit=limit)
        numbers |= _numbers(rows) if rows and name not in WITHOUT_ACT else set()
        largest = max(largest, len(rows))
        count = erase({name: rows}, pseudonym=_("Erased"), final=True).get(name, 0)
        erased[name] = erased.get(name, 0) + count
    told = {name: count for name, count in erased.items() if count and name not in WITHOUT_ACT}
    if told:
        leave_act(origin="term", erased=told, numbers=sorted(numbers), by=SYSTEM, at=at, reason="term")
    return largest


def _terms(at: datetime) -> Iterator[tuple[str, str, datetime]]:
    """Children before parents, as erasure goes."""
    settings = current_app.config["ZVENO"]
    for name, holding in reversed(HOLDINGS.items()):
        for term, condition in holding.ends.items():
            yield name, condition, at - timedelta(days=getattr(settings, TERMS[term]))


def _numbers(rows: Iterable[Row]) -> set[str]:
    """Numbers of the orders and leads that rows are about."""
    told: set[Any] = {row["number"] for row in rows if "number" in row}
    leads = {row["lead_id"] for row in rows if "lead_id" in row}
    if leads:
        told |= set(db.session.scalars(sa.select(Lead.number).where(Lead.id.in_(leads))))
    letters = (row["params"].get("number") for row in rows if "params" in row)
    return told | {str(number) for number in letters if number}
