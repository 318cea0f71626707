"""The verbs of orders, for whoever stands above."""

from __future__ import annotations

from blueprints.orders.placing import Draft, place_order

__all__ = ["Draft", "place_order"]
