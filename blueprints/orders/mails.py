"""Mails to the customer about his order, worded in the language he ordered in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import force_locale

from app.kernel.money import Money
from app.web.mail import send_later
from blueprints.orders.models import Order, OrderLine
from blueprints.orders.page import destination, promised
from blueprints.orders.queries import order_token
from blueprints.orders.words import CANCEL_REASONS, DELIVERY_METHODS, PAYMENT_METHODS


def order_placed(order: Order) -> None:
    """The order stands and is paid on delivery."""
    _send(order, "mail/order_placed")


def payment_awaited(order: Order) -> None:
    """The order waits for its card; with the link to pay."""
    _send(order, "mail/order_payment")


def order_paid(order: Order) -> None:
    """The money came, the order stands."""
    _send(order, "mail/order_paid")


def order_cancelled(order: Order, *, is_refunded: bool) -> None:
    """The order was given up, and whether money comes back."""
    _send(order, "mail/order_cancelled", is_refunded=is_refunded)


def money_returned(order: Order, *, returned: Money) -> None:
    """Money went back to the card, as much as had come and in its currency."""
    _send(order, "mail/order_refunded", minor=returned.minor, currency=returned.currency)


def part_lost(order: Order, *, lines: Iterable[Mapping[str, Any]], returned: Money | None) -> None:
    """A part of the order will not come, and how much goes back for it."""
    _send(
        order, "mail/order_part_lost", minor=returned.minor if returned else 0, currency=order.currency,
        lost=[[_name_of(line, order.locale), line["quantity"], line.get("minor", 0)] for line in lines],
    )


def _send(order: Order, template: str, **more: Any) -> None:
    if not order.contact.get("email"):
        return
    with force_locale(order.locale):
        values = _values(order)
    send_later(to=order.contact["email"], template=template, locale=order.locale, **values, **more)


def _values(order: Order) -> dict[str, Any]:
    return {
        "number": order.number,
        "name": order.contact["name"],
        "lines": [[_name(order, line), line.quantity, line.total_minor] for line in order.lines],
        "total": order.total_minor,
        "vat": order.vat_minor,
        "delivery": str(DELIVERY_METHODS[order.delivery_method]),
        "payment": str(PAYMENT_METHODS[order.payment_method]),
        "address": destination(order),
        "promise": promised(order),
        "reason": str(CANCEL_REASONS[order.cancel_reason]) if order.cancel_reason else None,
        "token": order_token(order),
    }


def _name(order: Order, line: OrderLine) -> str:
    return (line.name_en if order.locale == "en" else None) or line.name_ru


def _name_of(line: Mapping[str, Any], locale: str) -> str:
    return line.get(f"name_{locale}") or line["name_ru"]
