"""Tables in and out: XLSX and CSV as rows of cells.

Reading guesses what a person's CSV leaves unsaid (encoding, delimiter) and refuses with a sentence what is no
table. Writing neutralises text that a spreadsheet program would run as a formula.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from typing import BinaryIO, Protocol

import xlsxwriter

from app.kernel.cells import COLUMNS, Cell, CellError, Row, SpreadsheetRefused, neutral, plain, too_wide
from app.kernel.words import _
from app.kernel.xlsx import open_xlsx
from app.kernel.zipsafe import MARK

__all__ = ["Cell", "CellError", "Row", "SpreadsheetRefused", "neutral", "open_table", "write_csv", "write_xlsx"]

DELIMITERS = ";\t,|"
LINE = 256 * 1024
SAMPLE = 64 * 1024
LONGEST_IN_EXCEL = 32_767
NOT_TEXT = re.compile("[\x00-\x08\x0e-\x19\x1b-\x1f]")

Value = str | int | float | Decimal | bool | date | datetime | None


class Table(Protocol):
    """A workbook or a CSV file: names of its sheets, and the rows of one of them."""

    @property
    def sheets(self) -> list[str]:
        """Names of the sheets, one empty name for a CSV."""
        ...

    def rows(self, sheet: str | None = None) -> Iterator[Row]:
        """The non-empty rows of that sheet, the first one if none is named."""
        ...


@contextmanager
def open_table(source: BinaryIO) -> Iterator[Table]:
    """The table in `source`, XLSX or CSV by content; raises `SpreadsheetRefused` if it is neither."""
    head = source.read(len(MARK))
    source.seek(0)
    if head == MARK:
        with open_xlsx(source) as workbook:
            yield workbook
    else:
        yield CsvTable(source)


class CsvTable:
    """A CSV file: UTF-8, UTF-16 with its mark, or windows-1251; delimited by semicolon, tab, comma or bar."""

    sheets = [""]

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.encoding = _encoding(source)
        self.delimiter = self._guess_delimiter()

    def rows(self, sheet: str | None = None) -> Iterator[Row]:
        """The non-empty rows, each numbered by the line it ends on."""
        reader = csv.reader(self._lines(), delimiter=self.delimiter)
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                raise SpreadsheetRefused(
                    _(
                        "Line %(line)d cannot be read: look for a quotation mark that is not closed.",
                        line=reader.line_num,
                    )
                ) from None
            if row := _trimmed(cells):
                yield Row(reader.line_num, row)

    def _lines(self) -> Iterator[str]:
        self._source.seek(0)
        text = io.TextIOWrapper(self._source, encoding=self.encoding, newline="")
        try:
            for number in count(1):
                line = text.readline(LINE + 1)
                if len(line) > LINE:
                    raise SpreadsheetRefused(
                        _("Line %(line)d is too long for a table. Save the file as CSV again.", line=number)
                    )
                if not line:
                    return
                yield line
        finally:
            # a reading given up half-way may end after the file was closed
            with suppress(ValueError):
                text.detach()

    def _guess_delimiter(self) -> str:
        """The one that cuts the first lines into the most columns, most alike."""
        self._source.seek(0)
        sample = codecs.getincrementaldecoder(self.encoding)().decode(self._source.read(SAMPLE))
        lines = [line for line in sample.splitlines()[:30] if line.strip()]
        return max(DELIMITERS, key=lambda delimiter: _evenness(lines, delimiter))


def write_csv(target: BinaryIO, headers: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    """A CSV that Excel opens by a double click: UTF-8 with its mark, semicolons, decimal commas."""
    text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text, delimiter=";")
    writer.writerow([neutral(header) for header in headers])
    writer.writerows([_csv_text(value) for value in row] for row in rows)
    text.flush()
    text.detach()


def write_xlsx(target: BinaryIO, headers: Sequence[str], rows: Iterable[Sequence[Value]], *, sheet: str = "") -> None:
    """A workbook of one sheet with a fixed bold header row; numbers stay numbers, dates stay dates."""
    options = {"constant_memory": True, "default_date_format": "dd.mm.yyyy", "remove_timezone": True}
    with xlsxwriter.Workbook(target, options) as book:
        page = book.add_worksheet(sheet[:31] or None)
        page.freeze_panes(1, 0)
        bold = book.add_format({"bold": True})
        for column, header in enumerate(headers):
            page.write_string(0, column, neutral(header), bold)
            page.set_column(column, column, min(60, max(10, len(header) + 2)))
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                _write_cell(page, number, column, value)


def _write_cell(page: xlsxwriter.worksheet.Worksheet, row: int, column: int, value: Value) -> None:
    if isinstance(value, bool):
        page.write_boolean(row, column, value)
    elif isinstance(value, int | float | Decimal):
        page.write_number(row, column, value)
    elif isinstance(value, date):
        page.write_datetime(row, column, value)
    elif value:
        page.write_string(row, column, neutral(value)[:LONGEST_IN_EXCEL])


def _csv_text(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, float | Decimal):
        return format(Decimal(str(value)), "f").replace(".", ",")
    return neutral(value) if isinstance(value, str) else str(value)


def _trimmed(cells: list[str]) -> list[Cell]:
    """Without empty cells at the end, and without the marks `neutral` put there."""
    found: list[Cell] = [plain(cell.strip()) or None for cell in cells]
    while found and not found[-1]:
        found.pop()
    if len(found) > COLUMNS:
        raise too_wide()
    return found


def _encoding(source: BinaryIO) -> str:
    source.seek(0)
    marked = source.read(2) in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1251"):
        if _decodes(source, encoding):
            return encoding
    raise SpreadsheetRefused(_("The text is in an unknown encoding. Save the file as CSV in UTF-8."))


def _decodes(source: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    source.seek(0)
    try:
        while chunk := source.read(SAMPLE):
            if NOT_TEXT.search(decoder.decode(chunk)):
                raise SpreadsheetRefused(_("The file is not text and not a workbook. Send a table as XLSX or CSV."))
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _evenness(lines: list[str], delimiter: str) -> float:
    """How many columns the delimiter makes, less where few lines agree on their number."""
    try:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        return 0.0
    width, agreeing = widths.most_common(1)[0] if widths else (1, 0)
    return (width - 1) * agreeing / max(1, len(lines))
