"""What orders hear: their own payments to look after or told of, refunds to make, leads that ended without a sale."""

from __future__ import annotations

import uuid

import structlog

from app.kernel.clock import now
from app.kernel.errors import Unavailable
from app.kernel.events import Later, subscribe
from blueprints.leads.events import LeadInvalidated, LeadLost
from blueprints.orders import payments
from blueprints.orders.cancelling import lose_part
from blueprints.orders.events import OrderAwaitsPayment, PaymentTold, RefundDue
from blueprints.orders.queries import find_order_of_lead, find_payment

log = structlog.get_logger()

PAUSE = 30.0


@subscribe(OrderAwaitsPayment, speaks="tenant_id")
def look_after_payment(event: OrderAwaitsPayment) -> None:
    """Ask the provider from time to time, until the order is paid, cancelled, or out of time."""
    if payments.look_after(order_id=uuid.UUID(event.order_id), at=now()):
        raise Later(PAUSE)


@subscribe(RefundDue, speaks="tenant_id")
def give_money_back(event: RefundDue) -> None:
    """Refund the payment, or what was paid for a part, as soon as the provider answers."""
    payment_id = uuid.UUID(event.payment_id)
    try:
        if event.lead_id:
            payments.refund_part(payment_id=payment_id, lead_id=event.lead_id, at=now())
        else:
            payments.refund(payment_id=payment_id, at=now())
    except Unavailable:
        raise Later(PAUSE) from None


@subscribe(PaymentTold, speaks="payee_id")
def settle_told(event: PaymentTold) -> None:
    """Ask the provider about a charge of our own; what is not in our books is nobody's business here."""
    if find_payment(event.reference) is None:
        log.warning("payment_unknown", reference=event.reference)
        return
    try:
        payments.settle(event.reference, at=now())
    except Unavailable:
        raise Later(PAUSE) from None


@subscribe(LeadLost, speaks="owner_id")
def end_order(event: LeadLost) -> None:
    """No sale, no order, or no part of it: what was paid goes back."""
    _end(event.lead_id)


@subscribe(LeadInvalidated, speaks="owner_id")
def end_unreal_order(event: LeadInvalidated) -> None:
    """No customer, no order: what was paid goes back."""
    _end(event.lead_id)


def _end(lead_id: str) -> None:
    order = find_order_of_lead(uuid.UUID(lead_id))
    if order is not None:
        lose_part(order_id=order.id, lead_id=uuid.UUID(lead_id), at=now())
