"""Ratings on the house: what counts for and against a dealer, how they are kept, refreshed and remembered."""

from __future__ import annotations

import uuid
from datetime import timedelta

import psycopg
import pytest
import sqlalchemy as sa

from app.kernel.clock import frozen
from app.kernel.db import db
from app.kernel.identity import network_worker
from blueprints.leads import outcome
from blueprints.leads import service as leads
from blueprints.routing import outcomes, ratings, rules, service
from blueprints.routing.models import RatingWeek
from tests.factories.leads import MORNING, add_products, give_stock, open_lead, the_lead
from tests.house import HQ, KAZAN, SIBIR, House


@pytest.fixture
def pump(house: House) -> int:
    (pump,) = add_products(house, 1)
    for dealer in (KAZAN, SIBIR):
        give_stock(house, dealer, {pump: 5}, MORNING)
    return pump


def taken(house: House, pump: int) -> uuid.UUID:
    """A lead that the dealer in Kazan took after ten minutes."""
    lead_id = open_lead(house, HQ, {pump: 1}, MORNING)
    with house.speaking(network_worker()):
        assert service.route(owner_id=HQ, lead_id=lead_id, at=MORNING) == KAZAN
    with house.speaking(KAZAN):
        leads.accept(lead=the_lead(HQ, lead_id), at=MORNING + timedelta(minutes=10), actor="link")
    return lead_id


def known(house: House, dealer: str = KAZAN) -> list[rules.Outcome]:
    with house.speaking(network_worker()):
        return outcomes.outcomes_of([dealer], MORNING + timedelta(days=1)).get(dealer, [])


def test_a_lead_given_back_was_accepted_and_returned(house: House, pump: int) -> None:
    lead_id = taken(house, pump)
    with house.speaking(KAZAN):
        leads.decline(lead=the_lead(HQ, lead_id), reason="no_capacity", at=MORNING + timedelta(hours=1), actor="link")
    (one,) = known(house)
    assert (one.is_accepted, one.is_returned, one.response_minutes) == (True, True, 10)


def test_a_sale_that_failed_for_want_of_the_goods_is_the_dealers_fault_and_others_are_not(
    house: House, pump: int
) -> None:
    for reason in ("out_of_stock", "changed_mind"):
        lead_id = taken(house, pump)
        with house.speaking(KAZAN):
            leads.lose(lead=the_lead(HQ, lead_id), reason=reason, at=MORNING + timedelta(hours=1), actor="link")
    assert sorted((one.is_won, one.is_returned) for one in known(house)) == [(False, False), (False, True)]


def test_what_proved_to_be_no_lead_counts_against_nobody(house: House, pump: int) -> None:
    lead_id = open_lead(house, HQ, {pump: 1}, MORNING)
    with house.speaking(network_worker()):
        service.route(owner_id=HQ, lead_id=lead_id, at=MORNING)
    with house.speaking(KAZAN):
        leads.decline(lead=the_lead(HQ, lead_id), reason="other", at=MORNING, actor="link")
    with frozen(MORNING):
        house.work()
    with house.speaking(SIBIR):
        leads.accept(lead=the_lead(HQ, lead_id), at=MORNING, actor="link")
        outcome.invalidate(lead=the_lead(HQ, lead_id), reason="spam", at=MORNING, actor="link")
    (declined,) = known(house)
    assert (declined.is_accepted, declined.response_minutes, declined.is_won) == (None, None, None)
    assert all(one.is_won is None and one.is_accepted is not False for one in known(house, SIBIR))


def test_age_of_stock_data_is_part_of_the_rating(house: House, pump: int) -> None:
    give_stock(house, SIBIR, {pump: 5}, MORNING - timedelta(days=20))
    with house.speaking(network_worker()):
        found = ratings.rate_all([KAZAN, SIBIR], MORNING)
    kazan, sibir = (found[dealer].parts[5] for dealer in (KAZAN, SIBIR))
    assert (kazan.value, sibir.value) == (pytest.approx(0), pytest.approx(20))
    assert kazan.score > sibir.score


def test_many_dealers_are_rated_in_as_many_queries_as_one(house: House, pump: int) -> None:
    taken(house, pump)
    counts = []
    for dealers in ([KAZAN], [KAZAN, SIBIR]):
        with house.speaking(network_worker()):
            seen: list[str] = []

            def note(*args: object, seen: list[str] = seen) -> None:
                seen.append(str(args[2]))

            sa.event.listen(db.engine, "after_cursor_execute", note)
            ratings.rate_all(dealers, MORNING)
            sa.event.remove(db.engine, "after_cursor_execute", note)
            counts.append(len(seen))
    assert counts[0] == counts[1]


def test_ratings_fade_without_an_event_and_the_oldest_are_refreshed_first(house: House, pump: int) -> None:
    taken(house, pump)
    with house.speaking(network_worker()):
        ratings.rate_all([KAZAN, SIBIR], MORNING)
        assert ratings.refresh(at=MORNING + timedelta(hours=5)) == 0
    with house.speaking(network_worker()):
        assert ratings.refresh(at=MORNING + timedelta(days=90)) == 2
        assert ratings.refresh(at=MORNING + timedelta(days=90)) == 0
    counted = house.scalar(f"SELECT (parts ->> 'count')::float FROM network.dealer_ratings WHERE tenant_id = '{KAZAN}'")
    assert counted == pytest.approx(0.5, abs=0.01)


def test_each_week_keeps_its_last_rating_and_old_weeks_go(house: House, pump: int) -> None:
    monday = ratings.week_of(MORNING)
    with house.speaking(network_worker()):
        for days in (-500, 0, 1, 7):
            ratings.rate_all([KAZAN], MORNING + timedelta(days=days))
        assert ratings.forget(at=MORNING) == 1
    assert house.rows("SELECT week FROM network.rating_weeks ORDER BY week") == [
        (monday,), (monday + timedelta(weeks=1),),
    ]


def test_a_dealer_reads_his_own_weeks_and_no_others(house: House, pump: int) -> None:
    with house.speaking(network_worker()):
        ratings.rate_all([KAZAN, SIBIR], MORNING)
    with house.speaking(KAZAN):
        assert [row.tenant_id for row in db.session.scalars(sa.select(RatingWeek))] == [KAZAN]
    with psycopg.connect(house.settings.database_web) as connection:
        connection.execute("SELECT set_config('role', %s, true)", [KAZAN])
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("UPDATE network.rating_weeks SET score = 1")
