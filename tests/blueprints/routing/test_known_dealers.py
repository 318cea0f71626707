"""What is kept of dealers from decision to decision is never older than the decision."""

from __future__ import annotations

import json

import psycopg
import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.identity import hq, network_worker
from blueprints.routing import dealers, service
from tests.factories.leads import MORNING, add_products, give_stock, open_lead
from tests.house import HQ, KAZAN, SIBIR, House

SUSPEND = f"UPDATE network.tenants SET state = 'suspended' WHERE id = '{KAZAN}'"
RATE = f"INSERT INTO network.dealer_ratings (tenant_id, score, parts) VALUES ('{KAZAN}', 0.9, '{{parts}}')"
AGAIN = (
    "INSERT INTO network.territories (owner_id, shape, kind, region_code)"
    f" VALUES ('{KAZAN}', 'region', 'primary', '73')"
)
PARTS = {"count": 7, "parts": [{"code": "response", "value": 12.5}, {"code": "acceptance", "value": 0.5}]}


def known(house: House) -> dict[str, dealers.Dealer]:
    with house.speaking(network_worker()):
        return {each.dealer_id: each for each in dealers.known_network().dealers}


def change(house: House, statement: str) -> None:
    with psycopg.connect(house.superuser, dbname="zveno") as connection:
        connection.execute(statement)


def chosen(house: House) -> str | None:
    (pump,) = add_products(house, 1)
    for dealer in (KAZAN, SIBIR):
        give_stock(house, dealer, {pump: 5}, MORNING)
    lead_id = open_lead(house, HQ, {pump: 1}, MORNING)
    known(house)
    change(house, SUSPEND)
    with house.speaking(network_worker()):
        return service.route(owner_id=HQ, lead_id=lead_id, at=MORNING)


def test_a_dealer_suspended_after_dealers_were_read_gets_nothing(house: House) -> None:
    assert chosen(house) == SIBIR


def test_control_without_asking_for_the_version_he_would_get_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dealers, "_VERSION", sa.select(sa.literal(1)))
    assert chosen(house) == KAZAN


def test_nothing_is_read_again_while_nothing_changes(house: House) -> None:
    before = known(house)
    assert all(after is before[each] for each, after in known(house).items())


@pytest.mark.parametrize(
    ("statement", "field", "value"),
    [
        (f"UPDATE network.tenants SET profile = profile || '{{\"capacity\": 3}}' WHERE id = '{KAZAN}'", "capacity", 3),
        (f"UPDATE network.tenants SET profile = profile - 'hours' WHERE id = '{KAZAN}'", "hours", None),
        (f"UPDATE network.tenants SET profile = profile || '{{\"delivery\": {{\"km\": 30}}}}' WHERE id = '{KAZAN}'",
         "delivers_km", 30),
        (f"UPDATE network.tenants SET tier = 'premium' WHERE id = '{KAZAN}'", "tier", "premium"),
        (RATE.format(parts=json.dumps(PARTS)), "response_minutes", 12.5),
        (RATE.format(parts=json.dumps(PARTS)), "rating_count", 7.0),
    ],
)
def test_every_change_of_a_dealer_is_seen_at_once(house: House, statement: str, field: str, value: object) -> None:
    assert getattr(known(house)[KAZAN], field) != value
    change(house, statement)
    assert getattr(known(house)[KAZAN], field) == value
    change(house, f"UPDATE network.tenants SET tier = 'standard' WHERE id = '{KAZAN}'")


def test_what_is_not_committed_is_not_known_to_others_and_not_kept(house: House) -> None:
    with pytest.raises(ZeroDivisionError), house.speaking(hq()):
        db.session.execute(sa.text("UPDATE network.tenants SET tier = 'premium'"))
        assert {each.tier for each in dealers.known_network().dealers} == {"premium"}
        raise ZeroDivisionError
    assert {each.tier for each in known(house).values()} == {"standard"}


def test_an_area_that_ends_is_not_kept(house: House) -> None:
    place = dealers.Place(None, "73", 55.8, 49.1)
    with house.speaking(network_worker()):
        assert dealers.known_network().grounds(place)[KAZAN].kind == "primary"
    change(house, f"UPDATE network.territories SET ended_at = now() WHERE owner_id = '{KAZAN}'")
    try:
        with house.speaking(network_worker()):
            assert dealers.known_network().grounds(place) == {}
    finally:
        change(house, AGAIN)


@pytest.mark.parametrize("told", ['"x"', "1e300", "null", "{}", "true"])
def test_odd_words_in_a_profile_are_no_numbers(house: House, told: str) -> None:
    odd_words = ("lat", "lon", "capacity", "hours", "delivery", "paused_until")
    profile = "{" + ", ".join(f'"{name}": {told}' for name in odd_words) + "}"
    usual = known(house)[SIBIR]
    change(house, f"UPDATE network.tenants SET profile = '{profile}' WHERE id = '{SIBIR}'")
    odd = known(house)[SIBIR]
    assert (odd.lat, odd.lon, odd.capacity, odd.hours) == (usual.lat, usual.lon, None, None)
    assert (odd.paused_until, odd.delivers_km, odd.delivers_to) == (None, None, None)
