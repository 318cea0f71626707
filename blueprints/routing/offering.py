"""Offers are made and ended here, as the network's worker and with the lead locked.

The contact of a customer, his messages and the shared lines of history are readable to who has taken the lead, and to
nobody before: a dealer who is only asked sees the lead itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from app.kernel.db import db
from app.kernel.events import publish
from app.kernel.ids import HQ
from blueprints.catalog import stock
from blueprints.leads.events import (
    LeadAccepted,
    LeadEscalated,
    LeadGiven,
    LeadLooksAgain,
    LeadOffered,
    LeadOfferWithdrawn,
)
from blueprints.leads.models import Lead, LeadEvent, LeadOffer
from blueprints.leads.rules import HELD
from blueprints.leads.service import lacking, record
from blueprints.routing import rules
from blueprints.routing.hours import window_of

SHARED_EVENTS = ("opened", "asked_again", "confirmed", "missing")
"""Lines of history that whoever holds the lead may read; what others answered stays with them."""
NOTHING: Mapping[str, Any] = MappingProxyType({})
STANDING = ("offered", "accepted")
SHOW = sa.text("""
WITH contacts AS (
    UPDATE network.lead_contacts SET visible_to = :readers
    WHERE owner_id = :owner AND lead_id = :lead AND visible_to <> :readers
), messages AS (
    UPDATE network.lead_messages SET visible_to = :readers
    WHERE owner_id = :owner AND lead_id = :lead AND visible_to <> :readers
)
UPDATE network.lead_events SET visible_to = :readers
WHERE owner_id = :owner AND lead_id = :lead AND kind = ANY(:kinds) AND visible_to <> :readers
""").bindparams(
    sa.bindparam("owner", type_=sa.Text), sa.bindparam("lead", type_=sa.Uuid),
    sa.bindparam("readers", type_=ARRAY(sa.Text)), sa.bindparam("kinds", type_=ARRAY(sa.Text)),
)
"""Who may read a lead's contact, its messages and the shared lines of its history, in one statement."""


def ask(
    lead: Lead, dealers: Sequence[str], *, way: str, profile: rules.Profile, at: datetime,
    missing: Mapping[str, Mapping[int, int]] = NOTHING, handed_by: str | None = None,
    hours: Mapping[str, rules.WorkingHours | None] = NOTHING,
) -> list[LeadOffer]:
    """Make a round of offers, each with the dealer's own window; of several asked at once the first gets the lead.

    The goods of several are kept when one takes it. `missing` says by dealer which pieces he has not, by product;
    `hours` that are known by dealer need not be asked for.
    """
    is_race = len(dealers) > 1
    reserves = is_race and bool(lead.lines)
    _begin_round(lead, dealers, at)
    made = [_offer(lead, dealer, way, profile, at, reserves, handed_by, hours.get(dealer)) for dealer in dealers]
    offers = [offer for offer, _is_usual in made]
    lead.state, lead.assignee_id, lead.accepted_at = "offered", None if is_race else dealers[0], None
    lead.deadline_at = max(offer.deadline_at for offer in offers)
    if is_race:
        _tell_race(lead, dealers, missing, at)
    else:
        data = lacking(lead, missing.get(dealers[0])) | ({"usual_hours": True} if made[0][1] else {})
        record(lead, "offered", at=at, actor="network", data=data)
    for dealer in dealers:
        publish(LeadOffered(tenant_id=lead.owner_id, dealer_id=dealer, lead_id=lead.id))
    return offers


def give(
    lead: Lead, dealer: str, *, profile: rules.Profile, at: datetime, missing: Mapping[int, int] | None = None
) -> LeadOffer:
    """The lead is the dealer's without his being asked; he may give it back."""
    _begin_round(lead, (dealer,), at)
    offer, _is_usual = _offer(lead, dealer, "assign", profile, at, False, None)
    offer.state, offer.responded_at = "accepted", at
    lead.state, lead.assignee_id, lead.accepted_at, lead.deadline_at = "accepted", dealer, at, None
    show_to(lead, dealer)
    record(lead, "given", at=at, actor="network", data=lacking(lead, missing))
    publish(LeadGiven(tenant_id=lead.owner_id, dealer_id=dealer, lead_id=lead.id))
    publish(LeadAccepted(tenant_id=lead.owner_id, owner_id=lead.owner_id, dealer_id=dealer, lead_id=lead.id))
    return offer


def end(lead: Lead, offer: LeadOffer, state: str, at: datetime, reason: str | None = None) -> None:
    """End one open offer without its dealer; the lead is looking again unless others may still take it."""
    offer.state, offer.reason = state, reason
    stock.release(owner_id=offer.dealer_id, lead_id=lead.id)
    look_again(lead)


def withdraw(lead: Lead, at: datetime, reason: str) -> None:
    """End every part dealers have in the lead, give each his goods back and tell him why; a lead on its way is new."""
    for offer in db.session.scalars(_offers_of(lead, *STANDING)).all():
        kind = "withdrawn" if offer.state == "offered" else "taken_back"
        offer.state, offer.reason, offer.responded_at = "withdrawn", reason, offer.responded_at or at
        stock.release(owner_id=offer.dealer_id, lead_id=lead.id)
        record(lead, kind, at=at, actor="network", reader=offer.dealer_id)
        publish(LeadOfferWithdrawn(
            tenant_id=lead.owner_id, dealer_id=offer.dealer_id, lead_id=lead.id, reason=reason
        ))
    if lead.state in HELD:
        publish(LeadLooksAgain(tenant_id=lead.owner_id, owner_id=lead.owner_id, lead_id=lead.id))
    if lead.state in ("offered", *HELD):
        lead.state, lead.assignee_id, lead.accepted_at, lead.deadline_at = "new", None, None, None
    show_to(lead, None)


def end_supply(lead: Lead) -> None:
    """Give back what HQ kept for the point of pick-up of a dealer who does not serve the lead any more."""
    if lead.pickup and lead.rounds:
        stock.release(owner_id=HQ, lead_id=lead.id)


def look_again(lead: Lead) -> bool:
    """Whether the lead, locked, has nobody left who may take it or holds it; then it is new again."""
    if lead.state == "offered" and not db.session.scalar(sa.select(_offers_of(lead, "offered").exists())):
        lead.state, lead.deadline_at = "new", None
    return lead.state == "new"


def escalate(lead: Lead, at: datetime) -> None:
    """Nobody is left, HQ decides."""
    lead.assignee_id, lead.deadline_at, lead.escalated_at = None, None, at
    show_to(lead, None)
    record(lead, "escalated", at=at, actor="network")
    publish(LeadEscalated(tenant_id=lead.owner_id, lead_id=lead.id))


def show_to(lead: Lead, dealer: str | None) -> None:
    """Let this dealer read contact, messages and shared history, and nobody else but the owner."""
    db.session.execute(SHOW, {
        "owner": lead.owner_id, "lead": lead.id, "readers": [dealer] if dealer else [], "kinds": list(SHARED_EVENTS),
    })


def _begin_round(lead: Lead, dealers: Sequence[str], at: datetime) -> None:
    lead.rounds += 1
    lead.offered_at, lead.escalated_at = at, None
    lead.contacted_at, lead.quoted_at, lead.attempts = None, None, 0
    lead.visible_to = [*(one for one in lead.visible_to if one not in dealers), *dealers]
    if lead.rounds > 1:  # nobody could ever read one that is offered for the first time
        show_to(lead, None)
    if lead.order_id and lead.rounds > 1:
        db.session.execute(
            sa.update(LeadEvent)
            .where(LeadEvent.owner_id == lead.owner_id, LeadEvent.lead_id == lead.id, LeadEvent.kind == "divided")
            .values(visible_to=list(dealers)).execution_options(synchronize_session=False)
        )


def _offer(
    lead: Lead, dealer: str, way: str, profile: rules.Profile, at: datetime, reserves: bool, handed_by: str | None,
    known: rules.WorkingHours | None = None,
) -> tuple[LeadOffer, bool]:
    """The offer, and whether its window runs in the usual hours for want of the dealer's own."""
    hours, is_usual = window_of(dealer, profile.window_minutes, at, known)
    deadline = rules.deadline(at, profile.window_minutes, hours)
    assert deadline is not None
    offer = LeadOffer(
        owner_id=lead.owner_id, lead_id=lead.id, round=lead.rounds, dealer_id=dealer, way=way, state="offered",
        offered_at=at, deadline_at=deadline, reminder_at=_reminder(at, profile, hours), reserves_at_claim=reserves,
        handed_by=handed_by,
    )
    db.session.add(offer)
    return offer, is_usual


def _tell_race(
    lead: Lead, dealers: Sequence[str], missing: Mapping[str, Mapping[int, int]], at: datetime
) -> None:
    """A line of history for those who have everything, and one of his own for each who lacks something."""
    full = [dealer for dealer in dealers if not missing.get(dealer)]
    for readers in (full, *([dealer] for dealer in dealers if dealer not in full)):
        if readers:
            data = {"dealers": len(dealers), **lacking(lead, missing.get(readers[0]))}
            record(lead, "broadcast", at=at, actor="network", data=data, readers=readers)


def _reminder(at: datetime, profile: rules.Profile, hours: rules.WorkingHours) -> datetime | None:
    if profile.reminder_minutes is None:
        return None
    return rules.reminder_at(at, profile.window_minutes, profile.reminder_minutes, hours)


def _offers_of(lead: Lead, *states: str) -> sa.Select[tuple[LeadOffer]]:
    return sa.select(LeadOffer).where(
        LeadOffer.owner_id == lead.owner_id, LeadOffer.lead_id == lead.id, LeadOffer.state.in_(states)
    ).order_by(LeadOffer.round, LeadOffer.dealer_id)
