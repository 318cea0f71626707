"""The shelf: what HQ publishes, kept in the process as lists need it, and loaded anew when it has changed.

All tenants see the same products and retail prices, so one shelf serves them all; what a dealer changes of it
stands in `assortment`. Sets of products are masks: bit n is the product at place n, the one bought most at place 0.
A mask of 1,000 products is 125 bytes, and two of them meet in a tenth of a microsecond.
"""

from __future__ import annotations

import json
import time
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from threading import Lock
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from app.kernel.db import db
from blueprints.catalog.models import Attribute, Category, Price, Product, VatRate
from tenants.registry import FRESH, Cache

RETAIL = "retail"


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """What lists show of a product (see `models.Product`)."""

    id: int
    sku: str
    slug: str
    name_ru: str
    name_en: str | None
    category_id: int | None
    vat_code: str
    attributes: Mapping[str, Any]
    images: tuple[str, ...]
    popularity: int


@dataclass(frozen=True, slots=True)
class RetailPrice:
    """HQ's price in kopecks, what it was before, and since when."""

    minor: int
    compare_at_minor: int | None
    currency: str
    valid_from: datetime


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate of VAT in percent from a day on."""

    code: str
    valid_from: date
    rate: Decimal


class Band:
    """Amounts of products in order: who lies between two bounds, which is the least and the greatest of a set."""

    def __init__(self, amounts: Mapping[int, Decimal]) -> None:
        self._places = sorted(amounts, key=amounts.__getitem__)
        self._amounts = [amounts[place] for place in self._places]
        self.mask = mask_of(self._places)

    def between(self, low: Decimal | None, high: Decimal | None) -> int:
        """Those from `low` to `high`, both included."""
        first = 0 if low is None else bisect_left(self._amounts, low)
        last = len(self._amounts) if high is None else bisect_right(self._amounts, high)
        return mask_of(self._places[first:last])

    def bounds(self, among: int) -> tuple[Decimal, Decimal] | None:
        """The least and the greatest amount of a set, None when none of it has any."""
        if not among & self.mask:
            return None
        numbers = range(len(self._places))
        first = next(number for number in numbers if among >> self._places[number] & 1)
        last = next(number for number in reversed(numbers) if among >> self._places[number] & 1)
        return self._amounts[first], self._amounts[last]


class Shelf:
    """All published products with the retail prices in force from `since` until before `until`."""

    def __init__(
        self, version: str, by_name: list[ProductFacts], prices: Mapping[int, RetailPrice],
        rates: Sequence[Rate], until: datetime | None,
    ) -> None:
        self.version = version
        self.products = sorted(by_name, key=lambda one: (-one.popularity, one.id))
        self.place = {one.id: place for place, one in enumerate(self.products)}
        self.by_name = [self.place[one.id] for one in by_name]
        self.everything = (1 << len(self.products)) - 1
        self.prices = {self.place[one]: price for one, price in prices.items() if one in self.place}
        self.band = Band({place: Decimal(price.minor) / 100 for place, price in self.prices.items()})
        self._rates = sorted(rates, key=lambda rate: rate.valid_from, reverse=True)
        self.since = max((price.valid_from for price in self.prices.values()), default=None)
        self.until = until
        self._choices: dict[str, dict[str, int]] = {}
        self._numbers: dict[str, Band] = {}
        self._categories = _group({place: one.category_id for place, one in enumerate(self.products)})

    def holds(self, at: datetime) -> bool:
        """Whether its prices are those in force at an instant."""
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)

    def vat_rate(self, code: str, day: date) -> Decimal | None:
        """The rate of VAT in force on a day."""
        return next((one.rate for one in self._rates if one.code == code and one.valid_from <= day), None)

    def inside(self, category_ids: Iterable[int | None]) -> int:
        """Products of any of the categories."""
        return union(self._categories.get(one, 0) for one in category_ids)

    def of(self, product_ids: list[int]) -> int:
        """The set of these products, as far as they are published."""
        return mask_of(self.place[one] for one in product_ids if one in self.place)

    def choices(self, code: str) -> dict[str, int]:
        """Products by the value of an attribute; worked out when it is first asked for."""
        if code not in self._choices:
            values = {place: _text(one.attributes.get(code)) for place, one in enumerate(self.products)}
            self._choices[code] = _group({place: text for place, text in values.items() if text is not None})
        return self._choices[code]

    def numbers(self, code: str) -> Band:
        """Products by the number an attribute has; worked out when it is first asked for."""
        if code not in self._numbers:
            values = ((place, one.attributes.get(code)) for place, one in enumerate(self.products))
            self._numbers[code] = Band({place: Decimal(str(value)) for place, value in values if _is_number(value)})
        return self._numbers[code]


class _Shelves(Cache):
    """The one shelf of this process; `registry.forget` takes it away."""

    def __init__(self) -> None:
        super().__init__()
        self._shelf: Shelf | None = None
        self._looked = 0.0
        self._lock = Lock()

    def at(self, instant: datetime) -> Shelf:
        """The shelf with the prices of an instant, at most `FRESH` seconds behind the database."""
        shelf = self._shelf
        if shelf is not None and shelf.holds(instant) and time.monotonic() - self._looked <= FRESH:
            return shelf
        with self._lock:
            looked, version = time.monotonic(), _version()
            shelf = self._shelf
            if shelf is None or shelf.version != version or not shelf.holds(instant):
                shelf = self._shelf = _load(version, instant)
            self._looked = looked
            return shelf

    def clear(self) -> None:
        """Forget it."""
        self._shelf = None


_shelves = _Shelves()
shelf_at = _shelves.at


def mask_of(places: Iterable[int]) -> int:
    """The set of some places."""
    found = bytearray()
    for place in places:
        byte = place >> 3
        if byte >= len(found):
            found.extend(bytes(byte + 1 - len(found)))
        found[byte] |= 1 << (place & 7)
    return int.from_bytes(found, "little")


def places_of(mask: int) -> Iterator[int]:
    """The places of a set, the lowest first."""
    for byte, bits in enumerate(mask.to_bytes((mask.bit_length() + 7) // 8, "little")):
        if bits:
            yield from (8 * byte + bit for bit in range(8) if bits >> bit & 1)


def union(masks: Iterable[int]) -> int:
    """All sets together."""
    whole = 0
    for mask in masks:
        whole |= mask
    return whole


def _version() -> str:
    """Changes with every row that comes, goes or changes in what the shelf is made of: each row bears its writer."""
    tables = (Product, Price, Category, Attribute, VatRate)
    prints = (_print(model.__table__) for model in tables)
    return db.session.execute(sa.select(sa.func.concat_ws(" ", *prints))).scalar_one()


def _print(table: sa.FromClause) -> sa.ScalarSelect[str]:
    row = sa.cast(sa.literal_column("xmin"), sa.Text) + sa.cast(sa.literal_column("ctid"), sa.Text)
    printed = sa.func.bit_xor(sa.func.hashtextextended(row, 0))
    return sa.select(sa.func.concat(sa.func.count(), ":", printed)).select_from(table).scalar_subquery()


def _load(version: str, at: datetime) -> Shelf:
    columns = (
        Product.id, Product.sku, Product.slug, Product.name_ru, Product.name_en, Product.category_id,
        Product.vat_code, Product.attributes, Product.images, Product.popularity,
    )
    rows = db.session.execute(
        sa.select(*columns).where(Product.state == "published").order_by(Product.name_ru, Product.id)
    )
    products = [ProductFacts(*row[:-2], tuple(row.images), row.popularity) for row in rows]
    prices, until = _prices(at)
    rates = [Rate(*row) for row in db.session.execute(sa.select(VatRate.code, VatRate.valid_from, VatRate.rate))]
    return Shelf(version, products, prices, rates, until)


def _prices(at: datetime) -> tuple[dict[int, RetailPrice], datetime | None]:
    """Retail prices in force at an instant, and when the next one comes into force."""
    rows = db.session.execute(
        sa.select(Price.product_id, Price.minor, Price.compare_at_minor, Price.currency, Price.valid_from)
        .where(Price.price_type == RETAIL, Price.valid_from <= at)
        .ext(distinct_on(Price.product_id)).order_by(Price.product_id, Price.valid_from.desc())
    )
    coming = sa.select(sa.func.min(Price.valid_from)).where(Price.price_type == RETAIL, Price.valid_from > at)
    return {row.product_id: RetailPrice(*row[1:]) for row in rows}, db.session.scalar(coming)


def _group(values: Mapping[int, Any]) -> dict[Any, int]:
    places: dict[Any, list[int]] = {}
    for place, value in values.items():
        places.setdefault(value, []).append(place)
    return {value: mask_of(found) for value, found in places.items()}


def _text(value: Any) -> str | None:
    """A value as an address bears it: `gas`, `true`, `24`."""
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
