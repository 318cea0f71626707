"""Giving an order up, or a part of it: its stock becomes free, its leads are closed, its money goes back."""

from __future__ import annotations

import uuid
from datetime import datetime

from app.kernel.events import publish
from app.kernel.identity import current_tenant
from app.kernel.money import Money
from app.web.audit import audit
from blueprints.leads import service as leads
from blueprints.leads.models import Lead
from blueprints.leads.rules import CLOSED
from blueprints.orders import mails
from blueprints.orders.errors import TooLate
from blueprints.orders.events import OrderCancelled, RefundDue
from blueprints.orders.models import Order
from blueprints.orders.placing import give_back_stock
from blueprints.orders.queries import (
    find_open_part,
    find_paid_payment,
    get_order,
    is_cancellable,
    parts_of,
    payments_of,
)
from blueprints.orders.rules import part_worth


def cancel_order(*, order_id: uuid.UUID, reason: str, actor: str, at: datetime) -> Order:
    """Give the order up for good; nothing happens when it was before. `TooLate` for a customer who waited.

    `reason` is `expired` (not paid in time), `customer`, `staff`, or `lost` (its leads ended without a sale).
    A try to pay that is not decided must be closed before (`payments.close_open_try`).
    """
    order = get_order(order_id, lock=True)
    if order.state == "cancelled":
        return order
    parts = parts_of(order)
    if reason == "customer" and not is_cancellable(order, parts):
        raise TooLate
    if not parts:
        give_back_stock(order)
    _end_parts(order, reason, actor, at)
    order.state, order.cancel_reason, order.cancelled_at = "cancelled", reason, at
    is_refunded = _give_money_back(order, by_staff=reason == "staff")
    publish(OrderCancelled(tenant_id=current_tenant(), order_id=str(order.id), reason=reason))
    mails.order_cancelled(order, is_refunded=is_refunded)
    return order


def lose_part(*, order_id: uuid.UUID, lead_id: uuid.UUID, at: datetime) -> None:
    """A part of the order ended without a sale: its money goes back, once; the last one to be lost ends the order."""
    order = get_order(order_id, lock=True)
    if order.state != "placed":
        return
    parts = parts_of(order)
    if all(part.state in CLOSED for part in parts):
        cancel_order(order_id=order_id, reason="lost", actor="system", at=at)
        return
    lost = next(part for part in parts if part.id == lead_id)
    returned = _give_part_back(order, lost, at)
    mails.part_lost(order, lines=lost.lines, returned=returned)


def _end_parts(order: Order, reason: str, actor: str, at: datetime) -> None:
    """Close one part after the other, reading anew each time: while we waited for one, it may have been divided."""
    ended: set[uuid.UUID] = set()
    why = "changed_mind" if reason == "customer" else "other"
    while lead := find_open_part(order, ended):
        verb = leads.lose if lead.assignee_id == current_tenant() else leads.close
        verb(lead=lead, reason=why, at=at, actor=actor)
        ended.add(lead.id)


def _give_part_back(order: Order, lost: Lead, at: datetime) -> Money | None:
    """Note what goes back of the payment and let it go; nothing when it was not paid, or was noted before."""
    payment = find_paid_payment(order.id)
    key = str(lost.id)
    if payment is None or key in payment.returns:
        return None
    returned = sum(each["minor"] for each in payment.returns.values())
    worth = part_worth(lost.lines, paid=Money(payment.minor, payment.currency),
                       returned=Money(returned, payment.currency))
    noted = {"minor": worth.minor, "asked_at": at.isoformat(), "done_at": None}
    payment.returns = {**payment.returns, key: noted}
    publish(RefundDue(tenant_id=current_tenant(), payment_id=str(payment.id), lead_id=key))
    return worth


def _give_money_back(order: Order, *, by_staff: bool) -> bool:
    paid = [payment for payment in payments_of(order.id) if payment.state == "paid"]
    for payment in paid:
        if by_staff:
            audit("money.refunded", f"payment:{payment.id}", minor=payment.minor, currency=payment.currency)
        publish(RefundDue(tenant_id=current_tenant(), payment_id=str(payment.id)))
    return bool(paid)
