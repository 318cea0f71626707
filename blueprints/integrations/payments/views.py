"""What the provider tells us without being asked."""

from __future__ import annotations

from flask import request

from app.kernel.clock import now
from app.kernel.errors import Forbidden
from app.kernel.identity import current_tenant
from app.kernel.ports import payment_gateway
from app.kernel.words import _
from app.web.access import Section
from blueprints.orders.service import settle

webhooks = Section("webhooks", __name__)


@webhooks.post("/stripe", access="anyone")
def stripe_event() -> tuple[str, int]:
    """A signed event: a reason to ask about the charge it names, and no more."""
    intent = payment_gateway().read_webhook(request.get_data(), request.headers.get("Stripe-Signature", ""))
    if intent is not None:
        if intent.metadata.get("tenant_id") != current_tenant():
            raise Forbidden(_("This payment belongs to another site."))
        settle(intent.reference, at=now())
    return "", 204
