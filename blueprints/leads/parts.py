"""An order served by several dealers: which leads are its parts, and what a dealer should know of his share."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.identity import current_tenant
from blueprints.leads.models import Lead, LeadEvent
from blueprints.leads.queries import is_offered_to_me

OFFERINGS = ("offered", "broadcast", "given")
"""Lines of history by which a dealer came to a lead: what they say he lacks counts until the next one."""


@dataclass(frozen=True, slots=True)
class Notes:
    """Which part of an order it is, of how many (0: the whole); of goods the dealer has not: missing, sent by HQ."""

    part: int
    of: int
    missing: Sequence[dict[str, Any]]
    supplied: Sequence[dict[str, Any]]


def parts_of(lead: Lead) -> Sequence[Lead]:
    """The leads of the same order that the speaker may see, this one among them; empty for a lead that is alone."""
    if lead.order_id is None:
        return ()
    found = db.session.scalars(
        sa.select(Lead).where(Lead.owner_id == lead.owner_id, Lead.order_id == lead.order_id).order_by(Lead.part)
    ).all()
    return found if len(found) > 1 else ()


def other_parts_of(leads: Iterable[Lead]) -> dict[uuid.UUID, list[Lead]]:
    """By lead, further parts of its order that the speaker owns, holds or is offered; one query at most."""
    orders = {lead.order_id for lead in leads if lead.order_id}
    if not orders:
        return {}
    me, over = current_tenant(), ("new", "offered", "lost", "invalid")
    is_held = sa.and_(Lead.assignee_id == me, Lead.state.not_in(over))
    parts = db.session.scalars(
        sa.select(Lead).where(Lead.order_id.in_(orders), sa.or_(Lead.owner_id == me, is_held, is_offered_to_me()))
        .order_by(Lead.part)
    ).all()
    return {
        lead.id: [part for part in parts if part is not lead and _whole(part) == _whole(lead)] for lead in leads
    }


def _whole(lead: Lead) -> tuple[str, uuid.UUID | None]:
    return lead.owner_id, lead.order_id


def find_notes(lead: Lead) -> Notes:
    """What the dealer who is offered the lead or has it should know of his share: one query."""
    rows = db.session.execute(
        sa.select(LeadEvent.kind, LeadEvent.data)
        .where(
            LeadEvent.owner_id == lead.owner_id, LeadEvent.lead_id == lead.id,
            LeadEvent.kind.in_((*OFFERINGS, "accepted", "divided", "supplied")),
            current_tenant() == sa.any_(LeadEvent.visible_to),
        )
        .order_by(LeadEvent.at, LeadEvent.id)
    )
    told: dict[str, Any] = {}
    for kind, data in rows:  # what a later offer says counts
        told |= {"missing": (), **data} if kind in OFFERINGS else data
    return Notes(told.get("part", 0), told.get("of", 0), told.get("missing", ()), told.get("supplied", ()))
