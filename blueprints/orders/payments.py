"""Paying by card. A try is one row; `settle` under its lock is the one way it is decided.

The bank acts whether or not our transaction succeeds, so each step stands in a unit of work of its own,
and no row is locked while the provider is asked. A charge is confirmed only after its reference is
ours to find again; so a try without a reference never took money, and can be thrown away.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
import structlog

from app.kernel.db import db, unit_of_work
from app.kernel.errors import Unavailable
from app.kernel.events import publish
from app.kernel.identity import current_tenant
from app.kernel.money import Money
from app.kernel.ports import CardDeclined, PaymentIntent, payment_gateway
from app.web.audit import audit
from blueprints.orders import mails, rules
from blueprints.orders.cancelling import cancel_order
from blueprints.orders.errors import NoSuchPayment, NotPayable, NotRefundable, PaymentPending
from blueprints.orders.events import OrderPaid, PaymentTold, RefundDue
from blueprints.orders.models import Order, Payment
from blueprints.orders.placing import place
from blueprints.orders.queries import find_open_payment, get_order

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Try:
    """What the provider has to know of a try."""

    id: uuid.UUID
    order_id: uuid.UUID
    amount: Money
    email: str | None

    @property
    def metadata(self) -> dict[str, str]:
        """Whose charge it is, in words the provider gives back."""
        return {"tenant_id": current_tenant(), "order_id": str(self.order_id), "payment_id": str(self.id)}


def pay(*, order_id: uuid.UUID, card_token: str, at: datetime) -> str:
    """Try to charge a card for the order; answers the state of the try: `paid`, or `processing` when the
    person must confirm at his bank. `CardDeclined`, `NotPayable`, `PaymentPending`, `Unavailable` otherwise.
    """
    close_open_try(order_id=order_id, at=at)
    this = _announce(order_id, at)
    try:
        reference = _charge(this, card_token)
    except CardDeclined as refusal:
        _note_refusal(this.id, refusal, at)
        raise
    return settle(reference, at=at)


def settle(reference: str, *, at: datetime) -> str:
    """Take over what the provider says of a charge now; answers our state of it. Any number of times, in any order."""
    intent = payment_gateway().find(reference)
    with unit_of_work(separate=True):
        payment = _lock(Payment.reference == reference)
        if payment is None:
            raise NoSuchPayment
        _apply(payment, intent, at)
        return payment.state


def tell(reference: str, *, payee_id: str) -> None:
    """Hand what the provider told us on to the tenant whose charge it says it is; he asks for himself."""
    publish(PaymentTold(tenant_id=current_tenant(), payee_id=payee_id, reference=reference))


def close_open_try(*, order_id: uuid.UUID, at: datetime) -> None:
    """Give up a try that is not decided, so that another may follow; `PaymentPending` while the bank works on it."""
    with unit_of_work(separate=True):
        payment = find_open_payment(order_id)
        if payment is None:
            return
        reference = payment.reference
        if reference is None and (payment := _lock(Payment.id == payment.id)):
            reference = payment.reference
            payment.state = "cancelled" if reference is None else payment.state
    if reference is None:
        return
    payment_gateway().cancel(reference)
    if settle(reference, at=at) in rules.UNDECIDED:
        raise PaymentPending


def look_after(*, order_id: uuid.UUID, at: datetime) -> bool:
    """Ask about an order that awaits its payment, give it up when its time is over; False when it waits no more."""
    with unit_of_work(separate=True):
        order, payment = get_order(order_id), find_open_payment(order_id)
    if order.state != "awaiting_payment":
        return False
    try:
        if rules.payable_until(order.placed_at) <= at:
            return _expire(order_id, at)
        if payment is not None and payment.reference:
            settle(payment.reference, at=at)
    except (Unavailable, PaymentPending):
        return True
    with unit_of_work(separate=True):
        return get_order(order_id).state == "awaiting_payment"


def pay_on_delivery(*, order_id: uuid.UUID, at: datetime) -> None:
    """The customer would rather pay when the goods come."""
    close_open_try(order_id=order_id, at=at)
    order = get_order(order_id, lock=True)
    if order.state != "awaiting_payment":
        raise NotPayable
    with db.session.begin_nested():
        order.payment_method = "on_delivery"
        place(order, is_paid=False, at=at)
    mails.order_placed(order)


def ask_refund(*, order_id: uuid.UUID, payment_id: uuid.UUID, actor: str, at: datetime) -> None:
    """Staff want money that does not match to go back; asked twice it goes once. `NotRefundable` otherwise."""
    payment = _lock(Payment.id == payment_id, Payment.order_id == order_id)
    if payment is None:
        raise NoSuchPayment
    if payment.state != "mismatched":
        raise NotRefundable
    if payment.refund_asked_at is None:
        payment.refund_asked_at, payment.refund_asked_by = at, actor
        audit("money.refunded", f"payment:{payment.id}", actor=actor, minor=payment.minor, currency=payment.currency)
        publish(RefundDue(tenant_id=current_tenant(), payment_id=str(payment.id)))


def refund(*, payment_id: uuid.UUID, at: datetime) -> None:
    """Give a payment back, once, without what goes back for lost parts; never money of another tenant's charge."""
    with unit_of_work(separate=True):
        payment = db.session.get_one(Payment, payment_id)
    if payment.state not in ("paid", "mismatched") or payment.reference is None:
        return
    intent = payment_gateway().find(payment.reference)
    if intent.metadata.get("tenant_id") != current_tenant():
        raise NotRefundable
    rest = intent.amount - Money(sum(each["minor"] for each in payment.returns.values()), intent.amount.currency)
    if rest.minor > 0:
        payment_gateway().refund(payment.reference, rest, idempotency_key=f"{payment.id}-refund")
    with unit_of_work(separate=True):
        payment = _lock(Payment.id == payment_id)
        if payment is not None and payment.state != "refunded":
            payment.state, payment.settled_at = "refunded", at
            if rest.minor > 0:
                mails.money_returned(get_order(payment.order_id), returned=rest)


def refund_part(*, payment_id: uuid.UUID, lead_id: str, at: datetime) -> None:
    """Give back what was paid for a part of the order that is lost, once."""
    with unit_of_work(separate=True):
        payment = db.session.get_one(Payment, payment_id)
    due = payment.returns.get(lead_id)
    if due is None or due["done_at"] or payment.reference is None:
        return
    if payment_gateway().find(payment.reference).metadata.get("tenant_id") != current_tenant():
        raise NotRefundable
    returned = Money(due["minor"], payment.currency)
    payment_gateway().refund(payment.reference, returned, idempotency_key=f"{payment.id}-part-{lead_id}")
    with unit_of_work(separate=True):
        payment = _lock(Payment.id == payment_id)
        if payment is not None and not payment.returns[lead_id]["done_at"]:
            done = {**payment.returns[lead_id], "done_at": at.isoformat()}
            payment.returns = {**payment.returns, lead_id: done}
            mails.money_returned(get_order(payment.order_id), returned=returned)


def _announce(order_id: uuid.UUID, at: datetime) -> _Try:
    with unit_of_work(separate=True):
        order = get_order(order_id, lock=True)
        if order.state != "awaiting_payment":
            raise NotPayable
        payment = Payment(
            order_id=order.id, provider=payment_gateway().provider, minor=order.total_minor, currency=order.currency,
            state="created", created_at=at,
        )
        if find_open_payment(order_id) is not None:
            raise PaymentPending
        db.session.add(payment)
        db.session.flush()
        return _Try(payment.id, order.id, Money(payment.minor, payment.currency), order.contact.get("email"))


def _charge(this: _Try, card_token: str) -> str:
    gateway = payment_gateway()
    intent = gateway.create(
        this.amount, card_token=card_token, email=this.email, idempotency_key=str(this.id), metadata=this.metadata
    )
    if not _note_reference(this.id, intent.reference):
        gateway.cancel(intent.reference)
        raise PaymentPending
    gateway.confirm(intent.reference, idempotency_key=f"{this.id}-confirm")
    return intent.reference


def _note_reference(payment_id: uuid.UUID, reference: str) -> bool:
    """False when the try was given up meanwhile."""
    with unit_of_work(separate=True):
        noted = db.session.execute(
            sa.update(Payment).where(Payment.id == payment_id, Payment.state == "created").values(reference=reference)
            .execution_options(synchronize_session=False)
        )
        return noted.rowcount == 1


def _note_refusal(payment_id: uuid.UUID, refusal: CardDeclined, at: datetime) -> None:
    with unit_of_work(separate=True):
        payment = _lock(Payment.id == payment_id)
        if payment is not None and payment.state in rules.UNDECIDED:
            payment.state, payment.error, payment.settled_at = "failed", str(refusal.sentence), at


def _apply(payment: Payment, intent: PaymentIntent, at: datetime) -> None:
    state = rules.next_payment_state(payment.state, intent.state)
    if state is None:
        return
    problem = _mismatch(payment, intent) if state == "paid" else None
    if problem:
        payment.state, payment.error, payment.settled_at = "mismatched", problem, at
        log.error("payment_mismatched", payment_id=str(payment.id), problem=problem)
        return
    payment.state = state
    payment.settled_at = None if state in rules.UNDECIDED else at
    if state == "paid":
        payment.error = None
        _complete(payment, at)


def _complete(payment: Payment, at: datetime) -> None:
    """The money is here: the order stands. Money that nobody asked for any more goes back."""
    order = get_order(payment.order_id, lock=True)
    if not _still_wanted(order):
        publish(RefundDue(tenant_id=current_tenant(), payment_id=str(payment.id)))
        return
    place(order, is_paid=True, at=at)
    publish(OrderPaid(tenant_id=current_tenant(), order_id=str(order.id), payment_id=str(payment.id)))
    mails.order_paid(order)


def _still_wanted(order: Order) -> bool:
    """An order that ran out of time is wanted still, for its customer paid; one that he cancelled is not."""
    return order.state == "awaiting_payment" or (order.state == "cancelled" and order.cancel_reason == "expired")


def _mismatch(payment: Payment, intent: PaymentIntent) -> str | None:
    return rules.mismatch(
        asked=Money(payment.minor, payment.currency), charged=intent.amount, named=intent.metadata,
        expected={
            "tenant_id": current_tenant(), "order_id": str(payment.order_id), "payment_id": str(payment.id),
        },
    )


def _expire(order_id: uuid.UUID, at: datetime) -> bool:
    close_open_try(order_id=order_id, at=at)
    with unit_of_work(separate=True):
        if get_order(order_id, lock=True).state == "awaiting_payment":
            cancel_order(order_id=order_id, reason="expired", actor="system", at=at)
    return False


def _lock(*conditions: sa.ColumnElement[bool]) -> Payment | None:
    return db.session.scalar(
        sa.select(Payment).where(*conditions).with_for_update().execution_options(populate_existing=True)
    )


