"""Leads that wait for each other: placed together when the oldest has waited, each once, stock reserved."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta

import pytest

from app.kernel.identity import hq, network_worker
from blueprints.routing import batching, profiles, service
from blueprints.routing.rules.presets import definition_of
from tests.factories.leads import MORNING, add_products, give_stock, levels, open_lead
from tests.house import HQ, KAZAN, SIBIR, House

OFFERS = "SELECT dealer_id, count(*) FROM network.lead_offers GROUP BY 1 ORDER BY 1"


@pytest.fixture
def pump(house: House) -> int:
    """A pump both dealers have, and rules that let leads wait ten minutes."""
    (pump,) = add_products(house, 1)
    for dealer in (KAZAN, SIBIR):
        give_stock(house, dealer, {pump: 2}, MORNING)
    with house.speaking(hq()):
        definition = definition_of("nearest_with_stock", "Вместе") | {"batch_minutes": 10}
        row = profiles.draft(definition=definition, author="staff:0", at=MORNING)
        profiles.activate(version=row.version, at=MORNING)
    return pump


def waiting(house: House, pump: int, count: int = 3) -> list[uuid.UUID]:
    leads = [open_lead(house, HQ, {pump: 1}, MORNING) for _lead in range(count)]
    for lead_id in leads:
        with house.speaking(network_worker()):
            service.route_new(leads=[(HQ, lead_id)], at=MORNING)
    return leads


def place(house: House, minutes: int) -> int:
    with house.speaking(network_worker()):
        return batching.place_waiting(at=MORNING + timedelta(minutes=minutes))


def test_new_leads_wait_and_are_placed_together(house: House, pump: int) -> None:
    waiting(house, pump)
    assert (place(house, 9), house.rows(OFFERS)) == (0, [])
    assert place(house, 10) == 3
    assert house.rows(OFFERS) == [(KAZAN, 2), (SIBIR, 1)]
    assert (levels(house, KAZAN), levels(house, SIBIR)) == ({pump: (2, 2)}, {pump: (2, 1)})
    assert house.rows("SELECT DISTINCT explanation -> 'together' FROM network.routing_runs") == [(3,)]
    assert place(house, 11) == 0


def test_who_has_no_room_today_gets_none_and_who_is_left_goes_to_hq(house: House, pump: int) -> None:
    house.rows("UPDATE network.tenants SET profile = profile || '{\"capacity\": 1}' WHERE kind = 'dealer' RETURNING 1")
    waiting(house, pump)
    assert place(house, 10) == 3
    assert house.rows(OFFERS) == [(KAZAN, 1), (SIBIR, 1)]
    assert house.scalar("SELECT count(*) FROM network.leads WHERE escalated_at IS NOT NULL") == 1


def test_two_batches_at_once_offer_each_lead_once(house: House, pump: int) -> None:
    waiting(house, pump)
    placed: list[int] = []
    threads = [threading.Thread(target=lambda: placed.append(place(house, 10))) for _batch in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(placed) == 3
    assert house.rows("SELECT lead_id FROM network.lead_offers GROUP BY 1 HAVING count(*) > 1") == []
