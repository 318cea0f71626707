"""What a dealer tells of a lead he has: called, no answer, offer made, sold, no real request, and that he was wrong.

The verbs behave like those of `service`; losing, shipping and delivering stand there.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from babel.dates import get_timezone
from flask_babel import format_date

from app.kernel.errors import Invalid
from app.kernel.events import publish
from app.kernel.identity import current_tenant
from app.kernel.money import Money
from app.kernel.words import _
from app.web.locale import format_money
from blueprints.catalog import stock
from blueprints.leads import rules
from blueprints.leads.errors import WrongMoment
from blueprints.leads.events import (
    LeadAttempted,
    LeadContacted,
    LeadInvalidated,
    LeadQuoted,
    LeadReopened,
    LeadWon,
)
from blueprints.leads.models import Lead
from blueprints.leads.moving import advance, answer_offer, mine, record, who, why_not
from blueprints.leads.service import kept_of
from tenants.registry import get_tenant

LARGEST = Money.of(1_000_000_000)
DOCUMENT_LIMIT = 60


def contact(*, lead: Lead, at: datetime, actor: str) -> None:
    """The dealer has spoken with the customer."""
    _talk(lead, "contact", at, contacted_at=sa.func.coalesce(Lead.contacted_at, at))
    record(lead, "contacted", at=at, actor=actor)
    publish(LeadContacted(**who(lead)))


def attempt(*, lead: Lead, at: datetime, actor: str) -> None:
    """The dealer called, nobody answered, and he will call again."""
    _talk(lead, "attempt", at, attempts=Lead.attempts + 1)
    record(lead, "attempted", at=at, actor=actor)
    publish(LeadAttempted(**who(lead)))


def quote(*, lead: Lead, value: Money, at: datetime, actor: str) -> None:
    """The dealer made an offer for a sum; a later one takes its place."""
    _check(value)
    _talk(lead, "quote", at, value_minor=value.minor, quoted_minor=value.minor, quoted_at=at,
          contacted_at=sa.func.coalesce(Lead.contacted_at, at))
    record(lead, "quoted", at=at, actor=actor, data={"minor": value.minor})
    publish(LeadQuoted(**who(lead)))


def win(
    *, lead: Lead, value: Money, at: datetime, actor: str, sold_on: date | None = None, document: str | None = None
) -> None:
    """A lead without an order ended in a sale for this sum; what was reserved for it leaves the stock."""
    _check(value)
    sold_on = _day_of_sale(lead, sold_on, at)
    document = (document or "").strip()[:DOCUMENT_LIMIT] or None
    _talk(lead, "sale", at, state="won", value_minor=value.minor, sold_on=sold_on, sale_document=document,
          closed_at=at, closed_by=current_tenant())
    stock.ship(owner_id=current_tenant(), lead_id=lead.id)
    record(lead, "won", at=at, actor=actor, data={"minor": value.minor} | ({"document": document} if document else {}))
    publish(LeadWon(**who(lead)))


def invalidate(*, lead: Lead, reason: str, at: datetime, actor: str) -> None:
    """There was no real request behind the lead. What was offered so counts for nobody: neither share nor rating."""
    if not advance(lead, Lead.state.in_(rules.HELD), mine(), Lead.shipped_at.is_(None), state="invalid",
                   invalid_reason=reason, closed_at=at, closed_by=current_tenant()):
        raise why_not(lead, at)
    answer_offer(lead, "withdrawn", at, reason)
    stock.release(owner_id=current_tenant(), lead_id=lead.id)
    record(lead, "invalid", at=at, actor=actor, data={"reason": reason})
    publish(LeadInvalidated(**who(lead)))


def pause(*, lead: Lead, at: datetime, actor: str) -> None:
    """The dealer is still in talks: he is not asked again for two weeks."""
    if "pause" not in steps_of(lead, at) or not advance(
        lead, Lead.state == lead.state, mine(), ask_at=at + rules.PAUSE
    ):
        raise why_not(lead, at)
    record(lead, "paused", at=at, actor=actor)


def steps_of(lead: Lead, at: datetime, deadline: datetime | None = None) -> tuple[str, ...]:
    """What the speaking dealer may do now about a lead that he has, or is offered until the deadline."""
    if deadline is None and lead.assignee_id != current_tenant():
        return ()
    return rules.next_steps(
        state=lead.state, kind=lead.kind, is_own=lead.owner_id == current_tenant(),
        is_shipped=lead.shipped_at is not None, is_open=bool(deadline and deadline > at),
        may_reopen=may_reopen(lead, at),
    )


def may_reopen(lead: Lead, at: datetime) -> bool:
    """Whether the speaker may take the lead's end back now."""
    return rules.may_reopen(
        state=lead.state, kind=lead.kind, closed_at=lead.closed_at, closed_by=lead.closed_by,
        speaker=current_tenant(), at=at,
    )


def reopen(*, lead: Lead, at: datetime, actor: str) -> None:
    """The dealer was wrong about the lead's end: it stands again where it stood, with its sum and its goods."""
    if not may_reopen(lead, at):
        raise WrongMoment(_("What was said of this lead's end can no longer be taken back."))
    ended, before = lead.state, rules.state_before_end(contacted_at=lead.contacted_at, quoted_at=lead.quoted_at)
    if not advance(lead, Lead.state == ended, mine(), state=before, value_minor=_value_before(lead), closed_at=None,
                   closed_by=None, lost_reason=None, invalid_reason=None, sold_on=None, sale_document=None):
        raise why_not(lead, at)
    _take_again(lead, ended, at)
    record(lead, "reopened", at=at, actor=actor)
    publish(LeadReopened(**who(lead)))


def _talk(lead: Lead, noun: str, at: datetime, **values: Any) -> None:
    """Move a lead whose dealer tells of his talks, if it stands where this can be told."""
    state = values.pop("state", None)
    if noun not in steps_of(lead, at) or not advance(
        lead, Lead.state == lead.state, mine(), state=state or rules.state_after(noun, lead.state), **values
    ):
        raise why_not(lead, at)


def _take_again(lead: Lead, ended: str, at: datetime) -> None:
    """The offer counts again, and the goods are kept again as far as they are there."""
    me = current_tenant()
    if ended == "won":
        stock.take_back(owner_id=me, lead_id=lead.id)
    else:
        stock.reserve(owner_id=me, lead_id=lead.id, lines=kept_of(lead), may_order=True)
    if ended == "invalid":
        answer_offer(lead, "accepted", at, was="withdrawn")


def _value_before(lead: Lead) -> int:
    return lead.quoted_minor if lead.quoted_minor is not None else sum(line.get("minor", 0) for line in lead.lines)


def _day_of_sale(lead: Lead, told: date | None, at: datetime) -> date:
    """The day the dealer tells, by his own clock today's when he tells none: not before the lead came, nor after."""
    zone = get_timezone(get_tenant(current_tenant()).timezone)
    opened, today = (moment.astimezone(zone).date() for moment in (lead.created_at, at))
    day = told or today
    if day > today:
        raise Invalid(_("The day of the sale has not come yet."), field="sold_on")
    if day < opened:
        raise Invalid(
            _("The lead came in on %(day)s: it cannot have been sold before.", day=format_date(opened)),
            field="sold_on",
        )
    return day


def _check(value: Money) -> None:
    if value.minor > LARGEST.minor:
        raise too_large()
    if value.minor <= 0:
        raise Invalid(_("Write a sum in roubles, like 12 500 or 12 500,50."), field="sum")


def too_large() -> Invalid:
    """What a dealer reads who writes more than a sale ever brings."""
    return Invalid(_("The sum is too large: at most %(sum)s.", sum=format_money(LARGEST)), field="sum")


__all__ = ["attempt", "contact", "invalidate", "may_reopen", "pause", "quote", "reopen", "steps_of", "too_large", "win"]
