"""Where: the visitor's city, the dealers of the network, how to find us."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import current_app, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.kernel.db import db
from app.kernel.words import _
from app.web.boundary import here
from app.web.locale import locale
from app.web.templating import render
from blueprints.leads.models import DealerRating
from blueprints.shop import structured
from blueprints.shop.asking import ask_form
from blueprints.shop.city import current_city, find_city, look_up, pick
from blueprints.shop.section import shop
from tenants.geography import distance_km
from tenants.models import City, Host, Region, Tenant

NEAR = 3
ALL_AT_ONCE = 60
"""With more dealers the list waits until a region is chosen."""


@dataclass(frozen=True, slots=True)
class DealerCard:
    """A dealer as the brand shows him."""

    id: str
    name: str
    profile: dict[str, Any]
    host: str
    city_ru: str
    city_en: str
    region_code: str
    region_ru: str
    region_en: str
    lat: float
    lon: float
    stars: float | None
    reviews: int | None

    @property
    def url(self) -> str:
        """His site; the link says where the visitor came from."""
        settings = current_app.config["ZVENO"]
        return f"{settings.site_scheme}://{self.host}{settings.site_authority}/?utm_source=brand_site"

    @property
    def hours(self) -> dict[str, tuple[str, str]]:
        """First opening and last closing by weekday."""
        weekly = (self.profile.get("hours") or {}).get("weekly") or {}
        return {day: (spans[0][0], spans[-1][1]) for day, spans in weekly.items() if spans}

    @property
    def place(self) -> tuple[float, float]:
        """His shop on the map, else his city."""
        return self.profile.get("lat") or self.lat, self.profile.get("lon") or self.lon


@shop.get("/city", access="anyone")
def city() -> str:
    """Pick a city: search, or the largest ones."""
    words = request.args.get("q", "").replace("\0", "")[:60]
    return render("shop/city.html", found=look_up(words), words=words, target=_target(request.args.get("next")))


@shop.post("/city", access="anyone")
def choose_city() -> Response:
    """Remember the city and go back."""
    target = _target(request.form.get("next"))
    if not pick(request.form.get("city_id", 0, type=int)):
        flash(_("There is no such city in our list. Pick the nearest one."), "error")
        return redirect(url_for("shop.city", next=target))
    return redirect(target)


@shop.get("/dealers", access="anyone")
def dealers() -> str | Response:
    """The brand's dealers by region; on a dealer's site where to find him."""
    if not here().is_hq:
        return redirect(url_for("shop.contacts"))
    everybody, region = _dealers(), request.args.get("region", "")
    regions = Counter((one.region_code, one.region_ru if locale() == "ru" else one.region_en) for one in everybody)
    chosen = [one for one in everybody if one.region_code == region] if region else everybody
    return render(
        "shop/dealers.html", dealers=chosen if region or len(everybody) <= ALL_AT_ONCE else [], near=_near(everybody),
        regions=sorted(regions.items(), key=lambda item: item[0][1]), region=region, total=len(everybody),
        points=[_point(one) for one in chosen],
    )


@shop.get("/contacts", access="anyone")
def contacts() -> str:
    """Phone, mail, address, hours, a map and a question."""
    facts = here()
    return render(
        "shop/contacts.html", form=ask_form(), own_city=find_city(facts.city_id), facts=facts,
        ld=[structured.organization()],
    )


def _dealers() -> list[DealerCard]:
    rows = db.session.execute(
        sa.select(
            Tenant.id, Tenant.name, Tenant.profile, Host.host, City.name_ru, City.name_en, Region.code, Region.name_ru,
            Region.name_en, City.lat, City.lon, DealerRating.stars, DealerRating.reviews,
        )
        .join(Host, sa.and_(Host.tenant_id == Tenant.id, Host.is_primary))
        .join(City, City.id == Tenant.city_id).join(Region, Region.code == City.region_code)
        .outerjoin(DealerRating, DealerRating.tenant_id == Tenant.id)
        .where(Tenant.kind == "dealer", Tenant.state == "active")
        .order_by(Region.name_ru if locale() == "ru" else Region.name_en, City.name_ru, Tenant.name)
    )
    return [DealerCard(*row) for row in rows]


def _near(everybody: list[DealerCard]) -> list[tuple[DealerCard, int]]:
    """The nearest dealers with their distance from the visitor's city in kilometres."""
    city = current_city()
    if city is None:
        return []
    away = [(one, round(distance_km(city.lat, city.lon, *one.place))) for one in everybody]
    return sorted(away, key=lambda pair: pair[1])[:NEAR]


def _point(dealer: DealerCard) -> dict[str, Any]:
    lat, lon = dealer.place
    return {
        "lat": lat, "lon": lon, "label": dealer.name, "href": dealer.url,
        "text": dealer.city_ru if locale() == "ru" else dealer.city_en,
    }


def _target(path: str | None) -> str:
    """Where to go on: a page of this site, whatever the address says."""
    is_ours = path and path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if path and is_ours else url_for("shop.home")


