"""What waits for somebody at HQ now.

Leads without a dealer, windows that end, leads of which dealer and customer tell different things, dealers at the
door, dead events.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.events import Delivery
from app.kernel.ids import HQ
from blueprints.leads.models import Lead, LeadOffer
from tenants.models import Tenant

SOON = timedelta(hours=1)
SHOWN = 3
KINDS = ("escalated", "late", "disputed", "waiting", "dead")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to look at: a lead by owner and id, or a dealer by id, and since or until when."""

    kind: str
    owner_id: str | None
    id: str
    number: str | None
    name: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Attention:
    """How many of each kind, and the most pressing of them."""

    counts: dict[str, int]
    items: list[Item]


def attention(at: datetime) -> Attention:
    """All that waits, in one statement."""
    rows = db.session.execute(sa.union_all(*(sa.select(part) for part in _parts(at)))).all()
    items = [Item(*row[:6]) for row in rows if row.kind != "dead"]
    return Attention(dict.fromkeys(KINDS, 0) | {row.kind: row.total for row in rows}, items)


def _parts(at: datetime) -> list[sa.Subquery]:
    escalated = (
        _columns("escalated", Lead.owner_id, Lead.id, Lead.number, sa.null(), Lead.escalated_at)
        .where(Lead.state == "new", Lead.escalated_at.is_not(None)).order_by(Lead.escalated_at)
    )
    late = (
        _columns("late", LeadOffer.owner_id, LeadOffer.lead_id, Lead.number, Tenant.name, LeadOffer.deadline_at)
        .join(Lead, sa.and_(Lead.owner_id == LeadOffer.owner_id, Lead.id == LeadOffer.lead_id))
        .join(Tenant, Tenant.id == LeadOffer.dealer_id)
        .where(LeadOffer.state == "offered", LeadOffer.deadline_at < at + SOON).order_by(LeadOffer.deadline_at)
    )
    disputed = (
        _columns("disputed", Lead.owner_id, Lead.id, Lead.number, Tenant.name, Lead.contradicted_at)
        .outerjoin(Tenant, Tenant.id == Lead.assignee_id)
        .where(Lead.owner_id == HQ, Lead.contradiction.is_not(None), Lead.settled_at.is_(None))
        .order_by(Lead.contradicted_at)
    )
    waiting = (
        _columns("waiting", sa.null(), Tenant.id, sa.null(), Tenant.name, Tenant.created_at)
        .where(Tenant.kind == "dealer", Tenant.state == "pending").order_by(Tenant.created_at)
    )
    dead = (
        _columns("dead", sa.null(), Delivery.handler, sa.null(), sa.null(), Delivery.died_at)
        .where(Delivery.state == "dead").order_by(Delivery.died_at)
    )
    return [query.limit(SHOWN).subquery() for query in (escalated, late, disputed, waiting, dead)]


def _columns(kind: str, owner: Any, key: Any, number: Any, name: Any, at: Any) -> sa.Select[Any]:
    words = zip(("owner_id", "id", "number", "name"), (owner, key, number, name), strict=True)
    return sa.select(
        sa.literal(kind).label("kind"), *(sa.cast(value, sa.Text).label(label) for label, value in words),
        at.label("at"), sa.func.count().over().label("total"),
    )
