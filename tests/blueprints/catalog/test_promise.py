"""Promises: the nearest place decides, the sentence says why, a dealer's site speaks of its own stock."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask_babel import force_locale

from app.kernel.db import db
from app.kernel.ids import HQ
from blueprints.catalog.models import Stock
from blueprints.catalog.promise import Nearby, Promise, at_brand, at_dealer, days_to_opening, from_json, promises_for
from tenants.models import City
from tests.conftest import KAZAN as KAZAN_CITY
from tests.conftest import MOSCOW
from tests.factories.shelf import NOON, fill_catalogue
from tests.house import KAZAN, SIBIR, House

CITY = {"name_ru": "Казань", "name_en": "Kazan"}
MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
WEEK = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


@pytest.mark.parametrize(("promise", "ru", "en"), [
    (at_brand(Nearby(2, 1, 9, 1), CITY), "Казань — завтра: есть у 2 дилеров вашего города",
     "Kazan — tomorrow: 2 dealers of your city have it"),
    (at_brand(Nearby(1), CITY), "Казань — завтра: есть у 1 дилера вашего города",
     "Kazan — tomorrow: 1 dealer of your city has it"),
    (at_brand(Nearby(in_region=1), CITY), "Казань — через 2 дня: есть у 1 дилера вашего региона",
     "Kazan — in 2 days: 1 dealer of your region has it"),
    (at_brand(Nearby(elsewhere=5), CITY), "Казань — через 5 дней: есть у 5 дилеров в других регионах",
     "Kazan — in 5 days: 5 dealers in other regions have it"),
    (at_brand(Nearby(elsewhere=5), CITY).of_several, "Казань — через 5 дней: часть товаров приедет из другого региона",
     "Kazan — in 5 days: a part of it comes from another region"),
    (at_brand(Nearby(at_hq=1), None), "Через 10 дней: привезём с завода", "In 10 days: it comes from the factory"),
    (at_brand(Nearby(), None), "Под заказ: сейчас поблизости нет; дилер назовёт срок, когда подтвердит заказ",
     "To order: nobody nearby has it now; the dealer will name the day when he confirms the order"),
    (at_dealer(3, 0, MONDAY, WEEK), "Сегодня: 3 штуки на нашем складе", "Today: 3 pieces in our stock"),
    (at_dealer(50, 0, MONDAY.replace(hour=15), WEEK), "Завтра: есть на нашем складе", "Tomorrow: it is in our stock"),
    (at_dealer(50, 3, MONDAY), "Через 3 дня: привезём на наш склад от поставщика",
     "In 3 days: it comes to our stock from the supplier"),
])
def test_promise_says_why_in_both_languages(house: House, promise: Promise, ru: str, en: str) -> None:
    with house.web.test_request_context():
        for locale, sentence in (("ru", ru), ("en", en)):
            with force_locale(locale):
                assert from_json(promise.as_json()).sentence == promise.sentence == sentence


@pytest.mark.parametrize(("moment", "days"), [
    (MONDAY, 0), (MONDAY.replace(hour=14), 1), (MONDAY.replace(day=6, hour=14), 3), (MONDAY.replace(day=7), 2),
])
def test_goods_are_fetched_on_days_with_opening_hours(moment: datetime, days: int) -> None:
    assert days_to_opening(moment, WEEK) == days
    assert days_to_opening(MONDAY, {}) == 0


def test_brand_looks_around_the_visitor_and_a_dealer_into_his_own_stock(house: House) -> None:
    ids = fill_catalogue(house)[:4]
    for owner_id, product_id, on_hand, reserved in (
        (KAZAN, ids[0], 5, 0), (SIBIR, ids[0], 5, 0), (SIBIR, ids[1], 2, 0), (HQ, ids[2], 1, 0), (KAZAN, ids[3], 2, 2),
    ):
        with house.speaking(owner_id):
            db.session.add(Stock(owner_id=owner_id, product_id=product_id, on_hand=on_hand, reserved=reserved))
    found = {}
    for tenant_id, city_id in ((HQ, KAZAN_CITY), (HQ, MOSCOW), (SIBIR, KAZAN_CITY)):
        with house.speaking(tenant_id):
            promises = promises_for(ids, city=db.session.get(City, city_id), at=NOON)
            found[tenant_id, city_id] = [promises[one].code for one in ids]
    assert found == {
        (HQ, KAZAN_CITY): ["city", "elsewhere", "factory", "order"],
        (HQ, MOSCOW): ["elsewhere", "elsewhere", "factory", "order"],
        (SIBIR, KAZAN_CITY): ["own", "own", "factory", "factory"],
    }
