"""New dealers get their share of leads: which leads, to whom, and what stays as it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.kernel.ids import tenant_id
from blueprints.routing.rules import Candidate, Ground, Profile, Stock, decide
from blueprints.routing.rules.batch import place_together
from blueprints.routing.rules.exploring import is_drawn
from tests.factories.routing import AT, PUMP, moscow_order, profile_of

KNOWN = Candidate(
    tenant_id(2), lat=55.75, lon=37.62, stock={PUMP: Stock(5, AT)}, rating=0.9, rating_count=80,
    territory=Ground("primary", 1),
)
NEW = replace(KNOWN, dealer_id=tenant_id(3), rating=None, rating_count=2)
DRAWN = next(f"lead-{n}" for n in range(1000) if is_drawn(f"lead-{n}", 10))
OTHER = next(f"lead-{n}" for n in range(1000) if not is_drawn(f"lead-{n}", 10))
CRITERIA = (("territory", {"outside": "last"}), ("stock_now", {"missing": "last"}), "distance", "rating")
PROFILE = profile_of(*CRITERIA, explore_percent=10)


def chosen(new: Candidate = NEW, lead_id: str = DRAWN, profile: Profile = PROFILE) -> str | None:
    return decide(moscow_order(lead_id=lead_id), [KNOWN, new], profile).chosen


def test_a_drawn_lead_goes_to_the_new_dealer_and_both_are_told_why() -> None:
    decision = decide(moscow_order(lead_id=DRAWN), [KNOWN, NEW], PROFILE)
    assert [(each.dealer_id, each.rank, each.verdicts[-1].reason) for each in decision.ranking] == [
        (NEW.dealer_id, 1, "explore.chosen"), (KNOWN.dealer_id, 2, "explore.passed"),
    ]
    assert decision.is_explored


def test_other_leads_and_profiles_without_a_share_leave_the_best_first() -> None:
    assert chosen(lead_id=OTHER) == KNOWN.dealer_id
    assert chosen(profile=profile_of(*CRITERIA)) == KNOWN.dealer_id


def test_so_many_of_a_hundred_leads_are_drawn_the_same_each_time() -> None:
    drawn = [is_drawn(f"lead-{n}", 5) for n in range(10_000)]
    assert 400 < sum(drawn) < 600
    assert drawn == [is_drawn(f"lead-{n}", 5) for n in range(10_000)]


@pytest.mark.parametrize(
    "new",
    [
        replace(NEW, territory=Ground("shared", 2)),
        replace(NEW, territory=None),
        replace(NEW, stock={PUMP: Stock(1, AT)}),
        replace(NEW, is_suspended=True),
        replace(NEW, lat=53.0),
        replace(NEW, rating_count=10),
    ],
    ids=["lesser territory", "outside", "not all the goods", "excluded", "far away", "known already"],
)
def test_never_against_territory_stock_exclusions_or_far_away(new: Candidate) -> None:
    assert chosen(new) == KNOWN.dealer_id


def test_of_several_new_dealers_the_best_placed_one_is_taken() -> None:
    farther = replace(NEW, dealer_id=tenant_id(4), lat=56.2)
    ranking = decide(moscow_order(lead_id=DRAWN), [KNOWN, farther, NEW], PROFILE).ranking
    assert [each.dealer_id for each in ranking] == [NEW.dealer_id, KNOWN.dealer_id, farther.dealer_id]
    assert [each.rank for each in ranking] == [1, 2, 3]


def test_placed_together_a_drawn_lead_still_goes_to_the_new_dealer() -> None:
    demands = [moscow_order(lead_id=DRAWN), moscow_order(lead_id=OTHER)]
    together = place_together(demands, [[KNOWN, NEW]] * 2, PROFILE, {})
    assert together.dealers == (NEW.dealer_id, KNOWN.dealer_id)
