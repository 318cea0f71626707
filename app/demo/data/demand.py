"""When, where and what people of the demo network want: the season, the town, the basket."""

from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

from app.demo.data.catalogue import Catalogue, Product
from tenants.geography import City, cities

HALF_A_YEAR = timedelta(days=182)

# Demand of a month against the year's mean: boilers break and are bought before the frost.
SEASON = (0.95, 0.80, 0.74, 0.70, 0.76, 0.82, 0.92, 1.15, 1.42, 1.48, 1.25, 1.01)
WEEK = (1.15, 1.10, 1.08, 1.05, 1.00, 0.86, 0.76)
DAY = (4, 2, 1, 1, 1, 2, 6, 14, 28, 46, 60, 64, 58, 52, 54, 56, 54, 50, 48, 52, 50, 40, 24, 11)
GROWTH = 0.35

# How often an order begins with a family; what is not named counts as one.
POPULARITY: Mapping[str, float] = {
    "PLM": 7, "GRN": 4, "MLN": 5, "UKL": 3, "PLN": 2, "BRZ": 1.5, "NDR": 0.5, "PRS": 9, "VLN": 7, "MNL": 8,
    "AKD": 2, "LOZ": 3, "KVR": 4, "RSL": 3, "IST": 4, "TOK": 4, "TOE": 3, "KLC": 5, "RDN": 3, "LAD": 4, "OBM": 2,
    "STB": 2, "MGS": 2, "SPL": 2, "ZMN": 2, "GRA": 0.7, "ANT": 1,
}  # fmt: skip
BY_THE_SCORE = frozenset({"PRF", "SHV", "KRN", "MGS"})
BY_THE_ROOM = frozenset({"PRS", "PRV", "VLN", "MNL", "AKD", "VNT", "RVN", "PRD"})


@dataclass(frozen=True, slots=True)
class Line:
    """So many pieces of a product at the price of a piece."""

    product: Product
    quantity: int

    @property
    def minor(self) -> int:
        """The line's sum in kopecks, VAT included."""
        return self.product.price_minor * self.quantity


def day_weight(day: date, since: date, until: date) -> float:
    """Demand of a day: season, growth over the period, day of the week."""
    elapsed = (day - since).days / max(1, (until - since).days)
    return SEASON[day.month - 1] * (1 + GROWTH * elapsed) * WEEK[day.weekday()]


def moments(count: int, until: datetime, random: Random) -> list[tuple[datetime, City]]:
    """So many instants of the half year before `until`, with the town each comes from, in order."""
    first = (until - HALF_A_YEAR).date()
    days = [first + timedelta(days=number) for number in range(HALF_A_YEAR.days + 1)]
    weights = list(accumulate(day_weight(day, first, until.date()) for day in days))
    drawn = random.choices(days, cum_weights=weights, k=count)
    hours = random.choices(range(24), weights=DAY, k=count)
    towns = random.choices(cities(), cum_weights=_population(), k=count)
    found = [_moment(day, hour, city, random) for day, hour, city in zip(drawn, hours, towns, strict=True)]
    inside = [(at if at < until else at - timedelta(days=1), city) for at, city in found]
    return sorted(inside, key=lambda one: one[0])


def _moment(day: date, hour: int, city: City, random: Random) -> tuple[datetime, City]:
    seconds = timedelta(seconds=hour * 3600 + random.randrange(3600))
    return datetime.combine(day, time(), UTC) + seconds - _offset(city.timezone), city


@lru_cache(maxsize=32)
def _offset(timezone: str) -> timedelta:
    """Russia keeps one time all year round, so an offset is enough and quick."""
    return ZoneInfo(timezone).utcoffset(datetime(2026, 1, 1)) or timedelta()


@lru_cache(maxsize=1)
def _population() -> list[int]:
    return list(accumulate(city.population for city in cities()))


class Baskets:
    """Draws what is bought together: a main product, then what goes with it."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._products = catalogue.products
        self._by_sku = {product.sku: product for product in catalogue.products}
        self._weights = list(accumulate(_weights(catalogue.products)))

    def draw(self, random: Random) -> tuple[Line, ...]:
        """One to four lines of different products."""
        main = self._products[bisect(self._weights, random.random() * self._weights[-1])]
        chosen = {main.sku: main}
        for sku in (*main.accessories, *main.related[:1]):
            if len(chosen) < 4 and random.random() < 0.3:
                chosen[sku] = self._by_sku[sku]
        return tuple(Line(product, _quantity(product, random)) for product in chosen.values())


def _weights(products: Sequence[Product]) -> list[float]:
    """The first sizes of a family sell best."""
    places: dict[str, int] = {}
    weights: list[float] = []
    for product in products:
        place = places[product.family] = places.get(product.family, -1) + 1
        weights.append(POPULARITY.get(product.family, 1) / (1 + 0.35 * place))
    return weights


def _quantity(product: Product, random: Random) -> int:
    if product.family in BY_THE_SCORE:
        return random.choice((2, 3, 4, 5, 6, 8, 10, 12, 20))
    if product.family in BY_THE_ROOM:
        return random.choices((1, 2, 3, 4, 5, 6, 8), (30, 24, 14, 12, 8, 7, 5))[0]
    return random.choices((1, 2, 3), (92, 6, 2))[0]
