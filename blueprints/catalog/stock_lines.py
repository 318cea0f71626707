"""Lines of the stock page as a person fills them in: read, judged, and shown again with what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.kernel.money import Money
from app.kernel.words import _, ngettext
from blueprints.catalog.importing.values import number
from blueprints.catalog.listing import OwnLine
from blueprints.catalog.service import Said

MOST = 1_000_000
MOST_MONEY = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """A line as typed, with errors by field."""

    own: OwnLine
    on_hand: str
    price: str
    is_listed: bool
    on_hand_error: str = ""
    price_error: str = ""

    @property
    def is_good(self) -> bool:
        """Whether the line can be taken."""
        return not (self.on_hand_error or self.price_error)


def shown(own: OwnLine) -> Line:
    """A line as it stands."""
    on_hand = "" if own.on_hand is None else str(own.on_hand)
    return Line(own, on_hand, _price_text(own.minor), own.is_listed)


def typed(own: OwnLine, form: Mapping[str, str]) -> Line:
    """A line as somebody sent it, judged."""
    line = Line(
        own, form.get(f"on_hand-{own.id}", "").strip()[:40], form.get(f"price-{own.id}", "").strip()[:40],
        f"listed-{own.id}" in form,
    )
    return replace(line, on_hand_error=_stock_error(line), price_error=_price_error(line))


def is_changed(line: Line) -> bool:
    """Whether the person said something else than what stands."""
    return line != shown(line.own)


def said(line: Line) -> Said:
    """A good line as values; what was not changed is not reported anew."""
    same = line.on_hand == shown(line.own).on_hand
    amount = number(line.price) if line.price else None
    return Said(
        line.own.id, None if same or not line.on_hand else int(number(line.on_hand) or 0),
        None if amount is None else Money.of(amount).minor, line.is_listed,
    )


def _stock_error(line: Line) -> str:
    if not line.on_hand:
        return ""
    amount = number(line.on_hand)
    if amount is None or amount != amount.to_integral_value() or not 0 <= amount <= MOST:
        return _("Write a whole number, for example 12.")
    if amount < line.own.reserved:
        return ngettext("%(num)s is reserved for an order.", "%(num)s are reserved for orders.", line.own.reserved)
    return ""


def _price_error(line: Line) -> str:
    if not line.price:
        return ""
    amount = number(line.price)
    return "" if amount is not None and 0 < amount <= MOST_MONEY else _("Write a price, for example 12 345,50.")


def _price_text(minor: int | None) -> str:
    if minor is None:
        return ""
    return f"{minor // 100}" if minor % 100 == 0 else f"{minor // 100},{minor % 100:02d}"
