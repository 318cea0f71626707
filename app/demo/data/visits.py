"""How many people looked at each site of the demo network on each day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from app.demo.data.dealers import Dealer
from app.demo.data.demand import HALF_A_YEAR, day_weight

# Share of visits that become a lead, and share of all leads, by source.
CONVERSION = {"brand_site": 0.031, "ads": 0.014, "dealer_site": 0.038}
SHARE = {"brand_site": 0.55, "ads": 0.06, "dealer_site": 0.38}


@dataclass(frozen=True, slots=True)
class DailyVisits:
    """Visits of a site on a day; `owner` is a dealer's number, None is the brand's site."""

    owner: int | None
    day: date
    source: str
    visits: int


def visits(dealers: Sequence[Dealer], orders: int, seed: int, until: datetime) -> Iterator[DailyVisits]:
    """Each day of the half year before `until`, in keeping with so many orders."""
    random = Random(f"visits {seed}")
    first = (until - HALF_A_YEAR).date()
    shares = _shares(dealers)
    for number in range(HALF_A_YEAR.days + 1):
        day = first + timedelta(days=number)
        leads = orders / HALF_A_YEAR.days * day_weight(day, first, until.date())
        for source in ("brand_site", "ads"):
            yield DailyVisits(None, day, source, _count(leads, source, 1.0, random))
        for dealer, share in zip(dealers, shares, strict=True):
            yield DailyVisits(dealer.number, day, "dealer_site", _count(leads, "dealer_site", share, random))


def _shares(dealers: Sequence[Dealer]) -> list[float]:
    """A dealer's site is visited as his town is large, but less than in proportion."""
    sizes = [dealer.city.population**0.7 for dealer in dealers]
    return [size / sum(sizes) for size in sizes]


def _count(leads: float, source: str, share: float, random: Random) -> int:
    expected = leads * SHARE[source] / CONVERSION[source] * share
    return max(0, round(expected * random.gauss(1, 0.12) + random.gauss(0, 0.5 + expected**0.5 / 2)))
