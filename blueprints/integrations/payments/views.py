"""What the provider tells us without being asked."""

from __future__ import annotations

from flask import request

from app.kernel.clock import now
from app.kernel.errors import Forbidden
from app.kernel.identity import current_tenant
from app.kernel.ids import HQ
from app.kernel.ports import payment_gateway
from app.kernel.words import _
from app.web.access import Section
from blueprints.orders.service import settle, tell
from tenants.registry import find_tenant

webhooks = Section("webhooks", __name__)


@webhooks.post("/stripe", access="anyone")
def stripe_event() -> tuple[str, int]:
    """A signed event: a reason to ask about the charge it names, and no more.

    The network has one account, so events of all tenants come to HQ's host. HQ may not look into a dealer's
    payments: it hands the reference on, and the dealer's own worker asks the provider.
    """
    intent = payment_gateway().read_webhook(request.get_data(), request.headers.get("Stripe-Signature", ""))
    if intent is None:
        return "", 204
    payee_id = intent.metadata.get("tenant_id", "")
    if payee_id == current_tenant():
        settle(intent.reference, at=now())
    elif current_tenant() == HQ and find_tenant(payee_id):
        tell(intent.reference, payee_id=payee_id)
    else:
        raise Forbidden(_("This payment belongs to another site."))
    return "", 204
