"""A question or a wish to be called back: it becomes a lead, with the visitor's consent."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, session, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, EmailField, HiddenField, StringField, TelField, TextAreaField
from wtforms.validators import DataRequired, Email, InputRequired, Length, Optional

from app.kernel.clock import now
from app.kernel.money import Money
from app.kernel.words import _l
from app.web.forms import Form, phone, strip
from app.web.limits import limiter
from app.web.locale import locale
from app.web.templating import render
from blueprints.catalog.models import Product
from blueprints.catalog.prices import prices_for
from blueprints.catalog.queries import find_product
from blueprints.leads.service import Contact, open_lead
from blueprints.shop.attribution import current
from blueprints.shop.city import current_city
from blueprints.shop.section import shop


class AskForm(Form):
    """Whom to call and about what; without a question we just call back. `website` is for robots."""

    name = StringField(
        _l("Your name"), filters=[strip], validators=[DataRequired(_l("Tell us your name.")), Length(max=120)]
    )
    phone = TelField(
        _l("Phone"), filters=[strip], validators=[DataRequired(_l("Leave a phone number so that we can call.")), phone]
    )
    email = EmailField(
        _l("E-mail"), filters=[strip],
        validators=[Optional(), Email(_l("This does not look like an e-mail address.")), Length(max=200)],
    )
    question = TextAreaField(_l("Your question"), filters=[strip], validators=[Optional(), Length(max=2000)])
    product = HiddenField()
    website = StringField(validators=[Optional()])
    consent = BooleanField(
        _l("I agree to the processing of my personal data"),
        validators=[InputRequired(_l("Without your consent we may not keep your phone number."))],
    )


def ask_form(product: Product | None = None) -> AskForm:
    """An empty form, about a product or about anything."""
    return AskForm(formdata=None, product=product.slug if product else "")


@shop.get("/ask", access="anyone")
def ask() -> str:
    """The form on a page of its own."""
    product = find_product(request.args.get("product", ""))
    return render("shop/ask.html", form=ask_form(product), product=product)


@shop.post("/ask", access="anyone")
@limiter.limit("10 per hour")
def send_question() -> Response | tuple[str, int]:
    """Open a lead, and say what happens next."""
    form = AskForm()
    product = find_product(form.product.data or "")
    if not form.validate_on_submit():
        return render("shop/ask.html", form=form, product=product), 422
    if not form.website.data:
        _open(form, product)
    session["asked"] = form.name.data
    return redirect(url_for("shop.asked"))


@shop.get("/ask/sent", access="anyone")
def asked() -> str | Response:
    """What happens next."""
    if "asked" not in session:
        return redirect(url_for("shop.ask"))
    return render("shop/asked.html", name=session["asked"])


def _open(form: AskForm, product: Product | None) -> None:
    (source, campaign), city = current(), current_city()
    open_lead(
        kind="question" if form.question.data else "callback", source=source, campaign=campaign,
        city_id=city.id if city else None, lines=_lines(product), value=Money(0), locale=locale(), at=now(),
        contact=Contact(form.name.data, form.email.data or None, form.phone.data, None, form.question.data or None),
    )


def _lines(product: Product | None) -> list[dict[str, Any]]:
    """What is asked about; it names no product by its number, because nothing is to be kept in stock for it."""
    if product is None:
        return []
    price = prices_for([product.id], now()).get(product.id)
    minor = price.money.minor if price else 0
    return [{"sku": product.sku, "name_ru": product.name_ru, "name_en": product.name_en, "quantity": 1, "minor": minor}]
