"""Verbs on leads. Each is one guarded UPDATE of the lead: its state stands in the WHERE, the row count tells.

Whoever speaks acts: a dealer takes, refuses, ships; the tenant on whose site the lead was born speaks for
its customer. Each verb writes a line of history and publishes what happened.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.events import publish
from app.kernel.identity import current_tenant
from app.kernel.ids import HQ, new_id
from app.kernel.money import Money
from app.kernel.words import _
from blueprints.catalog import stock
from blueprints.leads import asking, rules
from blueprints.leads.errors import EmptyMessage, FeedbackClosed, OutOfGoods, WrongMoment
from blueprints.leads.events import (
    LeadAccepted,
    LeadConfirmed,
    LeadDeclined,
    LeadDelivered,
    LeadLooksAgain,
    LeadLost,
    LeadMessageWritten,
    LeadOpened,
    LeadShipped,
)
from blueprints.leads.models import Lead, LeadContact, LeadMessage, LeadOffer, OwnContact
from blueprints.leads.moving import advance, answer_offer, mine, record, who, why_not
from blueprints.leads.parts import find_notes
from blueprints.leads.queries import Contact, contact_of, contacts_of, history
from blueprints.leads.serving import own_dealer_of
from tenants.models import City
from tenants.registry import Cache

MESSAGE_LIMIT = 4000
_regions = Cache(fresh=3600)
"""Regions of cities, which an operator's command changes once in years."""
CLAIM = sa.text("SELECT network.claim_lead(:owner, :lead, :at)")
"""`taken`, `unreserved` (taken, the goods are still to be kept), `late`, `closed` or `gone`."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a customer without an order may say besides: which dealer he picked, when he wishes to be served.

    `external_id` is what the system that brings the lead calls it: the same one brings the same lead.
    """

    preferred_id: str | None = None
    external_id: str | None = None
    on: date | None = None
    hours: str | None = None


def open_lead(
    *, kind: str, source: str, campaign: str | None, city_id: int | None, lines: Sequence[Mapping[str, Any]],
    value: Money, contact: Contact, locale: str, at: datetime, delivery_method: str | None = None,
    payment_method: str | None = None, is_paid: bool = False, order_id: uuid.UUID | None = None,
    number: str | None = None, lead_id: uuid.UUID | None = None, is_short: bool | None = None,
    actor: str = "customer", pickup: Mapping[str, Any] | None = None, wish: Wish = Wish(), joins: Lead | None = None,
    promised_on: date | None = None,
) -> Lead:
    """A lead of the tenant that speaks: a dealer's own is his at once, HQ's looks for a dealer.

    `lines` are `{product_id, sku, name_ru, name_en, quantity, minor, is_wish}`. Whoever has reserved the dealer's stock
    under a `lead_id` of his says whether it `is_short`; else it is reserved now. An order's lead takes the order's
    `number`, others count on by themselves. One that `joins` another only says that the customer asked again: it
    looks for nobody, keeps no stock and is told by that other. `promised_on` is the day the customer was promised.
    """
    owner = current_tenant()
    holder = None if owner == HQ else owner
    lead = Lead(
        owner_id=owner, id=lead_id or new_id(), number=number or _next_number(), order_id=order_id, kind=kind,
        source=source, campaign=campaign, city_id=city_id, region_code=_region_of(city_id),
        lines=[dict(line) for line in lines], value_minor=value.minor, currency=value.currency,
        delivery_method=delivery_method, pickup=dict(pickup) if pickup else None,
        payment_method=payment_method, is_paid=is_paid, locale=locale, created_at=at,
        assignee_id=holder, visible_to=[holder] if holder else [],
        state="accepted" if holder else "new", accepted_at=at if holder else None,
        preferred_id=wish.preferred_id, external_id=wish.external_id, wished_on=wish.on, wished_hours=wish.hours,
        promised_on=promised_on,
        customer_ask_at=asking.first_question(kind, at, promised_on) if holder else None,
        own_dealer_id=None if holder else own_dealer_of(contact, at=at),
    )
    if joins:
        lead.joined_to, lead.state, lead.invalid_reason, lead.closed_at = joins.id, "invalid", rules.DUPLICATE, at
        lead.accepted_at = lead.customer_ask_at = None
    db.session.add(lead)
    db.session.flush()
    db.session.add(_contact_row(lead, contact))
    if joins:
        record(lead, "opened", at=at, actor=actor)
        return lead
    if holder and is_short is None:
        is_short = not stock.reserve(owner_id=owner, lead_id=lead.id, lines=kept_of(lead), may_order=True)
    record(lead, "opened", at=at, actor=actor, data={"is_short": True} if holder and is_short else {})
    publish(LeadOpened(tenant_id=owner, lead_id=lead.id))
    return lead


def accept(*, lead: Lead, at: datetime, actor: str) -> None:
    """The dealer takes the lead he is offered, while his window is open; of several asked at once the first gets it.

    The contact of the customer is his from then on. Goods that nobody kept for him yet are kept now: all of them, or he
    is refused; of who was told with the offer that he lacks some, what is there.
    """
    missing: dict[int, int] = {}
    with db.session.begin_nested():
        outcome = db.session.scalar(CLAIM, {"owner": lead.owner_id, "lead": lead.id, "at": at})
        if outcome == "unreserved":
            missing = _keep_goods(lead)
    db.session.refresh(lead)
    if outcome not in ("taken", "unreserved"):
        raise why_not(lead, at)
    record(lead, "accepted", at=at, actor=actor, data=lacking(lead, missing))
    publish(LeadAccepted(**who(lead)))


def decline(*, lead: Lead, reason: str, at: datetime, actor: str, product_ids: Iterable[int] = ()) -> None:
    """The dealer refuses an offer, or gives a taken lead back before shipping; the lead looks for another.

    `out_of_stock` empties the dealer's stock of the named products, of all lines when none is named.
    """
    returned = lead.state in rules.HELD
    if not _let_go(lead, "declined", at, reason):
        raise why_not(lead, at)
    stock.release(owner_id=current_tenant(), lead_id=lead.id)
    if reason == "out_of_stock":
        stock.empty(owner_id=current_tenant(), product_ids=set(product_ids) or _products(lead))
    me, kind = current_tenant(), "returned" if returned else "declined"
    record(lead, kind, at=at, actor=actor, data={"reason": reason}, reader=me)
    publish(LeadDeclined(tenant_id=me, owner_id=lead.owner_id, dealer_id=me, lead_id=lead.id))
    if returned:
        publish(LeadLooksAgain(tenant_id=me, owner_id=lead.owner_id, lead_id=lead.id))


def ship(*, lead: Lead, at: datetime, actor: str) -> None:
    """The goods leave the dealer, or stand ready for who fetches them; his reserved stock goes with them."""
    if not advance(lead, Lead.state.in_(rules.HELD), mine(), Lead.shipped_at.is_(None), shipped_at=at):
        raise why_not(lead, at)
    stock.ship(owner_id=current_tenant(), lead_id=lead.id)
    record(lead, "ready" if lead.delivery_method == rules.PICKUP else "shipped", at=at, actor=actor)
    publish(LeadShipped(**who(lead)))


def deliver(*, lead: Lead, at: datetime, actor: str) -> None:
    """The customer has the goods: the lead is won. What was not reported as shipped is shipped with it."""
    shipped = sa.func.coalesce(Lead.shipped_at, at)
    asked = {"customer_asks": 1, "customer_ask_at": asking.next_question(at)}
    if not advance(lead, Lead.state.in_(rules.HELD), mine(),
                   state="won", shipped_at=shipped, delivered_at=at, closed_at=at, closed_by=current_tenant(), **asked):
        raise why_not(lead, at)
    stock.ship(owner_id=current_tenant(), lead_id=lead.id)
    record(lead, "delivered", at=at, actor=actor)
    publish(LeadDelivered(**who(lead)))


def lose(*, lead: Lead, reason: str, at: datetime, actor: str) -> None:
    """There will be no sale, says who holds the lead; what was reserved becomes free."""
    if not advance(lead, Lead.state.in_(rules.HELD), mine(),
                   state="lost", lost_reason=reason, closed_at=at, closed_by=current_tenant()):
        raise why_not(lead, at)
    stock.release(owner_id=current_tenant(), lead_id=lead.id)
    record(lead, "lost", at=at, actor=actor, data={"reason": reason})
    publish(LeadLost(**who(lead)))


def close(*, lead: Lead, reason: str, at: datetime, actor: str) -> None:
    """The owner closes a lead before it is shipped, whoever has it; the network's worker lets a dealer's stock go."""
    is_open = sa.and_(Lead.state.in_(("new", "offered", *rules.HELD)), Lead.shipped_at.is_(None))
    if not advance(lead, Lead.owner_id == current_tenant(), is_open,
                   state="lost", lost_reason=reason, closed_at=at, closed_by=current_tenant()):
        raise why_not(lead, at)
    withdraw_offer(lead, at)
    record(lead, "lost", at=at, actor=actor, data={"reason": reason})
    publish(LeadLost(**who(lead)))


def write(*, lead: Lead, author: str, body: str, at: datetime) -> LeadMessage:
    """A message from `customer` (the owner speaks for him), `dealer` or `owner` to the other side."""
    words = body.strip()[:MESSAGE_LIMIT]
    if not words:
        raise EmptyMessage(_("Write a few words first."), field="body")
    message = LeadMessage(
        owner_id=lead.owner_id, lead_id=lead.id, id=new_id(), author=author, body=words, at=at,
        visible_to=[lead.assignee_id] if lead.assignee_id and lead.accepted_at else [],
    )
    db.session.add(message)
    db.session.flush()
    reader = lead.owner_id if author != "customer" else lead.assignee_id if lead.accepted_at else lead.owner_id
    publish(LeadMessageWritten(**who(lead), reader_id=reader, message_id=message.id))
    return message


def confirm(*, lead: Lead, received: bool, satisfaction: int | None, comment: str | None, at: datetime) -> None:
    """The customer's word, changeable within a week; goods he has received are delivered, whoever forgot to say so."""
    if not rules.may_change_feedback(lead.feedback_at, at):
        raise FeedbackClosed(_("You answered more than a week ago, so the answer can no longer be changed."))
    if not lead.accepted_at or lead.state in ("lost", "invalid"):
        raise WrongMoment(_("There is nothing to confirm yet: no dealer has taken this order."))
    values: dict[str, Any] = {
        "received": received, "satisfaction": satisfaction, "feedback_at": lead.feedback_at or at,
        "customer_ask_at": None,
    }
    if received and lead.state != "won":
        values |= {"state": "won", "delivered_at": at, "closed_at": at, "shipped_at": lead.shipped_at or at}
    if not advance(lead, Lead.owner_id == current_tenant(), Lead.state == lead.state, **values):
        raise why_not(lead, at)
    note_feedback(lead, comment)
    record(lead, "confirmed" if received else "missing", at=at, actor="customer", data={"stars": satisfaction})
    publish(LeadConfirmed(**who(lead)))


def withdraw_offer(lead: Lead, at: datetime) -> None:
    """End the offers that wait for an answer, if there are any: the lead needs none any more."""
    db.session.execute(
        sa.update(LeadOffer)
        .where(LeadOffer.owner_id == lead.owner_id, LeadOffer.lead_id == lead.id, LeadOffer.state == "offered")
        .values(state="withdrawn", responded_at=at).execution_options(synchronize_session=False)
    )


def lines_of(lead: Lead) -> list[tuple[int, int]]:
    """`(product_id, quantity)` of the lines that name a product."""
    return [(line["product_id"], line["quantity"]) for line in lead.lines if line.get("product_id")]


def kept_of(lead: Lead) -> list[tuple[int, int]]:
    """Those of `lines_of` for which stock is kept: what is only asked about is a wish."""
    wished = {line.get("product_id") for line in lead.lines if line.get("is_wish")}
    return [line for line in lines_of(lead) if line[0] not in wished]


def lacking(lead: Lead, missing: Mapping[int, int] | None) -> dict[str, Any]:
    """What the history says of goods the dealer lacks: the lines with their names, nothing when he has all."""
    left, found = dict(missing or {}), []
    for line in lead.lines:
        pieces = min(left.get(line.get("product_id"), 0), line["quantity"])
        if pieces:
            left[line["product_id"]] -= pieces
            found.append({"name_ru": line["name_ru"], "name_en": line.get("name_en"), "quantity": pieces})
    return {"missing": found} if found else {}


def _keep_goods(lead: Lead) -> dict[int, int]:
    """Keep the speaking dealer's goods for a lead he takes; answers the pieces he lacks, by product."""
    me, lines = current_tenant(), kept_of(lead)
    if find_notes(lead).missing:
        return stock.reserve_some(owner_id=me, lead_id=lead.id, lines=lines)
    if not stock.reserve(owner_id=me, lead_id=lead.id, lines=lines):
        raise OutOfGoods(_("You no longer have everything the customer wants, so the lead cannot be yours. "
                           "Report your stock first, or decline it."))
    return {}


def _let_go(lead: Lead, state: str, at: datetime, reason: str | None = None) -> bool:
    """The speaking dealer ends his part in a lead that is not shipped; whom else it waits for it still does."""
    if rules.is_shared(lead.state, lead.assignee_id):
        return answer_offer(lead, state, at, reason, was="offered")
    free = Lead.state.in_(("offered", *rules.HELD))
    if not advance(lead, free, mine(), Lead.owner_id != current_tenant(), Lead.shipped_at.is_(None),
                   state="new", accepted_at=None):
        return False
    answer_offer(lead, state, at, reason)
    return True


def _products(lead: Lead) -> set[int]:
    return {product_id for product_id, _quantity in lines_of(lead)}


def _contact_row(lead: Lead, contact: Contact) -> LeadContact | OwnContact:
    values = {
        "lead_id": lead.id, "name": contact.name, "email": contact.email, "phone": contact.phone,
        "address": contact.address, "comment": contact.comment, "company": contact.company,
    }
    return LeadContact(owner_id=HQ, **values) if lead.owner_id == HQ else OwnContact(**values)


def note_feedback(lead: Lead, comment: str | None) -> None:
    """Keep the customer's own words where his contact stands."""
    table = LeadContact if lead.owner_id == HQ else OwnContact
    words = (comment or "").strip()[:MESSAGE_LIMIT] or None
    db.session.execute(
        sa.update(table).where(table.lead_id == lead.id).values(feedback=words)
        .execution_options(synchronize_session=False)
    )


def _region_of(city_id: int | None) -> str | None:
    if city_id is None:
        return None
    found, region = _regions.get(city_id)
    if not found:
        region = db.session.scalar(sa.select(City.region_code).where(City.id == city_id))
        _regions.put(city_id, region)
    return region


def _next_number() -> str:
    return str(db.session.execute(sa.text("SELECT nextval('network.lead_number')")).scalar_one())


__all__ = [
    "Contact", "Wish", "accept", "close", "confirm", "contact_of", "contacts_of", "decline", "deliver", "history",
    "kept_of", "lacking", "lines_of", "lose", "open_lead", "record", "ship", "withdraw_offer", "write",
]
