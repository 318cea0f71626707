"""Giving an order up: its stock becomes free, its lead is closed, its money goes back."""

from __future__ import annotations

import uuid
from datetime import datetime

from app.kernel.events import publish
from app.kernel.identity import current_tenant
from app.web.audit import audit
from blueprints.leads import service as leads
from blueprints.leads.models import OPEN_STATES, Lead
from blueprints.orders import mails
from blueprints.orders.errors import TooLate
from blueprints.orders.events import OrderCancelled, RefundDue
from blueprints.orders.models import Order
from blueprints.orders.placing import give_back_stock
from blueprints.orders.queries import get_order, is_cancellable, lead_of, payments_of


def cancel_order(*, order_id: uuid.UUID, reason: str, actor: str, at: datetime) -> Order:
    """Give the order up for good; nothing happens when it was before. `TooLate` for a customer who waited.

    `reason` is `expired` (not paid in time), `customer`, `staff`, or `lost` (its lead ended without a sale).
    A try to pay that is not decided must be closed before (`payments.close_open_try`).
    """
    order = get_order(order_id, lock=True)
    if order.state == "cancelled":
        return order
    lead = lead_of(order)
    if reason == "customer" and not is_cancellable(order, lead):
        raise TooLate
    if lead is None:
        give_back_stock(order)
    else:
        _end(lead, reason, actor, at)
    order.state, order.cancel_reason, order.cancelled_at = "cancelled", reason, at
    is_refunded = _give_money_back(order, by_staff=reason == "staff")
    publish(OrderCancelled(tenant_id=current_tenant(), order_id=str(order.id), reason=reason))
    mails.order_cancelled(order, is_refunded=is_refunded)
    return order


def _end(lead: Lead, reason: str, actor: str, at: datetime) -> None:
    if lead.state not in OPEN_STATES:
        return
    why = "changed_mind" if reason == "customer" else "other"
    verb = leads.lose if lead.assignee_id == current_tenant() else leads.close
    verb(lead=lead, reason=why, at=at, actor=actor)


def _give_money_back(order: Order, *, by_staff: bool) -> bool:
    paid = [payment for payment in payments_of(order.id) if payment.state == "paid"]
    for payment in paid:
        if by_staff:
            audit("money.refunded", f"payment:{payment.id}", minor=payment.minor, currency=payment.currency)
        publish(RefundDue(tenant_id=current_tenant(), payment_id=str(payment.id)))
    return bool(paid)
