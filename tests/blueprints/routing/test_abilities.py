"""What routing loads about dealers when criteria ask: certificates, own prices, turns, limits of their own."""

from __future__ import annotations

import uuid
from datetime import timedelta

import psycopg
import pytest
from psycopg.types.json import Jsonb

from app.kernel.db import db
from app.kernel.identity import hq, network_worker
from blueprints.catalog.models import Price
from blueprints.catalog.service import Said, keep_lines
from blueprints.routing import queries, rules
from blueprints.routing.candidates import candidates_for
from tenants.models import Certificate
from tests.factories.leads import MORNING, add_products, give_stock, open_lead, the_lead
from tests.factories.routing import profile_of
from tests.house import HQ, KAZAN, SIBIR, House


@pytest.fixture
def pump(house: House) -> int:
    (pump,) = add_products(house, 1)
    with house.speaking(HQ):
        db.session.add(Price(product_id=pump, owner_id=HQ, minor=100_000, valid_from=MORNING - timedelta(days=30)))
    for dealer in (KAZAN, SIBIR):
        give_stock(house, dealer, {pump: 5}, MORNING)
    return pump


def found(house: House, pump: int, profile: rules.Profile) -> dict[str, rules.Candidate]:
    """Candidates of a lead by dealer."""
    lead_id = open_lead(house, HQ, {pump: 2}, MORNING)
    with house.speaking(network_worker()):
        demand = queries.demand_of(the_lead(HQ, lead_id), MORNING)
        return {each.dealer_id: each for each in candidates_for(demand, profile)}


def certify(house: House, **more: object) -> None:
    values = {
        "owner_id": KAZAN, "scheme": "Котлы", "number": "N-1", "holder": "Пётр", "valid_from": MORNING,
        "valid_until": MORNING + timedelta(days=365), **more,
    }
    with house.speaking(hq()):
        db.session.add(Certificate(**values))


def test_certificates_count_to_the_minute_of_their_revocation(house: House, pump: int) -> None:
    revoked = MORNING + timedelta(days=9)
    certify(house)
    certify(house, number="N-2", revoked_at=revoked)
    dealers = found(house, pump, profile_of("certificate"))
    assert dealers[KAZAN].certificates == (
        rules.Certificate("Котлы", MORNING, MORNING + timedelta(days=365)),
        rules.Certificate("Котлы", MORNING, revoked, is_revoked=True),
    )
    assert dealers[SIBIR].certificates == ()


def test_the_network_does_not_read_who_holds_a_certificate(house: House) -> None:
    certify(house)
    with psycopg.connect(house.settings.database_worker) as connection:
        connection.execute("SELECT set_config('role', 'network_worker', true)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT holder FROM network.certificates")


def test_a_dealer_reads_his_own_certificates_and_no_others(house: House) -> None:
    certify(house)
    for dealer, expected in ((KAZAN, 1), (SIBIR, 0)):
        with house.speaking(dealer):
            assert len(db.session.query(Certificate).all()) == expected


def test_own_prices_reach_routing_by_the_dealers_own_job_and_leave_it_again(house: House, pump: int) -> None:
    for minor, percent in ((90_000, 90), (None, 100)):
        with house.speaking(KAZAN):
            keep_lines(said=[Said(pump, None, minor, True)], at=MORNING)
        house.work()
        dealers = found(house, pump, profile_of("price"))
        assert (dealers[KAZAN].price_percent, dealers[SIBIR].price_percent) == (percent, 100)
    assert house.scalar("SELECT count(*) FROM network.dealer_prices") == 0


def test_a_dealer_sees_no_other_dealers_prices(house: House, pump: int) -> None:
    with house.speaking(KAZAN):
        keep_lines(said=[Said(pump, None, 90_000, True)], at=MORNING)
    house.work()
    with psycopg.connect(house.settings.database_web) as connection:
        connection.execute("SELECT set_config('role', %s, true)", [SIBIR])
        assert connection.execute("SELECT * FROM network.dealer_prices").fetchall() == []


def test_turns_limits_and_delivery_are_known(house: House, pump: int) -> None:
    told = {
        "capacity": 4, "paused_until": (MORNING + timedelta(days=3)).isoformat(), "delivery": {"km": 60, "regions": []},
    }
    with psycopg.connect(house.superuser, dbname="zveno") as connection:
        connection.execute(
            "UPDATE network.tenants SET profile = profile || %s WHERE id = %s", [Jsonb(told), KAZAN]
        )
        connection.execute(
            "INSERT INTO network.leads (owner_id, id, number, source) VALUES (%(hq)s, %(id)s, '7', 'brand_site')",
            {"hq": HQ, "id": uuid.UUID(int=7)},
        )
        connection.execute(
            "INSERT INTO network.lead_offers (owner_id, lead_id, round, dealer_id, state, offered_at, deadline_at)"
            " VALUES (%(hq)s, %(id)s, 1, %(dealer)s, 'declined', %(at)s, %(at)s)",
            {"hq": HQ, "id": uuid.UUID(int=7), "dealer": SIBIR, "at": MORNING - timedelta(hours=5)},
        )
    dealers = found(house, pump, profile_of("round_robin"))
    kazan = dealers[KAZAN]
    assert (kazan.capacity, kazan.paused_until) == (4, MORNING + timedelta(days=3))
    assert (kazan.delivers_km, kazan.delivers_to, kazan.last_offer_at) == (60, frozenset(), None)
    assert dealers[SIBIR].last_offer_at == MORNING - timedelta(hours=5)
    assert (dealers[SIBIR].delivers_km, dealers[SIBIR].delivers_to) == (None, None)
