"""Prices: HQ's retail price in force, the dealer's own word over it, VAT by its day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from app.kernel.db import db
from app.kernel.ids import HQ
from app.kernel.money import Money
from blueprints.catalog.models import Offer, Price
from blueprints.catalog.prices import EffectivePrice, prices_for
from tests.factories.shelf import NOON, fill_catalogue
from tests.house import KAZAN, SIBIR, House


def test_price_is_hqs_retail_price_in_force(house: House) -> None:
    first = fill_catalogue(house)[0]
    with house.speaking(HQ):
        sale = Price(product_id=first, owner_id=HQ, minor=2_900_000, compare_at_minor=3_000_000, valid_from=NOON)
        db.session.add(sale)
        db.session.add(Price(product_id=first, owner_id=HQ, minor=1, price_type="dealer", valid_from=NOON))
    with house.speaking(KAZAN):
        before, after = (prices_for([first], at)[first] for at in (NOON - timedelta(seconds=1), NOON))
    assert before == EffectivePrice(Money(3_000_000), None, Decimal(22), "hq")
    assert after == EffectivePrice(Money(2_900_000), Money(3_000_000), Decimal(22), "hq")


def test_dealers_own_price_counts_at_his_site_only(house: House) -> None:
    first, second, *_rest = fill_catalogue(house)
    with house.speaking(KAZAN):
        db.session.add_all([
            Offer(product_id=first, minor=2_500_000, compare_at_minor=2_400_000),
            Offer(product_id=second, is_listed=True),
        ])
    found = {}
    for tenant_id in (KAZAN, SIBIR, HQ):
        with house.speaking(tenant_id):
            prices = prices_for([first, second], NOON)
            both = prices[first], prices[second]
            found[tenant_id] = [(one.money.minor, one.compare_at, one.source) for one in both]
    assert found[KAZAN] == [(2_500_000, None, "own"), (3_100_000, None, "hq")]
    assert found[SIBIR] == found[HQ] == [(3_000_000, None, "hq"), (3_100_000, None, "hq")]


def test_vat_changes_at_midnight_in_moscow(house: House) -> None:
    first = fill_catalogue(house)[0]
    midnight = datetime(2025, 12, 31, 21, tzinfo=UTC)
    with house.speaking(KAZAN):
        rates = [prices_for([first], at)[first].vat_rate for at in (midnight - timedelta(seconds=1), midnight)]
    assert rates == [Decimal(20), Decimal(22)]


def test_product_without_price_is_left_out(house: House) -> None:
    first = fill_catalogue(house)[0]
    with house.speaking(KAZAN):
        assert prices_for([], NOON) == prices_for([10**9], NOON) == prices_for([first], NOON.replace(year=2024)) == {}
