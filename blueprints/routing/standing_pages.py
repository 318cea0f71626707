"""How a dealer stands with routing, at his desk: his rating part by part, and how he takes leads."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for

from app.kernel.clock import now
from app.kernel.errors import HouseError
from app.kernel.identity import current_tenant
from app.kernel.words import _
from app.web.access import Section
from app.web.locale import localized
from app.web.templating import render
from blueprints.routing import certifying, queries, rating_shown, reception
from blueprints.routing.forms import ReceptionForm

desk = Section("routing_standing", __name__)

Answer = Any


@desk.get("/rating", access="clerk")
def rating() -> str:
    """The dealer's own rating: what was measured, how it went, what would raise it."""
    mine = queries.rating_of(current_tenant())
    medians = rating_shown.medians_of_others()
    labels, points = rating_shown.weeks_of(current_tenant(), now())
    return render(
        "routing/rating.html", rating=mine, medians=medians, sides=rating_shown.parts_of(mine, medians),
        hints=rating_shown.hints_of(mine), labels=labels, points=points, kept=mine.parts if mine else {},
        since=rating_shown.since_of(mine),
    )


@desk.get("/leads/reception", access="manager")
def show_reception() -> str:
    """How many leads a day the dealer takes, his pause, where he delivers."""
    told = reception.reception(now())
    return _page(_form(
        capacity=told.capacity, paused_until=told.paused_until, km=told.km, regions=list(told.regions)
    ))


@desk.post("/leads/reception", access="manager")
def keep_reception() -> Answer:
    """Keep it."""
    form = _form()
    if form.validate():
        told = reception.Reception(
            form.capacity.data, form.paused_until.data, form.km.data, tuple(sorted(form.regions.data))
        )
        try:
            reception.keep(told, at=now())
        except HouseError as error:
            form.blame(error)
        else:
            flash(_("Saved. New leads are placed by this from now on."), "success")
            return redirect(url_for("routing_standing.show_reception"))
    return _page(form), 422


def _form(**values: Any) -> ReceptionForm:
    form = ReceptionForm(**values)
    form.regions.choices = [(region.code, localized(region)) for region in reception.regions()]
    return form


def _page(form: ReceptionForm) -> str:
    return render(
        "routing/reception.html", form=form, taken=reception.taken_today(now()), at=now(),
        papers=certifying.certificates_of(current_tenant()), state_of=certifying.state_of,
    )
