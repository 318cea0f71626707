"""What a dealer's own past lets expect of him, drawn to the network's: few outcomes prove little, old ones fade.

Shares are a Beta posterior, minutes the posterior mean of an exponential time: both are the dealer's outcomes joined by
`WEIGHT` outcomes of a usual dealer of the network. The spread of an estimate is that of the posterior.
"""

from __future__ import annotations

from datetime import datetime
from math import sqrt
from typing import NamedTuple

HALF_LIFE = 90 * 86_400.0
WEIGHT = 6.0
"""So many usual outcomes stand beside a dealer's own."""
ACCEPTANCE, MINUTES, ORDER_WON, TALK_WON = 0.8, 60.0, 0.8, 0.4
"""What is expected of a network nothing is known of yet."""


class Estimate(NamedTuple):
    """What is expected, and how unsure that is (standard deviation)."""

    mean: float
    spread: float


class Tally:
    """How many outcomes and their sum, each worth half after `HALF_LIFE`."""

    __slots__ = ("count", "at", "total")

    def __init__(self, count: float = 0.0, total: float = 0.0) -> None:
        self.count, self.total, self.at = count, total, 0.0

    def add(self, value: float, at: float) -> None:
        """One more outcome at `at` (seconds)."""
        faded = self._faded(at)
        self.count, self.total, self.at = self.count * faded + 1, self.total * faded + value, max(at, self.at)

    def mean(self, at: float, usual: float, weight: float = WEIGHT) -> tuple[float, float]:
        """The mean drawn to what is usual, and how many outcomes stand behind it."""
        faded = self._faded(at)
        count = self.count * faded + weight
        return (self.total * faded + usual * weight) / count, count

    def _faded(self, at: float) -> float:
        if not self.at or at <= self.at:
            return 1.0
        return float(0.5 ** ((at - self.at) / HALF_LIFE))


class Record:
    """Tallies of one dealer, or of the network as a whole."""

    __slots__ = ("acceptance", "minutes", "order_won", "talk_won")

    def __init__(self) -> None:
        self.acceptance, self.minutes, self.order_won, self.talk_won = Tally(), Tally(), Tally(), Tally()

    def won(self, is_order: bool) -> Tally:
        """Sales of orders, or of leads without one."""
        return self.order_won if is_order else self.talk_won


class Records:
    """Every dealer's record and the network's, whose means are what is usual."""

    def __init__(self) -> None:
        self.of: dict[str, Record] = {}
        self.network = Record()

    def answered(self, dealer_id: str, at: datetime, is_accepted: bool, minutes: float | None) -> None:
        """A dealer answered an offer, or let it run out."""
        second = at.timestamp()
        for record in (self._of(dealer_id), self.network):
            record.acceptance.add(is_accepted, second)
            if minutes is not None:
                record.minutes.add(minutes, second)

    def ended(self, dealer_id: str, at: datetime, is_order: bool, is_won: bool) -> None:
        """A lead he held came to a sale or to none."""
        second = at.timestamp()
        for record in (self._of(dealer_id), self.network):
            record.won(is_order).add(is_won, second)

    def acceptance(self, dealer_id: str, at: datetime) -> Estimate:
        """How likely he accepts."""
        second = at.timestamp()
        usual = self.network.acceptance.mean(second, ACCEPTANCE)[0]
        return _share(*self._of(dealer_id).acceptance.mean(second, usual))

    def minutes(self, dealer_id: str, at: datetime) -> Estimate:
        """In how many minutes of his working time he answers."""
        second = at.timestamp()
        usual = self.network.minutes.mean(second, MINUTES)[0]
        mean, count = self._of(dealer_id).minutes.mean(second, usual)
        return Estimate(mean, mean / sqrt(count))

    def won(self, dealer_id: str, at: datetime, is_order: bool) -> Estimate:
        """How likely a lead in his hands comes to a sale."""
        second = at.timestamp()
        usual = self.network.won(is_order).mean(second, ORDER_WON if is_order else TALK_WON)[0]
        return _share(*self._of(dealer_id).won(is_order).mean(second, usual))

    def _of(self, dealer_id: str) -> Record:
        record = self.of.get(dealer_id)
        if record is None:
            record = self.of[dealer_id] = Record()
        return record


def _share(mean: float, count: float) -> Estimate:
    return Estimate(mean, sqrt(max(0.0, mean * (1 - mean)) / (count + 1)))
