"""Setting up a dealer's site: look, contacts and hours, stock and prices; later the same pages as settings."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.kernel.errors import HouseError
from app.kernel.words import _
from app.web.access import Section
from app.web.here import here
from app.web.locale import localized
from app.web.media import save_picture
from app.web.templating import render, site_view, theme_info, theme_names
from blueprints.catalog.queries import count_stocked
from blueprints.sites import queries, settings
from blueprints.sites.forms import DAYS, ContactsForm, LookForm, PointForm
from tenants.points import points_of

wizard = Section("sites_wizard", __name__)

STEPS = ("look", "contacts", "stock")
LOGO_BOX = (640, 240)
Page = str | tuple[str, int] | Response


@wizard.get("/setup", access="manager")
def index() -> Response:
    """Go on where the wizard was left."""
    step = settings.wizard_step()
    return redirect(url_for("sites_wizard.settings") if step == "done" else url_for(f"sites_wizard.{step}"))


@wizard.get("/site", access="manager", endpoint="settings")
def settings_page() -> Page:
    """All settings of the site at a glance."""
    return render("sites/settings.html", facts=here(), themes=_themes())


@wizard.get("/setup/look", access="manager")
def look() -> Page:
    """Theme, colours, logo."""
    site = site_view()
    return _look(LookForm(
        theme=site.theme, palette=settings.palette_key(), brand=settings.main_colour(),
        logo_is_whole=bool(site.texts.get("logo_is_whole")),
    ))


@wizard.post("/setup/look", access="manager")
def save_look() -> Page:
    """Keep theme, colours and logo."""
    form = LookForm()
    upload = request.files.get("logo")
    try:
        if not form.validate():
            return _look(form), 422
        logo = save_picture(upload.stream, field="logo", box=LOGO_BOX) if upload and upload.filename else None
        settings.choose_look(
            theme=form.theme.data, palette=form.palette.data, brand=form.brand.data or None, logo=logo,
            logo_is_whole=form.logo_is_whole.data,
        )
    except HouseError as error:
        form.blame(error)
        return _look(form), 422
    return _next("look")


@wizard.get("/setup/contacts", access="manager")
def contacts() -> Page:
    """What visitors read, filled with what is known."""
    return render("sites/contacts.html", form=_contacts_form(), step=2, is_setup=_is_setup())


@wizard.post("/setup/contacts", access="manager")
def save_contacts() -> Page:
    """Keep contacts and hours."""
    form = ContactsForm()
    if not form.validate():
        return render("sites/contacts.html", form=form, step=2, is_setup=_is_setup()), 422
    settings.keep_contacts(
        tenant_id=here().id, name=form.name.data, phone=form.phone.data, email=form.email.data,
        address=form.address.data, about={"ru": form.about_ru.data, "en": form.about_en.data}, weekly=form.weekly(),
        services=form.services.data or [],
    )
    return _next("contacts")


@wizard.get("/site/points", access="manager")
def points() -> Page:
    """Where customers may fetch their goods; the form is filled with the point named in the address."""
    return _points(_point_form(request.args.get("point", "")))


@wizard.post("/site/points", access="manager")
def save_point() -> Page:
    """Keep a point, a new one or one that was there."""
    form = PointForm()
    city = queries.find_city(form.city.data or "")
    if form.validate() and city is None:
        form.city.errors = [_("There is no such city in our list. Write the nearest one.")]
    if form.errors or city is None:
        return _points(form), 422
    try:
        settings.keep_point(
            tenant_id=here().id, point_id=form.id.data or "", name=form.name.data, city_id=city.id,
            address=form.address.data, hours=form.hours.data, place=form.coordinates,
        )
    except HouseError as error:
        form.blame(error)
        return _points(form), 409
    flash(_("Saved."), "success")
    return redirect(url_for("sites_wizard.points"))


@wizard.post("/site/points/<point_id>/removal", access="manager")
def remove_point(point_id: str) -> Response:
    """Take a point away."""
    settings.drop_point(tenant_id=here().id, point_id=point_id)
    flash(_("The point is gone. Orders that name it stay as they are."), "success")
    return redirect(url_for("sites_wizard.points"))


def _points(form: PointForm) -> str:
    kept = points_of(here().id, here().name, here().city_id, here().profile)
    return render(
        "sites/points.html", form=form, points=kept, cities=queries.cities_of(point.city_id for point in kept),
        suggested=queries.largest_cities(),
    )


def _point_form(point_id: str) -> PointForm:
    kept = {point.id: point for point in points_of(here().id, here().name, here().city_id, here().profile)[1:]}
    point = kept.get(point_id)
    if point is None:
        return PointForm(formdata=None)
    city = queries.cities_of([point.city_id]).get(point.city_id)
    place = f"{point.lat}, {point.lon}" if point.lat is not None else ""
    return PointForm(formdata=None, data={
        "id": point.id, "name": point.name, "city": localized(city) if city else "", "address": point.address,
        "hours": point.hours, "place": place,
    })


@wizard.get("/setup/stock", access="manager")
def stock() -> Page:
    """Take HQ's prices, or bring a file."""
    return render("sites/stock.html", step=3, is_setup=_is_setup(), stocked=count_stocked())


@wizard.post("/setup/stock", access="manager")
def finish() -> Page:
    """The wizard is done; HQ's prices hold until the dealer brings his own."""
    settings.finish_setup()
    if request.form.get("choice") == "file":
        return redirect(url_for("stock_desk.imports"))
    flash(_("Your site is ready. This is what visitors see."), "success")
    if not count_stocked():
        flash(_("No stock is given yet, so every product says “Out of stock”. Fill it in at the desk."), "warn")
    return redirect("/")


def _look(form: LookForm) -> str:
    return render("sites/look.html", form=form, themes=_themes(), step=1, is_setup=_is_setup())


def _themes() -> list[dict[str, Any]]:
    return [{"key": name, **theme_info(name)} for name in theme_names()]


def _is_setup() -> bool:
    return settings.wizard_step() != "done"


def _next(step: str) -> Response:
    if not _is_setup():
        flash(_("Saved."), "success")
        return redirect(url_for("sites_wizard.settings"))
    following = STEPS[STEPS.index(step) + 1]
    settings.go_to(following)
    return redirect(url_for(f"sites_wizard.{following}"))


def _contacts_form() -> ContactsForm:
    facts, site = here(), site_view()
    about = site.texts.get("about") or {}
    form = ContactsForm(
        name=facts.name, phone=site.phone, email=site.email, address=site.address, about_ru=about.get("ru"),
        about_en=about.get("en"), services=facts.profile.get("services"),
    )
    for day, _name in DAYS:
        form[f"{day}_from"].data, form[f"{day}_to"].data = site.hours.get(day, ("", ""))
    return form
