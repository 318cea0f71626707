"""Counted figures and the truth: after any history the overview says what the leads say."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import timedelta

import psycopg
import pytest

from app.kernel.clock import now
from app.kernel.identity import hq, network_worker
from blueprints.analytics import counting, figures
from blueprints.analytics.figures import MEASURES, OF_DEALERS, Figure, Figures
from blueprints.analytics.rules import Filters, read_filters
from tests.blueprints.analytics.network import empty, fill
from tests.house import KAZAN, SIBIR, House

PERIODS = ({"period": "week"}, {"period": "half"}, {"since": "2026-01-01", "until": "2026-12-31"})

CHANGES = (
    "UPDATE network.leads SET state = 'won', value_minor = value_minor + 100 WHERE number = %(number)s",
    "UPDATE network.leads SET state = 'lost', lost_reason = 'price', accepted_at = NULL WHERE number = %(number)s",
    "UPDATE network.leads SET satisfaction = 1 + number::int %% 5 WHERE number = %(number)s",
    f"UPDATE network.leads SET assignee_id = '{SIBIR}', region_code = '53' WHERE number = %(number)s",
    "UPDATE network.lead_offers o SET state = 'declined', reason = 'no_capacity' FROM network.leads l"
    " WHERE l.id = o.lead_id AND l.number = %(number)s",
    "DELETE FROM network.lead_offers o USING network.leads l WHERE l.id = o.lead_id AND l.number = %(number)s",
    "INSERT INTO network.leads (owner_id, id, number, source, created_at) VALUES ('t_000001', gen_random_uuid(),"
    " %(number)s || 'x', 'phone', now() - %(number)s::int %% 150 * interval '1 day')",
    f"UPDATE network.visits SET visits = visits + 3 WHERE day = now()::date - %(number)s::int AND owner_id = '{KAZAN}'",
    f"DELETE FROM network.visits WHERE day = now()::date - %(number)s::int - 2 AND owner_id = '{SIBIR}'",
)


@pytest.mark.parametrize("seed", [1, 2])
def test_counted_figures_are_the_truth_after_any_history(house: House, seed: int) -> None:
    fill(house, now(), leads=400)
    chance = random.Random(seed)
    for _round in range(6):
        if chance.random() < 0.7:
            count(house)
        with psycopg.connect(house.superuser, dbname="zveno", autocommit=True) as connection:
            for _change in range(chance.randrange(8)):
                connection.execute(chance.choice(CHANGES), {"number": str(chance.randrange(1, 400))})
        for period in PERIODS:
            assert told(house, period) == truth(house, period)
    empty(house)


def test_days_that_are_over_are_counted_and_a_change_opens_its_day_alone(house: House) -> None:
    fill(house, now(), leads=200)
    assert told_days(house) == 0
    assert count(house) > 150
    before = told_days(house)
    with psycopg.connect(house.superuser, dbname="zveno", autocommit=True) as connection:
        connection.execute("UPDATE network.leads SET state = 'won' WHERE number = '77'")
    assert told_days(house) == before - 1
    assert count(house) == 1
    assert count(house) == 0
    empty(house)


def test_another_zone_of_hq_means_other_days(house: House) -> None:
    fill(house, now(), leads=100)
    count(house)
    asked = read_filters({"period": "half"}, at=now(), zone="Asia/Vladivostok")
    with house.speaking(hq()):
        assert figures.counted_days(asked.period.first, asked.period.last, "Asia/Vladivostok") == set()
    empty(house)


def test_rebuilding_counts_all_again(house: House) -> None:
    fill(house, now(), leads=100)
    first = count(house)
    with house.speaking(network_worker()):
        counting.forget()
    assert count(house) == first
    assert told(house, PERIODS[1]) == truth(house, PERIODS[1])
    empty(house)


def count(house: House) -> int:
    """Count as the duty does until nothing is due; answers the number of days."""
    total = 0
    while True:
        with house.speaking(network_worker()):
            days = counting.count_days(now())
        if not days:
            return total
        total += days


def told_days(house: House) -> int:
    """How many days of the last half year hold."""
    with house.speaking(hq()):
        return len(figures.counted_days(now().date() - timedelta(days=182), now().date(), "Europe/Moscow"))


def told(house: House, period: dict[str, str]) -> object:
    """What the overview says."""
    with house.speaking(hq()):
        return _plain(figures.read(asked(period), now()))


def truth(house: House, period: dict[str, str]) -> object:
    """The same when no day is counted."""
    with house.speaking(hq()), pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "counted_days", lambda *_args: set())
        return _plain(figures.read(asked(period), now()))


def asked(period: dict[str, str]) -> Filters:
    return read_filters(period, at=now(), zone="Europe/Moscow")


def _plain(found: Figures) -> object:
    """Sums as plain values, without parts in which nothing came."""
    parts = {
        (kind, key): _sums(figure, OF_DEALERS if kind == "dealer" else MEASURES)
        for kind, of_kind in found.parts.items() for key, figure in of_kind.items()
    }
    days = {day: _sums(figure) for day, figure in found.days.items()}
    return [
        _sums(found.now), _sums(found.before), {key: sums for key, sums in parts.items() if any(sums)},
        {day: sums for day, sums in days.items() if any(sums)},
    ]


def _sums(figure: Figure, names: Iterable[str] = MEASURES) -> list[int]:
    return [getattr(figure, name) for name in names]
