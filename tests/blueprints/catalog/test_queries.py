"""Lists of the catalogue: words with typos and ё, facets against a plain count, what a site hides."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.ids import HQ
from blueprints.catalog.models import Offer, Product, Stock
from blueprints.catalog.queries import Filters, Listing, Wish, category_tree, find_product, search
from tests.conftest import KAZAN as KAZAN_CITY
from tests.conftest import MOSCOW
from tests.factories.shelf import NOON, fill_catalogue
from tests.house import KAZAN, SIBIR, House


def ask(wish: Wish, city_id: int = KAZAN_CITY) -> Listing:
    return search(wish, city_id=city_id, at=NOON)


def slugs(wish: Wish) -> list[str]:
    return [product.slug for product in ask(wish).page.items]


@pytest.mark.parametrize(("words", "first", "is_guess"), [
    ("котёл пламя 14", "plamya-14", False),
    ("котел пламя 14", "plamya-14", False),
    ("КОТЛЫ 14 кВт", "plamya-14", False),
    ("PLAMYA-12", "plamya-12", False),
    ("amya-12", "plamya-12", False),
    ("радиатор", "radiator", False),
    ("radiatr", "radiator", True),
    ("кател 14", "plamya-14", True),
    ("насос для дома 25-60", None, False),
    ("насосы", "pump", False),
    ("volna radiator", "radiator", False),
])
def test_words_find_products(house: House, words: str, first: str | None, is_guess: bool) -> None:
    fill_catalogue(house)
    with house.speaking(KAZAN):
        listing = ask(Wish(words=words))
    assert [product.slug for product in listing.page.items][:1] == ([first] if first else [])
    assert listing.is_guess is is_guess


def test_barcode_is_found_first(house: House) -> None:
    ids = fill_catalogue(house)
    with house.speaking(HQ):
        db.session.execute(sa.update(Product).where(Product.id == ids[3]).values(barcode="2000010000011"))
    with house.speaking(KAZAN):
        assert slugs(Wish(words="2000010000011"))[0] == "plamya-16"


@pytest.mark.parametrize("words", ["'", "\\", "ъ:*&|!", "%", "_", "''':*", "ё" * 500, "- . /"])
def test_strange_words_find_nothing_and_break_nothing(house: House, words: str) -> None:
    fill_catalogue(house)
    with house.speaking(KAZAN):
        assert slugs(Wish(words=words)) == []


FILTERS = [
    Filters(),
    Filters(choices={"fuel": ("gas",)}),
    Filters(choices={"fuel": ("gas", "wood"), "wifi": ("true",)}),
    Filters(choices={"wifi": ("false",)}, ranges={"power": (Decimal(12), Decimal(16))}),
    Filters(ranges={"price": (Decimal(31_000), Decimal(34_000)), "power": (None, Decimal(18))}),
]


@pytest.mark.parametrize("filters", FILTERS)
def test_facets_equal_a_plain_count(house: House, filters: Filters) -> None:
    fill_catalogue(house, 9)
    with house.speaking(KAZAN):
        tree = category_tree()
        listing = ask(Wish(category=tree.by_slug["boilers"], filters=filters))
        rows = [
            {**product.attributes, "price": Decimal(30_000 + 1_000 * place)}
            for place, product in enumerate(db.session.scalars(
                sa.select(Product).where(Product.slug.like("plamya%")).order_by(Product.id)
            ))
        ]
    assert listing.page.total == len(plain(rows, filters))
    assert {facet.code for facet in listing.facets} == {"price", "power", "fuel", "wifi"}
    for facet in listing.facets:
        left = plain(rows, filters, but=facet.code)
        if facet.is_range:
            assert (facet.low, facet.high) == (min(r[facet.code] for r in left), max(r[facet.code] for r in left))
        else:
            counts = {option.value: option.count for option in facet.options if option.count}
            assert counts == Counter(text(row[facet.code]) for row in left)


def plain(rows: list[dict], filters: Filters, but: str = "") -> list[dict]:
    def fits(row: dict) -> bool:
        ticked = all(text(row[code]) in values for code, values in filters.choices.items() if code != but)
        return ticked and all(
            (low is None or row[code] >= low) and (high is None or row[code] <= high)
            for code, (low, high) in filters.ranges.items() if code != but
        )

    return [row for row in rows if fits(row)]


def text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_only_facets_of_the_category_are_offered(house: House) -> None:
    fill_catalogue(house)
    with house.speaking(KAZAN):
        listing = ask(Wish(category=category_tree().by_slug["radiators"]))
    assert [facet.code for facet in listing.facets] == ["price"]


def test_sorts(house: House) -> None:
    fill_catalogue(house, 3)
    with house.speaking(KAZAN):
        assert slugs(Wish(sort="cheap"))[:2] == ["pump", "radiator"]
        assert slugs(Wish(sort="dear"))[0] == "plamya-14"
        assert slugs(Wish(sort="name"))[-1] == "radiator"


def test_in_stock_is_near_the_visitor_at_the_brand_and_own_stock_at_a_dealer(house: House) -> None:
    ids = fill_catalogue(house)
    for owner_id, product_id, on_hand in ((KAZAN, ids[0], 1), (SIBIR, ids[1], 5), (KAZAN, ids[2], 0)):
        with house.speaking(owner_id):
            db.session.add(Stock(owner_id=owner_id, product_id=product_id, on_hand=on_hand))
    wish = Wish(filters=Filters(in_stock=True))
    with house.speaking(HQ):
        assert slugs(wish) == ["plamya-10"]
        assert ask(wish, MOSCOW).page.total == 0
    with house.speaking(SIBIR):
        assert slugs(wish) == ["plamya-12"]


def test_hidden_and_unlisted_products_are_not_there(house: House) -> None:
    ids = fill_catalogue(house, 3)
    with house.speaking(HQ):
        db.session.execute(sa.update(Product).where(Product.id == ids[0]).values(state="hidden"))
    with house.speaking(KAZAN):
        db.session.add(Offer(product_id=ids[1], is_listed=False))
    seen = {}
    for tenant_id in (HQ, KAZAN):
        with house.speaking(tenant_id):
            seen[tenant_id] = [find_product(slug) is not None for slug in ("plamya-10", "plamya-12", "plamya-14")]
            assert category_tree().by_slug["boilers"].products == sum(seen[tenant_id])
    assert seen == {HQ: [False, True, True], KAZAN: [False, False, True]}


def test_page_past_the_end_is_empty(house: House) -> None:
    fill_catalogue(house)
    with house.speaking(KAZAN):
        listing = ask(Wish(page=99))
    assert (listing.page.items, listing.page.total) == ([], 8)
