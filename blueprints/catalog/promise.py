"""When a product can be had, and why we say so: pure rules, and one query for any number of products.

The brand's site knows only how many dealers near the visitor have a product; a dealer's site knows its
own stock. The answer is a code with values, worded when shown, so that an order can keep it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.identity import current_tenant
from app.kernel.ids import HQ
from app.kernel.words import _, ngettext
from app.web.locale import localized
from blueprints.catalog.models import Stock
from tenants.models import City
from tenants.registry import TenantFacts, get_tenant

CLOSING_HOUR = 14
"""What is ordered before this hour can still be fetched today."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
REGION_DAYS, ELSEWHERE_DAYS, FACTORY_DAYS = 2, 5, 10


@dataclass(frozen=True, slots=True)
class Nearby:
    """How many dealers have a product: in the visitor's city, in his region, elsewhere; and whether HQ has it."""

    in_city: int = 0
    in_region: int = 0
    elsewhere: int = 0
    at_hq: int = 0


@dataclass(frozen=True, slots=True)
class Promise:
    """`days` until the goods can be had (0 today, None not known yet), and the reason as `code` and `values`."""

    code: str
    days: int | None
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def tone(self) -> str | None:
        """`good` for what is there within two days."""
        return "good" if self.days is not None and self.days <= REGION_DAYS else None

    @property
    def when(self) -> str:
        """A few words for a card: “tomorrow”."""
        if self.days is None:
            return _("Out of stock") if self.code == "out" else _("To order")
        return {0: _("Today"), 1: _("Tomorrow")}.get(self.days) or ngettext(
            "In %(num)s day", "In %(num)s days", self.days
        )

    @property
    def because(self) -> str:
        """Why we may say so."""
        return _WORDS[self.code](self.values)

    @property
    def sentence(self) -> str:
        """Where, when and why, in one line."""
        city = self.values.get("city")
        place = localized(city) if city else ""
        start = f"{place} — {self.when[0].lower()}{self.when[1:]}" if place else self.when
        return f"{start}: {self.because}"

    @property
    def of_several(self) -> Promise:
        """The same for several products of which this is the slowest: how many have one says nothing of the others."""
        return replace(self, values={key: value for key, value in self.values.items() if key != "dealers"})

    def as_json(self) -> dict[str, Any]:
        """What an order keeps of it."""
        return {"code": self.code, "days": self.days, "values": dict(self.values)}


@dataclass(frozen=True, slots=True)
class Supply:
    """How many can be ordered, None for any number; and what is promised."""

    left: int | None
    promise: Promise


def from_json(kept: Mapping[str, Any]) -> Promise:
    """The promise an order kept."""
    return Promise(kept["code"], kept["days"], kept.get("values", {}))


def at_brand(nearby: Nearby, city: Mapping[str, str] | None) -> Promise:
    """What the brand's site promises: the nearest place that has the product decides."""
    place = {"city": dict(city)} if city else {}
    if nearby.in_city:
        return Promise("city", 1, {**place, "dealers": nearby.in_city})
    if nearby.in_region:
        return Promise("region", REGION_DAYS, {**place, "dealers": nearby.in_region})
    if nearby.elsewhere:
        return Promise("elsewhere", ELSEWHERE_DAYS, {**place, "dealers": nearby.elsewhere})
    if nearby.at_hq:
        return Promise("factory", FACTORY_DAYS, place)
    return Promise("order", None, place)


def at_dealer(
    available: int, lead_time_days: int, local: datetime, weekly: Mapping[str, Any] | None = None
) -> Promise:
    """What a dealer promises from his own stock at his local time; goods with a lead time come after it."""
    if available <= 0:
        return Promise("out", None)
    if lead_time_days > 0:
        return Promise("own_later", lead_time_days, {"days": lead_time_days})
    return Promise("own", days_to_opening(local, weekly or {}), {"available": available})


def days_to_opening(local: datetime, weekly: Mapping[str, Any]) -> int:
    """Days until goods can be fetched: today before the closing hour, else the next day with opening hours."""
    first = 0 if local.hour < CLOSING_HOUR else 1
    days = (day for day in range(first, first + 7) if weekly.get(WEEKDAYS[(local.weekday() + day) % 7]))
    return next(days, first)


def promises_for(product_ids: Collection[int], *, city: City | None, at: datetime) -> dict[int, Promise]:
    """What this site promises for each product to a visitor of that city, in one query."""
    return {one: supply.promise for one, supply in supplies_for(product_ids, city=city, at=at).items()}


def supplies_for(product_ids: Collection[int], *, city: City | None, at: datetime) -> dict[int, Supply]:
    """What this site promises for each product, and how many can be ordered, in one query."""
    if not product_ids:
        return {}
    if current_tenant() == HQ:
        return _brand_supplies(list(product_ids), city)
    return _dealer_supplies(list(product_ids), get_tenant(current_tenant()), at)


_AVAILABILITY = sa.text(
    "SELECT product_id, in_city, in_region, elsewhere, at_hq FROM network.availability(:city, :products)"
)


def _brand_supplies(product_ids: list[int], city: City | None) -> dict[int, Supply]:
    rows = db.session.execute(_AVAILABILITY, {"city": city.id if city else None, "products": product_ids})
    nearby = {row.product_id: Nearby(row.in_city, row.in_region, row.elsewhere, row.at_hq) for row in rows}
    names = {"name_ru": city.name_ru, "name_en": city.name_en} if city else None
    return {
        one: Supply(None if one in nearby else 0, at_brand(nearby.get(one, Nearby()), names)) for one in product_ids
    }


_STOCK = Stock.__table__.c
_OWN_STOCK = sa.select(_STOCK.product_id, _STOCK.on_hand - _STOCK.reserved, _STOCK.lead_time_days).where(
    _STOCK.owner_id == sa.bindparam("dealer"),
    _STOCK.product_id == sa.any_(sa.bindparam("products", type_=sa.ARRAY(sa.BigInteger))),
)


def _dealer_supplies(product_ids: list[int], dealer: TenantFacts, at: datetime) -> dict[int, Supply]:
    rows = db.session.execute(_OWN_STOCK, {"dealer": dealer.id, "products": product_ids})
    stock = {product_id: (available, days) for product_id, available, days in rows}
    to_order = Supply(None, Promise("factory", FACTORY_DAYS))
    local = at.astimezone(ZoneInfo(dealer.timezone))
    weekly = (dealer.profile.get("hours") or {}).get("weekly")
    return {
        one: Supply(stock[one][0], at_dealer(*stock[one], local, weekly)) if one in stock else to_order
        for one in product_ids
    }


_WORDS = {
    "city": lambda v: ngettext(
        "%(num)s dealer of your city has it", "%(num)s dealers of your city have it", v["dealers"]
    ) if "dealers" in v else _("dealers of your city have all of it"),
    "region": lambda v: ngettext(
        "%(num)s dealer of your region has it", "%(num)s dealers of your region have it", v["dealers"]
    ) if "dealers" in v else _("a part of it comes from your region"),
    "elsewhere": lambda v: ngettext(
        "%(num)s dealer in another region has it", "%(num)s dealers in other regions have it", v["dealers"]
    ) if "dealers" in v else _("a part of it comes from another region"),
    "point": lambda _v: _("it is at the point you chose"),
    "to_point": lambda _v: _("it comes to the point you chose from the manufacturer's stock"),
    "factory": lambda _v: _("it comes from the factory"),
    "order": lambda _v: _("nobody nearby has it now; the dealer will name the day when he confirms the order"),
    "out": lambda _v: _("we have none just now; ask when it comes"),
    "own": lambda v: ngettext(
        "%(num)s piece in our stock", "%(num)s pieces in our stock", v["available"]
    ) if v["available"] <= 10 else _("it is in our stock"),
    "own_later": lambda _v: _("it comes to our stock from the supplier"),
}
