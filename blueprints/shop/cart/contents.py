"""A cart as it is this moment: prices in force, stock there is, and a sentence where a line cannot be had."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from app.kernel.money import Money
from app.kernel.words import _, ngettext
from blueprints.catalog.goods import Goods, goods_for
from blueprints.catalog.prices import EffectivePrice
from blueprints.catalog.promise import Promise, supplies_for
from blueprints.orders.availability import MANY
from blueprints.orders.rules import PricedLine, Totals, fingerprint, totals, vat_by_rate
from blueprints.shop.city import CityFacts
from blueprints.shop.models import Cart, CartLine


@dataclass(frozen=True, slots=True)
class Line:
    """One line to show; `problem` says why it cannot be ordered as it stands."""

    product: Goods | None
    product_id: int
    quantity: int
    price: EffectivePrice | None
    left: int
    promise: Promise | None
    problem: str | None

    @property
    def total(self) -> Money | None:
        """Price of the line."""
        return self.price.money * self.quantity if self.price else None

    @property
    def image(self) -> str | None:
        """Address of the product's first picture."""
        return f"/media/catalogue/{self.product.images[0]}" if self.product and self.product.images else None


@dataclass(frozen=True, slots=True)
class Contents:
    """All lines, and what those that can be ordered come to."""

    cart_id: uuid.UUID | None
    lines: tuple[Line, ...]

    @property
    def priced(self) -> tuple[PricedLine, ...]:
        """The lines that have a product and a price, as an order takes them."""
        return tuple(
            _priced(line.product, line.price, line.quantity) for line in self.lines if line.product and line.price
        )

    @property
    def is_orderable(self) -> bool:
        """Whether there is something, and nothing stands in its way."""
        return bool(self.lines) and not any(line.problem for line in self.lines)

    @property
    def promise(self) -> Promise | None:
        """When all of it can be had: the promise of the slowest line."""
        promises = [line.promise for line in self.lines if line.promise]
        slowest = max(promises, key=lambda promise: (promise.days is None, promise.days or 0), default=None)
        if slowest is not None and slowest.code == "own":  # how many there are of one thing says nothing of the order
            return Promise(slowest.code, slowest.days, {"available": MANY})
        return slowest.of_several if slowest and len(promises) > 1 else slowest

    @property
    def totals(self) -> Totals:
        """Sums of the priced lines."""
        return totals(self.priced)

    @property
    def vat(self) -> list[tuple[object, Money]]:
        """VAT contained, by rate."""
        return list(vat_by_rate(self.priced))

    @property
    def fingerprint(self) -> str:
        """What the visitor sees, to notice a change before he orders."""
        return fingerprint(self.priced)

    @property
    def pieces(self) -> int:
        """How many things lie in the cart."""
        return sum(line.quantity for line in self.lines)


def contents_of(cart: Cart | None, *, city: CityFacts | None, at: datetime) -> Contents:
    """The cart as it is now; two queries besides the cart, whatever its length."""
    if cart is None or not cart.lines:
        return Contents(cart.id if cart else None, ())
    ids = [line.product_id for line in cart.lines]
    goods, supplies = goods_for(ids, at), supplies_for(ids, city=city, at=at)

    def shown(line: CartLine) -> Line:
        product, supply = goods.get(line.product_id), supplies[line.product_id]
        price, available = product.price if product else None, MANY if supply.left is None else supply.left
        problem = _problem(product, price, available, line.quantity)
        promise = None if problem else supply.promise
        return Line(product, line.product_id, line.quantity, price, available, promise, problem)

    return Contents(cart.id, tuple(shown(line) for line in cart.lines))


def _problem(product: Goods | None, price: EffectivePrice | None, available: int, quantity: int) -> str | None:
    if product is None:
        return _("This product is no longer sold here. Remove it to go on.")
    if price is None:
        return _("This product has no price just now. Ask us about it, or remove it to go on.")
    if available == 0:
        return _("Out of stock now. Remove it to go on.")
    if available < quantity and available < MANY:
        return ngettext(
            "Only %(num)s piece is left. Lower the quantity.", "Only %(num)s pieces are left. Lower the quantity.",
            available,
        )
    return None


def _priced(product: Goods, price: EffectivePrice, quantity: int) -> PricedLine:
    return PricedLine(
        product_id=product.id, sku=product.sku, name_ru=product.name_ru, name_en=product.name_en, quantity=quantity,
        unit=price.money, vat_rate=price.vat_rate,
    )
