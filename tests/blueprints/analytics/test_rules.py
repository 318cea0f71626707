"""Periods, shares and words of figures."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from flask import Flask

from app.web.locale import force_locale
from blueprints.analytics import wording
from blueprints.analytics.rules import change, read_filters, read_period, share, tone_of

AT = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)
"""Half past one in the night of the 24th in Moscow."""
MOSCOW = "Europe/Moscow"


def test_days_are_those_of_hqs_calendar() -> None:
    period = read_filters({"period": "week"}, at=AT, zone=MOSCOW).period
    assert (period.first, period.last, period.days) == (date(2026, 11, 18), date(2026, 11, 24), 7)
    assert period.since == datetime(2026, 11, 17, 21, tzinfo=UTC)
    assert period.until == datetime(2026, 11, 24, 21, tzinfo=UTC)


def test_running_day_is_compared_with_as_much_of_the_day_before() -> None:
    period = read_filters({"period": "week"}, at=AT, zone=MOSCOW).period
    assert period.before(AT) == (datetime(2026, 11, 10, 21, tzinfo=UTC), datetime(2026, 11, 16, 22, 30, tzinfo=UTC))


@pytest.mark.parametrize(("args", "days"), [
    ({}, 30), ({"period": "quarter"}, 91), ({"period": "half"}, 182),
    ({"since": "2026-11-01", "until": "2026-11-03"}, 3), ({"since": "2026-11-03", "until": "2026-11-01"}, 3),
    ({"since": "1990-01-01", "until": "2026-11-01"}, 731), ({"since": "2030-01-01", "until": "2031-01-01"}, 1),
    ({"since": "x", "until": "y"}, 30), ({"since": "2026-11-01"}, 30),
])
def test_period_of_an_address(args: dict[str, str], days: int) -> None:
    assert read_period(args, date(2026, 11, 24), MOSCOW).days == days


def test_filters_read_back_what_they_write() -> None:
    own_dates = {"since": "2026-11-01", "until": "2026-11-03", "dealer": "t_000002"}
    for args in ({"period": "half", "region": "73"}, own_dates):
        filters = read_filters(args, at=AT, zone=MOSCOW)
        assert read_filters(filters.args(), at=AT, zone=MOSCOW) == filters


def test_long_periods_are_drawn_by_week() -> None:
    period = read_period({"period": "half"}, date(2026, 11, 24), MOSCOW)
    steps = period.steps()
    assert period.step == "week" and all(step.weekday() == 0 for step in steps)
    assert steps[0] <= period.first and steps[-1] <= period.last


def test_shares_and_changes_of_nothing_are_unknown() -> None:
    assert (share(1, 0), share(None, 2), share(1, 4)) == (None, None, 0.25)
    assert (change(5, 0), change(None, 5), change(6, 5)) == (None, None, pytest.approx(0.2))


@pytest.mark.parametrize(("stars", "answered", "tone"), [
    (None, None, None), (4.8, 0.95, "good"), (4.8, 0.3, "bad"), (3.0, 1.0, "bad"), (4.0, 0.9, "warn"),
    (None, 0.9, "good"),
])
def test_tone_of_a_dealer(stars: float | None, answered: float | None, tone: str | None) -> None:
    assert tone_of(stars, answered) == tone


@pytest.mark.parametrize(("seconds", "russian", "english"), [
    (None, "—", "—"), (20, "меньше минуты", "under a minute"), (42 * 60, "42 мин", "42 min"),
    (190 * 60, "3 ч 10 мин", "3 h 10 min"), (2 * 3600, "2 ч", "2 h"), (52 * 3600, "2 д 4 ч", "2 d 4 h"),
])
def test_durations_in_words(app: Flask, seconds: float | None, russian: str, english: str) -> None:
    with app.test_request_context():
        for locale, words in (("ru", russian), ("en", english)):
            with force_locale(locale):
                assert wording.duration(seconds).replace("\u00a0", " ") == words


@pytest.mark.parametrize(("minor", "russian"), [
    (180_000_000, "1,8 млн ₽"), (95_000, "950 ₽"), (1_234_500, "12,3 тыс. ₽"), (73_830_000, "738 тыс. ₽"), (None, "—"),
])
def test_short_money(app: Flask, minor: int | None, russian: str) -> None:
    with app.test_request_context(), force_locale("ru"):
        assert wording.compact_money(minor).replace("\u00a0", " ") == russian


def test_short_money_in_english_has_one_sign(app: Flask) -> None:
    with app.test_request_context(), force_locale("en"):
        assert [wording.compact_money(minor) for minor in (0, 3_090_000_000)] == ["₽0", "₽30.9M"]
