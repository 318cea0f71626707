"""Orders at a dealer's own site against his stock, with the model they are held to."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

import hypothesis.strategies as some
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from app.kernel.ids import new_id
from blueprints.catalog import stock
from blueprints.leads import service as leads
from blueprints.leads.errors import WrongMoment
from blueprints.orders import payments
from blueprints.orders.errors import NoStock, NotPayable, TooLate
from blueprints.orders.queries import get_order, lead_of
from blueprints.orders.rules import PAYMENT_WINDOW
from blueprints.orders.service import cancel_order, place_order
from tests.blueprints.orders.shelf import NOON, draft, put_stock
from tests.factories.leads import add_products
from tests.house import KAZAN, House

PRODUCTS = 3
STOCKED = 2
"""The first so many are in stock; the dealer says nothing of the others and sells them to order."""


@dataclass
class Sale:
    """One order as the model knows it."""

    cart_id: uuid.UUID
    order_id: uuid.UUID
    wish: dict[int, int]
    state: str
    placed_at: datetime
    has_left: bool = False


class CheckoutMachine(RuleBasedStateMachine):
    """Customers order, try again, pay on delivery after all, wait too long, cancel; the dealer ships and counts."""

    house: ClassVar[House]
    steps: ClassVar[int] = 0
    sales = Bundle("sales")

    @initialize(levels=some.lists(some.integers(0, 9), min_size=STOCKED, max_size=STOCKED))
    def open_shop(self, levels: list[int]) -> None:
        self.house.clean()
        self.at = NOON
        self.products = add_products(self.house, PRODUCTS)
        self.on_hand = dict(zip(self.products[:STOCKED], levels, strict=True))
        self.reserved = Counter[int]()
        self.book: dict[uuid.UUID, Sale] = {}
        put_stock(self.house, KAZAN, self.on_hand)

    @rule(
        target=sales, payment=some.sampled_from(["on_delivery", "card"]),
        quantities=some.lists(some.integers(0, 3), min_size=PRODUCTS, max_size=PRODUCTS).filter(any),
        backwards=some.booleans(),
    )
    def order(self, payment: str, quantities: list[int], backwards: bool) -> uuid.UUID:
        wish = {product: many for product, many in zip(self.products, quantities, strict=True) if many}
        lines = list(wish.items())[::-1] if backwards else list(wish.items())
        cart_id = new_id()
        fits = all(self._free(product) >= many for product, many in wish.items() if product in self.on_hand)
        try:
            with self.house.speaking(KAZAN):
                order_id = place_order(draft=draft(*lines, payment_method=payment, cart_id=cart_id), at=self.at).id
        except NoStock:
            assert not fits
            return cart_id
        assert fits
        state = "placed" if payment == "on_delivery" else "awaiting_payment"
        self.book[cart_id] = Sale(cart_id, order_id, self._stocked(wish), state, self.at)
        self._take(self.book[cart_id].wish)
        return cart_id

    @rule(cart_id=sales)
    def order_again(self, cart_id: uuid.UUID) -> None:
        """The same cart sent twice is one order, whatever became of it; one that was refused may be tried again."""
        if sale := self.book.get(cart_id):
            with self.house.speaking(KAZAN):
                again = place_order(draft=draft((self.products[0], 1), cart_id=cart_id), at=self.at)
                assert again.id == sale.order_id

    @rule(cart_id=sales)
    def pay_on_delivery(self, cart_id: uuid.UUID) -> None:
        self._try(cart_id, NotPayable, ("awaiting_payment",), "placed", lambda sale: payments.pay_on_delivery(
            order_id=sale.order_id, at=self.at))

    @rule(cart_id=sales, reason=some.sampled_from(["customer", "staff"]))
    def cancel(self, cart_id: uuid.UUID, reason: str) -> None:
        """What has left the house can be cancelled by staff only, and what is with the customer by nobody."""
        sale = self.book.get(cart_id)
        if sale is None or (reason == "staff" and sale.state in ("shipped", "won")):
            return
        try:
            with self.house.speaking(KAZAN):
                cancel_order(order_id=sale.order_id, reason=reason, actor="test", at=self.at)
        except TooLate:
            assert sale.has_left and reason == "customer"
            return
        assert sale.state == "cancelled" or not (sale.has_left and reason == "customer")
        if sale.state not in ("cancelled", "lost"):
            self._give_back(sale.wish)
        sale.state = "cancelled"

    @rule(minutes=some.sampled_from([1, 20, 31]))
    def wait(self, minutes: int) -> None:
        self.at += timedelta(minutes=minutes)

    @rule(cart_id=sales)
    def look_after(self, cart_id: uuid.UUID) -> None:
        """What the worker does from time to time."""
        if (sale := self.book.get(cart_id)) is None:
            return
        with self.house.speaking(KAZAN):
            waits = payments.look_after(order_id=sale.order_id, at=self.at)
        if sale.state == "awaiting_payment" and sale.placed_at + PAYMENT_WINDOW <= self.at:
            sale.state = "cancelled"
            self._give_back(sale.wish)
        assert waits == (sale.state == "awaiting_payment")

    @rule(cart_id=sales)
    def ship(self, cart_id: uuid.UUID) -> None:
        sale = self._try(cart_id, WrongMoment, ("placed",), "shipped", lambda sale: leads.ship(
            lead=self._lead(sale), at=self.at, actor="test"))
        if sale:
            self._leave(sale)

    @rule(cart_id=sales)
    def deliver(self, cart_id: uuid.UUID) -> None:
        before = self.book[cart_id].state if cart_id in self.book else None
        sale = self._try(cart_id, WrongMoment, ("placed", "shipped"), "won", lambda sale: leads.deliver(
            lead=self._lead(sale), at=self.at, actor="test"))
        if sale and before == "placed":
            self._leave(sale)

    @rule(cart_id=sales)
    def lose(self, cart_id: uuid.UUID) -> None:
        before = self.book[cart_id].state if cart_id in self.book else None
        sale = self._try(cart_id, WrongMoment, ("placed", "shipped"), "lost", lambda sale: leads.lose(
            lead=self._lead(sale), reason="other", at=self.at, actor="test"))
        if sale and before == "placed":
            self._give_back(sale.wish)

    @rule(number=some.integers(0, STOCKED - 1), level=some.integers(0, 8))
    def count(self, number: int, level: int) -> None:
        """The dealer's own books say so many; what is promised counts as there."""
        product = self.products[number]
        with self.house.speaking(KAZAN):
            stock.report(owner_id=KAZAN, levels={product: level}, at=self.at)
        self.on_hand[product] = max(level, self.reserved[product])

    @invariant()
    def stock_is_as_the_model_says(self) -> None:
        type(self).steps += 1
        if not hasattr(self, "book"):
            return
        rows = self.house.rows("SELECT product_id, on_hand, reserved FROM network.stock")
        assert {row[0]: row[1:] for row in rows} == {
            product: (level, self.reserved[product]) for product, level in self.on_hand.items()
        }
        held = self.house.rows(
            "SELECT product_id, sum(quantity) FROM network.reservations WHERE state = 'held' GROUP BY 1"
        )
        assert dict(held) == {product: many for product, many in self.reserved.items() if many}

    @invariant()
    def each_order_stands_once_with_its_lead(self) -> None:
        if not hasattr(self, "book"):
            return
        orders = self.house.rows(f"SELECT cart_id, state, (SELECT state FROM network.leads WHERE leads.order_id = o.id)"
                                 f" FROM {KAZAN}.orders o")
        assert {row[0]: row[1:] for row in orders} == {sale.cart_id: self._words(sale) for sale in self.book.values()}

    def _words(self, sale: Sale) -> tuple[Any, ...]:
        """State of the order and of its lead; an order that was given up before it was placed never had one."""
        if sale.state == "awaiting_payment":
            return ("awaiting_payment", None)
        if sale.state == "cancelled":
            has_lead = self.house.scalar("SELECT 1 FROM network.leads WHERE order_id = %(id)s", id=sale.order_id)
            return ("cancelled", "lost" if has_lead else None)
        return ("placed", {"placed": "accepted", "shipped": "accepted"}.get(sale.state, sale.state))

    def _try(self, cart_id: uuid.UUID, refusal: type[Exception], when: tuple[str, ...], then: str, act: Any) -> Any:
        """Do it; it must work in these states and be refused in all others. Answers the sale where it worked."""
        sale = self.book.get(cart_id)
        if sale is None or (refusal is WrongMoment and self._words(sale)[1] is None):
            return None
        try:
            with self.house.speaking(KAZAN):
                act(sale)
        except refusal:
            assert sale.state not in when, sale
            return None
        assert sale.state in when, sale
        sale.state = then
        return sale

    def _lead(self, sale: Sale) -> Any:
        lead = lead_of(get_order(sale.order_id))
        assert lead is not None
        return lead

    def _free(self, product: int) -> int:
        return self.on_hand[product] - self.reserved[product]

    def _stocked(self, wish: dict[int, int]) -> dict[int, int]:
        return {product: many for product, many in wish.items() if product in self.on_hand}

    def _take(self, wish: dict[int, int]) -> None:
        self.reserved.update(wish)

    def _give_back(self, wish: dict[int, int]) -> None:
        self.reserved.subtract(wish)

    def _leave(self, sale: Sale) -> None:
        sale.has_left = True
        self.reserved.subtract(sale.wish)
        for product, many in sale.wish.items():
            self.on_hand[product] -= many
