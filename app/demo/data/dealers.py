"""The dealers of the demo network: invented firms in real cities, each with its own temper."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Literal

from stdnum.ru import inn

from app.demo.data.people import MEN, SURNAMES, mobile
from tenants.geography import City, cities, distance_km, to_latin

# The largest towns a small network opens in before a second dealer comes to any.
ONE_EACH = 150

FIRST_NAMES = (
    "ТеплоМастер", "Домовой", "Новый Очаг", "Градус", "Инженерный Дом", "Тёплый Берег", "Пятый Контур",
    "АкваТерм", "Уютный Дом", "Котельная №1", "Термолайн", "Печной Двор", "Климат и Вода", "Теплосфера",
    "Зимовье", "Мастерская Тепла", "Живое Тепло", "Новый Климат", "Малый Контур", "Жар и Пар",
    "Батарея", "ЭкоТерм", "Первый Монтаж", "Дом и Котёл", "Тёплая Линия", "Гидромонтаж", "Жаркий Угол", "Новосёл",
    "Теплоград", "Янтарь",
)  # fmt: skip
NAME_STARTS = (
    "Тепло", "Термо", "Аква", "Клима", "Инженер", "Дом", "Строй", "Эко", "Гидро", "Энерго", "Кот", "Техно",
    "Сан", "Вент", "Газ", "Профи",
)  # fmt: skip
NAME_ENDS = (
    "Сервис", "Дом", "Центр", "Маркет", "Монтаж", "Системы", "Плюс", "Град", "Стандарт", "Мастер", "Комфорт",
    "Партнёр", "Ресурс", "Альянс", "Лидер", "Контур",
)  # fmt: skip
STREETS = (
    "ул. Садовая", "ул. Заводская", "ул. Строителей", "пр. Мира", "ул. Советская", "ул. Лесная", "ул. Промышленная",
    "пр. Победы", "ул. Кирова", "ул. Молодёжная", "ш. Объездное", "ул. Октябрьская", "ул. Гагарина", "ул. Энергетиков",
    "ул. Набережная", "пр. Строителей", "ул. Луговая", "ул. Вокзальная", "ул. Школьная", "ул. Полевая",
)  # fmt: skip
PATRONYMICS = (
    "Александрович", "Алексеевич", "Андреевич", "Викторович", "Владимирович", "Иванович", "Игоревич", "Михайлович",
    "Николаевич", "Олегович", "Петрович", "Сергеевич", "Юрьевич",
)  # fmt: skip
PALETTES = (
    ("#b4451f", "#f4a259"), ("#1f5f8b", "#f2b134"), ("#2f6b4f", "#e9b44c"), ("#5b3a8c", "#f08a5d"),
    ("#0f6e7c", "#ff9f6b"),
    ("#8c2f39", "#f2c57c"), ("#27496d", "#ee6c4d"), ("#3d405b", "#e07a5f"), ("#386641", "#f2a65a"),
    ("#7b2d26", "#d9a441"),
    ("#14505c", "#f6ae2d"), ("#6a4c93", "#ffca3a"),
)  # fmt: skip
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# Opening hours of work days, Saturday, Sunday; an empty string is a closed day.
HOURS = (
    ("09:00-18:00", "10:00-16:00", ""), ("09:00-19:00", "10:00-17:00", "10:00-16:00"), ("08:00-17:00", "", ""),
    ("10:00-20:00", "10:00-20:00", "10:00-18:00"), ("09:00-18:00", "", ""), ("08:30-18:30", "09:00-15:00", ""),
)  # fmt: skip

NOBODY_YET = frozenset({"11", "15", "44", "63", "64", "79", "92"})
"""Where the network still looks for dealers: Buryatia, Chukotka, Magadan, Yakutia, Sakhalin, Tuva, Kamchatka."""

TerritoryKind = Literal["exclusive", "primary", "shared"]
Tier = Literal["standard", "partner", "premium"]
Territories = tuple[tuple[str, TerritoryKind], ...]
REACH: Mapping[Tier, int] = {"standard": 1, "partner": 3, "premium": 4}


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How a dealer works: minutes to answer, odds to accept, marks he earns, share of articles he stocks."""

    response_minutes: float
    acceptance: float
    satisfaction: float
    stock_breadth: float
    freshness_hours: float
    delivery_days: float


@dataclass(frozen=True, slots=True)
class Dealer:
    """A dealer as the registry will know him; `hours` is what `WorkingHours.from_dict` reads."""

    number: int
    slug: str
    name: str
    legal_name: str
    inn: str
    director: str
    city: City
    address: str
    lat: float
    lon: float
    phone: str
    email: str
    hours: Mapping[str, object]
    territories: Territories
    tier: Tier
    palette: tuple[str, str]
    theme: Literal["hearth", "fjord"]
    behaviour: Behaviour
    months_in: float


@lru_cache(maxsize=4)
def dealers(n: int = 24, seed: int = 7) -> tuple[Dealer, ...]:
    """So many dealers, numbered from 1; the same `n` and `seed` give the same dealers."""
    random = Random(f"dealers {seed} {n}")
    towns = _towns(n, random)
    names = _names(random)
    slugs: set[str] = set()
    tiers: list[Tier] = random.choices(("standard", "partner", "premium"), (5, 3, 2), k=n)
    served = _territories(towns, tiers)
    return tuple(
        _dealer(number, next(names), city, tier, regions_served, slugs, random)
        for number, (city, tier, regions_served) in enumerate(zip(towns, tiers, served, strict=True), start=1)
    )


def _towns(n: int, random: Random) -> list[City]:
    """Half of the distinct towns are the largest, half are drawn by population; then towns repeat."""
    ranked = list(cities())
    distinct = min(n, ONE_EACH)
    chosen = ranked[: (distinct + 1) // 2]
    pool = ranked[len(chosen) : 4 * distinct]
    while len(chosen) < distinct:
        city = random.choices(pool, weights=[place.population for place in pool])[0]
        pool.remove(city)
        chosen.append(city)
    if n > distinct:
        chosen += random.choices(ranked, weights=[place.population for place in ranked], k=n - distinct)
    return chosen


def _names(random: Random) -> Iterator[str]:
    """Hand-made names first, then every two-part name, then those with a number."""
    yield from FIRST_NAMES
    made = [start + end.lower() for start in NAME_STARTS for end in NAME_ENDS if start != end]
    random.shuffle(made)
    yield from made
    number = 2
    while True:
        yield from (f"{name} {number}" for name in made)
        number += 1


def _dealer(
    number: int, name: str, city: City, tier: Tier, territories: Territories, slugs: set[str], random: Random
) -> Dealer:
    legal_name, tax_number, director = _firm(name, random)
    slug = _slug(name, city, slugs)
    return Dealer(
        number=number,
        slug=slug,
        name=name,
        legal_name=legal_name,
        inn=tax_number,
        director=director,
        city=city,
        address=f"{random.choice(STREETS)}, {random.randint(1, 148)}",
        lat=round(city.lat + random.uniform(-0.025, 0.025), 5),
        lon=round(city.lon + random.uniform(-0.04, 0.04), 5),
        phone=mobile(random),
        email=f"{slug}@example.ru",
        hours=_hours(city.timezone, random),
        territories=territories,
        tier=tier,
        palette=PALETTES[number % len(PALETTES)],
        theme="fjord" if number % 3 == 0 else "hearth",
        behaviour=_behaviour(tier, random),
        months_in=_months(tier, Random(slug)),
    )


def _firm(name: str, random: Random) -> tuple[str, str, str]:
    """Legal name, tax number, director. No tax office has the code 00, so no real firm has the number."""
    surname, first, patronymic = random.choice(SURNAMES), random.choice(MEN), random.choice(PATRONYMICS)
    director = f"{surname} {first} {patronymic}"
    if random.random() < 0.15:
        body = f"00{random.randrange(10**8):08d}"
        return f"ИП {director}", body + inn.calc_personal_check_digits(body), director
    body = f"00{random.randrange(10**7):07d}"
    return f"ООО «{name}»", body + inn.calc_company_check_digit(body), director


def _slug(name: str, city: City, taken: set[str]) -> str:
    bare = "-".join("".join(letter for letter in to_latin(word) if letter.isalnum()) for word in name.split())
    choices = (bare, f"{bare}-{city.slug}", *(f"{bare}-{city.slug}-{number}" for number in range(2, 99)))
    slug = next(choice[:48].strip("-") for choice in choices if choice[:48].strip("-") not in taken)
    taken.add(slug)
    return slug


def _hours(timezone: str, random: Random) -> Mapping[str, object]:
    work, saturday, sunday = random.choice(HOURS)
    spans = dict(zip(WEEKDAYS, (*(work,) * 5, saturday, sunday), strict=True))
    weekly = {day: [span.split("-")] for day, span in spans.items() if span}
    return {"timezone": timezone, "weekly": weekly, "holidays": "RU"}


def _territories(towns: list[City], tiers: list[Tier]) -> list[Territories]:
    """Regions of each dealer: his own, some around it, and what nobody near has taken; a few are nobody's yet."""
    homes = Counter(city.region_code for city in towns)
    served: list[dict[str, TerritoryKind]] = []
    for city, tier in zip(towns, tiers, strict=True):
        alone = tier == "premium" and homes[city.region_code] == 1
        around = [code for code in _neighbours(city.region_code)[: REACH[tier]] if code not in NOBODY_YET]
        served.append({city.region_code: "exclusive" if alone else "primary", **dict.fromkeys(around, "shared")})
    taken = set().union(*served)
    for code in _chief_towns():
        if code not in taken and code not in NOBODY_YET:
            _share_with_nearest(code, towns, served)
    return [tuple(regions_served.items()) for regions_served in served]


def _share_with_nearest(code: str, towns: list[City], served: list[dict[str, TerritoryKind]]) -> None:
    """Give an orphaned region to the two dealers whose towns lie nearest to it."""
    chief = _chief_towns()[code]
    nearest = sorted(range(len(towns)), key=lambda at: distance_km(chief.lat, chief.lon, towns[at].lat, towns[at].lon))
    for at in nearest[:2]:
        served[at][code] = "shared"


@lru_cache(maxsize=1)
def _chief_towns() -> Mapping[str, City]:
    """The largest town of each region."""
    return {city.region_code: city for city in reversed(cities())}


@lru_cache(maxsize=128)
def _neighbours(region_code: str) -> tuple[str, ...]:
    """The other regions, those with the nearest chief town first."""
    home = _chief_towns()[region_code]
    others = [city for code, city in _chief_towns().items() if code != region_code]
    others.sort(key=lambda city: distance_km(home.lat, home.lon, city.lat, city.lon))
    return tuple(city.region_code for city in others)


def _months(tier: Tier, random: Random) -> float:
    """How long a dealer has been in the network: longer than the demo's half year, the best the longest."""
    return round(random.uniform(*{"standard": (7, 30), "partner": (14, 54), "premium": (26, 78)}[tier]), 1)


def _behaviour(tier: Tier, random: Random) -> Behaviour:
    """Most dealers are good, some slow, a few poor: enough for ratings to tell them apart."""
    skill = min(1.0, random.betavariate(5, 2) + {"standard": 0.0, "partner": 0.05, "premium": 0.1}[tier])
    return Behaviour(
        response_minutes=round(12 + 170 * (1 - skill) ** 1.4 * random.uniform(0.7, 1.4), 1),
        acceptance=round(min(0.98, 0.58 + 0.42 * skill * random.uniform(0.85, 1.05)), 3),
        satisfaction=round(min(4.9, 3.2 + 1.7 * skill * random.uniform(0.85, 1.05)), 2),
        stock_breadth=round(min(0.95, 0.25 + 0.6 * skill * random.uniform(0.6, 1.2)), 3),
        freshness_hours=round(1 + 120 * (1 - skill) ** 2 * random.uniform(0.4, 1.6), 1),
        delivery_days=round(1.2 + 5 * (1 - skill) * random.uniform(0.6, 1.4), 2),
    )
