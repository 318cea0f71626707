"""A customer chooses where he fetches his goods; the point's dealer gets the order, and HQ sends what he lacks."""

from __future__ import annotations

import uuid

import pytest

from app.kernel.db import db
from blueprints.leads import service as leads
from blueprints.leads.queries import get_lead, history
from tenants import registry
from tests.blueprints.accounts.conftest import People
from tests.blueprints.orders.shelf import put_stock
from tests.blueprints.shop.test_checkout import boiler, choose_city, filled, put
from tests.factories.leads import levels
from tests.house import HQ, KAZAN, SIBIR, Browser, House, sa, token_of

__all__ = ["boiler"]

POINT = {"name": "Склад на Восстания", "city": "Казань", "address": "ул. Восстания, 60", "hours": "ежедневно 8–20",
         "place": "55.83, 49.06"}


def manager(house: House, at: str = KAZAN) -> Browser:
    people = People(house)
    people.staff("olga", "manager", at)
    return people.sign_in("olga", at)


def add_point(house: House, browser: Browser | None = None) -> str:
    """A branch of Kazan; answers its key."""
    browser = browser or manager(house)
    page = browser.get("/desk/site/points")
    answer = browser.post("/desk/site/points", data={"csrf_token": token_of(page.text), **POINT})
    assert answer.status_code == 302, answer.text
    registry.forget()
    point = house.scalar("SELECT profile -> 'points' -> 0 ->> 'id' FROM network.tenants WHERE id = %(id)s", id=KAZAN)
    return f"{KAZAN}:{point}"


def visitor_of(house: House, product: int, quantity: int = 1) -> Browser:
    visitor = house.visit(HQ)
    put(visitor, product, quantity)
    choose_city(visitor)
    return visitor


def fetched(visitor: Browser, point: str) -> dict[str, str]:
    return filled(visitor, delivery_method="pickup", address="", point=point)


def test_the_point_a_customer_chose_goes_with_the_order_to_its_dealer(house: House, boiler: int) -> None:
    point = add_point(house)
    visitor = visitor_of(house, boiler)
    page = visitor.get("/checkout?lang=ru").text
    assert "Склад на Восстания" in page and f"{KAZAN}:main" in page
    tracking = visitor.post("/checkout", data=fetched(visitor, point)).location
    assert "ул. Восстания, 60" in visitor.get(tracking).text
    house.work()
    assert house.rows("SELECT assignee_id, preferred_id, pickup ->> 'name', state FROM network.leads") == [
        (KAZAN, KAZAN, "Склад на Восстания", "offered"),
    ]


def test_who_picks_up_says_where(house: House, boiler: int) -> None:
    visitor = visitor_of(house, boiler)
    for point in ("", f"{SIBIR}:main", "x" * 3000):
        answer = visitor.post("/checkout", data=fetched(visitor, point))
        assert answer.status_code == 422 and "Choose where you want to fetch the goods." in answer.text
    assert house.scalar("SELECT count(*) FROM network.leads") == 0


def test_what_the_point_lacks_comes_from_the_manufacturer_and_leaves_his_stock(house: House, boiler: int) -> None:
    put_stock(house, HQ, {boiler: 5})
    point = add_point(house)
    there, _reserved = levels(house, KAZAN)[boiler]
    visitor = visitor_of(house, boiler, there + 2)
    assert "from the manufacturer&#39;s stock" in visitor.get("/checkout?lang=en").text
    visitor.post("/checkout", data=fetched(visitor, point))
    house.work()
    assert levels(house, KAZAN) == {boiler: (there, there)} and levels(house, HQ) == {boiler: (5, 2)}
    lead_id = uuid.UUID(str(house.scalar("SELECT id FROM network.leads")))
    with house.speaking(KAZAN):
        lead = get_lead(HQ, lead_id)
        assert any("шт." in one.text or "pcs" in one.text for one in history(lead))
        leads.accept(lead=lead, at=lead.offered_at, actor="link")
        leads.ship(lead=lead, at=lead.offered_at, actor="link")
    house.work()
    assert levels(house, KAZAN) == {boiler: (0, 0)} and levels(house, HQ) == {boiler: (3, 0)}


def test_what_the_manufacturer_kept_for_a_point_is_free_when_the_points_dealer_declines(
    house: House, boiler: int
) -> None:
    put_stock(house, HQ, {boiler: 5})
    point = add_point(house)
    visitor = visitor_of(house, boiler, levels(house, KAZAN)[boiler][0] + 2)
    visitor.post("/checkout", data=fetched(visitor, point))
    house.work()
    with house.speaking(KAZAN):
        lead = get_lead(HQ, uuid.UUID(str(house.scalar("SELECT id FROM network.leads"))))
        leads.decline(lead=lead, reason="no_capacity", at=lead.offered_at, actor="link")
    house.work()
    assert levels(house, HQ) == {boiler: (5, 0)}


def test_when_the_points_dealer_declines_nobody_else_is_asked(house: House, boiler: int) -> None:
    put_stock(house, SIBIR, {boiler: 9})
    visitor = visitor_of(house, boiler)
    visitor.post("/checkout", data=fetched(visitor, f"{KAZAN}:main"))
    house.work()
    lead_id = uuid.UUID(str(house.scalar("SELECT id FROM network.leads")))
    with house.speaking(KAZAN):
        lead = get_lead(HQ, lead_id)
        leads.decline(lead=lead, reason="no_capacity", at=lead.offered_at, actor="link")
    house.work()
    assert house.rows("SELECT state, escalated_at IS NOT NULL FROM network.leads") == [("new", True)]
    assert house.scalar("SELECT count(*) FROM network.lead_offers WHERE dealer_id = %(id)s", id=SIBIR) == 0


def test_who_has_what_is_told_to_the_manufacturers_site_alone(house: House, boiler: int) -> None:
    query = "SELECT dealer_id FROM network.pickup_dealers(ARRAY[551487], ARRAY[{}]::bigint[], ARRAY[1])"
    for speaker, expected in ((HQ, [(KAZAN,)]), (SIBIR, [])):
        with house.speaking(speaker):
            rows = db.session.execute(sa.text(query.format(boiler))).all()
        assert [tuple(row) for row in rows] == expected


@pytest.mark.parametrize(("change", "sentence"), [
    ({"city": "Нигдебург"}, "Такого города нет в нашем списке"), ({"place": "91, 300"}, "Укажите широту и долготу"),
    ({"address": ""}, "обязательно"),
])
def test_what_is_wrong_with_a_point_is_said_at_its_field(house: House, change: dict[str, str], sentence: str) -> None:
    browser = manager(house)
    page = browser.get("/desk/site/points?lang=ru")
    answer = browser.post("/desk/site/points?lang=ru", data={"csrf_token": token_of(page.text), **POINT, **change})
    assert answer.status_code == 422 and "Склад на Восстания" in answer.text
    assert house.scalar("SELECT profile ? 'points' FROM network.tenants WHERE id = %(id)s", id=KAZAN) is not True


def test_a_point_is_changed_and_taken_away(house: House) -> None:
    browser = manager(house)
    key = add_point(house, browser).partition(":")[2]
    page = browser.get(f"/desk/site/points?point={key}").text
    assert 'value="ул. Восстания, 60"' in page and 'value="55.83, 49.06"' in page
    browser.post("/desk/site/points", data={"csrf_token": token_of(page), **POINT, "id": key, "name": "Новый склад"})
    names = "SELECT jsonb_path_query_array(profile, '$.points[*].name') FROM network.tenants WHERE id = %(id)s"
    assert house.scalar(names, id=KAZAN) == ["Новый склад"]
    browser.post(f"/desk/site/points/{key}/removal", data={"csrf_token": token_of(page)})
    assert house.scalar(names, id=KAZAN) == []
