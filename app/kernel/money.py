"""Money: whole minor units (kopecks) and a currency. Never float."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

MINOR = 100
TOLD = re.compile(
    r"(?P<whole>[0-9]+|[0-9]{1,3}(?:[ '’\u00a0\u2009\u202f][0-9]{3})+)(?:[.,](?P<part>[0-9]{1,2}))?"
    r"\s*(?:₽|р\.?|руб(?:\.|лей|ля|ль)?|rub)?", re.IGNORECASE,
)
"""An amount as people write it. Thousands are parted by blanks only: a comma or a point means kopecks."""

DIGITS = 12
"""Of whole roubles, more than any sum here ever has."""


class TooLarge(ValueError):
    """A sum, but with too many digits."""


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """`minor` hundredths of one unit of `currency` (ISO 4217)."""

    minor: int
    currency: str = "RUB"

    @classmethod
    def of(cls, amount: str | int | Decimal, currency: str = "RUB") -> Money:
        """Money from an amount in whole units, half a kopeck rounded up."""
        return cls(round_half_up(Decimal(amount) * MINOR), currency)

    @classmethod
    def told(cls, text: str) -> Money:
        """Roubles as people write them: `12 500,50`, `12500.5`, `12 500 руб.`; `ValueError` when it is no sum.

        `TooLarge`, a kind of it, is a sum that no column could hold.
        """
        found = TOLD.fullmatch(text.strip())
        if found is None:
            raise ValueError(text)
        whole = re.sub(r"\D", "", found["whole"])
        if len(whole) > DIGITS:
            raise TooLarge(text)
        return cls(int(whole) * MINOR + int((found["part"] or "0").ljust(2, "0")))

    @property
    def amount(self) -> Decimal:
        """The amount in whole units."""
        return Decimal(self.minor) / MINOR

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other).minor, self.currency)

    def __mul__(self, times: int | Decimal) -> Money:
        return Money(round_half_up(Decimal(self.minor) * times), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def _same(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")
        return other


def round_half_up(value: Decimal) -> int:
    """The nearest whole number, halves away from zero, as the tax code rounds."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def vat_included(total: Money, rate: Decimal) -> Money:
    """The VAT contained in a total that includes it; `rate` in percent, e.g. `Decimal(22)`."""
    return Money(round_half_up(Decimal(total.minor) * rate / (100 + rate)), total.currency)
