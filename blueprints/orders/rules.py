"""What an order costs, how its payment may change, until when it may be cancelled: no session, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from app.kernel.money import Money, vat_included

PAYMENT_WINDOW = timedelta(minutes=30)
"""How long an order waits for its card, and stock is kept for it."""

UNDECIDED = frozenset({"created", "processing"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedLine:
    """So many of one product at today's price, VAT included; `vat_rate` in percent."""

    product_id: int
    sku: str
    name_ru: str
    name_en: str | None
    quantity: int
    unit: Money
    vat_rate: Decimal

    @property
    def total(self) -> Money:
        """Price of the whole line."""
        return self.unit * self.quantity

    @property
    def vat(self) -> Money:
        """VAT contained in the line's total, half a kopeck rounded up."""
        return vat_included(self.total, self.vat_rate)


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of an order; each line's VAT is rounded by itself, as it stands in the receipt."""

    goods: Money
    delivery: Money
    vat: Money

    @property
    def total(self) -> Money:
        """What the customer pays."""
        return self.goods + self.delivery


def totals(lines: Iterable[PricedLine], delivery: Money = Money(0)) -> Totals:  # noqa: B008 -- frozen
    """Sums of the lines; the price of delivery is agreed with the dealer, so it is nothing here."""
    lines = list(lines)
    zero = Money(0, delivery.currency)
    return Totals(sum((line.total for line in lines), zero), delivery, sum((line.vat for line in lines), zero))


def vat_by_rate(lines: Iterable[PricedLine]) -> list[tuple[Decimal, Money]]:
    """VAT of the lines by rate, the highest rate first."""
    sums: dict[Decimal, Money] = {}
    for line in lines:
        sums[line.vat_rate] = sums.get(line.vat_rate, Money(0, line.unit.currency)) + line.vat
    return sorted(sums.items(), reverse=True)


def fingerprint(lines: Sequence[PricedLine]) -> str:
    """What the customer was shown, to notice that prices or quantities changed before he sent the form."""
    return ";".join(f"{line.product_id}:{line.quantity}:{line.unit.minor}" for line in lines)


def next_payment_state(ours: str, theirs: str) -> str | None:
    """The state a payment takes when the provider says `theirs`, None when that is no news.

    Events may come twice and out of order: what is decided is not undone, except that money which did
    come wins over our belief that it did not, and that a payment may be given back.
    """
    told = {"requires_action": "processing"}.get(theirs, theirs)
    if told == ours or ours in ("refunded", "mismatched"):
        return None
    if ours == "paid":
        return "refunded" if told == "refunded" else None
    if ours in UNDECIDED:
        return None if told == "created" else told
    return told if told == "paid" else None


def mismatch(*, asked: Money, charged: Money, named: dict[str, str], expected: dict[str, str]) -> str | None:
    """Why a charge is not the one we asked for, or None: amount, currency, and whose it says it is."""
    if charged.currency != asked.currency:
        return f"currency {charged.currency} instead of {asked.currency}"
    if charged.minor != asked.minor:
        return f"amount {charged.minor} instead of {asked.minor}"
    for key, value in expected.items():
        if named.get(key) != value:
            return f"{key} {named.get(key)!r} instead of {value!r}"
    return None


def part_worth(lines: Iterable[Mapping[str, Any]], *, paid: Money, returned: Money) -> Money:
    """What goes back for a part of a paid order that is lost: its goods, and never more than is left of the payment."""
    worth = Money(sum(line.get("minor", 0) for line in lines), paid.currency)
    left = paid - returned
    return worth if worth.minor < left.minor else left


def progress(states: Sequence[str]) -> str | None:
    """How far an order with several parts came: `delivered` when all that is not lost is, `partly` when some is."""
    kept = [state for state in states if state not in ("lost", "invalid")]
    if "won" not in kept:
        return None
    return "delivered" if set(kept) == {"won"} else "partly"


def payable_until(placed_at: datetime) -> datetime:
    """Instant after which an unpaid order is given up."""
    return placed_at + PAYMENT_WINDOW


def may_cancel(*, state: str, is_own: bool, accepted_at: datetime | None, shipped_at: datetime | None) -> bool:
    """Whether the customer may still cancel by himself.

    A dealer's own order until it is shipped; one that is looking for its dealer until one took it.
    """
    if state == "awaiting_payment":
        return True
    return state == "placed" and shipped_at is None and (is_own or accepted_at is None)
