"""HQ's page of when the same person's wishes are joined, and when dealers and customers are asked."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import current_app, flash, redirect, url_for
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

from app.kernel.ids import HQ
from app.kernel.words import _, _l
from app.web.access import Section
from app.web.forms import Form
from app.web.templating import render
from blueprints.leads import terms

hq_terms = Section("hq_terms", __name__)

Answer = Any


def _number(name: str, label: str, description: str) -> IntegerField:
    least, most = terms.BOUNDS[name]
    within = NumberRange(least, most, _l("Write a whole number from %(min)s to %(max)s."))
    return IntegerField(label, [InputRequired(_l("Write a number.")), within], description=description)


class TermsForm(Form):
    """The terms, each under the name it is kept by."""

    duplicate_days = _number(
        "duplicate_days", _l("Join what the same person asks within, days"),
        _l("By phone or mail, while the first lead is open. 0: each wish is a lead of its own."),
    )
    ask_dealer_days = _number(
        "ask_dealer_days", _l("Ask the dealer after, working days"),
        _l("Of his own, since the last news of a lead in his hands."),
    )
    ask_dealer_again_days = _number("ask_dealer_again_days", _l("Ask the dealer again after, days"), "")
    ask_dealer_most = _number(
        "ask_dealer_most", _l("Ask the dealer at most, times"), _l("0: dealers are never asked.")
    )
    digest_above = _number(
        "digest_above", _l("One letter about all leads for more than, leads"),
        _l("Who holds more leads than this gets all of them listed in one letter."),
    )
    ask_customer_days = _number(
        "ask_customer_days", _l("Ask the customer after, days"),
        _l("Of a question, a call-back, a quote or an installation, since a dealer took it."),
    )
    ask_customer_after_promise_days = _number(
        "ask_customer_after_promise_days", _l("After the promised day of an order, days"),
        _l("Where the customer was promised a day and nothing was heard of the delivery."),
    )
    ask_customer_of_order_days = _number(
        "ask_customer_of_order_days", _l("Of an order without a promised day after, days"),
        _l("Since a dealer took it, where nothing was heard of the delivery."),
    )
    ask_customer_again_days = _number(
        "ask_customer_again_days", _l("Ask the customer once more after, days"),
        _l("Then never again, whether he answers or not."),
    )


@hq_terms.get("", access="manager")
def show() -> str:
    """The terms as they stand."""
    stand = asdict(terms.terms()) | {terms.DAYS: terms.duplicate_days(HQ)}
    return _page(TermsForm(formdata=None, data=stand))


@hq_terms.post("", access="manager")
def keep() -> Answer:
    """Write them down; what is planned already is asked as planned."""
    form = TermsForm()
    if not form.validate_on_submit():
        return _page(form), 422
    told = {name: form[name].data for name in terms.BOUNDS}
    terms.keep(days=told.pop(terms.DAYS), wanted=terms.Terms(**told))
    flash(_("Saved."), "success")
    return redirect(url_for("hq_terms.show"))


def _page(form: TermsForm) -> str:
    settings = current_app.config["ZVENO"]
    usual = {name: getattr(settings, name, terms.USUAL_DAYS) for name in terms.BOUNDS}
    return render("leads/terms.html", form=form, usual=usual)
