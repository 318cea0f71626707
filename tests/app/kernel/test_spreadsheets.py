"""Tables in and out: what people send is read, what could hurt is refused, what we write cannot run."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from decimal import Decimal

import pytest
import python_calamine
import xlsxwriter

from app.kernel.spreadsheets import Cell, SpreadsheetRefused, neutral, open_table, write_csv, write_xlsx

RUN = ["=1+1", "+7 495", "-cmd", "@x", "\tq", "\rq"]


def cells(content: bytes) -> list[list[Cell]]:
    with open_table(io.BytesIO(content)) as table:
        return [row.cells for row in table.rows()]


def workbook(*rows: list[object]) -> bytes:
    target = io.BytesIO()
    write_xlsx(target, ["a", "b"], rows)  # type: ignore[arg-type]
    return target.getvalue()


def sheet(cell: str) -> bytes:
    return f"<worksheet><sheetData><row>{cell}</row></sheetData></worksheet>".encode()


def repacked(content: bytes, changes: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in {*old.namelist(), *changes}:
            new.writestr(name, changes.get(name) or old.read(name))
    return target.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_csv_is_read_whatever_its_encoding_delimiter_and_line_ends(encoding: str, delimiter: str, end: str) -> None:
    text = end.join([delimiter.join(["Артикул", "Имя", "Шт"]), delimiter.join(["К-1", '"Котёл, 24; кВт|"', "3"]), ""])
    assert cells(text.encode(encoding)) == [["Артикул", "Имя", "Шт"], ["К-1", "Котёл, 24; кВт|", "3"]]


def test_a_decimal_comma_does_not_make_the_comma_a_delimiter() -> None:
    assert cells("Артикул;Мощность, кВт\nА;24,5\nБ;30,1\n".encode())[1] == ["А", "24,5"]


def test_rows_keep_the_number_of_their_line() -> None:
    with open_table(io.BytesIO(b'a;b\n\n"1\n2";3\n;;\n4;5\n')) as table:
        assert [row.number for row in table.rows()] == [1, 4, 6]


@pytest.mark.parametrize(
    "content",
    [
        b"a;b\x00;c\n",
        b"a;b\n" + b"x" * 1_000_000 + b"\n",
        b'a;b\n1;"' + b"x\n" * 200_000,
        b"a;b\n" + b";".join([b"1"] * 600) + b"\n",
        b"\x89PNG\r\n\x1a\n\x00\x00",
        b"a;\x98\n",
    ],
    ids=lambda content: None,
)
def test_hostile_csv_ends_in_a_sentence(content: bytes) -> None:
    with pytest.raises(SpreadsheetRefused) as refusal:
        cells(content)
    assert refusal.value.sentence.endswith(".")


def test_xlsx_reads_as_another_reader_reads_it() -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        page, day = book.add_worksheet("Прайс"), book.add_format({"num_format": "dd.mm.yyyy"})
        page.write_row(0, 0, ["Артикул", "Цена", "Дата", "Есть"])
        page.write_row(1, 0, ["К-1", 12345.5])
        page.write_datetime(1, 2, datetime(2026, 1, 2), day)
        page.write_boolean(1, 3, True)
        page.write_rich_string(3, 0, "Ко", book.add_format({"bold": True}), "тёл", " 2")
        page.write_number(3, 1, 0.1 + 0.2)
        page.write_formula(3, 2, "=1/0", None, "#DIV/0!")
    ours = cells(target.getvalue())
    assert ours == [
        ["Артикул", "Цена", "Дата", "Есть"],
        ["К-1", Decimal("12345.5"), datetime(2026, 1, 2), True],
        ["Котёл 2", Decimal("0.3"), "#DIV/0!"],
    ]
    theirs = python_calamine.load_workbook(io.BytesIO(target.getvalue())).get_sheet_by_index(0).to_python()
    assert [theirs[0], theirs[1][:2], theirs[3][:1]] == [ours[0], ["К-1", 12345.5], ["Котёл 2"]]


def test_two_cells_at_the_ends_of_a_sheet_cost_nothing() -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        page = book.add_worksheet()
        page.write(0, 0, "a")
        page.write(1_048_575, 1, "z")
    assert cells(target.getvalue()) == [["a"], [None, "z"]]


@pytest.mark.parametrize(
    ("member", "content"),
    [
        ("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0"),
        ("xl/workbook.xml", b'<!DOCTYPE w [<!ENTITY a "b">]><workbook/>'),
        ("xl/workbook.xml", b"<workbook><sheets/></workbook>"),
        ("xl/worksheets/sheet1.xml", sheet("<c t='s'><v>999999</v></c>")),
        ("xl/worksheets/sheet1.xml", sheet("<c r='XFD1'><v>1</v></c>")),
        ("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row>"),
        ("xl/sharedStrings.xml", b"<sst>" + b"<si><t>" + b"0" * 60_000_000 + b"</t></si></sst>"),
        ("../evil.xml", b"<a/>"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_hostile_xlsx_ends_in_a_sentence(member: str, content: bytes) -> None:
    with pytest.raises(SpreadsheetRefused) as refusal:
        cells(repacked(workbook(["x", 1]), {member: content}))
    assert refusal.value.sentence.endswith(".")


def test_an_external_link_is_never_followed() -> None:
    rels = (
        b'<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/>'
        b'<Relationship Id="rId9" TargetMode="External" Target="file:///etc/passwd"/></Relationships>'
    )
    assert cells(repacked(workbook(["x", 1]), {"xl/_rels/workbook.xml.rels": rels})) == [["a", "b"], ["x", Decimal(1)]]


@pytest.mark.parametrize("number", ["1e400", "NaN", "inf", "0x10", "--1"])
def test_a_number_that_is_none_becomes_a_cell_error(number: str) -> None:
    content = repacked(workbook(), {"xl/worksheets/sheet1.xml": sheet(f"<c><v>{number}</v></c>")})
    assert cells(content) == [[number]]


@pytest.mark.parametrize("text", RUN)
def test_text_that_would_run_is_neutralised_and_comes_back(text: str) -> None:
    assert neutral(text) == "'" + text
    written = workbook([text, "x"])
    assert cells(written)[1] == [text, "x"]
    shown = python_calamine.load_workbook(io.BytesIO(written)).get_sheet_by_index(0).to_python()
    assert shown[1][0].startswith("'")


@pytest.mark.parametrize("text", ["-5", "-12,50", "-1 234.5", "Котёл", "5-7", ""])
def test_negative_numbers_and_plain_words_stay(text: str) -> None:
    assert neutral(text) == text


def test_csv_opens_in_excel_as_it_was_meant() -> None:
    target = io.BytesIO()
    write_csv(target, ["Артикул", "=x"], [["К-1", Decimal("12.50")], [None, -3], ["a;b", date(2026, 1, 2)]])
    assert target.getvalue().decode("utf-8-sig").splitlines() == [
        "Артикул;'=x", "К-1;12,50", ";-3", '"a;b";2026-01-02',
    ]  # fmt: skip
