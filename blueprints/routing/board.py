"""HQ's live board: leads on their way to a dealer, by what they wait for, and those two tell different things of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.ids import HQ
from blueprints.leads.models import Lead, LeadOffer
from blueprints.leads.rules import HELD
from tenants.models import City, Tenant

SHOWN = 15
WAITING, OFFERED, LATE, ESCALATED, STUCK, DISPUTED = "waiting", "offered", "late", "escalated", "stuck", "disputed"
COLUMNS = (ESCALATED, STUCK, DISPUTED, LATE, OFFERED, WAITING)
SELDOM = (STUCK, DISPUTED)
"""What needs a person first stands first."""


class Card(NamedTuple):
    """A lead on the board, with how many `dealers` may take it; `since` is when it came to stand where it stands."""

    lead: Lead
    city: City | None
    dealer: str | None
    dealers: int
    since: datetime

    @property
    def minor(self) -> int | None:
        """The sum of it: what the customer says he paid where that is what the two differ about, and none is known."""
        is_disputed = self.lead.contradiction and not self.lead.settled_at
        return self.lead.value_minor or (self.lead.customer_value_minor if is_disputed else None)


class Column(NamedTuple):
    """So many leads in all, and those who wait longest."""

    code: str
    count: int
    cards: Sequence[Card]


def columns() -> list[Column]:
    """The whole board in two queries; what is seldom has a column only while there is some.

    Late is an offer of whose end all who were asked were reminded.
    """
    counts = {row[0]: row[1] for row in db.session.execute(
        sa.select(_COLUMN, sa.func.count()).select_from(Lead).outerjoin(_OPEN, _IS_OPEN).where(*_ON_THEIR_WAY)
        .group_by(_COLUMN)
    )}
    found: dict[str, list[Card]] = {code: [] for code in COLUMNS}
    for lead, city, dealer, dealers, code in _cards():
        came = lead.escalated_at or lead.accepted_at or lead.offered_at or lead.created_at
        found[code].append(Card(lead, city, dealer, dealers or 0, lead.contradicted_at if code == DISPUTED else came))
    shown = [code for code in COLUMNS if code not in SELDOM or counts.get(code)]
    return [Column(code, counts.get(code, 0), found[code]) for code in shown]


def _cards() -> Sequence[Any]:
    since = sa.case(
        (_CODE == DISPUTED, Lead.contradicted_at),
        else_=sa.func.coalesce(Lead.escalated_at, Lead.deadline_at, Lead.created_at),
    )
    place = sa.func.row_number().over(partition_by=_COLUMN, order_by=(since, Lead.id)).label("place")
    placed = (
        sa.select(Lead.id, _COLUMN, _OPEN.c.dealers, place).select_from(Lead).outerjoin(_OPEN, _IS_OPEN)
        .where(*_ON_THEIR_WAY).subquery()
    )
    return db.session.execute(
        sa.select(Lead, City, Tenant.name, placed.c.dealers, placed.c.board_column)
        .join(placed, sa.and_(Lead.owner_id == HQ, Lead.id == placed.c.id))
        .outerjoin(City, City.id == Lead.city_id).outerjoin(Tenant, Tenant.id == Lead.assignee_id)
        .where(placed.c.place <= SHOWN).order_by(placed.c.place)
    ).all()


_OPEN = (
    sa.select(
        LeadOffer.owner_id, LeadOffer.lead_id, sa.func.count().label("dealers"),
        sa.func.bool_and(LeadOffer.reminded_at.is_not(None)).label("is_late"),
    )
    .where(LeadOffer.state == "offered").group_by(LeadOffer.owner_id, LeadOffer.lead_id).subquery("open")
)
_IS_OPEN = sa.and_(_OPEN.c.owner_id == Lead.owner_id, _OPEN.c.lead_id == Lead.id, Lead.state == "offered")
_IS_STUCK = sa.and_(
    Lead.state.in_(HELD), Lead.shipped_at.is_(None),
    Lead.assignee_id.in_(sa.select(Tenant.id).where(Tenant.kind == "dealer", Tenant.state != "active")),
)
"""In the hands of a dealer who does not work at present, and nothing is sent."""
_IS_DISPUTED = sa.and_(Lead.contradiction.is_not(None), Lead.settled_at.is_(None))
_ON_THEIR_WAY = (Lead.owner_id == HQ, sa.or_(Lead.state.in_(("new", "offered")), _IS_STUCK, _IS_DISPUTED))
_CODE = sa.case(
    (sa.and_(Lead.state == "new", Lead.escalated_at.is_not(None)), ESCALATED),
    (Lead.state == "new", WAITING),
    (_IS_STUCK, STUCK),
    (Lead.state != "offered", DISPUTED),
    (_OPEN.c.is_late, LATE),
    else_=OFFERED,
)
_COLUMN = _CODE.label("board_column")
