"""What a dealer reads of his rating and of his share, how he takes leads, and HQ's table of ratings."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import date, timedelta

import psycopg
import pytest

from app.kernel.clock import frozen, now
from app.kernel.errors import Invalid
from app.kernel.identity import network_worker
from blueprints.leads import service as leads
from blueprints.routing import candidates, fairness, queries, ratings, reception, rules, service
from blueprints.routing.rating_shown import medians_of_others
from tests.blueprints.leads.test_desk_and_links import staff_browser
from tests.factories.leads import MORNING, add_products, give_stock, open_lead, the_lead
from tests.factories.plenty import fill_tenants
from tests.house import HQ, KAZAN, SIBIR, Browser, House, token_of


@pytest.fixture
def pump(house: House) -> int:
    (pump,) = add_products(house, 1)
    for dealer in (KAZAN, SIBIR):
        give_stock(house, dealer, {pump: 50}, MORNING)
    return pump


def placed(house: House, pump: int) -> uuid.UUID:
    lead_id = open_lead(house, HQ, {pump: 1}, MORNING)
    with house.speaking(network_worker()):
        service.route(owner_id=HQ, lead_id=lead_id, at=MORNING)
    return lead_id


def share(house: House, dealer: str, days: int = 30) -> fairness.Fairness:
    with house.speaking(dealer):
        return fairness.fairness_of(days=days, at=MORNING + timedelta(days=1))


def test_a_dealer_reads_his_share_of_his_territory_and_why_not_all(house: House, pump: int) -> None:
    first = placed(house, pump)
    with house.speaking(KAZAN):
        leads.accept(lead=the_lead(HQ, first), at=MORNING, actor="link")
    give_stock(house, KAZAN, {pump: 0}, MORNING)
    second = placed(house, pump)
    with house.speaking(SIBIR):
        leads.accept(lead=the_lead(HQ, second), at=MORNING, actor="link")
    found = share(house, KAZAN)
    assert tuple(found.share) == (2, 1, 1, 1)
    (why,) = found.reasons
    assert (why.count, why.is_excluded, why.endpoint) == (1, True, "stock_desk.index")
    assert "У вас нет" in why.example or "You have none" in why.example


def test_nothing_is_told_of_who_got_it_nor_of_other_places(house: House, pump: int) -> None:
    placed(house, pump)
    assert share(house, SIBIR).share.leads == 0
    with psycopg.connect(house.settings.database_web) as connection:
        connection.execute("SELECT set_config('role', %s, true)", [KAZAN])
        rows = connection.execute(
            "SELECT * FROM network.leads_of_my_ground(%s, 1000)", [MORNING - timedelta(days=1)]
        ).fetchall()
    assert len(rows) == 1
    assert SIBIR not in str(rows)


def test_offers_he_let_go_are_counted_by_how_they_ended(house: House, pump: int) -> None:
    lead_id = placed(house, pump)
    with house.speaking(KAZAN):
        leads.decline(lead=the_lead(HQ, lead_id), reason="price", at=MORNING, actor="link")
    placed(house, pump)
    with house.speaking(network_worker()):
        service.expire_offers(at=MORNING + timedelta(days=1))
    assert [count for _title, count in share(house, KAZAN).let_go] == [1, 1]


def test_reception_is_kept_and_holds_from_the_next_lead_on(house: House, pump: int) -> None:
    with house.speaking(KAZAN):
        reception.keep(reception.Reception(1, None, 40, ("16", "73")), at=MORNING)
        assert reception.reception(MORNING) == reception.Reception(1, None, 40, ("16", "73"))
    assert offered_to(house, placed(house, pump)) == KAZAN
    assert offered_to(house, placed(house, pump)) == SIBIR
    with house.speaking(KAZAN):
        assert reception.taken_today(MORNING) == 1


def test_the_day_of_a_limit_begins_at_midnight_in_moscow(house: House, pump: int) -> None:
    with house.speaking(KAZAN):
        reception.keep(reception.Reception(1), at=MORNING)
    placed(house, pump)
    evening, next_day = MORNING.replace(hour=20, minute=59), MORNING.replace(hour=21, minute=1)
    for at, expected in ((evening, "capacity.full"), (next_day, None)):
        lead_id = open_lead(house, HQ, {pump: 1}, at)
        with house.speaking(network_worker()):
            demand = queries.demand_of(the_lead(HQ, lead_id), at)
            dealers = candidates.candidates_for(demand, rules.DEFAULT_PROFILE)
        decision = rules.decide(demand, dealers, rules.DEFAULT_PROFILE)
        barred = {one.dealer_id: one.reasons[0].reason for one in decision.excluded}
        assert barred.get(KAZAN) == expected  # type: ignore[call-overload]


def test_a_pause_lasts_until_its_day(house: House, pump: int) -> None:
    back = (MORNING + timedelta(days=3)).date()
    with house.speaking(KAZAN):
        reception.keep(reception.Reception(None, back), at=MORNING)
        assert reception.reception(MORNING).paused_until == back
    assert offered_to(house, placed(house, pump)) == SIBIR
    with house.speaking(KAZAN):
        assert reception.reception(MORNING + timedelta(days=3)).paused_until is None
        for over in (MORNING.date(), date(1999, 1, 1)):
            with pytest.raises(Invalid) as caught:
                reception.keep(reception.Reception(None, over), at=MORNING)
            assert caught.value.field == "paused_until"
        assert reception.reception(MORNING).paused_until == back


def test_pages_are_filled_by_hand(house: House, pump: int) -> None:
    with house.speaking(network_worker()):
        ratings.rate_all([KAZAN], MORNING)
    browser = entered(house, KAZAN)
    for path in ("/desk/rating", "/desk/leads/reception", "/desk/leads/missed?days=90", "/desk/leads/missed?days=x"):
        assert browser.get(path).status_code == 200, path
    house.scalar("UPDATE network.dealer_ratings SET stars = 4.3, reviews = 7 RETURNING reviews")
    assert browser.get("/desk").text.count("4,3<") == 1  # said once, with the stars
    page = browser.get("/desk/leads/reception").text
    wrong = browser.post("/desk/leads/reception", data={
        "csrf_token": token_of(page), "capacity": "many", "paused_until": "2999-01-01", "km": "70",
    })
    assert wrong.status_code == 422
    assert 'value="many"' in wrong.text and 'value="70"' in wrong.text
    good = browser.post("/desk/leads/reception", data={
        "csrf_token": token_of(page), "capacity": "5", "km": "70", "regions": ["16", "73"],
        "paused_until": f"{now() + timedelta(days=2):%Y-%m-%d}",
    })
    assert good.status_code == 302
    kept = house.rows(f"SELECT profile -> 'capacity', profile -> 'delivery' FROM network.tenants WHERE id = '{KAZAN}'")
    assert kept == [(5, {"km": 70, "regions": ["16", "73"]})]


def test_the_median_of_the_others_is_told_from_five_of_them_on(house: House, pump: int) -> None:
    fill_tenants(house, 9)
    dealers = [f"t_{number:06d}" for number in range(2, 8)]
    try:
        for count, expected in ((5, False), (6, True)):
            with psycopg.connect(house.superuser, dbname="zveno") as connection:
                connection.execute("TRUNCATE network.dealer_ratings")
                for number, dealer in enumerate(dealers[:count]):
                    connection.execute(
                        "INSERT INTO network.dealer_ratings (tenant_id, score, parts) VALUES (%s, %s, %s)",
                        [dealer, 0.5 + number / 20, '{"count": 3, "parts": [{"code": "response", "score": 0.7,'
                                                    ' "value": 9, "count": 3}]}'],
                    )
            with house.speaking(KAZAN):
                assert medians_of_others() == ({"whole": 65, "response": 70} if expected else {})
    finally:
        house.clean()


def test_hq_reads_sorts_and_exports_all_ratings(house: House, pump: int) -> None:
    lead_id = placed(house, pump)
    with house.speaking(KAZAN):
        leads.accept(lead=the_lead(HQ, lead_id), at=MORNING, actor="link")
    with house.speaking(network_worker()):
        ratings.rate_all([KAZAN], MORNING + timedelta(hours=1))
    with frozen(MORNING):
        browser = entered(house, HQ, role="manager")
        page = browser.get("/hq/routing/ratings?sort=-response").text
        assert page.index(KAZAN) < page.index(SIBIR)
        body = browser.get("/hq/routing/ratings/ratings.csv").data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(body), delimiter=";"))
    assert len(rows) == 3
    assert rows[1][2] and not rows[2][2]
    assert house.scalar(f"SELECT count(*) FROM {HQ}.audit_log WHERE action = 'data.exported'") == 1


def offered_to(house: House, lead_id: uuid.UUID) -> object:
    return house.scalar("SELECT dealer_id FROM network.lead_offers WHERE lead_id = %(lead)s", lead=lead_id)


def entered(house: House, tenant_id: str, role: str = "owner") -> Browser:
    """A browser in which a member of staff is signed in."""
    return staff_browser(house, tenant_id, role)  # type: ignore[return-value]
