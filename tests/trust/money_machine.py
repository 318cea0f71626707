"""Orders paid by card at the running emulator of the bank, with the ledger they are held to."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any, ClassVar

import hypothesis.strategies as some
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from app.kernel.errors import HouseError
from app.kernel.ids import new_id
from app.kernel.ports import PaymentGateway, PaymentIntent, payment_gateway, provide
from blueprints.orders import payments
from blueprints.orders.rules import PAYMENT_WINDOW
from blueprints.orders.service import cancel_order, place_order
from tests.blueprints.orders import cards
from tests.blueprints.orders.shelf import BOILER_PRICE, NOON, draft, fill_shelf, put_stock
from tests.house import KAZAN, House

CARDS = (cards.GOOD, cards.WITH_3DS, cards.DECLINED_AT_ONCE, cards.DECLINED_WHEN_CHARGED)
CALLS = ("create", "confirm", "find", "cancel", "refund")


class Died(BaseException):
    """The process is gone: nothing after this line happens, and nobody tidies up."""


class Watched:
    """The gateway; it knows every charge that was ever announced, and the process may die around one of its calls."""

    def __init__(self, gateway: PaymentGateway) -> None:
        self._gateway = gateway
        self.announced: dict[str, str] = {}
        """Order by reference of the charge."""
        self.fatal: tuple[str, str] | None = None
        """`("before" | "after", call)`: there the process dies, once."""

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._gateway, name)
        if name not in CALLS:
            return found

        def call(*args: Any, **values: Any) -> Any:
            self._die("before", name)
            answer = found(*args, **values)
            if isinstance(answer, PaymentIntent) and answer.metadata.get("order_id"):
                self.announced[answer.reference] = answer.metadata["order_id"]
            self._die("after", name)
            return answer

        return call

    def _die(self, moment: str, name: str) -> None:
        if self.fatal == (moment, name):
            self.fatal = None
            raise Died


class MoneyMachine(RuleBasedStateMachine):
    """Cards are good, asked about, refused; processes die; the bank tells late and twice; customers change their mind.

    The model is the bank's own book: what it holds for an order must be the order's price if the order stands paid,
    and nothing else, once all that is due was heard.
    """

    house: ClassVar[House]
    bank: ClassVar[str]
    steps: ClassVar[int] = 0
    orders = Bundle("orders")

    @initialize()
    def open_shop(self) -> None:
        self.house.clean()
        self.at = NOON
        self.known: list[str] = []
        self.given_up: set[str] = set()
        self.watched = Watched(payment_gateway())
        self._before = payment_gateway()
        provide(PaymentGateway, self.watched)
        self.boiler, _pump = fill_shelf(self.house)
        put_stock(self.house, KAZAN, {self.boiler: 500})

    def teardown(self) -> None:
        if not hasattr(self, "watched"):
            return
        try:
            self._come_to_rest()
            self._balance()
        finally:
            provide(PaymentGateway, self._before)

    @rule(target=orders)
    def order(self) -> uuid.UUID:
        with self.house.speaking(KAZAN):
            order = place_order(
                draft=draft((self.boiler, 1), payment_method="card", cart_id=new_id()), at=self.at)
            self.known.append(str(order.id))
            return order.id

    @rule(order_id=orders, card=some.sampled_from(CARDS))
    def pay(self, order_id: uuid.UUID, card: str) -> None:
        with self._as_customer():
            payments.pay(order_id=order_id, card_token=cards.token(self.bank, card), at=self.at)

    @rule(
        order_id=orders, card=some.sampled_from(CARDS), moment=some.sampled_from(["before", "after"]),
        call=some.sampled_from(CALLS[:4]),
    )
    def pay_and_die(self, order_id: uuid.UUID, card: str, moment: str, call: str) -> None:
        self.watched.fatal = (moment, call)
        with suppress(Died), self._as_customer():
            payments.pay(order_id=order_id, card_token=cards.token(self.bank, card), at=self.at)
        self.watched.fatal = None

    @rule(agrees=some.booleans(), which=some.integers(0, 50))
    def answer_at_the_bank(self, agrees: bool, which: int) -> None:
        if reference := self._some_charge(which):
            with suppress(HouseError):
                cards.answer_bank(self.bank, reference, agrees=agrees)

    @rule(which=some.integers(0, 50), times=some.integers(1, 2))
    def bank_tells(self, which: int, times: int) -> None:
        """What the provider's message makes us do, early, late, twice, or of a charge we never noted."""
        if reference := self._some_charge(which):
            for _time in range(times):
                with self._as_customer():
                    payments.settle(reference, at=self.at)

    @rule(order_id=orders)
    def change_to_delivery(self, order_id: uuid.UUID) -> None:
        with self._as_customer():
            payments.pay_on_delivery(order_id=order_id, at=self.at)

    @rule(order_id=orders, reason=some.sampled_from(["customer", "staff"]))
    def cancel(self, order_id: uuid.UUID, reason: str) -> None:
        with self._as_customer():
            payments.close_open_try(order_id=order_id, at=self.at)
        with self._as_customer():
            if not self._open_tries(order_id):
                cancel_order(order_id=order_id, reason=reason, actor="test", at=self.at)
                self.given_up.add(str(order_id))

    @rule(minutes=some.sampled_from([1, 31]))
    def wait(self, minutes: int) -> None:
        self.at += timedelta(minutes=minutes)

    @rule(order_id=orders)
    def look_after(self, order_id: uuid.UUID) -> None:
        with self._as_customer():
            payments.look_after(order_id=order_id, at=self.at)

    @rule(which=some.integers(0, 50), dies=some.sampled_from([None, "before", "after"]))
    def give_back(self, which: int, dies: str | None) -> None:
        """The worker hears that money is due back, perhaps not for the first time, and perhaps dies of it."""
        due = self._due()
        if due:
            self.watched.fatal = (dies, "refund") if dies else None
            with suppress(Died), self._as_customer():
                payments.refund(payment_id=due[which % len(due)], at=self.at)
            self.watched.fatal = None

    @invariant()
    def nobody_is_charged_twice(self) -> None:
        type(self).steps += 1
        if not hasattr(self, "watched"):
            return
        paid = self.house.rows(f"SELECT order_id, count(*) FROM {KAZAN}.payments WHERE state = 'paid'"
                               f" AND id::text NOT IN (SELECT payload ->> 'payment_id' FROM network.outbox"
                               f" WHERE name = 'RefundDue') GROUP BY 1 HAVING count(*) > 1")
        assert paid == []
        unpaid = self.house.rows(
            f"SELECT o.id FROM {KAZAN}.orders o WHERE o.state = 'placed' AND o.payment_method = 'card' AND NOT EXISTS"
            f" (SELECT FROM {KAZAN}.payments p WHERE p.order_id = o.id AND p.state = 'paid')"
        )
        assert unpaid == []
        assert self.house.scalar("SELECT count(*) - count(DISTINCT payload ->> 'payment_id') FROM network.outbox"
                                 " WHERE name = 'OrderPaid'") == 0

    def _come_to_rest(self) -> None:
        """Time passes, and the worker does all that is due: the bank is asked, and money goes back, twice for luck."""
        self.at += 2 * PAYMENT_WINDOW
        with self.house.speaking(KAZAN):
            for order_id in self.known:
                payments.look_after(order_id=uuid.UUID(order_id), at=self.at)
        for payment_id in (*self._due(), *self._due()):
            with self.house.speaking(KAZAN):
                payments.refund(payment_id=payment_id, at=self.at)

    def _balance(self) -> None:
        held = Counter[str]()
        for reference, order_id in self.watched.announced.items():
            intent = self._before.find(reference)
            assert intent.state in ("paid", "refunded", "failed", "cancelled", "created"), intent
            held[order_id] += intent.amount.minor if intent.state == "paid" else 0
        for order_id, state, method, is_paid, reserved in self.house.rows(
            f"SELECT o.id::text, o.state, o.payment_method, l.is_paid, (SELECT count(*) FROM network.reservations r"
            f" WHERE r.lead_id = o.id AND r.state = 'held') FROM {KAZAN}.orders o"
            f" LEFT JOIN network.leads l ON l.order_id = o.id"
        ):
            stands_paid = state == "placed" and method == "card"
            assert held[str(order_id)] == (BOILER_PRICE if stands_paid else 0), (order_id, state, method)
            assert state == "cancelled" if order_id in self.given_up else state in ("placed", "cancelled")
            assert (state == "placed") == bool(reserved), (order_id, state, reserved)
            if state == "placed":
                assert is_paid == stands_paid
        assert self.house.rows(f"SELECT 1 FROM {KAZAN}.payments WHERE state IN ('created', 'processing')") == []

    def _open_tries(self, order_id: uuid.UUID) -> int:
        return int(str(self.house.scalar(f"SELECT count(*) FROM {KAZAN}.payments WHERE order_id = %(id)s"
                                         f" AND state IN ('created', 'processing')", id=order_id)))

    def _due(self) -> list[uuid.UUID]:
        rows = self.house.rows(
            "SELECT payload ->> 'payment_id' FROM network.outbox WHERE name = 'RefundDue' ORDER BY 1"
        )
        return [uuid.UUID(str(row[0])) for row in rows]

    def _some_charge(self, which: int) -> str | None:
        announced = list(self.watched.announced)
        return announced[which % len(announced)] if announced else None

    @contextmanager
    def _as_customer(self) -> Iterator[None]:
        """A sentence that tells him why not is an answer, too."""
        with suppress(HouseError), self.house.speaking(KAZAN):
            yield
