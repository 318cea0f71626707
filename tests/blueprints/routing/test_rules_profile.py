"""Profiles read from JSON: the same again, or all that is wrong with them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from blueprints.routing.rules import CRITERIA, DEFAULT_PROFILE, InvalidProfile, Profile
from tests.factories.routing import moscow_order

NEAREST = {"name": "nearest", "criteria": [{"code": "distance"}]}


def problems_of(**data: object) -> tuple[str, ...]:
    with pytest.raises(InvalidProfile) as raised:
        Profile.from_dict({"strategies": [NEAREST], **data})
    return raised.value.problems


def test_profile_survives_json() -> None:
    strategies = [
        {
            "name": "all",
            "priority": 3,
            "conditions": {"sources": ["mail", "brand_site"], "value_below_minor": 500},
            "criteria": [{"code": code} for code in CRITERIA],
            "fallback": "nearest",
        },
        NEAREST,
    ]
    for profile in (DEFAULT_PROFILE, Profile.from_dict({"strategies": strategies, "reminder_minutes": None})):
        assert Profile.from_dict(json.loads(json.dumps(profile.to_dict()))) == profile


def test_default_profile_is_the_demos() -> None:
    [strategy] = DEFAULT_PROFILE.strategies
    assert [each.code for each in strategy.criteria] == ["territory", "stock_now", "freshness", "distance", "rating"]


def test_profile_needs_strategies() -> None:
    assert problems_of(strategies=[]) == ("The profile has no strategies",)
    assert problems_of(strategies="nearest") == ("The profile has no strategies",)
    assert problems_of(strategies=[NEAREST, 5]) == ("A strategy cannot be read",)


def test_unknown_and_repeated_criteria_are_named() -> None:
    criteria = [{"code": "luck"}, {"code": "distance"}, {"code": "distance"}]
    assert problems_of(strategies=[{"name": "a", "criteria": criteria}, {"name": "b"}]) == (
        "Strategy “a”: there is no criterion “luck”",
        "Strategy “a” asks for “distance” twice",
        "Strategy “b” has no criteria",
    )


def test_parameters_are_checked() -> None:
    params = {"scale_km": 0, "limit_km": "far", "beyond": "later", "colour": 1, "precision": True}
    assert problems_of(strategies=[{"name": "a", "criteria": [{"code": "distance", "params": params}]}]) == (
        "a → distance → scale_km: must be at least 1",
        "a → distance → limit_km: must be a number",
        "a → distance → beyond: must be one of: exclude, last",
        "a → distance → colour: is no parameter of this criterion",
        "a → distance → precision: must be a number",
    )


def test_fallbacks_lead_somewhere_and_never_in_a_circle() -> None:
    chain = {"a": "b", "b": "c", "c": "b", "d": "nowhere", "e": "e"}
    strategies = [NEAREST | {"name": name, "fallback": to} for name, to in chain.items()]
    assert problems_of(strategies=strategies) == (
        "Strategy “d” falls back on “nowhere”, which does not exist",
        "Strategies fall back on each other in a circle: c → b → c",
        "Strategies fall back on each other in a circle: e → e",
    )
    assert problems_of(strategies=[NEAREST, NEAREST]) == ("Two strategies have the same name",)


@pytest.mark.parametrize("minutes", [0, -5, 1.5, "60", True])
def test_window_is_positive(minutes: object) -> None:
    assert problems_of(window_minutes=minutes) == (
        "The acceptance window in minutes must be a whole number above zero",
    )


def test_reminder_falls_inside_the_window() -> None:
    sentence = "The reminder must come after the offer: make it shorter than the window"
    assert problems_of(window_minutes=30, reminder_minutes=30) == (sentence,)


def test_unreadable_conditions_are_named() -> None:
    strategy = NEAREST | {"conditions": {"moon": "full", "sources": "mail"}}
    assert problems_of(strategies=[strategy]) == (
        "Strategy “nearest”: condition “moon” cannot be read",
        "Strategy “nearest”: condition “sources” cannot be read",
    )


@pytest.mark.parametrize(("conditions", "holds"), [
    ({"weekdays": ["wed"]}, True),
    ({"weekdays": ["sat", "sun"]}, False),
    ({"hour_from": 12, "hour_until": 13}, True),  # half past twelve in Moscow
    ({"hour_from": 13}, False),
    ({"hour_from": 22, "hour_until": 13}, True),
    ({"hour_from": 22, "hour_until": 6}, False),
    ({"categories": [7, 8]}, True),
    ({"categories": [8]}, False),
    ({"customers": ["new"]}, True),
    ({"customers": ["known"]}, False),
])
def test_conditions_of_time_goods_and_customer(conditions: dict[str, Any], holds: bool) -> None:
    strategy = {"name": "only", "conditions": conditions, "criteria": [{"code": "distance"}]}
    profile = Profile.from_dict({"id": "p", "version": 1, "strategies": [strategy]})
    assert Profile.from_dict(profile.to_dict()) == profile
    demand = replace(moscow_order(), categories=frozenset({3, 7}))
    assert bool(profile.course(demand)) is holds
