"""The catalogue of «Очаг»: whole, bilingual, with valid codes, at any size."""

import re
from datetime import date

import pytest
from stdnum import ean

from app.demo.data.catalogue import Catalogue, catalogue
from app.demo.data.catalogue.assemble import _counted, shop_price

SMALL, LARGE = catalogue(300), catalogue(5000)
BOTH = pytest.mark.parametrize("whole", [SMALL, LARGE], ids=["300", "5000"])


@BOTH
def test_codes_are_valid_and_unique(whole: Catalogue) -> None:
    for code in ("sku", "slug", "ean"):
        assert len({getattr(row, code) for row in whole.products}) == len(whole.products)
    assert all(ean.is_valid(row.ean) and row.ean.startswith("2") for row in whole.products)
    assert all(re.fullmatch(r"[A-Z0-9-]+", row.sku) for row in whole.products)


@BOTH
def test_every_fact_is_defined_and_of_its_kind(whole: Catalogue) -> None:
    defined = {attribute.code: attribute for attribute in whole.attributes}
    kinds = {"number": (int, float), "choice": str, "bool": bool, "text": str}
    for row in whole.products:
        for code, value in row.attributes.items():
            attribute = defined[code]
            assert isinstance(value, kinds[attribute.kind]), (row.sku, code)
            if attribute.kind == "choice":
                assert value in {option.code for option in attribute.options}, (row.sku, code)


@BOTH
def test_words_are_in_both_languages(whole: Catalogue) -> None:
    for row in whole.products:
        for text in (row.name, row.summary, row.description, row.series):
            assert re.search("[А-Яа-яЁё]", text.ru) and not re.search("[А-Яа-яЁё]", text.en), row.sku
            assert "{" not in text.ru + text.en
        assert 100 < len(row.description.ru) < 600


def test_tree_lists_parents_first_and_every_leaf_has_products() -> None:
    seen: set[str | None] = {None}
    for category in SMALL.categories:
        assert category.parent in seen
        seen.add(category.slug)
    parents = {category.parent for category in SMALL.categories}
    leaves = {category.slug for category in SMALL.categories} - parents
    assert {row.category for row in SMALL.products} == leaves


def test_prices_grow_with_size_and_look_like_a_price_list() -> None:
    plamya = {row.sku: row.price_minor for row in SMALL.products}
    assert plamya["PLM-12D"] < plamya["PLM-18D"] < plamya["PLM-24D"]
    assert all(row.price_minor > 0 and row.weight_g > 0 for row in LARGE.products)
    assert [shop_price(x) for x in (34.4, 643, 1_402, 48_812)] == [34, 645, 1_390, 48_790]


def test_neighbours_exist_and_are_others() -> None:
    skus = {row.sku for row in SMALL.products}
    for row in SMALL.products:
        assert {*row.related, *row.accessories} <= skus - {row.sku}


def test_same_seed_gives_the_same_and_codes_outlive_the_size() -> None:
    again = catalogue.__wrapped__(300)
    assert again == SMALL
    large = {row.sku: row for row in LARGE.products}
    assert all(
        large[row.sku].ean == row.ean and large[row.sku].price_minor == row.price_minor for row in SMALL.products
    )
    assert catalogue(300, seed=8) != SMALL


def test_vat_is_dated() -> None:
    standard = {rate.starts_on: rate.percent for rate in SMALL.vat_rates if rate.code == "standard"}
    assert standard == {date(2019, 1, 1): 20, date(2026, 1, 1): 22}


def test_more_than_is_made_is_refused() -> None:
    with pytest.raises(ValueError, match="makes"):
        catalogue(100_000)


def test_russian_counts() -> None:
    forms = ("секция", "секции", "секций")
    assert [_counted(n, forms) for n in (1, 3, 5, 11, 14, 22)] == [
        "1 секция", "3 секции", "5 секций", "11 секций", "14 секций", "22 секции",
    ]  # fmt: skip
