"""The customer's own dealer is who served his last lead, known by phone or mail where the contact stands anyway."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from app.kernel.identity import network_worker
from app.kernel.money import Money
from blueprints.leads import service as leads
from blueprints.routing import candidates, queries, rules, steering
from tests.factories.leads import CUSTOMER, KAZAN_CITY, MORNING, add_products, give_stock, line, the_lead
from tests.factories.routing import profile_of
from tests.house import HQ, KAZAN, SIBIR, House

OWN_FIRST = profile_of("own_dealer", ("territory", {"outside": "last"}))


@pytest.fixture
def pump(house: House) -> int:
    (pump,) = add_products(house, 1)
    for dealer in (KAZAN, SIBIR):
        give_stock(house, dealer, {pump: 9}, MORNING)
    return pump


def ask(house: House, pump: int, contact: leads.Contact = CUSTOMER, days: int = 0) -> uuid.UUID:
    with house.speaking(HQ):
        return leads.open_lead(
            kind="order", source="brand_site", campaign=None, city_id=KAZAN_CITY, lines=[line(pump)],
            value=Money(100_000), contact=contact, locale="ru", at=MORNING + timedelta(days=days),
        ).id


def served_by_sibir(house: House, pump: int) -> None:
    lead_id = ask(house, pump)
    with house.speaking(network_worker()):
        steering.assign(owner_id=HQ, lead_id=lead_id, dealer_id=SIBIR, at=MORNING)
    with house.speaking(SIBIR):
        leads.accept(lead=the_lead(HQ, lead_id), at=MORNING, actor="link")


def chosen(house: House, lead_id: uuid.UUID) -> str | None:
    with house.speaking(network_worker()):
        demand = queries.demand_of(the_lead(HQ, lead_id), MORNING + timedelta(days=1))
        return rules.decide(demand, candidates.candidates_for(demand, OWN_FIRST), OWN_FIRST).chosen


def test_who_served_the_last_lead_is_the_customers_own_dealer(house: House, pump: int) -> None:
    assert chosen(house, ask(house, pump)) == KAZAN
    served_by_sibir(house, pump)
    assert chosen(house, ask(house, pump, days=1)) == SIBIR


def test_who_only_looked_at_his_lead_is_not(house: House, pump: int) -> None:
    lead_id = ask(house, pump)
    with house.speaking(network_worker()):
        steering.assign(owner_id=HQ, lead_id=lead_id, dealer_id=SIBIR, at=MORNING)
    assert chosen(house, ask(house, pump, days=1)) == KAZAN


def test_without_a_phone_the_mail_address_tells_him(house: House, pump: int) -> None:
    served_by_sibir(house, pump)
    by_mail = replace(CUSTOMER, phone=None, email=str(CUSTOMER.email).upper())
    stranger = replace(CUSTOMER, phone="+79990000000", email="other@example.ru")
    assert chosen(house, ask(house, pump, by_mail, days=1)) == SIBIR
    assert chosen(house, ask(house, pump, stranger, days=1)) == KAZAN


def test_after_three_years_nobody_is(house: House, pump: int) -> None:
    served_by_sibir(house, pump)
    assert chosen(house, ask(house, pump, days=1200)) == KAZAN
