"""A question, a call back, a quote, an installation: each becomes a lead, with the visitor's consent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import redirect, request, session, url_for
from werkzeug.wrappers import Response

from app.kernel.clock import now
from app.kernel.db import db
from app.kernel.money import Money
from app.kernel.words import _, _l
from app.web.here import here
from app.web.limits import limiter
from app.web.locale import locale, localized
from app.web.templating import render
from blueprints.catalog.models import Product
from blueprints.catalog.prices import prices_for
from blueprints.catalog.queries import find_product
from blueprints.leads.finding import wish_for
from blueprints.leads.intake import Asking, take
from blueprints.leads.letters import confirm_asking
from blueprints.leads.rules import ASKINGS
from blueprints.leads.service import Contact, Wish
from blueprints.shop.ask_form import AskForm
from blueprints.shop.attribution import current
from blueprints.shop.cart.contents import contents_of
from blueprints.shop.cart.cookie import find_cart
from blueprints.shop.city import CityFacts, current_city, find_named
from blueprints.shop.section import shop
from tenants.models import Tenant

CART = "cart"
"""What a form says of its goods when they are those of the visitor's cart."""


class Subject(NamedTuple):
    """What a wish is about: a product, the cart's goods, the dealer the visitor picked."""

    product: Product | None = None
    lines: Sequence[dict[str, Any]] = ()
    dealer: Tenant | None = None


TITLES = {
    "": _l("Ask us, or let us call you back"), "callback": _l("Let us call you back"), "question": _l("Ask a question"),
    "quote": _l("Ask for a quote"), "installation": _l("Order an installation"),
}
HINTS = {
    "": _l("We call back within working hours. If you write a question, we prepare an answer."),
    "callback": _l("We call back within working hours, at the time you choose."),
    "question": _l("We call back within working hours with an answer."),
    "quote": _l("You get a price for all of it, with delivery if you need it."),
    "installation": _l("A fitter of your city calls, looks at the place and names a price."),
}


def ask_form(product: Product | None = None, kind: str = "") -> AskForm:
    """An empty form, about a product or about anything."""
    return AskForm(formdata=None, product=product.slug if product else "", kind=kind)


@shop.get("/ask", access="anyone")
def ask() -> str:
    """The form on a page of its own, for one kind of wish."""
    values = {name: request.args.get(name, "")[:120] for name in ("kind", "product", "dealer", "goods")}
    city = current_city() if here().is_hq else None
    named = request.args.get("city", "")[:60].replace("\0", "")
    form = AskForm(formdata=None, **values, city=named or (localized(city) if city else ""))
    return _page(form, _subject(form))


@shop.post("/ask", access="anyone")
@limiter.limit("10 per hour")
def send_question() -> Response | tuple[str, int]:
    """Open a lead, and say what happens next."""
    form = AskForm()
    subject = _subject(form)
    place = find_named(form.city.data) if form.city.data else None
    is_whole = form.validate_on_submit()
    if form.city.data and place is None:
        form.city.errors = [_("There is no such city in our list. Write the nearest one.")]
        is_whole = False
    if not is_whole:
        return _page(form, subject), 422
    number = "" if form.website.data else _take_in(form, subject, place or current_city())
    session["request"] = {
        "name": form.name.data, "kind": form.wanted, "dealer": subject.dealer.name if subject.dealer else "",
        "number": number, "is_mailed": bool(form.said("email")),
    }
    return redirect(url_for("shop.asked"))


@shop.get("/ask/sent", access="anyone")
def asked() -> str | Response:
    """What happens next."""
    if "request" not in session:
        return redirect(url_for("shop.ask"))
    return render("shop/asked.html", **session["request"])


def _page(form: AskForm, subject: Subject) -> str:
    kind = form.kind.data
    return render(
        "shop/ask.html", form=form, subject=subject, title=TITLES[kind], hint=HINTS[kind],
        kinds=[(one, TITLES[one], _address(one, form)) for one in ASKINGS], kind=kind,
    )


def _address(kind: str, form: AskForm) -> str:
    told = {
        "product": form.product.data, "dealer": form.dealer.data, "goods": form.goods.data, "city": form.city.data,
    }
    return url_for("shop.ask", kind=kind, **{name: value for name, value in told.items() if value})


def _take_in(form: AskForm, subject: Subject, place: CityFacts | None) -> str:
    """Take the wish in and confirm it by mail; answers its number."""
    (source, campaign), lines = current(), subject.lines
    value = sum(line["minor"] for line in lines) if form.wanted == "quote" else 0
    taken = take(
        Asking(
            kind=form.wanted, source=source, campaign=campaign, city_id=place.id if place else None, lines=lines,
            value=Money(value), locale=locale(), contact=Contact(
                form.name.data, form.said("email"), form.phone.data, form.said("address"), form.said("question"),
                form.said("company"),
            ),
            wish=Wish(
                preferred_id=subject.dealer.id if subject.dealer else None, on=form.said("wished_on"),
                hours=form.said("wished_hours"),
            ),
        ),
        at=now(),
    )
    confirm_asking(taken.written)
    return taken.written.number


def _subject(form: AskForm) -> Subject:
    """What the form names, as far as it exists."""
    product = find_product(form.product.data) if form.product.data else None
    dealer = _dealer(form.dealer.data) if form.dealer.data and here().is_hq else None
    if form.goods.data == CART:
        return Subject(lines=_cart_lines(), dealer=dealer)
    return Subject(product, _lines(product), dealer)


def _dealer(slug: str) -> Tenant | None:
    return db.session.scalar(
        sa.select(Tenant).where(Tenant.slug == slug, Tenant.kind == "dealer", Tenant.state == "active")
    )


def _cart_lines() -> list[dict[str, Any]]:
    contents = contents_of(find_cart(), city=current_city(), at=now())
    return [
        wish_for(line.product, line.quantity, line.total.minor if line.total else 0)
        for line in contents.lines if line.product
    ]


def _lines(product: Product | None) -> list[dict[str, Any]]:
    if product is None:
        return []
    price = prices_for([product.id], now()).get(product.id)
    return [wish_for(product, 1, price.money.minor if price else 0)]
