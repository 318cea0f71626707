"""What routing hears: leads that look for a dealer, and outcomes that change a rating."""

from __future__ import annotations

import uuid

from app.kernel.clock import now
from app.kernel.events import subscribe
from app.kernel.ids import HQ
from blueprints.leads.events import (
    LeadAccepted,
    LeadAssignmentAsked,
    LeadConfirmed,
    LeadDeclined,
    LeadDelivered,
    LeadHandedOn,
    LeadInvalidated,
    LeadLost,
    LeadOfferExpired,
    LeadOfferWithdrawn,
    LeadOpened,
    LeadRecyclingAsked,
    LeadReopened,
    LeadSettled,
    LeadWon,
)
from blueprints.routing import service, steering
from blueprints.sites.events import DealerClosed, DealerSuspended


@subscribe(LeadOpened, speaks="network", when=lambda event: event.tenant_id == HQ, together=32)
def place(events: list[LeadOpened]) -> None:
    """Find a dealer for new leads of HQ; a dealer's own lead is his already."""
    service.route_new(leads=[(event.tenant_id, uuid.UUID(event.lead_id)) for event in events], at=now())


@subscribe(LeadDeclined, speaks="network")
def move_on(event: LeadDeclined) -> None:
    """Ask the next dealer."""
    service.move_on(owner_id=event.owner_id, lead_id=uuid.UUID(event.lead_id), at=now())


@subscribe(LeadOfferExpired, speaks="network")
def move_on_after_silence(event: LeadOfferExpired) -> None:
    """Ask the next dealer."""
    service.move_on(owner_id=event.tenant_id, lead_id=uuid.UUID(event.lead_id), at=now())


@subscribe(LeadAccepted, speaks="network", when=lambda event: event.owner_id == HQ)
def tell_slower(event: LeadAccepted) -> None:
    """Of several who were asked at once one was the first; the others need not answer any more."""
    service.tell_slower(
        owner_id=event.owner_id, lead_id=uuid.UUID(event.lead_id), winner_id=event.dealer_id, at=now()
    )


@subscribe(LeadAssignmentAsked, speaks="network")
def assign(event: LeadAssignmentAsked) -> None:
    """Offer the lead to the dealer HQ named."""
    steering.assign(
        owner_id=event.tenant_id, lead_id=uuid.UUID(event.lead_id), dealer_id=event.dealer_id, at=now()
    )


@subscribe(LeadHandedOn, speaks="network")
def hand_over(event: LeadHandedOn) -> None:
    """Offer the lead to whom a dealer handed it."""
    steering.hand_over(
        owner_id=event.owner_id, lead_id=uuid.UUID(event.lead_id), from_id=event.dealer_id, to_id=event.to_id, at=now()
    )


@subscribe(LeadRecyclingAsked, speaks="network")
def recycle(event: LeadRecyclingAsked) -> None:
    """Send the lead through routing again."""
    steering.recycle(owner_id=event.tenant_id, lead_id=uuid.UUID(event.lead_id), forgets=event.forgets, at=now())


@subscribe(LeadOfferWithdrawn, speaks="network", when=lambda event: event.reason == steering.INACTIVE)
def move_on_without_him(event: LeadOfferWithdrawn) -> None:
    """Ask the next dealer where the one who was asked does not work any more."""
    service.move_on(owner_id=event.tenant_id, lead_id=uuid.UUID(event.lead_id), at=now())


@subscribe(DealerSuspended, speaks="network")
def leave_suspended(_event: DealerSuspended) -> None:
    """What a suspended dealer was offered goes to others at once."""
    steering.leave_inactive(at=now())


@subscribe(DealerClosed, speaks="network")
def leave_closed(_event: DealerClosed) -> None:
    """What a dealer who left was offered goes to others at once."""
    steering.leave_inactive(at=now())


@subscribe(LeadDeclined, speaks="network")
def rate_after_refusal(event: LeadDeclined) -> None:
    """A refusal counts."""
    service.rate_dealer(dealer_id=event.dealer_id, at=now())


@subscribe(LeadOfferExpired, speaks="network")
def rate_after_silence(event: LeadOfferExpired) -> None:
    """Silence counts."""
    service.rate_dealer(dealer_id=event.dealer_id, at=now())


@subscribe(LeadDelivered, speaks="network")
def rate_after_delivery(event: LeadDelivered) -> None:
    """A sale counts."""
    service.rate_dealer(dealer_id=event.dealer_id, at=now())


@subscribe(LeadConfirmed, speaks="network")
def rate_after_feedback(event: LeadConfirmed) -> None:
    """The customer's stars count."""
    if event.dealer_id:
        service.rate_dealer(dealer_id=event.dealer_id, at=now())


@subscribe(LeadLost, speaks="network")
def rate_after_loss(event: LeadLost) -> None:
    """A lost sale counts."""
    if event.dealer_id:
        service.rate_dealer(dealer_id=event.dealer_id, at=now())


@subscribe(LeadWon, speaks="network")
def rate_after_sale(event: LeadWon) -> None:
    """A sale without an order counts as one with."""
    service.rate_dealer(dealer_id=event.dealer_id, at=now())


@subscribe(LeadInvalidated, speaks="network")
def rate_after_no_request(event: LeadInvalidated) -> None:
    """A lead with no request behind it counts no more."""
    service.rate_dealer(dealer_id=event.dealer_id, at=now())


@subscribe(LeadReopened, speaks="network")
def rate_after_reopening(event: LeadReopened) -> None:
    """What was taken back counts no more."""
    service.rate_dealer(dealer_id=event.dealer_id, at=now())


@subscribe(LeadSettled, speaks="network", when=lambda event: event.dealer_id is not None)
def rate_after_decision(event: LeadSettled) -> None:
    """What was put right counts as it is now."""
    service.rate_dealer(dealer_id=event.dealer_id, at=now())
