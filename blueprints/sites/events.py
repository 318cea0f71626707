"""What happens on a dealer's way into the network. `tenant_id` is HQ, or the new dealer himself."""

from __future__ import annotations

from app.kernel.events import event


@event
class DealerConfirmed:
    """The applicant opened the link in his mail; his site may be made."""

    tenant_id: str
    application_id: str


@event
class SiteMade:
    """Schema, role, host and owner's account of the dealer stand; `dealer_id` speaks from now on."""

    tenant_id: str
    dealer_id: str
    application_id: str


@event
class DealerApproved:
    """HQ opened a waiting dealer's site to visitors."""

    tenant_id: str
    dealer_id: str


@event
class DealerRefused:
    """HQ refused a waiting dealer, and says why."""

    tenant_id: str
    dealer_id: str
    reason: str


@event
class DealerSuspended:
    """HQ closed a dealer's site for now, and says why; what he was offered goes to others."""

    tenant_id: str
    dealer_id: str
    reason: str


@event
class DealerClosed:
    """HQ ended with a dealer, and says why; what he was offered goes to others."""

    tenant_id: str
    dealer_id: str
    reason: str


@event
class DealerResumed:
    """HQ opened a suspended dealer's site again."""

    tenant_id: str
    dealer_id: str
