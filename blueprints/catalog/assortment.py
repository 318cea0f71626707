"""What the speaking site shows of the shelf: all but what the dealer hides, at his own prices where he has any."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.money import Money
from blueprints.catalog.models import Offer
from blueprints.catalog.prices import EffectivePrice, vat_day
from blueprints.catalog.shelf import Band, ProductFacts, RetailPrice, Shelf, shelf_at


@dataclass(frozen=True, slots=True)
class Assortment:
    """The shelf as one site has it at an instant: `everything` it lists, and the prices that are its own."""

    shelf: Shelf
    at: datetime
    everything: int
    own: dict[int, RetailPrice]
    own_band: Band

    def minor(self, place: int) -> int | None:
        """The price of the product at a place in kopecks, None when nobody has named one."""
        price = self.own.get(place) or self.shelf.prices.get(place)
        return price.minor if price else None

    def priced(self, among: int) -> int:
        """Those of a set that have a price."""
        return among & (self.own_band.mask | self.shelf.band.mask)

    def priced_between(self, low: Decimal | None, high: Decimal | None) -> int:
        """Products whose price lies between two amounts in roubles."""
        others = self.shelf.band.between(low, high) & ~self.own_band.mask
        return self.own_band.between(low, high) | others

    def price_bounds(self, among: int) -> tuple[Decimal, Decimal] | None:
        """The least and the greatest price of a set in roubles."""
        bands = (self.own_band.bounds(among), self.shelf.band.bounds(among & ~self.own_band.mask))
        found = [bounds for bounds in bands if bounds]
        return (min(low for low, _high in found), max(high for _low, high in found)) if found else None

    def prices(self, products: Iterable[ProductFacts]) -> dict[int, EffectivePrice]:
        """Prices by product id of those that have one."""
        found = {one.id: self._price(self.shelf.place[one.id]) for one in products}
        return {product_id: price for product_id, price in found.items() if price is not None}

    def _price(self, place: int) -> EffectivePrice | None:
        own = self.own.get(place)
        price = own or self.shelf.prices.get(place)
        rate = self.shelf.vat_rate(self.shelf.products[place].vat_code, vat_day(self.at))
        if price is None or rate is None:
            return None
        was = price.compare_at_minor
        compare_at = Money(was, price.currency) if was is not None and was > price.minor else None
        return EffectivePrice(Money(price.minor, price.currency), compare_at, rate, "own" if own else "hq")


_OFFERS = Offer.__table__.c
_OWN_WORD = sa.select(
    _OFFERS.product_id, _OFFERS.is_listed, _OFFERS.minor, _OFFERS.compare_at_minor, _OFFERS.currency,
    _OFFERS.updated_at,
).where(sa.or_(_OFFERS.is_listed.is_(False), _OFFERS.minor.is_not(None)))


def assortment(at: datetime) -> Assortment:
    """What the speaking site shows now, in one query."""
    shelf = shelf_at(at)
    rows = db.session.execute(_OWN_WORD).all()
    hidden = shelf.of([row.product_id for row in rows if not row.is_listed])
    own = {
        shelf.place[row.product_id]: RetailPrice(*row[2:])
        for row in rows if row.minor is not None and row.product_id in shelf.place
    }
    band = Band({place: Decimal(price.minor) / 100 for place, price in own.items()})
    return Assortment(shelf, at, shelf.everything & ~hidden, own, band)
