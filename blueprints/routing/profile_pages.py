"""HQ's rules of routing: their versions, the editor with what it would mean for a sample lead, and comparing two."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import flash, redirect, request, url_for

from app.kernel.clock import now
from app.kernel.errors import HouseError, Invalid
from app.kernel.words import _
from app.web.access import Section, speaker
from app.web.locale import format_money, localized
from app.web.templating import render
from blueprints.catalog.tree import category_tree
from blueprints.leads import rules as lead_rules
from blueprints.leads.models import Lead
from blueprints.routing import profile_sheet as sheets
from blueprints.routing import profile_words as words
from blueprints.routing import profiles, queries, rules, service
from blueprints.routing.models import RoutingRun, SourcingProfile
from blueprints.routing.rules.differences import differences
from blueprints.routing.rules.parameters import parameters
from blueprints.routing.rules.presets import PRESETS, definition_of
from blueprints.routing.wording import CRITERIA, candidates_of, columns_of, listed_by, places_of
from tenants.models import City

hq_routing = Section("hq_routing", __name__)

Answer = Any
SHOWN = 12


@hq_routing.get("", access="manager")
def index() -> str:
    """Versions, and what a new one may begin with."""
    service.ensure_profile(at=now())
    rows = profiles.all_profiles()
    people = profiles.authors(rows)
    return render("routing/profiles.html", rows=rows, people=people, words=words, presets=PRESETS)


@hq_routing.post("", access="manager")
def draft() -> Answer:
    """Begin a draft with a preset or another version."""
    begin = request.form.get("begin", "")
    if begin in PRESETS:
        definition = definition_of(begin, str(PRESETS[begin][0]))
    else:
        definition = profiles.get_profile(_number(begin)).definition
    row = profiles.draft(definition=definition, author=_me(), at=now())
    return redirect(url_for("hq_routing.show", version=row.version))


@hq_routing.get("/<int:version>", access="manager")
def show(version: int) -> str:
    """The version: a draft as a form, what was in force as it stands."""
    row = profiles.get_profile(version)
    return _page(row, sheets.fields_of(row.definition, row.note))


@hq_routing.post("/<int:version>", access="manager")
def change(version: int) -> Answer:
    """A button of the form: change the sheet, try it, save it."""
    row, fields = profiles.get_profile(version), request.form.copy()
    button = fields.get("do", "save")
    if button not in ("save", "try"):
        sheets.press(fields, button)
        return _page(row, fields)
    reading = sheets.read(fields)
    if reading.problems:
        return _page(row, fields, reading.problems), 422
    if button == "try":
        return _page(row, fields)
    try:
        profiles.change(version=version, definition=reading.definition, note=fields.get("note", "")[:500], at=now())
    except HouseError as error:
        return _page(row, fields, whole=_sentences(error)), 422
    flash(_("The draft is saved."), "success")
    return redirect(url_for("hq_routing.show", version=version, sample=fields.get("sample") or None))


@hq_routing.post("/<int:version>/trial", access="manager")
def trial(version: int) -> str:
    """Who would get the sample lead under what the form says now; for the page that asks while somebody types."""
    profiles.get_profile(version)
    return render("routing/_trial.html", **_trial(request.form.copy()))


@hq_routing.post("/<int:version>/activation", access="manager")
def activate(version: int) -> Answer:
    """Put it in force."""
    try:
        profiles.activate(version=version, at=now())
    except HouseError as error:
        row = profiles.get_profile(version)
        return _page(row, sheets.fields_of(row.definition, row.note), whole=_sentences(error)), 422
    flash(_("These rules are in force from now on. Leads on their way keep their offers."), "success")
    return redirect(url_for("hq_routing.index"))


@hq_routing.post("/<int:version>/discarded", access="manager")
def discard(version: int) -> Answer:
    """Throw the draft away."""
    profiles.discard(version=version)
    flash(_("The draft is gone."), "success")
    return redirect(url_for("hq_routing.index"))


@hq_routing.get("/comparison", access="manager")
def compare() -> str:
    """What differs between two versions."""
    rows = profiles.all_profiles()
    before, after = (_number(request.args.get(key, "")) for key in ("before", "after"))
    known = {row.version: row for row in rows}
    found = None
    if before in known and after in known:
        names = {"regions": _names(queries.regions(), "code"), "categories": _names(category_tree(), "id")}
        found = [
            words.difference(one, names) for one in differences(known[before].definition, known[after].definition)
        ]
    return render("routing/compare.html", rows=rows, before=before, after=after, found=found, words=words)


def _page(
    row: SourcingProfile, fields: sheets.Fields, problems: dict[str, str] | None = None,
    whole: tuple[str, ...] = (),
) -> str:
    fields.setdefault("sample", request.args.get("sample", ""))
    return render(
        "routing/profile.html", row=row, fields=fields, problems=problems or {}, whole=whole, words=words,
        strategies=sheets.strategies_of(fields), criteria_of=sheets.criteria_of, all_criteria=rules.CRITERIA,
        labels=CRITERIA, parameters=parameters, rating_policy=rules.RatingPolicy, regions=queries.regions(),
        lead_rules=lead_rules,
        categories=[(str(one.id), "— " * (one.path.count(".") - 1) + localized(one)) for one in category_tree()],
        to_confirm=words.to_confirm(row.version, row.name, profiles.change_of(row)) if row.state != "active" else "",
        **_trial(fields),
    )


def _trial(fields: sheets.Fields) -> dict[str, Any]:
    """What a page needs to say who would get the sample lead."""
    leads = profiles.recent_leads()
    lead = next((one for one in leads if str(one.id) == fields.get("sample")), leads[0] if leads else None)
    empty: dict[str, Any] = {
        "tried": None, "candidates": [], "columns": {}, "names": {}, "faults": (), "of": lead,
        "samples": _samples(leads),
    }
    reading = sheets.read(fields)
    if reading.problems:
        return {**empty, "faults": _told(reading.problems)}
    try:
        profile = rules.Profile.from_dict({**reading.definition, "version": 1})
    except Invalid as error:
        return {**empty, "faults": _sentences(error)}
    if lead is None:
        return empty
    decision = profiles.try_on(profile, lead, now())
    chosen = decision.ranking[0].dealer_id if decision.ranking else None
    run = RoutingRun(explanation=rules.explain(decision), split=rules.parts_kept(decision), chosen_id=chosen)
    candidates = candidates_of(run, places_of([run]))
    shown = candidates[:SHOWN]
    return {
        **empty, "tried": run, "candidates": shown, "more": len(candidates) - len(shown), "columns": columns_of(shown),
        "names": queries.names_of(one.dealer_id for one in shown), "sentence": rules.sentence,
        "goods": queries.goods_of([run]), "listed_by": listed_by,
    }


def _told(problems: Mapping[str, str]) -> list[str]:
    return [
        _("“%(field)s”: %(problem)s", field=words.field_name(key), problem=problem[:1].lower() + problem[1:])
        for key, problem in problems.items()
    ]


def _samples(leads: Sequence[Lead]) -> list[tuple[str, str]]:
    cities = queries.cities_of(lead.city_id for lead in leads if lead.city_id)
    return [(str(lead.id), _sample_name(lead, cities.get(lead.city_id or 0))) for lead in leads]


def _sample_name(lead: Lead, city: City | None) -> str:
    parts = [f"№ {lead.number}", localized(city) if city else None]
    if lead.value_minor:
        parts.append(format_money(lead.value_minor, lead.currency))
    if lead.delivery_method == lead_rules.PICKUP:
        parts.append(_("he fetches it himself"))
    return " · ".join(part for part in parts if part)


def _sentences(error: HouseError) -> tuple[str, ...]:
    return error.problems if isinstance(error, rules.InvalidProfile) else (str(error.sentence),)


def _names(things: Iterable[Any], key: str) -> dict[Any, str]:
    return {getattr(one, key): localized(one) for one in things}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


def _me() -> str:
    return f"staff:{speaker().id}"
