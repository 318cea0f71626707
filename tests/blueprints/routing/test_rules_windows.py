"""Working time: nights, weekends, holidays and clock changes do not count."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from blueprints.routing.rules import ALWAYS_OPEN, InvalidHours, WorkingHours, deadline, reminder_at, working_minutes
from blueprints.routing.rules.windows import Interval
from tests.factories.routing import WEEK, office_hours

Week = tuple[tuple[Interval, ...], ...]
MOSCOW = ZoneInfo("Europe/Moscow")
OFFICE = office_hours()
NEVER = WorkingHours.from_dict({"weekly": {}})


def moscow(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=MOSCOW)


@pytest.mark.parametrize(
    ("start", "minutes", "ends"),
    [
        (moscow(11, 10), 120, moscow(11, 12)),
        (moscow(11, 17), 120, moscow(12, 10)),
        (moscow(11, 17), 60, moscow(11, 18)),
        (moscow(11, 3), 60, moscow(11, 10)),
        (moscow(13, 17), 120, moscow(16, 10)),
        (moscow(30, 17, month=4), 120, moscow(4, 10, month=5)),
        (moscow(11, 18), 0, moscow(12, 9)),
    ],
    ids=["in the day", "over night", "to closing", "before opening", "over a weekend", "over May Day", "no time"],
)
def test_deadline_counts_working_time_only(start: datetime, minutes: int, ends: datetime) -> None:
    assert deadline(start, minutes, OFFICE) == ends


def test_hours_that_never_open_have_no_deadline() -> None:
    assert (deadline(moscow(11, 10), 1, NEVER), NEVER.next_opening(moscow(11, 10))) == (None, None)
    once = WorkingHours.from_dict({"exceptions": {"2026-03-12": [["10:00", "11:00"]]}})
    assert deadline(moscow(11, 10), 60, once) == moscow(12, 11)
    assert deadline(moscow(11, 10), 61, once) is None


def test_reminder_comes_working_minutes_before_the_deadline() -> None:
    assert reminder_at(moscow(11, 17), 120, 30, OFFICE) == moscow(12, 9, 30)
    assert reminder_at(moscow(11, 17), 20, 30, OFFICE) == moscow(11, 17)


def test_closing_time_is_closed_and_opening_time_open() -> None:
    assert [OFFICE.is_open(moscow(11, hour)) for hour in (8, 9, 17, 18)] == [False, True, True, False]
    assert OFFICE.next_opening(moscow(13, 18)) == moscow(16, 9)


def test_exception_comes_before_holiday() -> None:
    open_on_may_day = WorkingHours.from_dict(OFFICE.to_dict() | {"exceptions": {"2026-05-01": [["10:00", "12:00"]]}})
    assert OFFICE.on(date(2026, 5, 1)) == ()
    assert open_on_may_day.on(date(2026, 5, 1)) == ((600, 720),)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)])
def test_day_of_clock_change_counts_as_long_as_it_lasted(day: date, hours: int) -> None:
    berlin = WorkingHours(weekly=ALWAYS_OPEN.weekly, timezone="Europe/Berlin")
    only = WorkingHours(((),) * 7, "Europe/Berlin", exceptions=((day, ((0, 1440),)),))
    midnight = datetime.combine(day, datetime.min.time(), ZoneInfo("Europe/Berlin"))
    assert working_minutes(midnight, midnight.astimezone(UTC) + timedelta(hours=48), only) == hours * 60
    assert deadline(midnight, hours * 60, berlin).astimezone(berlin_zone := ZoneInfo("Europe/Berlin")) == (
        datetime.combine(day + timedelta(days=1), datetime.min.time(), berlin_zone)
    )


def slow_deadline(start: datetime, minutes: int, hours: WorkingHours) -> datetime:
    """Minute after minute, by the clock on the wall."""
    zone, at = ZoneInfo(hours.timezone), start
    while minutes:
        wall = at.astimezone(zone)
        minute = wall.hour * 60 + wall.minute
        minutes -= any(opens <= minute < closes for opens, closes in hours.on(wall.date()))
        at += timedelta(minutes=1)
    return at


# Clocks change at night; hours from five in the morning on keep the reference unambiguous.
times = some.lists(some.integers(300, 1440), min_size=2, max_size=4, unique=True).map(sorted)
days = times.map(lambda ends: tuple(zip(ends[::2], ends[1::2], strict=False)))
weeks = some.tuples(*[days] * 4, *[some.just(())] * 2, days)
zones = some.sampled_from(["Europe/Moscow", "Asia/Vladivostok", "Europe/Berlin", "America/New_York"])
starts = some.datetimes(datetime(2026, 3, 1), datetime(2026, 11, 30)).map(
    lambda at: at.replace(second=0, microsecond=0, tzinfo=UTC)
)


@given(weeks, zones, starts, some.integers(1, 900))
@settings(max_examples=60, deadline=None)
def test_deadline_equals_counting_minute_by_minute(week: Week, zone: str, start: datetime, minutes: int) -> None:
    hours = WorkingHours(week, zone)
    ends = deadline(start, minutes, hours)
    assert ends == slow_deadline(start, minutes, hours)
    assert working_minutes(start, ends, hours) == minutes


@given(weeks, zones)
def test_hours_survive_their_dictionary(week: Week, zone: str) -> None:
    hours = WorkingHours(week, zone, "RU", ((date(2026, 5, 2), ((600, 720),)),))
    assert WorkingHours.from_dict(hours.to_dict()) == hours


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"weekly": {"mon": [["18:00", "09:00"]]}}, "Closing at 09:00 is not after opening at 18:00"),
        ({"weekly": {"mon": [["9", "18:00"]]}}, "“9” is no time of day like 09:30"),
        ({"weekly": {"mon": [["09:00", "25:00"]]}}, "“25:00” is no time of day like 09:30"),
        ({"weekly": {"mon": ["09:00-18:00"]}}, "Opening hours of a day are pairs of times, such as 09:00 and 18:00"),
        ({"weekly": {"mon": [["09:00", "13:00"], ["12:00", "18:00"]]}}, "Opening hours of one day overlap"),
        ({"weekly": {"someday": []}}, "There is no weekday “someday”"),
        ({"weekly": WEEK, "timezone": "Mars/Olympus"}, "There is no time zone “Mars/Olympus”"),
        ({"weekly": WEEK, "exceptions": {"May": []}}, "“May” is no date like 2026-05-09"),
    ],
)
def test_hours_that_cannot_be_kept_are_refused_with_a_sentence(data: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidHours) as raised:
        WorkingHours.from_dict(data)
    assert raised.value.sentence == sentence
