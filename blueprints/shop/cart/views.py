"""The visitor's cart. Every form works by itself; with htmx only the cart's part of the page is exchanged."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.kernel.clock import now
from app.kernel.words import _
from app.web.access import Section
from app.web.templating import add_context, render
from blueprints.accounts.service import signed_in
from blueprints.orders.queries import get_linked_order
from blueprints.shop.cart import service
from blueprints.shop.cart.contents import Contents, contents_of
from blueprints.shop.cart.cookie import find_cart, get_or_open_cart, keep_secret
from blueprints.shop.city import current_city

cart = Section("cart", __name__, template_folder="../templates")
cart.after_app_request(keep_secret)
signed_in.append(service.join_carts)


@add_context
def cart_count() -> dict[str, Any]:
    """The number beside the cart in the header, on visitors' pages."""
    return {"cart_count": service.count_pieces()} if _is_visitors_page() else {}


@cart.get("/cart", access="anyone")
def show() -> str:
    """What lies in the cart, at the prices of this moment."""
    return render("shop/cart/cart.html", contents=_contents())


@cart.post("/cart/lines", access="anyone")
def add() -> Response | str:
    """Put a product in."""
    service.put_in(product_id=_number("product_id"), quantity=_number("quantity", 1))
    if _is_partial():
        return _control(_number("product_id"))
    flash(_("The product is in the cart."), "success")
    return redirect(url_for("cart.show"))


@cart.post("/cart/lines/<int:product_id>", access="anyone")
def change(product_id: int) -> Response | str:
    """Set the quantity of a line."""
    service.change_quantity(product_id=product_id, quantity=_number("quantity", 1))
    if _is_partial() and "with_quantity" in request.form:
        return _control(product_id)
    return _changed()


@cart.post("/cart/lines/<int:product_id>/removal", access="anyone")
def remove(product_id: int) -> Response | str:
    """Take a line out."""
    service.take_out(product_id=product_id)
    return _changed()


@cart.post("/cart/repetition/<token>", access="link")
def repeat(token: str) -> Response:
    """Put everything of an earlier order into the cart again."""
    order = get_linked_order(token)
    service.add_lines(get_or_open_cart(), [(line.product_id, line.quantity) for line in order.lines])
    flash(_("Everything from order %(number)s is in the cart, at today's prices.", number=order.number), "success")
    return redirect(url_for("cart.show"))


def _control(product_id: int) -> str:
    """What a product's own page and card show of the cart."""
    return render(
        "shop/cart/_added.html", product_id=product_id, quantity=service.quantity_in_cart(product_id),
        with_quantity="with_quantity" in request.form,
    )


def _changed() -> Response | str:
    if _is_partial():
        return render("shop/cart/_cart.html", contents=_contents())
    return redirect(url_for("cart.show"))


def _contents() -> Contents:
    return contents_of(find_cart(), city=current_city(), at=now())


def _number(name: str, default: int = 0) -> int:
    return request.form.get(name, default, type=int) or default


def _is_partial() -> bool:
    return request.headers.get("HX-Request") == "true"


def _is_visitors_page() -> bool:
    section = current_app.blueprints.get(request.blueprint or "")
    return getattr(section, "audience", "visitors") in ("visitors", "brand")
