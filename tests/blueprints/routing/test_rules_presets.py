"""Each ready-made strategy gives the order to the dealer its own sentence names."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.kernel.ids import tenant_id
from blueprints.routing.rules import Candidate, Certificate, Ground, Profile, Stock, decide
from blueprints.routing.rules.presets import PRESETS, definition_of
from tests.factories.routing import AT, PUMP, moscow_order

HERE = Ground("shared", 1)
PAPER = Certificate("gas", AT - timedelta(days=1), AT + timedelta(days=300))
OF_THE_REGION = Candidate(
    tenant_id(2), lat=55.8, lon=37.6, territory=HERE, stock={PUMP: Stock(9, AT)}, rating=0.5, rating_count=50,
    recent_count=10,
)
NEAREST = replace(OF_THE_REGION, dealer_id=tenant_id(3), lat=55.756, lon=37.618, stock={PUMP: Stock(0, AT)})
STOCKED = OF_THE_REGION
GOOD = replace(OF_THE_REGION, dealer_id=tenant_id(4), lat=56.1, rating=0.9)
CERTIFIED = replace(OF_THE_REGION, dealer_id=tenant_id(5), lat=56.2, rating=0.4, certificates=(PAPER,))
HUNGRY = replace(OF_THE_REGION, dealer_id=tenant_id(6), lat=56.3, rating=0.4, recent_count=0)
OUTSIDER = replace(
    OF_THE_REGION, dealer_id=tenant_id(7), lat=55.757, lon=37.619, territory=None, rating=1.0, recent_count=0,
    certificates=(PAPER,),
)
ALL = [OUTSIDER, HUNGRY, CERTIFIED, GOOD, STOCKED, NEAREST]
FIRST = {
    "nearest_with_stock": STOCKED, "geography": NEAREST, "best_rated": GOOD, "certified_first": CERTIFIED,
    "fair_share": HUNGRY,
}


def test_every_preset_is_tried() -> None:
    assert FIRST.keys() == PRESETS.keys()


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_does_what_it_says(preset: str) -> None:
    profile = Profile.from_dict(definition_of(preset, "x"))
    chosen = [decide(moscow_order(), candidates, profile) for candidates in (ALL, ALL[::-1])]
    assert [each.ranking[0].dealer_id for each in chosen] == [FIRST[preset].dealer_id] * 2


@pytest.mark.parametrize("preset", PRESETS)
def test_an_outsider_serves_where_nobody_of_the_region_can(preset: str) -> None:
    ranking = decide(moscow_order(), [OUTSIDER], Profile.from_dict(definition_of(preset, "x"))).ranking
    assert [each.dealer_id for each in ranking] == ([] if preset == "best_rated" else [OUTSIDER.dealer_id])
