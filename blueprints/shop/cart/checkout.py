"""The checkout: one page, one form, one order a cart, whatever is pressed twice."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.kernel.clock import now
from app.kernel.db import db, start_over
from app.kernel.errors import HouseError, Refused
from app.kernel.ports import payment_gateway
from app.kernel.words import _
from app.web.access import speaker
from app.web.here import here
from app.web.links import read_link, sign
from app.web.locale import format_money, locale, localized
from app.web.templating import render
from blueprints.accounts.models import Customer
from blueprints.leads.service import Contact
from blueprints.orders.errors import NoStock
from blueprints.orders.models import Order
from blueprints.orders.queries import find_order_of_cart, order_token
from blueprints.orders.service import Draft, place_order
from blueprints.shop import attribution
from blueprints.shop.cart.contents import Contents, contents_of
from blueprints.shop.cart.cookie import customer_id, find_cart
from blueprints.shop.cart.forms import CARD, PICKUP, CheckoutForm
from blueprints.shop.cart.points import Choice, choices_for
from blueprints.shop.cart.views import cart
from blueprints.shop.city import CityFacts, chosen_city
from blueprints.shop.models import Cart

PURPOSE = "checkout"


class CartChanged(Refused):
    """What the visitor saw is not what he would order now."""


@cart.get("/checkout", access="anyone")
def checkout() -> Response | str:
    """The form, filled with what is known of the visitor."""
    visitor, city = find_cart(), chosen_city()
    contents = contents_of(visitor, city=city, at=now())
    if visitor is None or not contents.is_orderable:
        return redirect(url_for("cart.show"))
    if city is None:
        return redirect(url_for("shop.city", next=url_for("cart.checkout")))
    return _page(_form(**_known_of_customer()), contents, city)


@cart.post("/checkout", access="anyone")
def place() -> Response | tuple[str, int]:
    """Place the order; the same form again leads to the same order."""
    form, city = _form(), chosen_city()
    visitor = _cart_of(form)
    if visitor is None or city is None:
        return redirect(url_for("cart.show"))
    if visitor.ordered_at is not None:
        return _onward(find_order_of_cart(visitor.id))
    contents = contents_of(visitor, city=city, at=now())
    points = choices_for(contents.priced, city) if form.delivery_method.data == PICKUP else []
    form.points = frozenset(one.point.key for one in points)
    if not form.validate():
        return _page(form, contents, city), 422
    try:
        chosen = next((one for one in points if one.point.key == form.point.data), None)
        order = _order(form, visitor, contents, city, chosen, now())
    except HouseError as refusal:
        start_over()
        form.blame(refusal)
        return _page(form, contents_of(visitor, city=city, at=now()), city), 409
    return _onward(order)


def _order(
    form: CheckoutForm, visitor: Cart, contents: Contents, city: CityFacts, chosen: Choice | None, at: datetime
) -> Order:
    if contents.fingerprint != form.seen.data:
        total = format_money(contents.totals.total)
        raise CartChanged(_(
            "Prices or quantities have changed since you opened this page. The total is now %(total)s. "
            "Look at the order and confirm it once more.", total=total,
        ))
    if not contents.is_orderable:
        raise NoStock({line.product_id: line.left for line in contents.lines if line.problem})
    visitor.ordered_at = at
    return place_order(draft=_draft(form, visitor, contents, city, chosen), at=at)


def _draft(
    form: CheckoutForm, visitor: Cart, contents: Contents, city: CityFacts, chosen: Choice | None
) -> Draft:
    source, campaign = attribution.current()
    own_address = None if here().is_hq else here().profile.get("address")
    address = own_address if form.delivery_method.data == PICKUP else form.address.data
    promise = contents.promise
    if chosen is not None:
        place = localized(chosen.city) if chosen.city else ""
        address = ", ".join(part for part in (chosen.point.name, place, chosen.point.address) if part)
        promise = chosen.promise if here().is_hq else promise
    return Draft(
        cart_id=visitor.id, customer_id=customer_id(), lines=contents.priced, city_id=city.id,
        contact=Contact(form.name.data, form.email.data, form.phone.data, address or None, form.comment.data or None),
        delivery_method=form.delivery_method.data, payment_method=form.payment_method.data,
        pickup=chosen.point.as_json() if chosen else None, promise=promise.as_json() if promise else {},
        source=source, campaign=campaign,
        locale=locale(),
    )


def _cart_of(form: CheckoutForm) -> Cart | None:
    """The cart the form was made for, locked; it was signed, so it may be one that is ordered already."""
    cart_id = uuid.UUID(read_link(PURPOSE, form.key.data or ""))
    return db.session.scalar(sa.select(Cart).where(Cart.id == cart_id).with_for_update(of=Cart))


def _onward(order: Order | None) -> Response:
    if order is None:
        return redirect(url_for("cart.show"))
    token = order_token(order)
    if order.state == "awaiting_payment":
        return redirect(url_for("orders.pay_page", token=token))
    if request.method == "POST":
        flash(_("Thank you! Order %(number)s is placed.", number=order.number), "success")
    return redirect(url_for("orders.track", token=token))


def _form(**known: str | None) -> CheckoutForm:
    return CheckoutForm(data=known or None, has_cards=payment_gateway().is_ready)


def _known_of_customer() -> dict[str, str | None]:
    default = {"payment_method": CARD if payment_gateway().is_ready else "on_delivery", "delivery_method": "courier"}
    person, owner = speaker(), customer_id()
    if person is None or owner is None:
        return default
    customer = db.session.get(Customer, owner)
    return {**default, "name": person.name, "email": person.email, "phone": customer.phone if customer else None}


def _page(form: CheckoutForm, contents: Contents, city: CityFacts) -> str:
    if contents.cart_id is not None:
        form.key.data = sign(PURPOSE, str(contents.cart_id))
    form.seen.data = contents.fingerprint
    return render(
        "shop/cart/checkout.html", form=form, contents=contents, to=city, shop=here(),
        points=(points := choices_for(contents.priced, city)), has_pickup=bool(points) or not here().is_hq,
    )
