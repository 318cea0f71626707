"""A tenant's own site settings, changed by his staff."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.kernel.db import db
from app.kernel.errors import Invalid, Refused
from app.kernel.ids import new_id
from app.kernel.words import _
from app.web.audit import audit
from app.web.templating import site_view, theme_info, theme_names
from tenants import registry
from tenants.models import Site, Tenant
from tenants.points import MOST_POINTS


class UnknownChoice(Invalid):
    """A theme or palette that is not on offer."""


class TooManyPoints(Refused):
    """A dealer has so many points that nobody could choose."""


def wizard_step() -> str:
    """The step the set-up wizard is at: `look`, `contacts`, `stock` or `done`."""
    return db.session.scalar(sa.select(Site.wizard_step)) or "look"


def palette_key() -> str:
    """Key of the chosen palette."""
    return (db.session.scalar(sa.select(Site.texts)) or {}).get("palette", "")


def main_colour() -> str:
    """The colour of buttons and links as visitors see it now."""
    site = site_view()
    return site.palette.get("brand") or str(theme_info(site.theme)["palettes"][0]["colours"]["brand"])


def choose_look(
    *, theme: str, palette: str, brand: str | None, logo: str | None, logo_is_whole: bool = False
) -> None:
    """Keep theme and palette (one of the theme's, its main colour perhaps changed) and a new logo, if any.

    A colour field always says something: with a new palette, the colour of before is nobody's wish.
    """
    if theme not in theme_names():
        raise UnknownChoice(_("Choose one of the themes."), field="theme")
    palettes = {entry["key"]: entry["colours"] for entry in theme_info(theme)["palettes"]}
    colours = dict(palettes.get(palette) or next(iter(palettes.values())))
    is_wished = palette == palette_key() or (brand or "").lower() != main_colour().lower()
    if brand and is_wished and brand.lower() != colours["brand"].lower():
        colours |= {"brand": brand, "brand_ink": readable_on(brand)}
    values: dict[str, Any] = {"theme": theme, "palette": colours}
    if logo:
        values["logo"] = logo
    _save(texts={"palette": palette, "logo_is_whole": logo_is_whole}, **values)
    audit("settings.changed", "look", theme=theme)


def keep_contacts(
    *, tenant_id: str, name: str, phone: str, email: str, address: str | None, about: dict[str, str | None],
    weekly: dict[str, list[list[str]]], services: list[str],
) -> None:
    """Keep what visitors read, `about` by language; hours are public facts that routing reads too."""
    tenant = _locked(tenant_id)
    hours = {**(tenant.profile.get("hours") or {}), "timezone": tenant.timezone, "weekly": weekly}
    tenant.name = name
    told = {"phone": phone, "email": email, "address": address, "hours": hours, "services": services}
    tenant.profile = {**tenant.profile, **told}
    _save(texts={"about": about})
    audit("settings.changed", "contacts")


def keep_point(
    *, tenant_id: str, point_id: str, name: str, city_id: int, address: str, hours: str | None,
    place: tuple[float, float] | None,
) -> None:
    """Keep a point of pick-up under its id, a new one where there is none; `TooManyPoints` beyond the most."""
    tenant = _locked(tenant_id)
    points = {each["id"]: each for each in tenant.profile.get("points") or ()}
    key = point_id if point_id in points else new_id().hex
    lat, lon = place or (None, None)
    points[key] = {"id": key, "name": name, "city_id": city_id, "address": address, "hours": hours or "", "lat": lat,
                   "lon": lon}
    if len(points) > MOST_POINTS:
        raise TooManyPoints(_("There can be at most %(most)s points. Remove one first.", most=MOST_POINTS))
    tenant.profile = {**tenant.profile, "points": list(points.values())}
    registry.forget()
    audit("settings.changed", "points")


def drop_point(*, tenant_id: str, point_id: str) -> None:
    """Take a point away; orders that name it keep what they said."""
    tenant = _locked(tenant_id)
    points = [each for each in tenant.profile.get("points") or () if each["id"] != point_id]
    tenant.profile = {**tenant.profile, "points": points}
    registry.forget()
    audit("settings.changed", "points")


def _locked(tenant_id: str) -> Tenant:
    return db.session.get(Tenant, tenant_id, with_for_update={"of": Tenant, "key_share": True}) or Tenant()


def approve_first(is_asked: bool) -> None:
    """HQ's choice whether new sites wait for its approval."""
    _save(texts={"approve_dealers": is_asked})
    audit("settings.changed", "approve_dealers", asked=is_asked)


def go_to(step: str) -> None:
    """Move the wizard on."""
    _save(wizard_step=step)


def finish_setup() -> None:
    """The wizard is through."""
    _save(wizard_step="done")


def readable_on(colour: str) -> str:
    """White or near-black, whichever reads better on the colour (WCAG 2 relative luminance)."""
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#ffffff" if 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.06 else "#1a1613"


def _save(*, texts: dict[str, Any] | None = None, **values: Any) -> None:
    fresh = {**values, "updated_at": sa.func.now()}
    statement = insert(Site).values(id=1, texts=texts or {}, **values)
    if texts:
        fresh["texts"] = Site.texts.op("||")(statement.excluded.texts)
    db.session.execute(statement.on_conflict_do_update(index_elements=[Site.id], set_=fresh))
    registry.forget()
