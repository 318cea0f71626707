"""Certificates, prices, delivery, turns, limits and pauses: who is excluded for them, and with which reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from app.kernel.ids import tenant_id
from blueprints.routing.rules import Candidate, Certificate, Line, Stock, Verdict, decide, explain, price_percent, told
from blueprints.routing.rules.ability import as_number
from blueprints.routing.rules.wording import sentence
from tests.factories.routing import AT, BOILER, PUMP, moscow_order, profile_of

DEALER = Candidate(tenant_id(2), lat=55.75, lon=37.62, stock={PUMP: Stock(5, AT)})
YEAR = timedelta(days=365)


@pytest.fixture
def words() -> Flask:
    """An application that speaks English."""
    app = Flask(__name__)
    Babel(app)
    return app


def judged(code: str, candidate: Candidate, **params: object) -> Verdict:
    return profile_of((code, params)).strategies[0].criteria[0].judge(moscow_order(), candidate)


def held(scheme: str = "Heat pumps", since: datetime = AT - YEAR, until: datetime = AT + YEAR) -> Certificate:
    return Certificate(scheme, since, until)


def test_certificate_counts_until_the_minute_it_ends() -> None:
    paper = held(until=AT)
    before = replace(moscow_order(), at=AT - timedelta(minutes=1))
    criterion = profile_of(("certificate", {"scheme": "Heat pumps"})).strategies[0].criteria[0]
    dealer = replace(DEALER, certificates=(paper,))
    assert criterion.judge(before, dealer) == Verdict(1.0, "certificate.held:Heat_pumps", (1,))
    assert criterion.judge(moscow_order(), dealer) == Verdict(
        None, "certificate.expired:Heat_pumps", (as_number(AT),)
    )


def test_what_ended_last_is_the_reason_a_revoked_certificate_too() -> None:
    revoked = Certificate("Boilers", AT - YEAR, AT - timedelta(days=3), is_revoked=True)
    old = held("Boilers", until=AT - timedelta(days=90))
    dealer = replace(DEALER, certificates=(old, revoked))
    assert judged("certificate", dealer) == Verdict(None, "certificate.revoked", (as_number(AT - timedelta(days=3)),))


def test_as_many_certificates_of_the_scheme_are_needed_as_the_rule_says() -> None:
    dealer = replace(DEALER, certificates=(held(), held("Boilers")))
    asked = {"scheme": "Heat pumps", "at_least": 2, "missing": "last"}
    assert judged("certificate", dealer, **asked) == Verdict(0.0, "certificate.too_few:Heat_pumps", (1, 2))
    assert judged("certificate", dealer, at_least=2) == Verdict(1.0, "certificate.held", (2,))
    assert judged("certificate", DEALER) == Verdict(None, "certificate.too_few", (0, 1))


def test_certificate_of_the_future_does_not_count_yet() -> None:
    dealer = replace(DEALER, certificates=(held(since=AT + timedelta(hours=1)),))
    assert judged("certificate", dealer) == Verdict(None, "certificate.too_few", (0, 1))


def test_expiry_is_told_with_its_day_and_its_scheme_after_it_was_kept(words: Flask) -> None:
    dealer = replace(DEALER, certificates=(held("Тепловые насосы", until=datetime(2026, 3, 3, 21, tzinfo=UTC)),))
    kept = explain(decide(moscow_order(), [dealer], profile_of(("certificate", {"scheme": "Тепловые насосы"}))))
    (verdict,) = told(kept, dealer.dealer_id).verdicts  # type: ignore[union-attr]
    with words.app_context(), force_locale("en"):
        sentences = [sentence(verdict.reason, verdict.values, view) for view in ("hq", "dealer")]  # type: ignore[arg-type]
    assert sentences == [
        "The certificate expired on March 3, 2026 (Тепловые насосы)",
        "Your certificate expired on March 3, 2026 (Тепловые насосы)",
    ]


@pytest.mark.parametrize(
    ("percent", "expected"),
    [
        (100, Verdict(0.5, "price.recommended")),
        (90, Verdict(0.75, "price.cheaper", (10,))),
        (60, Verdict(1.0, "price.cheaper", (40,))),
        (105, Verdict(0.38, "price.dearer", (5,))),
        (111, Verdict(None, "price.too_high", (11, 10))),
    ],
)
def test_price_against_the_recommended_one(percent: int, expected: Verdict) -> None:
    assert judged("price", replace(DEALER, price_percent=percent), limit_percent=10) == expected


def test_price_of_the_goods_asked_for_counts_and_what_has_none_of_his_own_is_at_the_recommended() -> None:
    lines = (Line(PUMP, 3), Line(BOILER, 1))
    assert price_percent(lines, {PUMP: 90}, {PUMP: 100, BOILER: 100}) == 93
    assert price_percent(lines, {}, {PUMP: 100}) == 100
    assert price_percent(lines, {PUMP: 90}, {}) is None


def test_delivery_by_region_by_radius_and_unknown() -> None:
    far = replace(DEALER, lat=56.8, lon=60.6)
    assert judged("delivery", replace(far, delivers_to=frozenset({"RU-MOW"}))).reason == "delivery.region"
    assert judged("delivery", replace(DEALER, delivers_km=30)) == Verdict(1.0, "delivery.near", (1, 30))
    assert judged("delivery", replace(far, delivers_km=300)) == Verdict(None, "delivery.too_far", (1417, 300))
    assert judged("delivery", replace(far, delivers_to=frozenset({"RU-TA"}))) == Verdict(None, "delivery.outside")
    assert judged("delivery", far) == Verdict(0.5, "delivery.untold")
    assert judged("delivery", replace(far, lat=None, delivers_km=9)) == Verdict(0.5, "delivery.unknown")


def test_who_fetches_the_goods_asks_nobody_to_deliver() -> None:
    criterion = profile_of("delivery").strategies[0].criteria[0]
    nowhere = replace(DEALER, delivers_to=frozenset())
    assert criterion.judge(replace(moscow_order(), is_fetched=True), nowhere).reason == "delivery.fetched"


def test_who_waited_longest_comes_first() -> None:
    waits = [timedelta(minutes=5), timedelta(hours=3), timedelta(days=4), None]
    dealers = [
        replace(DEALER, dealer_id=tenant_id(number), last_offer_at=None if wait is None else AT - wait)
        for number, wait in enumerate(waits, 2)
    ]
    ranking = decide(moscow_order(), dealers, profile_of("round_robin")).ranking
    assert [each.dealer_id for each in ranking] == [tenant_id(number) for number in (5, 4, 3, 2)]
    assert [(one.verdicts[0].reason, one.verdicts[0].values) for one in ranking] == [
        ("round_robin.never", ()), ("round_robin.days", (4,)), ("round_robin.hours", (3,)),
        ("round_robin.minutes", (5,)),
    ]


def test_dealer_on_a_pause_or_with_a_full_day_of_his_own_gets_nothing_by_any_profile() -> None:
    back = AT + timedelta(days=2)
    paused, full = replace(DEALER, paused_until=back), replace(DEALER, capacity=3, today_count=3)
    for dealer, reason in ((paused, "dealer.paused"), (full, "capacity.full")):
        (excluded,) = decide(moscow_order(), [dealer], profile_of("distance")).excluded
        assert excluded.reasons[0].reason == reason
    assert decide(replace(moscow_order(), at=back), [paused], profile_of("distance")).chosen == DEALER.dealer_id


def test_the_lesser_of_the_own_limit_and_hqs_for_the_tier_holds() -> None:
    busy = replace(DEALER, tier="partner", today_count=4)
    limits = {"daily": 9, "daily_partner": 5}
    assert judged("capacity", busy, **limits) == Verdict(pytest.approx(0.2), "capacity.load", (4, 5))
    assert judged("capacity", replace(busy, tier="premium"), **limits).values == (4, 9)
    assert judged("capacity", replace(busy, capacity=8), **limits).values == (4, 5)
    assert judged("capacity", replace(busy, capacity=4), **limits) == Verdict(None, "capacity.full", (4,))


def test_room_for_leads_placed_together_is_what_the_rules_leave() -> None:
    profile = profile_of(("capacity", {"daily": 6, "open_offers": 3}))
    assert profile.room(replace(DEALER, today_count=2, open_offers=1)) == 2
    assert profile.room(replace(DEALER, today_count=5)) == 1
    assert profile.room(replace(DEALER, capacity=4, today_count=4)) == 0
    assert profile_of("distance").room(DEALER) is None
    assert profile_of("distance").room(replace(DEALER, capacity=4, today_count=1)) == 3
