"""From what happens to leads to calls of webhooks: who listens is found, the call noted, made, and tried again."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.kernel.clock import now
from app.kernel.db import db
from app.kernel.events import Later, publish, subscribe
from app.kernel.jobs import every
from blueprints.integrations.webhooks import listening, service
from blueprints.integrations.webhooks.events import WebhookCalled, WebhookDue
from blueprints.integrations.webhooks.models import Webhook, WebhookCall
from blueprints.leads import events
from blueprints.leads.queries import find_lead

CODES: dict[type, str] = {
    events.LeadOpened: "lead.opened", events.LeadOffered: "lead.offered", events.LeadOfferExpired: "lead.expired",
    events.LeadEscalated: "lead.escalated", events.LeadAccepted: "lead.accepted", events.LeadDeclined: "lead.declined",
    events.LeadContacted: "lead.contacted", events.LeadQuoted: "lead.quoted", events.LeadShipped: "lead.shipped",
    events.LeadDelivered: "lead.won", events.LeadWon: "lead.won", events.LeadLost: "lead.lost",
    events.LeadInvalidated: "lead.invalid", events.LeadReopened: "lead.reopened",
    events.LeadConfirmed: "lead.feedback", events.LeadMessageWritten: "lead.message",
}
KEPT = timedelta(days=30)


def find_listeners(event: Any) -> None:
    """Have every address told that wants to hear of it."""
    code = CODES[type(event)]
    rows = db.session.execute(sa.select(Webhook.owner_id, Webhook.id).where(
        Webhook.owner_id.in_(listening.concerned(event)), code == sa.any_(Webhook.events),
        Webhook.disabled_at.is_(None),
    ))
    owner = getattr(event, "owner_id", None) or event.tenant_id
    for tenant_id, webhook_id in rows:
        publish(WebhookCalled(
            tenant_id=tenant_id, webhook_id=webhook_id, code=code, owner_id=owner, lead_id=event.lead_id,
            at=now().isoformat(),
        ))


for heard in CODES:
    subscribe(heard, speaks="network", when=listening.is_heard)(find_listeners)


@subscribe(WebhookCalled, speaks="tenant_id")
def note_call(event: WebhookCalled) -> None:
    """Write down what the tenant may know of the lead now: never whom to call, that is asked of the API."""
    hook = db.session.get(Webhook, (event.tenant_id, uuid.UUID(event.webhook_id)))
    lead = find_lead(event.owner_id, uuid.UUID(event.lead_id))
    if hook is None or hook.disabled_at:
        return
    about: dict[str, Any] = {"id": event.lead_id}
    if lead is not None:
        about |= {
            "number": lead.number, "kind": lead.kind, "state": lead.state, "source": lead.source,
            "value": {"minor": lead.value_minor, "currency": lead.currency},
            "is_own": lead.owner_id == event.tenant_id, "is_held": lead.assignee_id == event.tenant_id,
        }
    service.call(hook=hook, code=event.code, about={"lead": about}, at=datetime.fromisoformat(event.at))


@subscribe(WebhookDue, speaks="tenant_id")
def make_call(event: WebhookDue) -> None:
    """Make the call, when its time has come."""
    row = db.session.get(WebhookCall, (event.tenant_id, uuid.UUID(event.call_id)))
    hook = db.session.get(Webhook, (event.tenant_id, row.webhook_id)) if row else None
    if row is None or hook is None or row.state != "waiting":
        return
    at = now()
    if row.next_at and row.next_at > at:
        raise Later((row.next_at - at).total_seconds())
    service.attempt(row=row, hook=hook, at=at)


@every(seconds=3600)
def forget_calls() -> None:
    """The log goes back a month."""
    db.session.execute(
        sa.delete(WebhookCall).where(WebhookCall.created_at < now() - KEPT)
        .execution_options(synchronize_session=False)
    )
