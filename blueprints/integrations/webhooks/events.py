"""What happens to webhooks."""

from __future__ import annotations

from app.kernel.events import event


@event
class WebhookCalled:
    """Something happened to a lead of which an address of `tenant_id` is to be told."""

    tenant_id: str
    webhook_id: str
    code: str
    owner_id: str
    lead_id: str
    at: str


@event
class WebhookDue:
    """A call is to be made now, or tried again."""

    tenant_id: str
    call_id: str
