"""HQ's page of territories: who serves where, what is bare, what contradicts; and giving, changing, taking areas."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for

from app.kernel.clock import now
from app.kernel.errors import HouseError
from app.kernel.paging import Page
from app.kernel.words import _
from app.web.access import Section, speaker
from app.web.locale import localized
from app.web.templating import render
from blueprints.catalog.tree import category_tree
from blueprints.routing.territories import queries, service
from blueprints.routing.territories import survey as surveys
from blueprints.routing.territories.atlas import Atlas, atlas
from blueprints.routing.territories.drawing import ON_MAP, map_data
from blueprints.routing.territories.forms import AreaForm
from blueprints.routing.territories.preview import Preview, preview
from blueprints.routing.territories.survey import Survey
from blueprints.routing.territories.wording import KINDS, SHAPES, TONES
from tenants.models import Territory

hq_territories = Section("hq_territories", __name__)

Answer = Any
PER_PAGE = 20
VIEWS = ("areas", "bare", "shared")


@hq_territories.get("", access="clerk")
def index() -> str:
    """The map, and beside it in words: areas, white spots, overlaps, contradictions."""
    group, dealer = _group(), request.args.get("dealer", "")
    found = surveys.survey(now(), group)
    view = request.args.get("view") if request.args.get("view") in VIEWS else VIEWS[0]
    areas = [one for one in found.areas if dealer in ("", one.area.owner_id)]
    by = "people" if request.args.get("by") == "people" else "leads"
    rows = {"areas": areas, "bare": found.white_spots(by), "shared": found.overlaps()}
    return render(
        "routing/territories.html", found=found, dealer=dealer, dealers=queries.dealers(), view=view, by=by,
        counts={name: len(each) for name, each in rows.items()}, page=_page(rows[view]), kinds=KINDS, tones=TONES,
        shapes=SHAPES, atlas=atlas(found.cities), on_map=ON_MAP, group=group, groups=_groups(),
        drawn=map_data(areas, found.cities, _best(found, dealer), found.leads, shared=found.shared),
    )


@hq_territories.get("/new", access="manager")
def new() -> str:
    """An empty form; the address may name the dealer and the place."""
    found, country, form = _ready(asked=False)
    form.dealer.data = request.args.get("dealer")
    if request.args.get("city"):
        form.city.data, form.shape.data = request.args["city"][:120], "city"
    return _editor(found, country, form)


@hq_territories.post("/new", access="manager")
def draw() -> Answer:
    """Keep a new area, or show what it would mean."""
    return _answer(None)


@hq_territories.get("/<int:number>", access="manager")
def show(number: int) -> str:
    """An area to change."""
    found, country, form = _ready(asked=False)
    form.show(queries.get_area(number).area, country)
    return _editor(found, country, form, number)


@hq_territories.post("/<int:number>", access="manager")
def redraw(number: int) -> Answer:
    """Put another area in the place of this one, or show what it would mean."""
    return _answer(number)


@hq_territories.post("/<int:number>/ending", access="manager")
def end(number: int) -> Answer:
    """Take an area from its dealer."""
    one = service.end(number, author=_me(), at=now())
    flash(_("%(dealer)s does not serve “%(area)s” any more.", dealer=one.dealer, area=one.name), "success")
    return redirect(url_for("hq_territories.index", dealer=one.area.owner_id))


@hq_territories.post("/preview", access="manager")
def show_preview() -> str:
    """What the form would mean, as a piece of the page."""
    found, country, form = _ready()
    meant, fault = None, None
    try:
        meant = preview(form.area(country), found, request.args.get("number", type=int))
    except HouseError as error:
        fault = error.sentence
    return render("routing/_area_preview.html", preview=meant, fault=fault, kinds=KINDS, labels=country.labels)


def _answer(number: int | None) -> Answer:
    found, country, form = _ready()
    meant = None
    if form.validate_on_submit():
        try:
            area = form.area(country)
            if request.form.get("do") != "preview":
                return _kept(area, number)
            meant = preview(area, found, number)
        except HouseError as error:
            form.blame(error)
    return _editor(found, country, form, number, meant), 200 if meant else 422


def _kept(area: Territory, number: int | None) -> Answer:
    if number is None:
        service.draw(area, author=_me(), at=now())
    else:
        service.redraw(number, area, author=_me(), at=now())
    flash(_("The area is kept. From now on leads are routed by it."), "success")
    return redirect(url_for("hq_territories.index", dealer=area.owner_id))


def _ready(*, asked: bool = True) -> tuple[Survey, Atlas, AreaForm]:
    """The country as it stands, and the form as it was sent, or empty."""
    found = surveys.survey(now())
    country, form = atlas(found.cities), AreaForm() if asked else AreaForm(formdata=None)
    form.dealer.choices = queries.dealers()
    form.goods.choices = _groups()
    form.region.choices = [("", _("Choose a region")), *country.region_names.items()]
    return found, country, form


def _editor(
    found: Survey, country: Atlas, form: AreaForm, number: int | None = None, meant: Preview | None = None
) -> str:
    one = next((each for each in found.areas if each.area.id == number), None)
    others = [each for each in found.areas if each is not one]
    return render(
        "routing/area.html", form=form, one=one, preview=meant, labels=country.labels, kinds=KINDS,
        drawn=map_data(others, found.cities, _best(found, ""), found.leads, country.labels),
    )


def _best(found: Survey, dealer: str) -> dict[int, str]:
    """By town, the strongest kind that holds it: of one dealer or of all; two exclusive ones are a clash."""
    kinds = {}
    for town, areas in found.served.items():
        of_dealer = [one.area.kind for one in areas if dealer in ("", one.area.owner_id)]
        if of_dealer:
            kinds[town] = "clash" if town in found.clashing else of_dealer[0]
    return kinds


def _group() -> int | None:
    """The group of goods the page is asked about; none: about all."""
    told = request.args.get("group", type=int)
    return told if told in category_tree().by_id else None


def _groups() -> list[tuple[int, str]]:
    """Groups of goods to choose from, each followed by those below it."""
    known = category_tree()
    below = (known.by_id[number] for root in known.roots for number in root.all_ids)
    return [(one.id, "— " * (len(one.trail) - 1) + localized(one)) for one in below]


def _page(rows: list[Any]) -> Page[Any]:
    number = max(1, min(request.args.get("page", 1, type=int), 10_000))
    return Page(rows[(number - 1) * PER_PAGE : number * PER_PAGE], number, PER_PAGE, len(rows))


def _me() -> str:
    return f"staff:{speaker().id}"
