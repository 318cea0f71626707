"""YML: simplified and vendor.model offers, categories in any order, and what a broken feed says."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest

from app.kernel.money import Money
from blueprints.catalog.importing import yml
from blueprints.catalog.importing.problems import Problem
from blueprints.catalog.importing.records import (
    AttributeRecord,
    CategoryRecord,
    OfferRecord,
    PackageRecord,
    ProductRecord,
    Read,
)

FEED = """<?xml version="1.0" encoding="windows-1251"?>
<yml_catalog date="2026-11-01T10:00:00+03:00"><shop><name>Очаг</name>
<currencies><currency id="RUR" rate="1"/></currencies>
<categories><category id="2" parentId="1">Газовые</category><category id="1">Котлы</category></categories>
<offers>%s</offers></shop></yml_catalog>"""
BOILER = """<offer id="a1" available="true"><name>Котёл</name><vendorCode>К-1</vendorCode><price>1000.50</price>
<oldprice>1200</oldprice><currencyId>RUR</currencyId><categoryId>2</categoryId><picture>https://ochag.test/a.jpg</picture>
<picture>file:///etc/passwd</picture><param name="Мощность" unit="кВт">24</param><param name="Цвет">белый</param>
<param name="Цвет">серый</param><vat>VAT_22</vat>
<outlets><outlet id="1" instock="4"/><outlet id="2" instock="1"/></outlets>
</offer>"""


def read(offers: str) -> list[Read]:
    return list(yml.read(io.BytesIO((FEED % offers).encode("cp1251"))))


def test_a_feed_is_read_whole() -> None:
    assert read(BOILER) == [
        PackageRecord("catalogue", only_changes=False, made_at="2026-11-01T10:00:00+03:00"),
        CategoryRecord("1", "Котлы"),
        CategoryRecord("2", "Газовые", parent_external_id="1"),
        AttributeRecord("Мощность, кВт", "Мощность", unit="кВт"),
        AttributeRecord("Цвет", "Цвет"),
        ProductRecord(
            "a1",
            sku="К-1",
            name="Котёл",
            category_external_ids=("2",),
            vat_rate=Decimal(22),
            attributes={"Мощность, кВт": "24", "Цвет": ("белый", "серый")},
            pictures=("https://ochag.test/a.jpg",),
            place="offer[1] a1",
        ),
        OfferRecord(
            "a1",
            sku="К-1",
            prices={"retail": Money(100_050)},
            compare_at_price=Money(120_000),
            quantity=Decimal(5),
            is_available=True,
            place="offer[1] a1",
        ),
        Problem("picture_refused", "offer[1] a1", "pictures", params={"value": "file:///etc/passwd"}),
    ]


def test_a_vendor_model_offer_is_called_by_type_vendor_and_model() -> None:
    records = read(
        '<offer id="1" type="vendor.model"><typePrefix>Насос</typePrefix><vendor>Очаг</vendor><model>Н-1</model>'
        "<price>5</price><count>3</count><categoryId>1</categoryId><vat>NO_VAT</vat></offer>"
    )
    product, offer = records[-2:]
    assert isinstance(product, ProductRecord) and isinstance(offer, OfferRecord)
    assert (product.name, product.brand, product.is_vat_exempt) == ("Насос Очаг Н-1", "Очаг", True)
    assert (offer.quantity, offer.is_available) == (3, None)


@pytest.mark.parametrize(
    ("offer", "codes"),
    [("<offer><name>x</name></offer>", ["missing_id"]),
     ('<offer id="1"/>', ["missing_name"]),
     (BOILER.replace("<picture>file:///etc/passwd</picture>", "") * 2, ["duplicate_id"]),
     ('<offer id="1"><name>x</name><categoryId>7</categoryId><price>-1</price></offer>',
      ["unknown_category", "price_negative"]),
     ('<offer id="1"><name>x</name><price>1</price><currencyId>XXX</currencyId></offer>', ["currency_unknown"])],
)  # fmt: skip
def test_a_broken_offer_says_what_to_mend(offer: str, codes: list[str]) -> None:
    assert [record.code for record in read(offer) if isinstance(record, Problem)] == codes


def test_categories_that_are_each_others_parents_end_at_the_top() -> None:
    loop = '<category id="1" parentId="2">A</category><category id="2" parentId="1">B</category>'
    content = f"<yml_catalog><shop><categories>{loop}</categories></shop></yml_catalog>".encode()
    _package, problem, top, below = yml.read(io.BytesIO(content))
    assert isinstance(problem, Problem) and problem.code == "unknown_parent"
    assert (top, below) == (CategoryRecord("2", "B"), CategoryRecord("1", "A", parent_external_id="2"))
