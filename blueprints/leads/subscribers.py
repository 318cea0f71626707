"""What follows from events of leads: stock another tenant may not touch, and mails to those concerned."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from app.kernel.clock import now
from app.kernel.db import db
from app.kernel.events import subscribe
from app.kernel.ids import HQ
from app.web.links import site_url
from blueprints.catalog import stock
from blueprints.leads import asking, disputes
from blueprints.leads.events import (
    LeadAccepted,
    LeadConfirmed,
    LeadCustomerAsked,
    LeadDelivered,
    LeadEscalated,
    LeadGiven,
    LeadJoined,
    LeadLooksAgain,
    LeadLost,
    LeadMessageWritten,
    LeadNewsAsked,
    LeadOffered,
    LeadOfferExpired,
    LeadOfferReminder,
    LeadOfferWithdrawn,
    LeadOpened,
    LeadQuestioned,
    LeadShipped,
    LeadSplit,
    LeadTableQueued,
)
from blueprints.leads.importing import service as tables
from blueprints.leads.letters import (
    ask_for_news,
    feedback_link,
    offer_link,
    parcels_of,
    quiet_link,
    read_offer_subject,
    tell_customer,
    tell_staff,
)
from blueprints.leads.models import Lead, LeadMessage, LeadOffer
from blueprints.leads.parts import other_parts_of
from blueprints.leads.queries import count_events, find_lead, find_my_offer, is_mine, lock_lead, offers_of
from blueprints.leads.rules import HELD, PICKUP, is_open, is_shared, is_talk
from blueprints.leads.service import withdraw_offer


@subscribe(LeadLost, speaks="network")
def release_stock(event: LeadLost) -> None:
    """What a dealer held for a lead that was lost is free again, and no offer of it waits any more.

    A lead that came back to life before this was heard has gone to somebody, who keeps it.
    """
    lead = lock_lead(event.owner_id, uuid.UUID(event.lead_id))
    if lead and lead.state != "lost":
        return
    if lead:
        withdraw_offer(lead, now())
    if event.dealer_id:
        stock.release(owner_id=event.dealer_id, lead_id=uuid.UUID(event.lead_id))
    if lead and lead.pickup:
        stock.release(owner_id=HQ, lead_id=lead.id)


@subscribe(LeadShipped, speaks="network", when=lambda event: event.owner_id == HQ)
def ship_supplied(event: LeadShipped) -> None:
    """What HQ sent to the point of pick-up has left it."""
    _ship_from_hq(event.owner_id, event.lead_id)


@subscribe(LeadDelivered, speaks="network", when=lambda event: event.owner_id == HQ)
def ship_supplied_at_last(event: LeadDelivered) -> None:
    """The same where the dealer forgot to say that the goods are ready."""
    _ship_from_hq(event.owner_id, event.lead_id)


@subscribe(LeadJoined, speaks="network")
def release_stock_of_joined(event: LeadJoined) -> None:
    """What a dealer held for a lead that was joined to another is free again."""
    if event.dealer_id:
        stock.release(owner_id=event.dealer_id, lead_id=uuid.UUID(event.lead_id))


@subscribe(LeadTableQueued, speaks="tenant_id")
def take_table_in(event: LeadTableQueued) -> None:
    """Make leads of the rows of a table."""
    tables.execute(run_id=uuid.UUID(event.run_id), at=now())


@subscribe(LeadConfirmed, speaks="network")
def ship_received(event: LeadConfirmed) -> None:
    """Goods the customer has received have left the dealer, whether he said so or not."""
    lead = _lead(event.owner_id, event.lead_id)
    if lead and lead.received and lead.assignee_id:
        stock.ship(owner_id=lead.assignee_id, lead_id=lead.id)
        _ship_from_hq(event.owner_id, event.lead_id)


@subscribe(LeadOffered, speaks="dealer_id", together=8)
def mail_offer(events: Sequence[LeadOffered]) -> None:
    """Tell the dealer's people that leads wait for their answer."""
    for event in events:
        if waiting := _waiting(event.tenant_id, event.lead_id):
            lead, offer = waiting
            tell_staff(lead, "lead_offer", deadline=offer.deadline_at, link=offer_link(lead),
                       is_race=is_shared(lead.state, lead.assignee_id), also=_also(lead))


@subscribe(LeadGiven, speaks="dealer_id", together=8)
def mail_given(events: Sequence[LeadGiven]) -> None:
    """Tell the dealer's people that leads are theirs without being asked."""
    for event in events:
        lead = _lead(event.tenant_id, event.lead_id)
        if lead and is_mine(lead):
            tell_staff(lead, "lead_given", link=offer_link(lead), also=_also(lead))


@subscribe(LeadOfferWithdrawn, speaks="dealer_id", when=lambda event: event.reason != "inactive")
def mail_withdrawn(event: LeadOfferWithdrawn) -> None:
    """Tell them that they need not answer any more, and why."""
    lead = _lead(event.tenant_id, event.lead_id)
    if lead and not is_mine(lead) and not _waiting(event.tenant_id, event.lead_id):
        tell_staff(lead, "lead_withdrawn", reason=event.reason, link=site_url("/desk"))


@subscribe(LeadOfferReminder, speaks="dealer_id")
def mail_reminder(event: LeadOfferReminder) -> None:
    """Tell them again before the window ends."""
    if waiting := _waiting(event.tenant_id, event.lead_id):
        lead, offer = waiting
        tell_staff(lead, "lead_reminder", deadline=offer.deadline_at, link=offer_link(lead))


@subscribe(LeadOfferExpired, speaks="dealer_id")
def mail_expired(event: LeadOfferExpired) -> None:
    """Tell them that the lead went on."""
    lead = _lead(event.tenant_id, event.lead_id)
    if lead:
        ours = [offer for offer in offers_of(lead) if offer.dealer_id == event.dealer_id]
        tell_staff(lead, "lead_expired", deadline=ours[-1].deadline_at, link=site_url("/desk"))


@subscribe(LeadOpened, speaks="tenant_id", when=lambda event: event.tenant_id != HQ, together=8)
def mail_own_lead(events: Sequence[LeadOpened]) -> None:
    """Tell a dealer's people about leads of their own site; HQ's leads go to a dealer first."""
    for event in events:
        lead = _lead(event.tenant_id, event.lead_id)
        if lead:
            tell_staff(lead, "lead_own", link=offer_link(lead))


@subscribe(LeadEscalated, speaks="tenant_id")
def mail_escalation(event: LeadEscalated) -> None:
    """Tell HQ's people that a lead found no dealer."""
    lead = _lead(event.tenant_id, event.lead_id)
    if lead and lead.escalated_at:
        tell_staff(lead, "lead_escalated", link=site_url(f"/hq/leads/{lead.owner_id}/{lead.id}"))


@subscribe(LeadSplit, speaks="tenant_id")
def mail_split(event: LeadSplit) -> None:
    """Tell the customer that his order comes in several parcels."""
    lead = _lead(event.tenant_id, event.lead_id)
    if lead:
        tell_customer(lead, "lead_split", parts=parcels_of(lead))


@subscribe(LeadEscalated, speaks="tenant_id")
def mail_delay(event: LeadEscalated) -> None:
    """Tell the customer that it takes longer and who cares for it, the first time."""
    lead = _lead(event.tenant_id, event.lead_id)
    if lead and lead.escalated_at and count_events(lead, "escalated") == 1:
        tell_customer(lead, "lead_delayed")


@subscribe(LeadLooksAgain, speaks="owner_id")
def mail_looking(event: LeadLooksAgain) -> None:
    """Tell the customer that another dealer is being looked for, unless one is found meanwhile."""
    lead = _lead(event.owner_id, event.lead_id)
    if lead and lead.state in ("new", "offered"):
        tell_customer(lead, "lead_looking")


@subscribe(LeadAccepted, speaks="owner_id")
def mail_accepted(event: LeadAccepted) -> None:
    """Tell the customer who will serve him, and note when he is asked how it went."""
    lead = _lead(event.owner_id, event.lead_id)
    if lead and lead.accepted_at:
        asking.plan(lead, at=lead.accepted_at)
        tell_customer(lead, "lead_accepted")


@subscribe(LeadShipped, speaks="owner_id")
def mail_shipped(event: LeadShipped) -> None:
    """Tell the customer that the goods are on their way, or that he may fetch them."""
    lead = _lead(event.owner_id, event.lead_id)
    if lead:
        tell_customer(lead, "lead_ready" if lead.delivery_method == PICKUP else "lead_shipped")


@subscribe(LeadDelivered, speaks="owner_id")
def mail_delivered(event: LeadDelivered) -> None:
    """Ask the customer whether he has the goods and is content."""
    lead = _lead(event.owner_id, event.lead_id)
    if lead and not lead.feedback_at:
        tell_customer(lead, "lead_delivered", feedback=feedback_link(lead))


@subscribe(LeadCustomerAsked, speaks="tenant_id")
def mail_how_it_went(event: LeadCustomerAsked) -> None:
    """Ask the customer whether he was called and has bought, or whether he has his goods."""
    lead = _lead(event.tenant_id, event.lead_id)
    if lead and not lead.feedback_at and not lead.customer_quiet_at:
        tell_customer(
            lead, "lead_asked", feedback=feedback_link(lead), quiet=quiet_link(lead),
            is_talk=is_talk(lead.kind, lead.state), is_reminder=lead.customer_asks > 1,
        )


@subscribe(LeadNewsAsked, speaks="dealer_id")
def mail_news_asked(event: LeadNewsAsked) -> None:
    """Ask the dealer's people what became of leads in their hands."""
    found = [find_lead(owner_id, lead_id) for owner_id, lead_id in map(read_offer_subject, event.leads)]
    held = [lead for lead in found if lead and lead.state in HELD]
    if held:
        ask_for_news(held)


@subscribe(LeadQuestioned, speaks="dealer_id")
def mail_question(event: LeadQuestioned) -> None:
    """Ask the dealer's people what is true of a lead of which its customer tells something else."""
    lead = _lead(event.owner_id, event.lead_id)
    if lead and disputes.is_asked(lead):
        tell_staff(lead, "lead_disputed", link=offer_link(lead), code=lead.contradiction)


@subscribe(LeadMessageWritten, speaks="reader_id")
def mail_message(event: LeadMessageWritten) -> None:
    """Pass a message on: the customer's to who serves him, the dealer's to the customer."""
    lead = _lead(event.owner_id, event.lead_id)
    message = db.session.get(LeadMessage, (event.owner_id, uuid.UUID(event.lead_id), uuid.UUID(event.message_id)))
    if lead is None or message is None:
        return
    if message.author != "customer":
        tell_customer(lead, "lead_message", body=message.body)
    elif event.reader_id == HQ:
        tell_staff(lead, "lead_question", body=message.body, link=site_url(f"/hq/leads/{lead.owner_id}/{lead.id}"))
    else:
        tell_staff(lead, "lead_question", body=message.body, link=offer_link(lead))


def _lead(owner_id: str, lead_id: str) -> Lead | None:
    return find_lead(owner_id, uuid.UUID(lead_id))


def _also(lead: Lead) -> list[str]:
    """Numbers of the parts of the same order that the speaking dealer has besides."""
    return [part.number for part in other_parts_of([lead]).get(lead.id, ())]


def _ship_from_hq(owner_id: str, lead_id: str) -> None:
    lead = _lead(owner_id, lead_id)
    if lead and lead.pickup:
        stock.ship(owner_id=HQ, lead_id=lead.id)


def _waiting(owner_id: str, lead_id: str) -> tuple[Lead, LeadOffer] | None:
    """The lead if it still waits for the speaking dealer's answer: a mail that comes late would only confuse."""
    lead = _lead(owner_id, lead_id)
    offer = find_my_offer(lead) if lead else None
    if lead is None or offer is None or not is_open(lead.state, offer.state) or offer.deadline_at <= now():
        return None
    return lead, offer
