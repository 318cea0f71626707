"""The same person asking again: found by phone or mail where the contact stands anyway, joined, and parted again.

Contacts are compared by the tenant who owns them, in the table where he keeps them (`lead_contacts` for HQ's leads,
`own_contacts` for a dealer's): nobody learns by it what he could not read before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import force_locale, format_date

from app.kernel.db import db
from app.kernel.events import publish
from app.kernel.identity import current_tenant
from app.kernel.ids import HQ
from app.kernel.words import _
from blueprints.catalog import stock
from blueprints.leads import rules
from blueprints.leads.errors import WrongMoment
from blueprints.leads.events import LeadJoined, LeadOpened
from blueprints.leads.models import OPEN_STATES, Lead, LeadContact, LeadMessage, OwnContact
from blueprints.leads.moving import advance, record
from blueprints.leads.queries import Contact
from blueprints.leads.rules import said
from blueprints.leads.service import kept_of, withdraw_offer, write
from blueprints.leads.terms import duplicate_days

LOOK_BACK, SHOWN = timedelta(days=90), 5
"""How far back and how many leads of the same person are pointed out."""


def queue(contact: Contact) -> None:
    """Let wishes of one person be taken in one after the other until this transaction ends."""
    for told in sorted(filter(None, (contact.phone, (contact.email or "").lower()))):
        name = f"asking {current_tenant()} {told}"
        db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(name, 0))))


def find_open(contact: Contact, *, preferred_id: str | None, at: datetime) -> Lead | None:
    """The open lead without an order that this person asked for lately, locked; none of another dealer than he picks.
    """
    table = _table(current_tenant())
    is_his = _same_person(table, contact)
    if is_his is None:
        return None
    query = sa.select(Lead).join(table, table.lead_id == Lead.id).where(
        Lead.owner_id == current_tenant(), Lead.joined_to.is_(None), Lead.kind != "order",
        Lead.state.in_(OPEN_STATES), Lead.shipped_at.is_(None), is_his,
        Lead.created_at > at - timedelta(days=duplicate_days()),
    )
    if preferred_id:
        query = query.where(sa.or_(Lead.preferred_id == preferred_id, Lead.assignee_id == preferred_id))
    newest = query.order_by(Lead.created_at.desc(), Lead.id).limit(1)
    return db.session.scalar(newest.with_for_update(of=Lead, key_share=True))


def head_of(lead: Lead) -> Lead:
    """The lead that serves this one's wish: itself, or the one it is joined to."""
    return (db.session.get(Lead, (lead.owner_id, lead.joined_to)) or lead) if lead.joined_to else lead


def joined_to(lead: Lead) -> Sequence[Lead]:
    """What was joined to a lead of the speaker's, oldest first."""
    return db.session.scalars(
        sa.select(Lead).where(Lead.owner_id == lead.owner_id, Lead.joined_to == lead.id).order_by(Lead.created_at)
    ).all() if lead.asked > 1 else ()


def likely(lead: Lead, contact: Contact | None) -> list[Lead]:
    """Other leads of the same person that the speaker owns or holds, newest first; for who may read his contact.

    Parts of the same order are none: they belong together already.
    """
    me = current_tenant()
    tables = (LeadContact,) if me == HQ else (LeadContact, OwnContact)
    persons = [(table, _same_person(table, contact)) for table in tables] if contact else []
    his = [sa.select(table.lead_id).where(is_his) for table, is_his in persons if is_his is not None]
    if not his:
        return []
    is_held = sa.and_(Lead.assignee_id == me, Lead.state.not_in(("new", "offered")))
    return list(db.session.scalars(
        sa.select(Lead).where(
            Lead.id.in_(sa.union_all(*his)), sa.or_(Lead.owner_id == me, is_held), Lead.id != lead.id,
            Lead.joined_to.is_(None), Lead.created_at > lead.created_at - LOOK_BACK,
            sa.or_(Lead.order_id.is_(None), Lead.order_id.is_distinct_from(lead.order_id)),
        ).order_by(Lead.created_at.desc()).limit(SHOWN)
    ))


def tell_again(lead: Lead, again: Lead, contact: Contact | None, *, at: datetime, actor: str = "customer") -> None:
    """Count at an open lead that its customer asked again; words not said before go to who serves him."""
    db.session.execute(
        sa.update(Lead).where(Lead.owner_id == lead.owner_id, Lead.id == lead.id)
        .values(asked=Lead.asked + again.asked).execution_options(synchronize_session=False)
    )
    db.session.refresh(lead)
    record(lead, "asked_again", at=at, actor=actor, data={"asking": again.kind, "number": again.number})
    record(again, "joined", at=at, actor=actor, data={"number": lead.number})
    with force_locale(again.locale):
        words = in_words(again, contact)
    if not _was_said(lead, words):
        write(lead=lead, author="customer", body=words, at=at)


def may_join(lead: Lead, into: Lead) -> bool:
    """Whether the speaking owner may join his lead to another: no order, nobody else at work on it."""
    is_free = lead.state in ("new", "offered") or (lead.owner_id == lead.assignee_id and lead.state in rules.HELD)
    return (
        lead.owner_id == into.owner_id == current_tenant() and lead.id != into.id and is_free
        and lead.kind != "order" and lead.shipped_at is None and lead.joined_to is None
        and into.joined_to is None and into.state in OPEN_STATES
    )


def join(*, lead: Lead, into: Lead, contact: Contact | None, at: datetime, actor: str) -> None:
    """Join a lead to another one of the same customer by hand; an offer that waits is withdrawn."""
    dealer = lead.assignee_id
    is_as_seen = sa.and_(Lead.state == lead.state, Lead.assignee_id.is_not_distinct_from(dealer))
    values = {"state": "invalid", "invalid_reason": rules.DUPLICATE, "joined_to": into.id, "closed_at": at}
    if not may_join(lead, into) or not advance(lead, is_as_seen, **values):
        raise WrongMoment(_("These two cannot be joined: one of them is at work, closed or an order."))
    withdraw_offer(lead, at)
    db.session.execute(
        sa.update(Lead).where(Lead.owner_id == lead.owner_id, Lead.joined_to == lead.id).values(joined_to=into.id)
        .execution_options(synchronize_session=False)
    )
    tell_again(into, lead, contact, at=at, actor=actor)
    publish(LeadJoined(tenant_id=lead.owner_id, dealer_id=dealer, lead_id=lead.id))


def part(*, lead: Lead, at: datetime, actor: str) -> None:
    """Make a joined lead one of its own again: HQ's looks for a dealer, a dealer's own is his."""
    head, is_hqs = head_of(lead), lead.owner_id == HQ
    values: dict[str, Any] = {"accepted_at": None if is_hqs else at, "assignee_id": None if is_hqs else lead.owner_id}
    if lead.owner_id != current_tenant() or not advance(
        lead, Lead.joined_to.is_not(None), state="new" if is_hqs else "accepted", joined_to=None, invalid_reason=None,
        closed_at=None, asked=1, **values,
    ):
        raise WrongMoment(_("This lead is not joined to another one."))
    advance(head, Lead.asked > 1, asked=Lead.asked - 1)
    if not is_hqs:
        stock.reserve(owner_id=lead.owner_id, lead_id=lead.id, lines=kept_of(lead), may_order=True)
    record(head, "parted", at=at, actor=actor, data={"number": lead.number})
    record(lead, "parted", at=at, actor=actor)
    publish(LeadOpened(tenant_id=lead.owner_id, lead_id=lead.id))


def in_words(lead: Lead, contact: Contact | None) -> str:
    """What a lead asks for, in its customer's words: when, which goods, what he wrote; else the kind."""
    goods = ", ".join(f"{line['sku']} × {line['quantity']}" for line in lead.lines)
    hours = "" if lead.wished_hours == rules.HOURS[0] else said(rules.HOURS_WORDS, lead.wished_hours)
    when = " ".join(filter(None, (format_date(lead.wished_on, "short") if lead.wished_on else "", hours)))
    told = (contact.company, contact.address, contact.comment) if contact else ()
    return "\n".join(filter(None, (when, goods, *told))) or said(rules.KIND_WORDS, lead.kind)


def _was_said(lead: Lead, words: str) -> bool:
    return bool(db.session.scalar(sa.select(sa.exists().where(
        LeadMessage.owner_id == lead.owner_id, LeadMessage.lead_id == lead.id, LeadMessage.body == words.strip(),
    ))))


def _same_person(table: Any, contact: Contact) -> sa.ColumnElement[bool] | None:
    """Who left the same phone or mail address; None for one who left neither."""
    told = [table.phone == contact.phone] if contact.phone else []
    told += [sa.func.lower(table.email) == contact.email.lower()] if contact.email else []
    return sa.or_(*told) if told else None


def _table(owner_id: str) -> type[LeadContact] | type[OwnContact]:
    return LeadContact if owner_id == HQ else OwnContact
