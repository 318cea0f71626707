"""Money: whole minor units (kopecks) and a currency. Never float."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

MINOR = 100


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """`minor` hundredths of one unit of `currency` (ISO 4217)."""

    minor: int
    currency: str = "RUB"

    @classmethod
    def of(cls, amount: str | int | Decimal, currency: str = "RUB") -> Money:
        """Money from an amount in whole units, half a kopeck rounded up."""
        return cls(round_half_up(Decimal(amount) * MINOR), currency)

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
