"""Working time: when a dealer is open, and when an acceptance window that counts only open hours ends.

Wall-clock intervals become instants in UTC one by one, so a day of 23 or 25 hours counts as long as it lasted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.kernel.errors import Invalid
from app.kernel.words import _

Interval = tuple[int, int]
"""Opening and closing, in minutes from the local midnight; 24:00 is 1440."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = 24 * 60
PATIENCE = 400
"""Days without an opening after which hours count as never open again."""


class InvalidHours(Invalid):
    """Working hours that cannot be kept."""


@dataclass(frozen=True)
class WorkingHours:
    """Opening intervals for each weekday from Monday on, in a time zone, less holidays, with exceptions by date."""

    weekly: tuple[tuple[Interval, ...], ...]
    timezone: str = "Europe/Moscow"
    holidays: str | None = None
    exceptions: tuple[tuple[date, tuple[Interval, ...]], ...] = ()
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # A thousand dealers share a few kinds of hours, which makes them keys of a memo: hash once.
        key = (self.weekly, self.timezone, self.holidays, self.exceptions)
        object.__setattr__(self, "_hash", hash(key))

    def __hash__(self) -> int:
        return self._hash

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> WorkingHours:
        """Read what `to_dict` writes, or raise `InvalidHours`; all keys may be missing:

        {"timezone": "Europe/Moscow", "weekly": {"mon": [["09:00", "13:00"], ["14:00", "18:00"]]},
         "holidays": "RU", "exceptions": {"2026-05-02": [], "2026-11-01": [["10:00", "14:00"]]}}
        """
        weekly = data.get("weekly") or {}
        if unknown := set(weekly) - set(WEEKDAYS):
            raise InvalidHours(_("There is no weekday “%(day)s”", day=min(unknown)), field="weekly")
        exceptions = sorted((data.get("exceptions") or {}).items())
        return _shared(
            cls(
                weekly=tuple(_read_day(weekly.get(day) or ()) for day in WEEKDAYS),
                timezone=_read_timezone(data.get("timezone") or "Europe/Moscow"),
                holidays=data.get("holidays") or None,
                exceptions=tuple((_read_date(day), _read_day(intervals)) for day, intervals in exceptions),
            )
        )

    def to_dict(self) -> dict[str, Any]:
        """JSON that says everything about the hours."""
        return {
            "timezone": self.timezone,
            "weekly": {day: _write_day(of) for day, of in zip(WEEKDAYS, self.weekly, strict=True) if of},
            "holidays": self.holidays,
            "exceptions": {day.isoformat(): _write_day(of) for day, of in self.exceptions},
        }

    def on(self, day: date) -> tuple[Interval, ...]:
        """The opening intervals of one local day: an exception before a holiday before the week."""
        for exception, intervals in self.exceptions:
            if exception == day:
                return intervals
        if self.holidays and day in _holidays(self.holidays, day.year):
            return ()
        return self.weekly[day.weekday()]

    def openings(self, since: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Open spans in UTC that end after `since`, the first cut to begin there; ends if it never opens again."""
        zone, cursor = _zone(self.timezone), since.astimezone(UTC)
        day, idle = cursor.astimezone(zone).date(), 0
        while idle < PATIENCE:
            idle += 1
            midnight = datetime.combine(day, time(), zone)
            for opens, closes in self.on(day):
                begins = max(cursor, (midnight + timedelta(minutes=opens)).astimezone(UTC))
                ends = (midnight + timedelta(minutes=closes)).astimezone(UTC)
                if begins < ends:
                    yield begins, ends
                    cursor, idle = ends, 0
            day += timedelta(days=1)

    def is_open(self, at: datetime) -> bool:
        """Whether the dealer is open at this instant; closing time itself is closed."""
        return self.next_opening(at) == at

    def next_opening(self, at: datetime) -> datetime | None:
        """`at` itself while open, else the next opening; `None` if it never opens again."""
        return next((begins for begins, _ends in self.openings(at)), None)


ALWAYS_OPEN = WorkingHours(weekly=(((0, MIDNIGHT),),) * 7, timezone="UTC")


def deadline(start: datetime, minutes: float, hours: WorkingHours) -> datetime | None:
    """The instant (UTC) when so many minutes of working time have passed since `start`; `None` if they never will."""
    left = timedelta(minutes=minutes)
    for begins, ends in hours.openings(start):
        if ends - begins >= left:
            return begins + left
        left -= ends - begins
    return None


def after_working_days(start: datetime, days: int, hours: WorkingHours) -> datetime:
    """The opening (UTC) of the working day that many working days after the day of `start`; never closed for good."""
    zone, day, left = ZoneInfo(hours.timezone), start.astimezone(ZoneInfo(hours.timezone)).date(), days
    for begins, _ends in hours.openings(start):
        opened = begins.astimezone(zone).date()
        if opened > day:
            day, left = opened, left - 1
        if left <= 0:
            return begins
    return start + timedelta(days=days)


def reminder_at(start: datetime, minutes: float, before: float, hours: WorkingHours) -> datetime | None:
    """When to remind: so many working minutes `before` the deadline of a window of `minutes`."""
    return deadline(start, max(0, minutes - before), hours)


def working_minutes(start: datetime, end: datetime, hours: WorkingHours) -> float:
    """Minutes of working time between two instants; 0 when the end is not after the start."""
    spent = timedelta()
    for begins, ends in hours.openings(start):
        if begins >= end:
            break
        spent += min(ends, end) - begins
    return spent / timedelta(minutes=1)


@lru_cache(maxsize=4096)
def _shared(hours: WorkingHours) -> WorkingHours:
    """The same object for equal hours, so that a memo finds it by identity."""
    return hours


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    # `ZoneInfo` itself remembers only eight, and reads the others from the disk each time.
    return ZoneInfo(name)


@lru_cache(maxsize=64)
def _holidays(country: str, year: int) -> frozenset[date]:
    # Imported here: the package takes a third of a second to load, and hours without a calendar do not need it.
    from holidays import country_holidays

    return frozenset(country_holidays(country, years=year))


def _read_timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise InvalidHours(_("There is no time zone “%(name)s”", name=name), field="timezone") from unknown
    return name


def _read_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise InvalidHours(_("“%(day)s” is no date like 2026-05-09", day=text), field="exceptions") from wrong


def _read_day(pairs: Any) -> tuple[Interval, ...]:
    if not all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in pairs):
        raise InvalidHours(_("Opening hours of a day are pairs of times, such as 09:00 and 18:00"), field="weekly")
    intervals = tuple(sorted(_read_interval(*pair) for pair in pairs))
    for (_opens, closes), (opens, _closes) in zip(intervals, intervals[1:], strict=False):
        if opens < closes:
            raise InvalidHours(_("Opening hours of one day overlap"), field="weekly")
    return intervals


def _read_interval(opens: str, closes: str) -> Interval:
    start, end = _read_minute(opens), _read_minute(closes) or MIDNIGHT
    if end <= start:
        raise InvalidHours(
            _("Closing at %(closes)s is not after opening at %(opens)s", opens=opens, closes=closes), field="weekly"
        )
    return start, end


def _read_minute(text: str) -> int:
    found = re.fullmatch(r"(\d\d?):(\d\d)", str(text))
    minute = int(found[1]) * 60 + int(found[2]) if found and int(found[2]) < 60 else MIDNIGHT + 1
    if minute > MIDNIGHT:
        raise InvalidHours(_("“%(text)s” is no time of day like 09:30", text=text), field="weekly")
    return minute


def _write_day(intervals: tuple[Interval, ...]) -> list[list[str]]:
    return [[f"{minute // 60:02d}:{minute % 60:02d}" for minute in pair] for pair in intervals]
