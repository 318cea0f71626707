"""`/orders`: orders placed on this site."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from app.kernel.words import _l
from blueprints.integrations.api import shapes
from blueprints.integrations.api.catalogue import words
from blueprints.integrations.api.cursors import page_of
from blueprints.integrations.api.parts import parts, point, slugs_of
from blueprints.integrations.api.section import api
from blueprints.orders.models import Order, OrderLine
from blueprints.orders.queries import get_order, parts_of_orders

Item = dict[str, Any]


@api.get("/orders", access="key:orders:read", tag="orders", says=(
    _l("List orders"), _l("Orders placed on your site, the newest first."),
))
@api.arguments(shapes.OrdersAsked, location="query")
@api.response(200, shapes.OrderList)
def list_orders(asked: Mapping[str, Any]) -> Item:
    """A page of orders with their lines and parts, in four queries."""
    query = sa.select(Order)
    if state := asked.get("state"):
        query = query.where(Order.state == state)
    if since := asked.get("placed_since"):
        query = query.where(Order.placed_at >= since)
    found, following = page_of(
        query, Order.placed_at, Order.id, cursor=asked.get("cursor"), limit=asked["limit"], newest_first=True
    )
    return {"items": _items(found), "next": following}


@api.get("/orders/<uuid:order_id>", access="key:orders:read", tag="orders", says=(
    _l("Read an order"), _l("One order with its lines and the customer's contact."),
))
@api.response(200, shapes.OrderShape)
def show_order(order_id: uuid.UUID) -> Item:
    """One order."""
    return _items([get_order(order_id)])[0]


def person(contact: Any) -> Item:
    """A contact as it is told, from a row or a dictionary."""
    get = contact.get if isinstance(contact, Mapping) else lambda key: getattr(contact, key, None)
    return {key: get(key) or None for key in ("name", "email", "phone", "address", "comment", "company")}


def _items(orders: Sequence[Order]) -> list[Item]:
    divided = parts_of_orders(orders)
    slugs = slugs_of(lead for leads in divided.values() for lead in leads)
    return [_item(order) | {"parts": parts(divided.get(order.id, ()), slugs)} for order in orders]


def _item(order: Order) -> Item:
    plain = {
        key: getattr(order, key)
        for key in ("id", "number", "state", "lead_id", "delivery_method", "payment_method", "placed_at",
                    "cancelled_at", "cancel_reason")
    }
    amounts = {
        key: {"minor": getattr(order, f"{key}_minor"), "currency": order.currency}
        for key in ("goods", "delivery", "total", "vat")
    }
    return {
        **plain, **amounts, "city_id": str(order.city_id), "contact": person(order.contact),
        "pickup": point(order.pickup),
        "lines": [_line(line) for line in order.lines],
    }


def _line(line: OrderLine) -> Item:
    return {
        "product_id": str(line.product_id), "sku": line.sku, "name": words(line), "quantity": line.quantity,
        "unit_minor": line.unit_minor, "total_minor": line.total_minor, "vat_rate": str(line.vat_rate),
        "vat_minor": line.vat_minor,
    }
