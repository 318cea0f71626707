"""Words for states and methods of orders and payments."""

from __future__ import annotations

from flask_babel.speaklater import LazyString

from app.kernel.words import _l
from blueprints.leads.rules import DELIVERY_WORDS, PAYMENT_WORDS

ORDER_STATES: dict[str, tuple[LazyString, str]] = {
    "awaiting_payment": (_l("Awaits payment"), "warn"),
    "placed": (_l("Placed"), "brand"),
    "cancelled": (_l("Cancelled"), "bad"),
}
PROGRESS: dict[str, tuple[LazyString, str]] = {
    "partly": (_l("Partly delivered"), "info"),
    "delivered": (_l("Delivered"), "good"),
}
PAYMENT_STATES: dict[str, tuple[LazyString, str | None]] = {
    "created": (_l("Begun"), None),
    "processing": (_l("With the bank"), "warn"),
    "paid": (_l("Paid"), "good"),
    "failed": (_l("Declined"), "bad"),
    "cancelled": (_l("Given up"), None),
    "refunded": (_l("Refunded"), "info"),
    "mismatched": (_l("Does not match"), "bad"),
}
PAYMENT_METHODS, DELIVERY_METHODS = PAYMENT_WORDS, DELIVERY_WORDS
CANCEL_REASONS: dict[str, LazyString] = {
    "expired": _l("The order was not paid within 30 minutes."),
    "customer": _l("Cancelled by the customer."),
    "staff": _l("Cancelled by the seller."),
    "lost": _l("The seller could not serve the order."),
}
