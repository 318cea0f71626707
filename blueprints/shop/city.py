"""The visitor's city: the one he picked, else that of the site's owner. Cities are kept in the process."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from flask import session

from app.kernel.db import db
from app.web.here import here
from tenants.models import City, Region
from tenants.registry import Cache

SHOWN = 40
PICKED = "city_id"
_cities = Cache(fresh=3600)
"""Cities change by a command of the operator, once in years."""


@dataclass(frozen=True, slots=True)
class CityFacts:
    """A city as pages show it."""

    id: int
    name_ru: str
    name_en: str
    region_code: str
    region_ru: str
    region_en: str
    lat: float
    lon: float


_FACTS = sa.select(
    City.id, City.name_ru, City.name_en, City.region_code, Region.name_ru, Region.name_en, City.lat, City.lon
).join(Region, Region.code == City.region_code)


def current_city() -> CityFacts | None:
    """The city this visitor looks from."""
    return find_city(session.get(PICKED)) or find_city(here().city_id)


def is_guessed() -> bool:
    """Whether `current_city` is the owner's own although his customers are everywhere: goods go nowhere by it."""
    return here().is_hq and find_city(session.get(PICKED)) is None


def chosen_city() -> CityFacts | None:
    """The city goods shall go to, if known; HQ's own says nothing of where its customers are."""
    return find_city(session.get(PICKED) or (None if here().is_hq else here().city_id))


def find_city(city_id: int | None) -> CityFacts | None:
    """A city by its number, or None."""
    if city_id is None:
        return None
    found, city = _cities.get(city_id)
    if not found:
        row = db.session.execute(_FACTS.where(City.id == city_id)).first()
        city = CityFacts(*row) if row else None
        _cities.put(city_id, city)
    return city


def pick(city_id: int) -> bool:
    """Remember the visitor's city for a month; False when there is no such city."""
    city = find_city(city_id)
    if city is None:
        return False
    session[PICKED] = city.id
    session.permanent = True
    return True


def look_up(words: str) -> list[CityFacts]:
    """Cities whose name starts with the words, in either language; the largest ones when there are no words."""
    start = words.strip().lower().replace("ё", "е")
    query = _FACTS.order_by(City.population.desc()).limit(SHOWN)
    if start:
        folded = sa.func.translate(sa.func.lower(City.name_ru), "ё", "е")
        query = query.where(sa.or_(
            folded.startswith(start, autoescape=True), sa.func.lower(City.name_en).startswith(start, autoescape=True)
        ))
    return [CityFacts(*row) for row in db.session.execute(query)]


def find_named(words: str) -> CityFacts | None:
    """The largest city of exactly this name, in either language; its region may follow after a comma."""
    name, _comma, region = (part.strip().lower().replace("ё", "е") for part in words.partition(","))
    exact = [city for city in look_up(name) if name in (city.name_ru.lower().replace("ё", "е"), city.name_en.lower())]
    of_region = [city for city in exact if region in (city.region_ru.lower(), city.region_en.lower())]
    return next(iter(of_region or exact), None)
