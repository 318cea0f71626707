"""A rehearsal by hand and by chance: nothing is known before its time, and equal rules end alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kernel.ids import HQ, TenantId, tenant_id
from blueprints.routing.rules import (
    Candidate,
    Demand,
    Ground,
    Line,
    Outcome,
    Profile,
    RatingPolicy,
    Stock,
    decide,
    explain,
    rate,
)
from blueprints.routing.rules.rehearsal import Answer, Fact, History, PastDealer, PastLead, replay, summary_of
from blueprints.routing.rules.rehearsal import verdict as verdicts
from blueprints.routing.rules.rehearsal.knowledge import OUTCOMES, UNRATED, Knowledge
from blueprints.routing.rules.rehearsal.past import Report, Taken
from blueprints.routing.rules.rehearsal.record import Records
from tests.factories.rehearsal import facts_of, made_history
from tests.factories.routing import AT, PUMP, profile_of

NEAR, FAR = tenant_id(2), tenant_id(3)
SINCE = AT - timedelta(days=30)
HOUR = timedelta(hours=1)
NEAREST = profile_of("distance")
PLACE = {"lat": 55.75, "lon": 37.61, "region_code": "RU-MOW"}
BY_ALL = profile_of(
    ("territory", {"outside": "last"}), ("stock_now", {"missing": "last"}), ("freshness", {"precision": 0.25}),
    ("capacity", {"daily": 3}), ("fair_share", {"precision": 0.1}), ("rating", {"precision": 0.05}),
    ("distance", {"precision": 0.05}), "working_hours",
)


def dealer(dealer_id: TenantId, lat: float, **more: object) -> PastDealer:
    return PastDealer(Candidate(dealer_id, name=dealer_id, lat=lat, lon=37.61, **more))  # type: ignore[arg-type]


def lead(number: int, after_hours: float, answers: dict[TenantId, Answer] | None = None, **more: object) -> PastLead:
    demand = Demand(f"lead-{number}", HQ, SINCE + after_hours * HOUR, **PLACE, value_minor=100_000)  # type: ignore[arg-type]
    known = {key: more.pop(key) for key in ("lines",) if key in more}
    return PastLead(replace(demand, **known), answers or {}, **more)  # type: ignore[arg-type]


def history(*leads: PastLead, dealers: tuple[PastDealer, ...] | None = None, **more: object) -> History:
    who = dealers or (dealer(NEAR, 55.76), dealer(FAR, 59.9))
    return History(
        SINCE, AT, {each.candidate.dealer_id: each for each in who}, leads, len(leads),
        facts=sorted(facts_of(leads), key=lambda fact: fact.at), **more,  # type: ignore[arg-type]
    )


def yes(at_hours: float, minutes: float = 20) -> Answer:
    at = SINCE + at_hours * HOUR
    return Answer(at, at + timedelta(minutes=minutes), True, minutes)


def no(at_hours: float, minutes: float = 20) -> Answer:
    return yes(at_hours, minutes)._replace(is_accepted=False)


def takers(of: History, profile: Profile, seed: int = 1) -> list[TenantId | None]:
    return [course.dealer_id for course in replay(of, [profile], seed=seed).courses[0]]


def test_who_was_really_asked_answers_as_he_did() -> None:
    told = history(lead(1, 0, {NEAR: no(0, 60), FAR: yes(1, 30)}))
    (course,) = replay(told, [NEAREST]).courses[0]
    assert (course.first_id, course.dealer_id, course.rounds, course.wait) == (NEAR, FAR, 2, 90)


def test_nobody_answers_sooner_than_he_did() -> None:
    # In truth the near one was asked two hours later; asked at once he must not know yet what he will say then.
    told = history(lead(1, 0, {FAR: no(0), NEAR: no(2)}))
    result = replay(told, [NEAREST])
    assert result.answers["drawn"] >= 1
    assert result.courses[0][0].first_id == NEAR


def test_a_profile_that_asks_as_it_was_asked_repeats_what_happened() -> None:
    leads = [lead(n, n, {NEAR: no(n, 10), FAR: yes(n + 1 / 6, 5)} if n % 3 else {NEAR: yes(n)}) for n in range(40)]
    assert takers(history(*leads), NEAREST) == [FAR if n % 3 else NEAR for n in range(40)]


def test_load_follows_from_the_rehearsals_own_decisions() -> None:
    one_a_day = profile_of(("capacity", {"daily": 1, "precision": 1}), "distance")
    told = history(*(lead(n, n / 10, {NEAR: yes(n / 10), FAR: yes(n / 10)}) for n in range(3)))
    assert takers(told, one_a_day) == [NEAR, FAR, None]
    assert replay(told, [one_a_day]).courses[0][2].why == "nobody"


def test_load_of_before_the_period_counts() -> None:
    fair = profile_of(("fair_share", {"half": 1}), "distance")
    told = history(lead(1, 1, {NEAR: yes(1), FAR: yes(1)}), taken=[Taken(NEAR, SINCE - HOUR, False)] * 2)
    assert takers(told, fair) == [FAR]


def test_a_dealer_takes_part_from_the_day_he_joined() -> None:
    young = replace(dealer(NEAR, 55.76), since=SINCE + 5 * HOUR)
    told = history(lead(1, 1, {FAR: yes(1)}), lead(2, 9, {NEAR: yes(9)}), dealers=(young, dealer(FAR, 59.9)))
    assert takers(told, NEAREST) == [FAR, NEAR]


def test_rounds_end_with_the_manufacturer() -> None:
    told = history(lead(1, 0, {NEAR: no(0), FAR: no(0.34)}))
    (course,) = replay(told, [profile_of("distance", max_rounds=1)]).courses[0]
    assert (course.dealer_id, course.why) == (None, "rounds")


def test_stock_is_what_the_dealer_had_reported_by_then() -> None:
    goods = profile_of(("stock_now", {}), "distance")
    reports = [
        Report(SINCE, NEAR, {PUMP: 0}), Report(SINCE, FAR, {PUMP: 5}), Report(SINCE + 5 * HOUR, NEAR, {PUMP: 9}),
    ]
    told = history(
        *(lead(n, at, {NEAR: yes(at), FAR: yes(at)}, lines=(Line(PUMP, 2),)) for n, at in enumerate((1, 9))),
        reports=reports,
    )
    assert takers(told, goods) == [FAR, NEAR]
    assert replay(told, [goods]).stock == {"reported": 4}


def test_goods_a_rehearsal_promised_are_not_promised_twice() -> None:
    goods = profile_of(("stock_now", {}), "distance")
    reports = [Report(SINCE, NEAR, {PUMP: 3}), Report(SINCE, FAR, {PUMP: 9})]
    told = history(
        *(lead(n, n, {NEAR: yes(n), FAR: yes(n)}, lines=(Line(PUMP, 2),)) for n in (1, 2)), reports=reports
    )
    assert takers(told, goods) == [NEAR, FAR]


def test_stock_no_report_tells_of_is_what_the_kept_reasons_say() -> None:
    goods = profile_of(("stock_now", {}), ("freshness", {}), "distance")
    asked = lead(1, 1, {FAR: yes(1)}, lines=(Line(PUMP, 2),))
    then = [
        replace(each.candidate, stock={PUMP: Stock(have, asked.demand.at - 3 * HOUR)})
        for each, have in ((dealer(NEAR, 55.76), 1), (dealer(FAR, 59.9), 2))
    ]
    asked = replace(asked, told=explain(decide(asked.demand, then, goods)))
    result = replay(history(asked), [goods])
    assert (result.courses[0][0].dealer_id, result.stock) == (FAR, {"explained": 2})


def test_equal_profiles_move_nobody_and_differ_in_nothing() -> None:
    told = made_history(300, 40, days=40)
    summary = summary_of(replay(told, [BY_ALL, BY_ALL]), told, [BY_ALL, BY_ALL], seed=1)
    assert summary["moved"] == 0
    assert summary["examples"] == []
    assert set(map(tuple, summary["differences"].values())) == {(0.0, 0.0, 0.0)}
    assert verdicts.outcome(verdicts.findings(summary)) == "even"


def test_the_same_seed_gives_the_same_result() -> None:
    told = made_history(200, 40, days=40)
    one, again, other = (replay(told, [BY_ALL], seed=seed).courses[0] for seed in (1, 1, 2))
    assert one == again
    assert one != other


def test_the_head_of_a_ranking_read_lazily_is_the_engines() -> None:
    told = made_history(60, 60, days=3, cities=15)
    reports = {one.dealer_id: one._replace(at=told.since) for one in told.reports}
    told = replace(told, facts=(), reports=tuple(reports.values()))
    for past in told.leads:
        (course,) = replay(replace(told, leads=(past,)), [BY_ALL]).courses[0]
        assert course.first_id == decide(past.demand, _all_candidates(told, past.demand, reports), BY_ALL).chosen


def _all_candidates(told: History, demand: Demand, reports: dict[TenantId, Report]) -> list[Candidate]:
    grounds = told.grounds(demand)
    alone = {one for one, ground in grounds.items() if ground.kind == "exclusive"}
    return [
        replace(
            each.candidate, territory=grounds.get(one), is_shut_out=bool(alone) and one not in alone,
            stock={product: Stock(n, reports[one].at) for product, n in reports[one].levels.items()},
        )
        for one, each in told.dealers.items()
    ]


@settings(max_examples=15)
@given(cut=st.floats(0.1, 0.9), seed=st.integers(1, 5), flip=st.booleans())
def test_changing_the_future_changes_nothing_before_it(cut: float, seed: int, flip: bool) -> None:
    told = made_history(120, 25, days=30, seed=seed)
    moment = told.since + cut * (told.until - told.since)
    leads = [_other_future(past, moment, flip) for past in told.leads]
    other = replace(
        told, leads=[each for each in leads if flip or each.demand.at <= moment],
        facts=sorted(facts_of(leads), key=lambda fact: fact.at),
        reports=[each for each in told.reports if each.at <= moment],
    )
    before, after = (replay(one, [BY_ALL, NEAREST], seed=seed) for one in (told, other))
    for world in (0, 1):
        for past, course, again in zip(told.leads, before.courses[world], after.courses[world], strict=False):
            if past.demand.at <= moment:
                assert course.first_id == again.first_id
            if past.demand.at + timedelta(minutes=course.wait) <= moment:
                assert course == again


def _other_future(past: PastLead, moment: object, flip: bool) -> PastLead:
    """The lead with everything after that moment otherwise, or taken away."""
    answers = {
        one: answer if answer.answered_at <= moment else answer._replace(is_accepted=not answer.is_accepted)  # type: ignore[operator]
        for one, answer in past.answers.items() if flip or answer.answered_at <= moment  # type: ignore[operator]
    }
    is_known = past.closed_at is not None and past.closed_at <= moment  # type: ignore[operator]
    return replace(past, answers=answers, is_won=past.is_won if is_known else None)


def test_a_rating_is_worked_out_of_what_was_known() -> None:
    rated = profile_of(("rating", {"prior": 0.6, "confidence": 0}), "distance")
    bad = Outcome(SINCE + HOUR, is_accepted=False, response_minutes=900)
    told = replace(
        history(*(lead(n, at, {NEAR: yes(at), FAR: yes(at)}) for n, at in enumerate((0.5, 3)))),
        facts=(Fact(SINCE + HOUR, NEAR, "offer", bad, True),),
    )
    assert takers(told, rated) == [NEAR, FAR]


@settings(max_examples=25)
@given(
    seed=st.integers(1, 9), spoilt=st.integers(0, 9),
    policy=st.builds(RatingPolicy, half_life_days=st.floats(1, 400), confidence=st.sampled_from((0.0, 5.0))),
)
def test_a_rating_kept_up_equals_the_one_of_the_outcomes_known_then(
    seed: int, spoilt: int, policy: RatingPolicy
) -> None:
    told = made_history(150, 5, days=60, seed=seed)
    facts = sorted([*told.facts, *_spoilt(told.facts, spoilt)], key=lambda fact: fact.at)
    knowledge = Knowledge(replace(told, facts=facts), seed)
    rater = knowledge.rater(policy)
    for day in range(0, 60, 3):
        moment = told.since + timedelta(days=day)
        knowledge.advance(moment)
        for one in told.dealers:
            assert knowledge.standing(one, rater) == _rated_anew(facts, one, moment, policy)


def test_only_the_latest_outcomes_make_a_rating() -> None:
    count = OUTCOMES + 50
    facts = [
        Fact(at, NEAR, str(n), Outcome(at, is_accepted=n >= 60, response_minutes=n), True)
        for n, at in ((n, SINCE + n * timedelta(minutes=5)) for n in range(count))
    ]
    late = Fact(AT, NEAR, "0", replace(facts[0].outcome, is_won=True), True)  # of one that is too old to count
    knowledge = Knowledge(replace(history(), facts=[*facts, late]), 1)
    rater = knowledge.rater(RatingPolicy())
    knowledge.advance(SINCE)
    assert knowledge.standing(NEAR, rater).count == 1
    knowledge.advance(AT)
    assert knowledge.standing(NEAR, rater) == _rated_anew(facts[-OUTCOMES:], NEAR, AT, RatingPolicy(), as_of=AT)


def test_an_outcome_of_long_ago_has_faded_and_breaks_nothing() -> None:
    facts = [Fact(at, NEAR, str(at), Outcome(at, is_accepted=True), True) for at in (SINCE, SINCE + timedelta(2000))]
    knowledge = Knowledge(replace(history(), facts=facts), 1)
    rater = knowledge.rater(RatingPolicy(half_life_days=1))
    for fact in facts:
        knowledge.advance(fact.at)
        assert knowledge.standing(NEAR, rater).count == 1


def _spoilt(facts: Sequence[Fact], every: int) -> list[Fact]:
    """Some leads proved to be none two days later, or were given back."""
    changed = facts[::every] if every else ()
    said = [{"is_accepted": None, "response_minutes": None, "is_won": None}, {"is_won": None, "is_returned": True}]
    return [
        each._replace(at=each.at + timedelta(days=9), outcome=replace(each.outcome, **said[place % 2]))  # type: ignore[arg-type]
        for place, each in enumerate(changed)
    ]


def _rated_anew(
    facts: Sequence[Fact], dealer_id: TenantId, moment: datetime, policy: RatingPolicy, as_of: datetime | None = None
) -> object:
    known = [each for each in facts if each.dealer_id == dealer_id and each.at <= moment]
    if not known:
        return UNRATED
    rating = rate(list({each.key: each.outcome for each in known}.values()), as_of or known[-1].at, policy)
    return pytest.approx((rating.score, rating.count, rating.parts[0].value))


def test_few_outcomes_of_a_dealer_are_drawn_to_the_networks() -> None:
    records = Records()
    for _outcome in range(200):
        records.ended(FAR, SINCE, True, True)
    records.ended(NEAR, SINCE, True, False)
    estimate = records.won(NEAR, SINCE, True)
    assert 0.75 < estimate.mean < 0.9
    assert estimate.spread > records.won(FAR, SINCE, True).spread
    later = records.won(FAR, SINCE + timedelta(days=900), True)
    assert later.spread > records.won(FAR, SINCE, True).spread


def test_the_measures_of_a_small_case_by_hand() -> None:
    leads = [
        replace(lead(n, n, {NEAR: yes(n, 30), FAR: yes(n, 10)}), holder=NEAR,
                accepted_at=SINCE + n * HOUR + timedelta(minutes=30), closed_at=AT, is_won=n != 4)
        for n in range(1, 5)
    ]
    told = replace(history(*leads), facts=())
    farthest = profile_of(("fair_share", {"half": 1}), "distance")
    summary = summary_of(replay(told, [NEAREST, farthest]), told, [NEAREST, farthest], seed=1)
    past, active, draft = (summary["columns"][name] for name in ("past", "active", "draft"))
    assert (summary["leads"], summary["moved"], summary["moved_from_past"]) == (4, 2, 2)
    assert (past["wait"]["mean"], active["wait"]["mean"], draft["wait"]["mean"]) == (30, 30, 20)
    assert (past["really_won"], past["really_worth"]) == (3, 300_000)
    assert (active["jain"], draft["jain"]) == (0.5, 1.0)
    assert (active["none"], draft["none"]) == (1, 0)
    assert summary["differences"]["wait"][0] == -10
    assert [line[:4] for line in summary["dealers"]] == [[NEAR, 4, 4, 2], [FAR, 0, 0, 2]]
    assert summary["answers"] == {"real": 8, "drawn": 0}


def by_way(way: str, **more: object) -> Profile:
    profile = profile_of("distance", **more)
    return replace(profile, strategies=(replace(profile.strategies[0], way=way),))


def test_of_those_asked_at_once_the_faster_one_gets_it() -> None:
    told = history(lead(1, 0, {NEAR: yes(0, 50), FAR: yes(0, 20)}), lead(2, 9, {NEAR: no(9, 5), FAR: no(9, 30)}))
    first, second = replay(told, [by_way("broadcast")]).courses[0]
    assert (first.dealer_id, first.wait, first.rounds) == (FAR, 20, 1)
    assert (second.dealer_id, second.wait, second.rounds) == (None, 30, 1)


def test_who_is_given_a_lead_does_not_refuse_it() -> None:
    told = history(lead(1, 0, {NEAR: no(0, 15), FAR: yes(1)}))
    (course,) = replay(told, [by_way("assign")]).courses[0]
    assert (course.dealer_id, course.wait, course.rounds) == (NEAR, 15, 1)


def test_new_dealers_get_their_share_in_a_rehearsal_too() -> None:
    known = [Fact(SINCE, NEAR, str(n), Outcome(SINCE, is_accepted=True, response_minutes=5), True) for n in range(20)]
    told = replace(
        history(*(lead(n, n, {NEAR: yes(n), FAR: yes(n)}) for n in range(60)),
                dealers=(dealer(NEAR, 55.76), dealer(FAR, 55.9))),
        facts=known,
    )
    taken = takers(told, profile_of("distance", explore_percent=20))
    assert 4 <= taken.count(FAR) <= 25
    assert takers(told, profile_of("distance")).count(FAR) == 0


def test_an_exclusive_area_shuts_others_out_in_a_rehearsal_too() -> None:
    alone = profile_of(("territory", {"outside": "last"}), "exclusivity", "distance")
    told = history(lead(1, 0, {FAR: yes(0)}), grounds=lambda demand: {FAR: Ground("exclusive", 1)})
    assert takers(told, alone) == [FAR]


@pytest.mark.parametrize(
    ("differences", "said"),
    [
        ({"wait": [-12, -16, -8]}, "better"), ({"wait": [12, 8, 16]}, "worse"), ({"wait": [-12, -30, 6]}, "even"),
        ({"wait": [-0.5, -0.6, -0.4]}, "even"), ({"wait": [-12, -16, -8], "won": [-30, -40, -20]}, "mixed"),
        ({"wait": [-12, -16, -8], "km": [50, 40, 60]}, "mixed"), ({"km": [5, 4, 6]}, "even"),
        ({"unassigned": [2, 1, 3]}, "even"), ({"unassigned": [90, 80, 99]}, "worse"), ({"won": [9, 5, 13]}, "better"),
    ],
)
def test_the_whole_in_one_word(differences: dict[str, list[float]], said: str) -> None:
    none = dict.fromkeys(("wait", "won", "worth", "km", "unassigned"))
    summary = {"leads": 1000, "columns": {"active": {"km": {"mean": 100.0}}}, "differences": none | differences}
    assert verdicts.outcome(verdicts.findings(summary)) == said


@pytest.mark.parametrize(
    ("leads", "days", "stock", "codes"),
    [
        (50, 90, {"reported": 9, "drawn": 1}, {"few_leads"}), (500, 30, {"reported": 9, "drawn": 1}, {"season"}),
        (500, 90, {"reported": 2, "drawn": 8}, {"little_stock"}), (500, 90, {}, set()),
    ],
)
def test_warnings(leads: int, days: int, stock: dict[str, int], codes: set[str]) -> None:
    summary = {
        "leads": leads, "stock": stock, "answers": {"real": 5, "drawn": 5}, "honesty": {"won": None, "minutes": None},
        "columns": {"active": {}, "draft": {}},
    }
    assert {code for code, _values in verdicts.warnings(summary, days)} == codes
