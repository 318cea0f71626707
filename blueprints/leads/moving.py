"""How a lead moves: one guarded UPDATE, a line of history, and who is concerned. What every verb on leads stands on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import format_time

from app.kernel.db import db
from app.kernel.identity import current_tenant
from app.kernel.ids import new_id
from app.kernel.words import _
from blueprints.leads import rules
from blueprints.leads.errors import TakenByAnother, WindowEnded, WrongMoment
from blueprints.leads.models import Lead, LeadEvent, LeadOffer
from blueprints.leads.queries import find_my_offer
from blueprints.leads.rules_words import Words, contradictions

NEWS: dict[str, Any] = {"ask_at": None, "asks": 0}
"""Whoever tells something of a lead is not asked for news of it for a while."""


def advance(lead: Lead, *conditions: sa.ColumnElement[bool], **values: Any) -> bool:
    """Change the lead if it still is as the conditions say; the object is fresh afterwards either way.

    Where dealer and customer differ from now on, or no longer, is noted with it.
    """
    is_changed = _update(lead, *conditions, **(NEWS | values))
    if is_changed and lead.feedback_at is not None:
        _weigh(lead)
    return is_changed


def _update(lead: Lead, *conditions: sa.ColumnElement[bool], **values: Any) -> bool:
    changed = db.session.execute(
        sa.update(Lead).where(Lead.owner_id == lead.owner_id, Lead.id == lead.id, *conditions).values(**values)
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(lead)
    return changed.rowcount == 1


def _weigh(lead: Lead) -> None:
    """Note where the two sides differ now; a difference that is new has to be settled anew."""
    found = contradictions(words_of(lead))
    code = found[0] if found else None
    is_decided = lead.settled_at is not None and code is None
    if code != lead.contradiction and not is_decided:
        _update(
            lead, contradiction=code, contradicted_at=sa.func.now() if code else None, questioned_at=None,
            objected_at=None, settled_at=None,
        )


def note_settled(lead: Lead, code: str, at: datetime) -> None:
    """The contradiction is decided; what it was stays with the lead."""
    _update(lead, contradiction=code, contradicted_at=sa.func.coalesce(Lead.contradicted_at, at), settled_at=at)


def words_of(lead: Lead) -> Words:
    """What dealer and customer say of a lead."""
    return Words(
        kind=lead.kind, state=lead.state, value_minor=lead.value_minor,
        is_called=lead.contacted_at is not None, received=lead.received, contacted=lead.customer_contacted,
        bought=lead.customer_bought, customer_minor=lead.customer_value_minor,
    )


def mine() -> sa.ColumnElement[bool]:
    """The condition that the speaker is the lead's dealer."""
    return Lead.assignee_id == current_tenant()


def why_not(lead: Lead, at: datetime) -> Exception:
    """What to tell a person whose verb the lead's state did not allow."""
    me, offer = current_tenant(), find_my_offer(lead)
    if offer and offer.reason == rules.FASTER:
        return TakenByAnother(_("Another dealer was faster and has taken this lead."))
    if offer and (offer.state == "expired" or (offer.state == "offered" and offer.deadline_at <= at)):
        return WindowEnded(_("The window ended at %(time)s.", time=format_time(offer.deadline_at, "short")))
    if lead.assignee_id != me and lead.owner_id != me:
        return TakenByAnother(_("Somebody else has taken this lead."))
    if lead.state == "new":
        return TakenByAnother(_("This lead is looking for another dealer already."))
    state = rules.state_word(lead.state, lead.kind)
    return WrongMoment(_("This cannot be done now: the lead stands at “%(state)s”.", state=state))


def answer_offer(
    lead: Lead, state: str, at: datetime, reason: str | None = None, *, was: str | None = None
) -> bool:
    """The speaking dealer's latest offer of the lead, if open or taken (or as it `was`), comes to this state."""
    offered = (
        LeadOffer.owner_id == lead.owner_id, LeadOffer.lead_id == lead.id, LeadOffer.dealer_id == current_tenant()
    )
    latest = sa.select(sa.func.max(LeadOffer.round)).where(*offered).scalar_subquery()
    answered = db.session.execute(
        sa.update(LeadOffer)
        .where(*offered, LeadOffer.round == latest, LeadOffer.state.in_((was,) if was else ("offered", "accepted")))
        .values(state=state, reason=reason, responded_at=sa.func.coalesce(LeadOffer.responded_at, at))
        .execution_options(synchronize_session=False)
    )
    return answered.rowcount == 1


def record(
    lead: Lead, kind: str, *, at: datetime, actor: str, data: Mapping[str, Any] | None = None,
    reader: str | None = None, readers: Iterable[str] = (),
) -> None:
    """A line of the lead's history, seen by its owner and by the dealers it concerns. Never personal data."""
    dealers = [*readers] or [dealer for dealer in (reader or lead.assignee_id,) if dealer]
    db.session.add(LeadEvent(
        owner_id=lead.owner_id, lead_id=lead.id, id=new_id(), at=at, actor=actor, kind=kind,
        data=dict(data or {}), visible_to=dealers,
    ))


def who(lead: Lead) -> dict[str, Any]:
    """The fields by which an event names a lead, its dealer and who speaks."""
    dealer = lead.assignee_id
    return {"tenant_id": current_tenant(), "owner_id": lead.owner_id, "dealer_id": dealer, "lead_id": lead.id}
