"""Whatever bytes arrive: records, problems, or one sentence. Never another error, and never a hang."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from app.kernel.errors import Invalid
from app.kernel.spreadsheets import write_xlsx
from blueprints.catalog.importing import tables
from blueprints.catalog.importing.files import opened
from blueprints.catalog.importing.problems import Notes
from blueprints.catalog.importing.values import number, picture, price, quantity, vat

REAL = Path(__file__).parents[3] / "data" / "commerceml"


def workbook() -> bytes:
    target = io.BytesIO()
    write_xlsx(target, ["Артикул", "Название", "Цена"], [["К-1", "Котёл", Decimal("12.5")]])
    return target.getvalue()


SEEDS = [
    (REAL / "import.xml").read_bytes()[-9_000:],
    (REAL / "offers.xml").read_bytes(),
    b"<yml_catalog><shop><offers><offer id='1'><name>x</name><price>1</price></offer></offers></shop></yml_catalog>",
    "Артикул;Название;Цена\nК-1;Котёл;12,5\n".encode("cp1251"),
    workbook(),
]


def read_all(content: bytes) -> int:
    with opened(io.BytesIO(content)) as bundle:
        count = 0
        for part in bundle.parts:
            with bundle.open(part.name) as file:
                mapping = tables.preview(file).mapping if part.kind.is_table else None
            count += sum(1 for _record in bundle.read(part, mapping=mapping))
        return count


@settings(max_examples=150, deadline=2_000)
@given(st.sampled_from(SEEDS), st.integers(0, 20_000), st.binary(max_size=40), st.integers(0, 200))
def test_a_damaged_file_ends_in_records_or_a_sentence(seed: bytes, at: int, junk: bytes, cut: int) -> None:
    at %= len(seed)
    try:
        assert read_all(seed[:at] + junk + seed[at + cut :]) >= 0
    except Invalid as refusal:
        assert refusal.sentence.endswith((".", ">"))


@settings(max_examples=300)
@given(st.one_of(st.text(max_size=60), st.decimals(), st.booleans(), st.datetimes()))
def test_any_cell_is_a_value_or_a_problem(cell: str | Decimal | bool) -> None:
    notes = Notes("A1")
    money = price(cell, "RUB", "price", notes)
    pieces = quantity(cell, "quantity", notes)
    vat(cell, "vat", notes)
    picture(str(cell), notes)
    assert money is None or 0 < money.minor <= 10**11
    assert pieces is None or 0 <= pieces <= 10**9


@given(st.decimals(min_value=0, max_value=10**9, places=2), st.sampled_from(["{:,.2f}", "{:.2f}"]))
def test_a_number_printed_either_way_is_read_back(amount: Decimal, style: str) -> None:
    english = style.format(amount)
    russian = english.replace(",", "\u00a0").replace(".", ",")
    german = english.replace(",", " ").replace(".", ",").replace(" ", ".")
    assert (number(english), number(russian + " ₽"), number(german)) == (amount, amount, amount)
