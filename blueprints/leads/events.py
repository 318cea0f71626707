"""What happens to leads. `tenant_id` is who did it, `owner_id` on whose site the lead was born."""

from __future__ import annotations

from app.kernel.events import event


@event
class LeadOpened:
    """A lead was born on the site of `tenant_id`."""

    tenant_id: str
    lead_id: str


@event
class LeadSplit:
    """An order of `tenant_id` goes to several dealers: the lead keeps a part of it, the others are leads of their own.

    `lead_id` is the lead that was divided.
    """

    tenant_id: str
    lead_id: str


@event
class LeadOffered:
    """A lead of `tenant_id` waits for the answer of a dealer."""

    tenant_id: str
    dealer_id: str
    lead_id: str


@event
class LeadOfferReminder:
    """The window of an offer is about to end."""

    tenant_id: str
    dealer_id: str
    lead_id: str


@event
class LeadOfferExpired:
    """A dealer let the window pass."""

    tenant_id: str
    dealer_id: str
    lead_id: str


@event
class LeadOfferWithdrawn:
    """A dealer need not answer any more: another one was `faster`, or HQ decided otherwise (`by_hand`,
    `recycled`), or he does not work at present (`inactive`)."""

    tenant_id: str
    dealer_id: str
    lead_id: str
    reason: str


@event
class LeadGiven:
    """A lead is a dealer's without his being asked; the rules in force want it so."""

    tenant_id: str
    dealer_id: str
    lead_id: str


@event
class LeadEscalated:
    """No dealer is left; the lead waits for its owner, HQ."""

    tenant_id: str
    lead_id: str


@event
class LeadAssignmentAsked:
    """HQ decided by hand who gets a lead."""

    tenant_id: str
    dealer_id: str
    lead_id: str
    reason: str


@event
class LeadRecyclingAsked:
    """HQ wants a lead to go through routing from the start; `forgets` that dealers were asked before."""

    tenant_id: str
    lead_id: str
    forgets: bool


@event
class LeadHandedOn:
    """A dealer handed a lead to a branch of his, `to_id`."""

    tenant_id: str
    owner_id: str
    dealer_id: str
    to_id: str
    lead_id: str


@event
class LeadLooksAgain:
    """A dealer who had taken a lead does not serve it after all: another one is being looked for."""

    tenant_id: str
    owner_id: str
    lead_id: str


@event
class LeadAccepted:
    """A dealer took a lead."""

    tenant_id: str
    owner_id: str
    dealer_id: str
    lead_id: str


@event
class LeadDeclined:
    """A dealer refused a lead, or gave it back before anything was shipped."""

    tenant_id: str
    owner_id: str
    dealer_id: str
    lead_id: str


@event
class LeadShipped:
    """The goods are on their way."""

    tenant_id: str
    owner_id: str
    dealer_id: str
    lead_id: str


@event
class LeadDelivered:
    """The customer has the goods, says the dealer."""

    tenant_id: str
    owner_id: str
    dealer_id: str
    lead_id: str


@event
class LeadLost:
    """There will be no sale; `dealer_id` is empty when nobody held the lead."""

    tenant_id: str
    owner_id: str
    dealer_id: str | None
    lead_id: str


@event
class LeadJoined:
    """A lead says only once more what another one says; `dealer_id` is who was asked whether he takes it."""

    tenant_id: str
    dealer_id: str | None
    lead_id: str


@event
class LeadContacted:
    """The dealer has spoken with the customer."""

    tenant_id: str
    owner_id: str
    dealer_id: str
    lead_id: str


@event
class LeadAttempted:
    """The dealer called, and nobody answered."""

    tenant_id: str
    owner_id: str
    dealer_id: str
    lead_id: str


@event
class LeadQuoted:
    """The dealer made the customer an offer."""

    tenant_id: str
    owner_id: str
    dealer_id: str
    lead_id: str


@event
class LeadWon:
    """A lead without an order ended in a sale, says the dealer."""

    tenant_id: str
    owner_id: str
    dealer_id: str
    lead_id: str


@event
class LeadInvalidated:
    """There was no real request behind the lead, says the dealer."""

    tenant_id: str
    owner_id: str
    dealer_id: str
    lead_id: str


@event
class LeadReopened:
    """The dealer took back what he said of the lead's end."""

    tenant_id: str
    owner_id: str
    dealer_id: str
    lead_id: str


@event
class LeadCustomerAsked:
    """A customer of `tenant_id` is asked how it went."""

    tenant_id: str
    lead_id: str


@event
class LeadNewsAsked:
    """A dealer is asked what became of leads in his hands: `owner:lead` each, those of which he owes news first."""

    tenant_id: str
    dealer_id: str
    leads: tuple[str, ...]


@event
class LeadQuestioned:
    """HQ asks a dealer about a lead of which its customer tells something else."""

    tenant_id: str
    owner_id: str
    dealer_id: str
    lead_id: str


@event
class LeadSettled:
    """Dealer and customer no longer differ: the dealer agreed, or HQ decided."""

    tenant_id: str
    owner_id: str
    dealer_id: str | None
    lead_id: str


@event
class LeadConfirmed:
    """The customer said whether he has the goods and how content he is."""

    tenant_id: str
    owner_id: str
    dealer_id: str | None
    lead_id: str


@event
class LeadMessageWritten:
    """A message for the other side; `reader_id` is the tenant who passes it on."""

    tenant_id: str
    owner_id: str
    dealer_id: str | None
    reader_id: str
    lead_id: str
    message_id: str


@event
class LeadTableQueued:
    """A table of leads waits to be taken in."""

    tenant_id: str
    run_id: str
