"""Where to buy: the brand's dealers near the visitor, on a map and as a list, each to be asked at once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import current_app, redirect, request, url_for
from werkzeug.wrappers import Response

from app.kernel.clock import now
from app.kernel.db import db
from app.web.here import here
from app.web.locale import locale
from app.web.templating import render
from blueprints.catalog.tree import Node, category_tree
from blueprints.leads.models import DealerRating
from blueprints.shop import structured
from blueprints.shop.city import CityFacts, current_city, find_named
from blueprints.shop.section import shop
from tenants.geography import distance_km
from tenants.models import City, Host, Region, Tenant
from tenants.shopfront import SERVICES, open_until

NEAR = 6
ALL_AT_ONCE = 60
"""With more dealers the list waits until a region is chosen."""


@dataclass(frozen=True, slots=True)
class DealerCard:
    """A dealer as the brand shows him."""

    id: str
    slug: str
    name: str
    profile: dict[str, Any]
    timezone: str
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
    def city(self) -> str:
        """His city in the visitor's language."""
        return self.city_ru if locale() == "ru" else self.city_en

    @property
    def hours(self) -> dict[str, tuple[str, str]]:
        """First opening and last closing by weekday."""
        weekly = (self.profile.get("hours") or {}).get("weekly") or {}
        return {day: (spans[0][0], spans[-1][1]) for day, spans in weekly.items() if spans}

    @property
    def services(self) -> list[str]:
        """What he says he does, of what we have words for."""
        told = self.profile.get("services") or ()
        return [one for one in SERVICES if one in told]

    @property
    def place(self) -> tuple[float, float]:
        """His shop on the map, else his city."""
        return self.profile.get("lat") or self.lat, self.profile.get("lon") or self.lon

    def open_until(self, at: datetime) -> str | None:
        """Until when he is open now."""
        return open_until(self.profile, self.timezone, at)


class Near(NamedTuple):
    """A dealer near the visitor: how many kilometres away, and whether the visitor's city is his territory.

    `goods` are the groups he serves it for; none where it is for all, or where he does not.
    """

    dealer: DealerCard
    km: int
    serves: bool
    goods: tuple[Node, ...] = ()

    @property
    def order(self) -> tuple[bool, bool, int, str]:
        """Who serves the city for all goods stands first, then who does for some, then the others; each by distance."""
        return not self.serves, bool(self.goods), self.km, self.dealer.name


@shop.get("/dealers", access="anyone")
def dealers() -> str | Response:
    """The brand's dealers near a city and by region; on a dealer's site where to find him."""
    if not here().is_hq:
        return redirect(url_for("shop.contacts"))
    everybody, region, words = _dealers(), request.args.get("region", ""), request.args.get("city", "")[:60]
    regions = Counter((one.region_code, one.region_ru if locale() == "ru" else one.region_en) for one in everybody)
    chosen = [one for one in everybody if one.region_code == region] if region else everybody
    asked = find_named(words.replace("\0", "")) if words.strip() else None
    near = [] if region else _near(everybody, asked or current_city())
    return render(
        "shop/dealers.html", dealers=chosen if region or len(everybody) <= ALL_AT_ONCE else [], near=near,
        regions=sorted(regions.items(), key=lambda item: item[0][1]), region=region, total=len(everybody),
        points=_points(chosen, near), words=words, place=asked or current_city(), at=now(), services=SERVICES,
        is_unknown=bool(words.strip()) and asked is None,
        ld=[structured.dealers([one.dealer for one in near] or chosen[:ALL_AT_ONCE])],
    )


def _dealers() -> list[DealerCard]:
    rows = db.session.execute(
        sa.select(
            Tenant.id, Tenant.slug, Tenant.name, Tenant.profile, Tenant.timezone, Host.host, City.name_ru, City.name_en,
            Region.code, Region.name_ru, Region.name_en, City.lat, City.lon, DealerRating.stars, DealerRating.reviews,
        )
        .join(Host, sa.and_(Host.tenant_id == Tenant.id, Host.is_primary))
        .join(City, City.id == Tenant.city_id).join(Region, Region.code == City.region_code)
        .outerjoin(DealerRating, DealerRating.tenant_id == Tenant.id)
        .where(Tenant.kind == "dealer", Tenant.state == "active")
        .order_by(Region.name_ru if locale() == "ru" else Region.name_en, City.name_ru, Tenant.name)
    )
    return [DealerCard(*row) for row in rows]


def _near(everybody: list[DealerCard], place: CityFacts | None) -> list[Near]:
    """The nearest dealers, those first whose territory the place is."""
    if place is None:
        return []
    serving = _serving(place.id)
    away = [
        Near(
            one, round(distance_km(place.lat, place.lon, *one.place)), one.id in serving, serving.get(one.id, ()),
        )
        for one in everybody
    ]
    return sorted(away, key=lambda one: one.order)[:NEAR]


def _serving(city_id: int) -> dict[str, tuple[Node, ...]]:
    """Who serves a city, and for which groups of goods; none where it is for all."""
    known = category_tree().by_id
    asked = sa.text("SELECT dealer_id, category_ids FROM network.serving_goods(:city)")
    rows = db.session.execute(asked, {"city": city_id})
    found = {dealer: (ids, tuple(known[one] for one in ids if one in known)) for dealer, ids in rows}
    return {dealer: groups for dealer, (ids, groups) in found.items() if groups or not ids}


def _points(chosen: list[DealerCard], near: list[Near]) -> list[dict[str, Any]]:
    """Dealers on the map, which looks at the near ones first."""
    close = {one.dealer.id for one in near}
    return [
        {
            "lat": one.place[0], "lon": one.place[1], "label": one.name, "href": one.url, "text": one.city,
            **({"focus": True} if one.id in close else {}),
        }
        for one in chosen
    ]
