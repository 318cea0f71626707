"""The dealer's start page, and what routing says of him: why he got a lead, why not, what would raise his rating."""

from __future__ import annotations

import uuid

from flask import current_app, redirect, request, url_for
from werkzeug.wrappers import Response

from app.kernel.clock import now
from app.kernel.identity import current_tenant
from app.web.access import Section
from app.web.here import here
from app.web.templating import render
from blueprints.leads import rules as lead_rules
from blueprints.leads.queries import get_lead, inbox
from blueprints.routing import fairness, queries
from blueprints.routing.rating_shown import hints_of
from blueprints.routing.rules import sentence
from blueprints.routing.territories.queries import area_names
from blueprints.routing.wording import listed, numbers_in, numbers_of

desk = Section("routing_desk", __name__)

SHOWN = 20
"""Leads told one by one."""


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
    """What became of the leads of the dealer's territory: his share, and why others did not come to him."""
    found = fairness.fairness_of(days=fairness.period(request.args.get("days", "")), at=now())
    passed = found.passed[:SHOWN]
    return render(
        "routing/missed.html", found=found, passed=passed, periods=fairness.PERIODS, sentence=sentence,
        cities=queries.cities_of(one.city_id for one in passed if one.city_id),
        places=area_names(numbers_in(one.told for one in passed if one.told)),
    )
