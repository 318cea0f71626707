"""An order's own pages, behind its signed link: paying it, following it, writing about it, giving it up."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.kernel.clock import now
from app.kernel.errors import HouseError, Refused, Unavailable
from app.kernel.ports import CardDeclined, payment_gateway
from app.kernel.words import _
from app.web.access import Section
from app.web.errors import status_of
from app.web.headers import allow
from app.web.templating import render
from blueprints.accounts.service import Person, account_parts
from blueprints.leads.service import write
from blueprints.orders import service
from blueprints.orders.errors import NotPayable
from blueprints.orders.forms import CardForm
from blueprints.orders.models import Order
from blueprints.orders.page import tracking_page
from blueprints.orders.queries import find_open_payment, get_linked_order, order_token, orders_of_customer, parts_of
from blueprints.orders.rules import payable_until
from blueprints.orders.words import ORDER_STATES

orders = Section("orders", __name__)


@orders.get("/l/order/<token>", access="link")
def track(token: str) -> str:
    """Where the order is now."""
    return render("orders/track.html", token=token, **tracking_page(get_linked_order(token)))


@orders.post("/l/order/<token>/cancellation", access="link")
def cancel(token: str) -> Response:
    """The customer gives the order up."""
    order = get_linked_order(token)
    try:
        service.close_open_try(order_id=order.id, at=now())
        service.cancel_order(order_id=order.id, reason="customer", actor="customer", at=now())
    except Unavailable as silence:
        flash(silence.sentence, "error")
    else:
        flash(_("Order %(number)s is cancelled.", number=order.number), "success")
    return redirect(url_for("orders.track", token=token))


@orders.post("/l/order/<token>/messages", access="link")
def message(token: str) -> Response:
    """The customer writes to whoever serves him, or this part of his order."""
    parts, wanted = parts_of(get_linked_order(token)), request.form.get("part", 1, type=int)
    lead = next((part for part in parts if part.part == wanted), None)
    try:
        if lead is not None:
            write(lead=lead, author="customer", body=request.form.get("body", ""), at=now())
    except HouseError as refusal:
        flash(refusal.sentence, "error")
    anchor = f"messages-{wanted}" if len(parts) > 1 else "messages"
    return redirect(url_for("orders.track", token=token, _anchor=anchor))


@orders.get("/checkout/pay/<token>", access="link")
def pay_page(token: str) -> Response | str:
    """The card's page, for an order that awaits its payment."""
    order = get_linked_order(token)
    if order.state != "awaiting_payment":
        return redirect(url_for("orders.track", token=token))
    try:
        return _card_page(order, secret=_secret_to_confirm(order))
    except Unavailable as silence:
        return _card_page(order, problem=silence.sentence)


@orders.post("/checkout/pay/<token>", access="link")
def pay(token: str) -> Response | tuple[str, int]:
    """Charge the card; what is refused is said on the same page."""
    order, form = get_linked_order(token), CardForm()
    if not form.validate():
        return _card_page(order, problem=_("Enter the card first.")), 422
    try:
        state = service.pay(order_id=order.id, card_token=form.card_token.data or "", at=now())
    except NotPayable:
        return redirect(url_for("orders.track", token=token))
    except (CardDeclined, Refused, Unavailable) as refusal:
        return _card_page(order, problem=refusal.sentence), status_of(refusal)
    if state == "paid":
        flash(_("Thank you, the payment has come. The order is placed."), "success")
        return redirect(url_for("orders.track", token=token))
    return redirect(url_for("orders.pay_page", token=token))


@orders.get("/checkout/pay/<token>/return", access="link")
def pay_return(token: str) -> Response:
    """Back from the bank: ask how it went, then show it."""
    order = get_linked_order(token)
    payment = find_open_payment(order.id)
    state = None
    try:
        state = service.settle(payment.reference, at=now()) if payment and payment.reference else None
    except Unavailable as silence:
        flash(silence.sentence, "error")
    if state == "failed":
        flash(_("The bank did not confirm the payment. Try again, or pay on delivery."), "error")
    if state == "paid":
        flash(_("Thank you, the payment has come. The order is placed."), "success")
    return redirect(url_for("orders.pay_page", token=token))


@orders.post("/checkout/pay/<token>/on-delivery", access="link")
def pay_on_delivery(token: str) -> Response:
    """The customer would rather pay when the goods come."""
    order = get_linked_order(token)
    try:
        service.pay_on_delivery(order_id=order.id, at=now())
    except HouseError as refusal:
        flash(refusal.sentence, "error")
        return redirect(url_for("orders.pay_page", token=token))
    flash(_("Order %(number)s is placed. You pay on delivery.", number=order.number), "success")
    return redirect(url_for("orders.track", token=token))


def customers_orders(person: Person) -> tuple[str, dict[str, Any]]:
    """The customer's orders, for his account page."""
    listed = [(order, order_token(order)) for order in orders_of_customer(person.id)]
    return "orders/_mine.html", {"orders": listed, "states": ORDER_STATES}


account_parts.append(customers_orders)


def _secret_to_confirm(order: Order) -> str | None:
    """The secret of a charge that the person has to confirm at his bank, if there is one."""
    payment = find_open_payment(order.id)
    if payment is None or not payment.reference:
        return None
    intent = payment_gateway().find(payment.reference)
    return intent.client_secret if intent.state == "requires_action" else None


def _card_page(order: Order, *, secret: str | None = None, problem: str | None = None) -> str:
    gateway = payment_gateway()
    for directive, sources in gateway.origins.items():
        for source in sources:
            allow(directive, source)
    return render(
        "orders/pay.html", order=order, token=order_token(order), form=CardForm(formdata=None), secret=secret,
        problem=problem, script=gateway.script_url, key=gateway.publishable_key, until=payable_until(order.placed_at),
    )
