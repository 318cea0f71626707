"""Periods, filters and figures of the overview: pure values, no session and no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

SPANS = {"week": 7, "month": 30, "quarter": 91, "half": 182}
OWN = "own"
LONGEST = 731
WEEKLY_FROM = 46
"""Days from which a line by day is too dense to read."""

GOOD_STARS, POOR_STARS = 4.3, 3.5
GOOD_SHARE, POOR_SHARE = 0.8, 0.5


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of HQ's calendar from `first` to `last`, both included."""

    name: str
    first: date
    last: date
    zone: str

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    @property
    def since(self) -> datetime:
        """The first instant."""
        return self._midnight(self.first)

    @property
    def until(self) -> datetime:
        """The instant after the last."""
        return self._midnight(self.last + timedelta(days=1))

    @property
    def step(self) -> str:
        """`day` or `week`: how finely a line is drawn."""
        return "week" if self.days >= WEEKLY_FROM else "day"

    def before(self, at: datetime) -> tuple[datetime, datetime]:
        """As many days before; of a running day only as much as has passed by now, so that both compare."""
        shift = timedelta(days=self.days)
        return self._midnight(self.first - shift), min(self.until, max(at, self.since)) - shift

    def steps(self) -> list[date]:
        """First day of every step, empty ones too; weeks begin on Monday."""
        if self.step == "day":
            return [self.first + timedelta(days=number) for number in range(self.days)]
        monday = self.first - timedelta(days=self.first.weekday())
        return [monday + timedelta(days=number) for number in range(0, (self.last - monday).days + 1, 7)]

    def all_days(self, first: date) -> list[date]:
        """Every day from an earlier first one to the last of the period."""
        return [first + timedelta(days=number) for number in range((self.last - first).days + 1)]

    def spans(self, days: Iterable[date]) -> list[tuple[datetime, datetime]]:
        """From which instant to which these days last; days in a row are one span."""
        return [(self._midnight(first), self._midnight(last + timedelta(days=1))) for first, last in runs(days)]

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time.min, ZoneInfo(self.zone)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which leads the figures speak of: those that came in the period, of this source, region and dealer."""

    period: Period
    source: str | None = None
    region: str | None = None
    dealer: str | None = None

    @property
    def is_narrow(self) -> bool:
        """Whether anything but the period is chosen."""
        return bool(self.source or self.region or self.dealer)

    def args(self, **changes: str | None) -> dict[str, str]:
        """The arguments of an address that mean these filters."""
        period: dict[str, str | None] = {"period": self.period.name}
        if self.period.name == OWN:
            period |= self._dates()
        named = {**period, "source": self.source, "region": self.region, "dealer": self.dealer, **changes}
        return {key: value for key, value in named.items() if value}

    def lead_args(self, **changes: str | None) -> dict[str, str]:
        """The arguments of HQ's list of leads that mean the same leads."""
        chosen = {"source": self.source, "region": self.region, "dealer": self.dealer}
        return {key: value for key, value in {**self._dates(), **chosen, **changes}.items() if value}

    def of_dealer(self, dealer: str) -> Filters:
        """The same for one dealer, wherever the leads came from."""
        return replace(self, dealer=dealer, region=None, source=None)

    def _dates(self) -> dict[str, str | None]:
        return {"since": self.period.first.isoformat(), "until": self.period.last.isoformat()}


def read_filters(args: Mapping[str, str], *, at: datetime, zone: str) -> Filters:
    """Filters as an address says them; what cannot be read is as if it were not there."""
    today = at.astimezone(ZoneInfo(zone)).date()
    chosen = {key: args.get(key, "")[:40] or None for key in ("source", "region", "dealer")}
    return Filters(read_period(args, today, zone), **chosen)


def read_period(args: Mapping[str, str], today: date, zone: str) -> Period:
    """One of `SPANS` up to today, or own dates; a month where nothing sensible is asked."""
    name = args.get("period", "")
    first, last = _date(args.get("since")), _date(args.get("until"))
    if name not in SPANS and first and last:
        first, last = sorted((min(first, today), min(last, today)))
        return Period(OWN, max(first, last - timedelta(days=LONGEST - 1)), last, zone)
    name = name if name in SPANS else "month"
    return Period(name, today - timedelta(days=SPANS[name] - 1), today, zone)


def runs(days: Iterable[date]) -> list[tuple[date, date]]:
    """Days in a row as `(first, last)`."""
    found: list[tuple[date, date]] = []
    for day in sorted(days):
        if found and day - found[-1][1] == timedelta(days=1):
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def days_of_month(first: date) -> set[date]:
    """Every day of the month that begins so."""
    days = (first + timedelta(days=number) for number in range(31))
    return {day for day in days if day.month == first.month}


def share(part: float | None, whole: float | None) -> float | None:
    """`part` of `whole`, 0 to 1; None when there is no whole."""
    return None if part is None or not whole else part / whole


def change(now: float | None, before: float | None) -> float | None:
    """By which part a figure grew; None when there is nothing to compare with."""
    return None if now is None or not before else now / before - 1


def tone_of(stars: float | None, answered: float | None) -> str | None:
    """How a dealer does by his customers' stars and the share of offers answered in time; None: nothing known."""
    known = [value for value in (stars, answered) if value is not None]
    if not known:
        return None
    if (stars is not None and stars < POOR_STARS) or (answered is not None and answered < POOR_SHARE):
        return "bad"
    is_good = (stars is None or stars >= GOOD_STARS) and (answered is None or answered >= GOOD_SHARE)
    return "good" if is_good else "warn"


def _date(text: Any) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
