"""Facts about orders and their payments."""

from __future__ import annotations

from app.kernel.events import event


@event
class OrderAwaitsPayment:
    """An order was placed that is to be paid by card first."""

    tenant_id: str
    order_id: str


@event
class OrderPlaced:
    """An order stands: to be paid on delivery, or paid. Its lead is open. `source` is what brought the customer."""

    tenant_id: str
    order_id: str
    source: str = ""


@event
class OrderPaid:
    """The money of an order has come."""

    tenant_id: str
    order_id: str
    payment_id: str


@event
class OrderCancelled:
    """An order was given up; `reason` is `expired`, `customer`, `staff` or `lost`."""

    tenant_id: str
    order_id: str
    reason: str


@event
class RefundDue:
    """Money that came is to be given back: all of it, or what was paid for the part whose lead `lead_id` is."""

    tenant_id: str
    payment_id: str
    lead_id: str = ""


@event
class PaymentTold:
    """The provider told the network about a charge of `payee_id`'s; what it is worth, the payee asks himself."""

    tenant_id: str
    payee_id: str
    reference: str
