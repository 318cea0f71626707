"""A rating from outcomes: fading, careful with few, and with what would raise it."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as some

from blueprints.routing.rules import Outcome, Part, RatingPolicy, StockAge, rate
from blueprints.routing.rules.rating import weighted_median
from tests.factories.routing import AT

PLAIN = RatingPolicy(confidence=0)
outcomes = some.lists(
    some.builds(
        Outcome,
        at=some.integers(0, 400).map(lambda days: AT - timedelta(days=days)),
        is_accepted=some.none() | some.booleans(),
        response_minutes=some.none() | some.floats(0, 5000),
        satisfaction=some.none() | some.integers(1, 5),
        is_won=some.none() | some.booleans(),
    ),
    max_size=30,
)


def test_dealer_without_outcomes_has_the_prior() -> None:
    rating = rate([], AT)
    assert (rating.score, rating.count) == (pytest.approx(0.6), 0)
    assert {part.value for part in rating.parts} == {None}


def test_parts_are_measured_each_by_its_own_known_outcomes() -> None:
    rating = rate(
        [
            Outcome(AT, is_accepted=True, response_minutes=120, satisfaction=5, is_won=True),
            Outcome(AT, is_accepted=False, response_minutes=40),
            Outcome(AT, is_accepted=True, response_minutes=4000, satisfaction=4),
        ],
        AT,
        PLAIN,
    )
    assert rating.parts == (
        Part("response", 120, 0.5, 3, 3),
        Part("acceptance", pytest.approx(2 / 3), pytest.approx(2 / 3), 3, 3),
        Part("satisfaction", 4.5, 0.875, 2, 2),
        Part("conversion", 1, 1, 1, 1),
        Part("cancellation", None, 0.6, 0),
        Part("freshness", None, 0.6, 0),
    )
    assert rating.score == pytest.approx(0.25 * 0.5 + 0.2 * 2 / 3 + 0.2 * 0.875 + 0.15 + 0.2 * 0.6)


def test_outcome_a_half_life_old_counts_half() -> None:
    old = Outcome(AT - timedelta(days=90), is_accepted=False)
    acceptance = rate([old, Outcome(AT, is_accepted=True)], AT, PLAIN).parts[1]
    assert acceptance == Part("acceptance", pytest.approx(2 / 3), pytest.approx(2 / 3), 1.5, 2)


def test_future_is_not_known() -> None:
    assert rate([Outcome(AT + timedelta(seconds=1), is_accepted=False)], AT) == rate([], AT)


def test_few_outcomes_move_the_prior_little() -> None:
    scores = [rate([Outcome(AT, is_won=True)] * count, AT).parts[3].score for count in (1, 5, 95)]
    assert scores == pytest.approx([4 / 6, 0.8, 0.98])


def test_hints_name_what_would_bring_most_first_and_leave_out_what_is_good() -> None:
    good = Outcome(AT, is_accepted=True, response_minutes=600, satisfaction=5, is_won=False, is_returned=False)
    hints = rate([good] * 20, AT, stock=StockAge(0.5, 200)).hints
    assert [(hint.reason, hint.values) for hint in hints] == [("raise.response", (600, 13)), ("raise.conversion", (0,))]
    assert [hint.gain for hint in hints] == pytest.approx([16.167, 11.7], abs=0.01)


def test_leads_given_back_and_old_stock_data_lower_the_rating_each_in_its_part() -> None:
    history = [Outcome(AT, is_returned=True)] + [Outcome(AT, is_returned=False)] * 3
    rating = rate(history, AT, PLAIN, StockAge(14, 50))
    assert rating.parts[4:] == (Part("cancellation", 0.25, 0.75, 4, 4), Part("freshness", 14, 0.25, 50, 50))
    hints = {hint.reason: hint.values for hint in rating.hints}
    assert (hints["raise.freshness"], hints["raise.cancellation"]) == ((14, 1.1), (25,))


def test_a_single_line_of_stock_says_little_of_its_freshness() -> None:
    one, many = (rate([], AT, stock=StockAge(0, lines)).parts[5].score for lines in (1, 95))
    assert (one, many) == (pytest.approx(4 / 6), pytest.approx(0.98))


def test_parts_weigh_as_the_policy_says() -> None:
    only = RatingPolicy(response=0, acceptance=0, satisfaction=0, conversion=0, cancellation=2 / 3, freshness=0)
    assert rate([Outcome(AT, is_returned=True)] * 95, AT, only).score == pytest.approx(0.6 * 5 / 100)


def test_weighted_median_is_where_half_the_weight_lies() -> None:
    assert weighted_median([(10, 1), (20, 1), (500, 1)]) == 20
    assert weighted_median([(10, 3), (20, 1), (500, 1)]) == 10


@given(outcomes, some.randoms(use_true_random=False))
def test_rating_lies_between_0_and_1_and_ignores_order(history: list[Outcome], chance: Random) -> None:
    rating = rate(history, AT)
    assert 0 <= rating.score <= 1
    assert rate(chance.sample(history, len(history)), AT).score == pytest.approx(rating.score)


@given(outcomes, some.integers(0, 400))
def test_one_more_acceptance_never_lowers_the_acceptance(history: list[Outcome], days: int) -> None:
    more = [*history, Outcome(AT - timedelta(days=days), is_accepted=True)]
    assert rate(more, AT, PLAIN).parts[1].score >= rate(history, AT, PLAIN).parts[1].score - 1e-9
