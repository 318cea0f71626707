"""The dealer's start page, and what routing says of him: why he got a lead, why not, what would raise his rating."""

from __future__ import annotations

import uuid
from datetime import timedelta

from flask import current_app, redirect, url_for
from werkzeug.wrappers import Response

from app.kernel.clock import now
from app.kernel.identity import current_tenant
from app.web.access import Section
from app.web.boundary import here
from app.web.templating import render
from blueprints.leads import rules as lead_rules
from blueprints.leads.queries import get_lead, inbox
from blueprints.routing import queries
from blueprints.routing.rules import sentence
from blueprints.routing.territories.queries import area_names
from blueprints.routing.wording import hints_of, listed, numbers_in, numbers_of

desk = Section("routing_desk", __name__)

MONTH = timedelta(days=30)


@desk.get("", access="clerk")
def home() -> str | Response:
    """What waits now, the own numbers, and what would raise the rating."""
    if here().is_hq and "hq_overview.index" in current_app.view_functions:
        return redirect(url_for("hq_overview.index"))
    rating, waiting = queries.rating_of(current_tenant()), inbox(tab="new")
    return render(
        "routing/home.html", waiting=waiting, working=inbox(tab="work", counts=waiting.counts), rating=rating,
        numbers=numbers_of(rating), hints=hints_of(rating), rules=lead_rules, at=now(),
    )


@desk.get("/leads/<owner_id>/<uuid:lead_id>/why", access="clerk")
def why(owner_id: str, lead_id: uuid.UUID) -> str:
    """Why the lead came to the dealer, or did not, each time it was placed."""
    lead = get_lead(owner_id, lead_id)
    told = queries.explanation_for_me(lead_id)
    places = area_names(numbers_in(one.told for one in told))
    goods = listed(lead.lines)
    return render(
        "routing/why.html", lead=lead, told=told, sentence=sentence, places=places, goods=goods
    )


@desk.get("/leads/missed", access="clerk")
def missed() -> str:
    """Leads of the dealer's territory that others got in the last thirty days, and why."""
    found = queries.passed_over(now() - MONTH)
    cities = queries.cities_of(one.city_id for one in found if one.city_id)
    places = area_names(numbers_in(one.told for one in found))
    return render("routing/missed.html", missed=found, cities=cities, sentence=sentence, places=places)
