"""Tables: headers are guessed, rows become records by the approved mapping, problems name the cell."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest

from app.kernel.money import Money
from app.kernel.spreadsheets import Value, write_xlsx
from blueprints.catalog.importing import tables
from blueprints.catalog.importing.problems import Problem
from blueprints.catalog.importing.records import AttributeRecord, CategoryRecord, OfferRecord, ProductRecord, Read
from blueprints.catalog.importing.tables import Mapping, NoTable, WrongMapping

HEADERS = [
    "Артикул", "Наименование", "Категория", "Цена, руб.", "Остаток", "Мощность, кВт", "Ед.", "НДС", "Цена дилера",
]  # fmt: skip
MAPPED = (
    "sku", "name", "category", "price", "quantity", "attribute:Мощность, кВт", "unit", "vat_rate", "price:Цена дилера",
)  # fmt: skip


def xlsx(headers: Sequence[str], *rows: Sequence[Value]) -> io.BytesIO:
    target = io.BytesIO()
    write_xlsx(target, headers, rows)
    target.seek(0)
    return target


def read(source: io.BytesIO) -> list[Read]:
    return list(tables.read(source, tables.preview(source).mapping))[1:]


def codes(records: list[Read]) -> list[tuple[str, str]]:
    return [(record.code, record.place) for record in records if isinstance(record, Problem)]


def test_headers_in_russian_and_english_are_understood() -> None:
    assert tables.preview(xlsx(HEADERS, ["К-1"])).mapping.columns == MAPPED
    english = ["SKU", "Product name", "Price", "Qty", "Barcode", "Colour", "", "colour"]
    assert tables.preview(xlsx(english, ["К-1", "x", 1, 2, 3, 4, 5, 6])).mapping.columns == (
        "sku", "name", "price", "quantity", "barcode", "attribute:Colour", "", "attribute:colour",
    )  # fmt: skip


def test_the_header_is_found_below_the_letterhead() -> None:
    source = io.BytesIO("ООО «Очаг»;;\nПрайс-лист на ноябрь;;\nАртикул;Название;Цена\nК-1;Котёл;5\n".encode("cp1251"))
    preview = tables.preview(source)
    assert (preview.headers, preview.mapping.header_row) == (["Артикул", "Название", "Цена"], 3)
    assert [row.cells for row in preview.rows] == [["К-1", "Котёл", "5"]]
    assert len(read(source)) == 2


def test_a_row_becomes_categories_a_product_and_its_offer() -> None:
    source = xlsx(HEADERS, ["К-1", "Котёл", "Котлы / Газовые", "12 345,50 ₽", 3, 24, "шт.", "22%", Decimal(10_000)])
    assert read(source) == [
        CategoryRecord("котлы", "Котлы"),
        CategoryRecord("котлы / газовые", "Газовые", parent_external_id="котлы"),
        AttributeRecord("Мощность, кВт", "Мощность", unit="кВт"),
        ProductRecord(
            "К-1",
            sku="К-1",
            name="Котёл",
            category_external_ids=("котлы / газовые",),
            unit="шт",
            vat_rate=Decimal(22),
            attributes={"Мощность, кВт": "24"},
            place="2",
        ),
        OfferRecord(
            "К-1",
            sku="К-1",
            prices={"retail": Money(1_234_550), "Цена дилера": Money(1_000_000)},
            quantity=Decimal(3),
            place="2",
        ),
    ]


def test_a_table_without_names_yields_offers_only() -> None:
    assert read(xlsx(["sku", "stock", "price"], ["К-1", 4, 12.5], ["К-2", None, None])) == [
        OfferRecord("К-1", sku="К-1", prices={"retail": Money(1250)}, quantity=Decimal(4), place="2")
    ]


@pytest.mark.parametrize(
    ("written", "minor"),
    [("12 345,50 ₽", 1_234_550), ("1.234,50", 123_450), ("1,234.50", 123_450), (Decimal("12345.5"), 1_234_550),
     ("1\u00a0719", 171_900), ("1.234.567", 123_456_700), ("1'234.5", 123_450), ("100 руб.", 10_000), ("5", 500)],
)  # fmt: skip
def test_prices_are_read_as_people_write_them(written: Value, minor: int) -> None:
    (offer,) = read(xlsx(["sku", "price"], ["К-1", written]))
    assert isinstance(offer, OfferRecord) and offer.prices == {"retail": Money(minor)}


@pytest.mark.parametrize(
    ("row", "problem"),
    [(["", "x", "", 1], ("missing_key", "A2")),
     (["К-1", "", "", 1], ("missing_name", "B2")),
     (["К-1", "x", "", "дорого"], ("price_not_number", "D2")),
     (["К-1", "x", "", "1,2,3"], ("price_not_number", "D2")),
     (["К-1", "x", "", -1], ("price_negative", "D2")),
     (["К-1", "x", "", "10,005"], ("price_rounded", "D2")),
     (["К-1", "x", "", 1, "много"], ("quantity_not_number", "E2")),
     (["К-1", "x", "", 1, -2], ("quantity_negative", "E2")),
     (["К-1", "x", "", 1, 10**15], ("quantity_too_big", "E2")),
     (["К-1", "x", "", 1, 1, 1, "", "13%"], ("vat_unknown", "H2")),
     (["К-1", "x", "", date(2026, 5, 12)], ("date_in_cell", "D2")),
     (["К" * 300, "x", "", 1], ("text_too_long", "A2"))],
)  # fmt: skip
def test_a_problem_names_its_cell(row: list[Value], problem: tuple[str, str]) -> None:
    assert problem in codes(read(xlsx(HEADERS, row)))


def test_of_two_rows_with_one_article_the_first_is_taken() -> None:
    records = read(xlsx(["sku", "name"], ["К-1", "a"], ["К-1", "b"]))
    assert [record.name for record in records if isinstance(record, ProductRecord)] == ["a"]
    assert codes(records) == [("duplicate_id", "A3")]


def test_a_formula_in_a_name_stays_a_text() -> None:
    source = io.BytesIO(b"sku;name\n1;=HYPERLINK(\"http://x\")\n")
    (product,) = read(source)
    assert isinstance(product, ProductRecord) and product.name == '=HYPERLINK("http://x")'


@pytest.mark.parametrize(
    "columns",
    [(), ("name", "price"), ("sku",), ("sku", "sku", "name"), ("sku", "nonsense"), ("sku", "attribute:")],
)
def test_a_mapping_that_says_too_little_or_twice_is_refused(columns: tuple[str, ...]) -> None:
    with pytest.raises(WrongMapping) as refusal:
        list(tables.read(xlsx(["a", "b"], ["1", "2"]), Mapping(columns)))
    assert refusal.value.field == "columns"


def test_a_mapping_survives_being_stored() -> None:
    mapping = Mapping(MAPPED, 3, "Прайс")
    assert Mapping.from_json(mapping.to_json()) == mapping


def test_an_empty_table_is_refused() -> None:
    with pytest.raises(NoTable):
        tables.preview(io.BytesIO(b"\n;;\n"))
