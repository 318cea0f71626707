"""An order that goes to several dealers: its lead keeps the first part, every other part becomes a lead of its own.

Stock of all parts is reserved, or of none. What the parts are worth adds up to what the order is.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.events import publish
from app.kernel.ids import HQ, new_id
from blueprints.catalog import stock
from blueprints.leads.events import LeadSplit
from blueprints.leads.models import Lead
from blueprints.leads.rules import number_of_part
from blueprints.leads.service import lacking, record
from blueprints.routing import rules

LeadLine = dict[str, Any]
COPIED = (
    "owner_id", "order_id", "kind", "source", "campaign", "city_id", "region_code", "currency", "delivery_method",
    "payment_method", "is_paid", "locale", "promised_on", "created_at",
)


class SoldMeanwhile(Exception):
    """Somebody else was faster; nothing of the order is reserved."""


class Placed(NamedTuple):
    """A lead and the part of the order it is; None is what nobody gets."""

    lead: Lead
    part: rules.OrderPart | None


def reserve(lead: Lead, parts: Sequence[rules.OrderPart]) -> list[uuid.UUID] | None:
    """Keep the goods of every part at its dealer, in one step; answers the parts' leads, None if something is gone."""
    ids = [lead.id, *(new_id() for _part in parts[1:])]
    try:
        with db.session.begin_nested():
            for part, lead_id in sorted(zip(parts, ids, strict=True), key=lambda pair: pair[0].dealer_id):
                if not stock.reserve(owner_id=part.dealer_id, lead_id=lead_id, lines=part.in_stock):
                    raise SoldMeanwhile
    except SoldMeanwhile:
        return None
    return ids


def divide(lead: Lead, decision: rules.Decision, ids: Sequence[uuid.UUID], at: datetime) -> list[Placed]:
    """Make the parts' leads; the first part stays with the lead itself."""
    placed = [Placed(lead, decision.parts[0])]
    number = _last_part(lead) if len(ids) > 1 or decision.left else lead.part
    whole = lead.number.partition("/")[0]
    for part, lead_id in zip(decision.parts[1:], ids[1:], strict=True):
        number += 1
        placed.append(Placed(_cut(lead, part.lines, lead_id, number, whole), part))
    if decision.left:
        placed.append(Placed(_cut(lead, decision.left, new_id(), number + 1, whole), None))
    if len(placed) > 1:
        db.session.flush()
        _tell(lead, placed, at)
    return placed


def supply(lead: Lead, dealer: str, missing: Mapping[int, int], at: datetime) -> dict[int, int]:
    """Keep at HQ what the dealer of the point the customer chose has not; answers what HQ has not either."""
    left = stock.reserve_some(owner_id=HQ, lead_id=lead.id, lines=missing.items())
    supplied = lacking(lead, {product: many - left.get(product, 0) for product, many in missing.items()})
    if supplied:
        record(lead, "supplied", at=at, actor="network", data={"supplied": supplied["missing"]}, reader=dealer)
    return left


def take(lines: Iterable[LeadLine], goods: Iterable[tuple[int, int]]) -> tuple[list[LeadLine], list[LeadLine]]:
    """Take so many pieces of the goods out of the lines: those taken, those that stay; sums divide without a rest."""
    wanted, taken, stay = dict(goods), [], []
    for line in lines:
        pieces = min(wanted.get(line.get("product_id"), 0), line["quantity"])
        minor = line.get("minor", 0) * pieces // line["quantity"] if pieces else 0
        if pieces:
            wanted[line["product_id"]] -= pieces
            taken.append({**line, "quantity": pieces, "minor": minor})
        if pieces < line["quantity"]:
            stay.append({**line, "quantity": line["quantity"] - pieces, "minor": line.get("minor", 0) - minor})
    return taken, stay


def _last_part(lead: Lead) -> int:
    """The highest number among the order's parts; two who divide parts of one order wait for each other."""
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"order {lead.order_id}"))))
    last = db.session.scalar(
        sa.select(sa.func.max(Lead.part)).where(Lead.owner_id == lead.owner_id, Lead.order_id == lead.order_id)
    )
    return last or 1


def _cut(lead: Lead, goods: Iterable[tuple[int, int]], lead_id: uuid.UUID, number: int, whole: str) -> Lead:
    taken, lead.lines = take(lead.lines, goods)
    value = sum(line["minor"] for line in taken)
    lead.value_minor -= value
    part = Lead(
        id=lead_id, part=number, number=number_of_part(whole, number), lines=taken, value_minor=value, state="new",
        visible_to=[], rounds=0, **{name: getattr(lead, name) for name in COPIED},
    )
    db.session.add(part)
    return part


def _tell(first: Lead, placed: Sequence[Placed], at: datetime) -> None:
    """Each new part gets the contact, every part its line of history, and the owner hears of it."""
    for new in placed[1:]:
        db.session.execute(sa.select(sa.func.network.copy_contact(first.owner_id, first.id, new.lead.id)))
    for lead, part in placed:
        data = {"part": lead.part, "of": placed[-1].lead.part}
        record(lead, "divided", at=at, actor="network", data=data, reader=part.dealer_id if part else None)
    publish(LeadSplit(tenant_id=first.owner_id, lead_id=first.id))
