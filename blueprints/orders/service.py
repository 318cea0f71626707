"""The verbs of orders, for whoever stands above."""

from __future__ import annotations

from blueprints.orders.cancelling import cancel_order, lose_part
from blueprints.orders.payments import (
    ask_refund,
    close_open_try,
    look_after,
    pay,
    pay_on_delivery,
    refund,
    refund_part,
    settle,
    tell,
)
from blueprints.orders.placing import Draft, place_order

__all__ = [
    "Draft", "ask_refund", "cancel_order", "close_open_try", "look_after", "lose_part", "pay", "pay_on_delivery",
    "place_order", "refund", "refund_part", "settle", "tell",
]
