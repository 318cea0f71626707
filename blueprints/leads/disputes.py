"""Where dealer and customer differ: HQ asks the dealer, he agrees or stands by his word, HQ decides who is right."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.kernel.errors import Invalid
from app.kernel.events import publish
from app.kernel.identity import current_tenant
from app.kernel.ids import HQ
from app.kernel.money import Money
from app.kernel.paging import Page, paginate
from app.kernel.words import _
from blueprints.leads import rules_words
from blueprints.leads.errors import WrongMoment
from blueprints.leads.events import LeadQuestioned, LeadSettled
from blueprints.leads.models import Lead
from blueprints.leads.moving import advance, mine, note_settled, record, who, words_of
from blueprints.leads.outcome import LARGEST
from tenants.models import City, Tenant

AGAIN = timedelta(days=1)
"""How long the dealer has before he is asked again."""
WORDS_LIMIT = 500


def contradicted(*, is_settled: bool, page: int = 1) -> Page[Any]:
    """Rows `(lead, city, dealer's name)` of HQ's leads about which dealer and customer differ, the oldest first; or
    those that are decided, the latest first."""
    rows = (
        sa.select(Lead, City, Tenant.name).outerjoin(City, City.id == Lead.city_id)
        .outerjoin(Tenant, Tenant.id == Lead.assignee_id)
        .where(Lead.owner_id == HQ, Lead.contradiction.is_not(None))
    )
    if is_settled:
        found = rows.where(Lead.settled_at.is_not(None)).order_by(Lead.settled_at.desc(), Lead.id)
    else:
        found = rows.where(Lead.settled_at.is_(None)).order_by(Lead.contradicted_at, Lead.id)
    return paginate(found, page=page, per_page=20, scalars=False)


def question(*, lead: Lead, at: datetime, actor: str) -> None:
    """HQ asks the dealer what is true."""
    is_asked = lead.questioned_at is not None and at < lead.questioned_at + AGAIN
    if not _is_open(lead) or is_asked or not lead.assignee_id:
        raise WrongMoment(_("The dealer has been asked already, or there is nothing to ask."))
    advance(lead, Lead.owner_id == HQ, Lead.settled_at.is_(None), questioned_at=at)
    record(lead, "questioned", at=at, actor=actor)
    publish(LeadQuestioned(**who(lead)))


def agree(*, lead: Lead, at: datetime, actor: str) -> None:
    """The dealer finds that the customer is right: the lead stands as the customer says."""
    _check_asked(lead)
    code = str(lead.contradiction)
    advance(lead, mine(), **_changes(lead, code, None, at))
    note_settled(lead, code, at)
    record(lead, "agreed", at=at, actor=actor)
    publish(LeadSettled(**who(lead)))


def object_to(*, lead: Lead, words: str, at: datetime, actor: str) -> None:
    """The dealer stands by what he said, and says why; HQ decides."""
    _check_asked(lead)
    words = words.strip()[:WORDS_LIMIT]
    if not words:
        raise Invalid(_("Write a few words first."), field="words")
    advance(lead, mine(), objected_at=at)
    record(lead, "objected", at=at, actor=actor, data={"words": words})


def settle(*, lead: Lead, is_customer_right: bool, value: Money | None, reason: str, at: datetime, actor: str) -> None:
    """HQ decides, with a reason both can read: the customer's version, for `value` where it knows better, or the
    dealer's."""
    if not _is_open(lead) or current_tenant() != HQ:
        raise WrongMoment(_("There is nothing to decide any more."))
    if value and not 0 < value.minor <= LARGEST.minor:
        raise Invalid(_("Write a sum in roubles, like 12 500 or 12 500,50."), field="value")
    code = str(lead.contradiction)
    if is_customer_right:
        advance(lead, Lead.owner_id == HQ, **_changes(lead, code, value, at))
    note_settled(lead, code, at)
    data: dict[str, Any] = {"reason": reason} | ({"minor": lead.value_minor} if lead.state == "won" else {})
    record(lead, "settled_customer" if is_customer_right else "settled_dealer", at=at, actor=actor, data=data)
    publish(LeadSettled(**who(lead)))


def steps_of(lead: Lead) -> tuple[str, ...]:
    """What the speaking dealer may answer to a question about the lead."""
    return ("agreement", "objection") if is_asked(lead) else ()


def is_asked(lead: Lead) -> bool:
    """Whether the speaking dealer owes an answer about the lead."""
    is_his = lead.assignee_id == current_tenant() and lead.questioned_at is not None
    return is_his and _is_open(lead) and lead.objected_at is None


def _is_open(lead: Lead) -> bool:
    return lead.contradiction is not None and lead.settled_at is None


def _check_asked(lead: Lead) -> None:
    if not is_asked(lead):
        raise WrongMoment(_("There is nothing to answer here any more."))


def _changes(lead: Lead, code: str, value: Money | None, at: datetime) -> dict[str, Any]:
    changes = rules_words.as_customer_says(code, words_of(lead), value.minor if value else None)
    if changes.get("state") in ("won", "lost"):
        return changes | {"closed_at": at, "closed_by": current_tenant()}
    return changes | ({"closed_at": None, "closed_by": None, "delivered_at": None} if "state" in changes else {})
