"""The shelf: seen anew when anything of it changes, at the prices of the instant, under the dealer's own word."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.ids import HQ
from blueprints.catalog import shelf
from blueprints.catalog.assortment import assortment
from blueprints.catalog.models import Offer, Price, Product
from blueprints.catalog.queries import Filters, Wish, search
from blueprints.catalog.shelf import Band, mask_of, places_of, shelf_at
from tests.factories.shelf import NOON, fill_catalogue
from tests.house import KAZAN, SIBIR, House


@pytest.mark.parametrize("places", [[], [0], [7, 8], [3, 999, 64, 65]])
def test_a_mask_gives_its_places_back(places: list[int]) -> None:
    assert list(places_of(mask_of(places))) == sorted(places)


def test_a_band_knows_who_lies_between(house: House) -> None:
    band = Band({4: Decimal("1.5"), 2: Decimal(7), 9: Decimal(7), 0: Decimal(20)})
    assert list(places_of(band.between(Decimal("1.5"), Decimal(7)))) == [2, 4, 9]
    assert list(places_of(band.between(Decimal("7.01"), None))) == [0]
    assert band.bounds(mask_of([0, 2, 5])) == (Decimal(7), Decimal(20))
    assert band.bounds(mask_of([5])) is None


CHANGES = {
    "a name": sa.update(Product).where(Product.slug == "pump").values(name_ru="Насос Громкий"),
    "a state": sa.update(Product).where(Product.slug == "pump").values(state="hidden"),
    "a price": sa.update(Price).values(minor=1),
    "a price gone": sa.delete(Price),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_seen_when_the_shelf_is_looked_at_again(
    house: House, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_catalogue(house)
    with house.speaking(KAZAN):
        before = shelf_at(NOON)
    with house.speaking(HQ):
        db.session.execute(CHANGES[change])
    with house.speaking(SIBIR):
        assert shelf_at(NOON) is before, "it is looked at again only after a while"
    monkeypatch.setattr(shelf, "FRESH", -1.0)
    with house.speaking(SIBIR):
        after = shelf_at(NOON)
        assert after is not before
        assert shelf_at(NOON) is after, "nothing has changed since"


def test_a_price_to_come_counts_from_its_instant_on(house: House) -> None:
    first = fill_catalogue(house)[0]
    change = NOON + timedelta(hours=1)
    with house.speaking(HQ):
        db.session.add(Price(product_id=first, owner_id=HQ, minor=700, valid_from=change))
    seen = []
    for at in (NOON, change - timedelta(seconds=1), change, NOON):
        with house.speaking(KAZAN):
            site = assortment(at)
            seen.append(site.minor(site.shelf.place[first]))
    assert seen == [3_000_000, 3_000_000, 700, 3_000_000]


def test_a_dealers_own_prices_are_what_his_lists_sort_filter_and_bound_by(house: House) -> None:
    first, second, *_rest = fill_catalogue(house, 3)
    with house.speaking(KAZAN):
        db.session.add_all([Offer(product_id=first, minor=9_900_000), Offer(product_id=second, is_listed=False)])
    found = {}
    for tenant_id in (KAZAN, SIBIR):
        with house.speaking(tenant_id):
            dear = search(Wish(sort="dear"), city_id=None, at=NOON)
            above = Filters(ranges={"price": (Decimal(31_500), None)})
            filtered = search(Wish(filters=above), city_id=None, at=NOON).page
            price = next(facet for facet in dear.facets if facet.code == "price")
            found[tenant_id] = [one.slug for one in dear.page.items], filtered.total, price.high
            assert dear.prices[first].source == ("own" if tenant_id == KAZAN else "hq")
    assert found[KAZAN] == (["plamya-10", "plamya-14", "radiator", "pump"], 2, Decimal(99_000))
    assert found[SIBIR] == (["plamya-14", "plamya-12", "plamya-10", "radiator", "pump"], 1, Decimal(32_000))
