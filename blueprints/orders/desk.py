"""The tenant's own orders at his desk."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.kernel.clock import now
from app.kernel.words import _
from app.web.access import Section, speaker
from app.web.templating import render
from blueprints.orders import service
from blueprints.orders.errors import NotRefundable
from blueprints.orders.forms import FilterForm
from blueprints.orders.page import order_page
from blueprints.orders.queries import get_order, list_orders
from blueprints.orders.words import ORDER_STATES, PAYMENT_METHODS

desk = Section("orders_desk", __name__)


@desk.get("/orders", access="clerk")
def index() -> str:
    """All orders, the newest first, looked through by words and state."""
    form = FilterForm(request.args)
    state = form.state.data if form.state.data in ORDER_STATES else ""
    page = list_orders(words=form.q.data or "", state=state, page=request.args.get("page", 1, type=int))
    return render(
        "orders/desk_list.html", page=page, form=form, state=state, states=ORDER_STATES,
        payment_methods=PAYMENT_METHODS, tabs=_tabs(state, form.q.data or None),
    )


@desk.get("/orders/<uuid:order_id>", access="clerk")
def show(order_id: uuid.UUID) -> str:
    """One order with its payments and where it is now."""
    return render("orders/desk_order.html", **order_page(get_order(order_id)))


@desk.post("/orders/<uuid:order_id>/cancellation", access="manager")
def cancel(order_id: uuid.UUID) -> Response:
    """The seller gives the order up; what was paid goes back."""
    service.close_open_try(order_id=order_id, at=now())
    order = service.cancel_order(order_id=order_id, reason="staff", actor="staff", at=now())
    flash(_("Order %(number)s is cancelled.", number=order.number), "success")
    return redirect(url_for("orders_desk.show", order_id=order_id))


@desk.post("/orders/<uuid:order_id>/payments/<uuid:payment_id>/refund", access="manager")
def refund(order_id: uuid.UUID, payment_id: uuid.UUID) -> Response:
    """Money that does not match the order goes back to the card it came from."""
    try:
        service.ask_refund(order_id=order_id, payment_id=payment_id, actor=f"staff:{speaker().id}", at=now())
    except NotRefundable as refusal:
        flash(refusal.sentence, "error")
    else:
        flash(_("The money goes back to the card. The customer gets a mail as soon as the bank confirms."), "success")
    return redirect(url_for("orders_desk.show", order_id=order_id))


def _tabs(state: str, words: str | None) -> list[dict[str, Any]]:
    labels = {"": _("All"), **{code: label for code, (label, _tone) in ORDER_STATES.items()}}
    return [
        {"label": label, "href": url_for("orders_desk.index", state=code or None, q=words), "active": code == state}
        for code, label in labels.items()
    ]
