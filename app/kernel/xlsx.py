"""Reading XLSX row by row with the house's own XML and ZIP readers.

A library that lays a sheet out as a full grid can be killed by two far-apart cells in a 5 KB file; here only
the cells that stand in the file cost anything. Formulas are never computed: what counts is the value Excel stored.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import BinaryIO

from app.kernel.cells import COLUMNS, Cell, CellError, Row, SpreadsheetRefused, plain, too_wide
from app.kernel.words import _
from app.kernel.xmlsafe import Caps, Node, XmlRefused, stream
from app.kernel.zipsafe import ArchiveRefused, open_archive

WORKBOOK = "xl/workbook.xml"
STRINGS = 64 * 1024 * 1024
CAPS = Caps(nodes=20_000)
BUILT_IN_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
NOT_FORMAT = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.')
# how the format writes characters XML cannot hold, and a literal that looks like one
ESCAPED = re.compile("_x((?![Dd][89A-Fa-f])[0-9A-Fa-f]{4})_")
REFERENCE = re.compile(r"([A-Z]{1,3})[0-9]{1,7}")


class Workbook:
    """An open XLSX: names of its visible sheets, and their rows."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._members = set(archive.namelist())
        self._sheets, self._epoch = self._find_sheets()
        self._strings: list[str] | None = None
        self._dates: frozenset[int] = frozenset()

    @property
    def sheets(self) -> list[str]:
        """Names of the visible sheets, in order."""
        return list(self._sheets)

    def rows(self, sheet: str | None = None) -> Iterator[Row]:
        """The non-empty rows of the sheet with that name, the first one if none is named."""
        name = self.sheets[0] if sheet is None else sheet
        if name not in self._sheets:
            raise SpreadsheetRefused(_("The workbook has no sheet named %(name)s.", name=name))
        self._load_tables()
        number = 0
        for _path, node in self._stream(self._sheets[name], {"sheetData/row"}):
            if node.name == "row":
                number = _row_number(node, number)
                if cells := self._cells(node):
                    yield Row(number, cells)

    def _find_sheets(self) -> tuple[dict[str, str], datetime]:
        targets = {
            node.attributes.get("Id", ""): _member(node.attributes.get("Target", ""))
            for _path, node in self._stream("xl/_rels/workbook.xml.rels", {"Relationship"})
            if node.attributes.get("TargetMode") != "External"
        }
        sheets, epoch = {}, datetime(1899, 12, 30)
        for _path, node in self._stream(WORKBOOK, {"sheets/sheet", "workbookPr"}):
            if node.name == "workbookPr" and node.attributes.get("date1904") in {"1", "true"}:
                epoch = datetime(1904, 1, 1)
            target = targets.get(node.attributes.get("id", ""))
            is_visible = node.attributes.get("state", "visible") == "visible"
            if node.name == "sheet" and target in self._members and is_visible:
                sheets[node.attributes.get("name", "")] = target
        if not sheets:
            raise SpreadsheetRefused(_("The workbook has no sheet to read. Save it again as XLSX."))
        return sheets, epoch

    def _load_tables(self) -> None:
        if self._strings is None:
            self._strings = self._shared_strings()
            self._dates = self._date_styles()

    def _shared_strings(self) -> list[str]:
        if "xl/sharedStrings.xml" not in self._members:
            return []
        strings, length = [], 0
        for _path, node in self._stream("xl/sharedStrings.xml", {"si"}):
            if node.name == "si":
                strings.append(_string(node))
                length += len(strings[-1])
                if length > STRINGS:
                    raise SpreadsheetRefused(_("The workbook holds too much text. Send it in parts."))
        return strings

    def _date_styles(self) -> frozenset[int]:
        """Indexes of the cell styles that show a number as a date."""
        if "xl/styles.xml" not in self._members:
            return frozenset()
        formats, styles = set(BUILT_IN_DATES), []
        for _path, node in self._stream("xl/styles.xml", {"numFmts/numFmt", "cellXfs/xf"}):
            number = _whole(node.attributes.get("numFmtId", ""))
            if node.name == "numFmt" and _is_date_format(node.attributes.get("formatCode", "")):
                formats.add(number)
            elif node.name == "xf":
                styles.append(number)
        return frozenset(index for index, number in enumerate(styles) if number in formats)

    def _cells(self, row: Node) -> list[Cell]:
        cells: list[Cell] = []
        for node in row.all("c"):
            value = self._value(node)
            column = _column(node, len(cells))
            if value is None or value == "":
                continue
            if column >= COLUMNS:
                raise too_wide()
            cells.extend([None] * (column + 1 - len(cells)))
            cells[column] = value
        return cells

    def _value(self, node: Node) -> Cell:
        kind = node.attributes.get("t", "n")
        if kind == "inlineStr":
            inline = node.child("is")
            return _string(inline) if inline else None
        text = node.text_of("v")
        if kind == "s":
            return self._shared(text)
        if kind == "str":
            return plain(text)
        if kind == "b":
            return text == "1"
        if kind == "e":
            return CellError(text)
        return self._number(text, _whole(node.attributes.get("s", "")))

    def _shared(self, text: str) -> str:
        index = _whole(text)
        if self._strings is None or not 0 <= index < len(self._strings):
            raise SpreadsheetRefused(_("The workbook is damaged. Open it in Excel and save it again."))
        return self._strings[index]

    def _number(self, text: str, style: int) -> Cell:
        if not text:
            return None
        try:
            number = float(text)
            if style in self._dates:
                return self._epoch + timedelta(days=number)
            # fifteen digits are what Excel itself shows; the rest is binary noise
            value = Decimal(f"{number:.15g}")
        except (ValueError, OverflowError):
            return CellError(text[:32])
        return value if value.is_finite() else CellError(text[:32])

    def _stream(self, member: str, records: Collection[str]) -> Iterator[tuple[str, Node]]:
        try:
            with self._archive.open(member) as source:
                yield from ((path, node) for path, node in stream(source, records, caps=CAPS) if path)
        except (KeyError, XmlRefused, zipfile.BadZipFile, zipfile.zlib.error, EOFError) as error:
            reason = error.sentence if isinstance(error, XmlRefused) else ""
            raise SpreadsheetRefused(
                _("The workbook is damaged. Open it in Excel and save it again. %(reason)s", reason=reason).strip()
            ) from None


@contextmanager
def open_xlsx(source: BinaryIO) -> Iterator[Workbook]:
    """The workbook in `source`, checked as an archive first; macros are refused."""
    try:
        archive = open_archive(source)
    except ArchiveRefused as error:
        raise SpreadsheetRefused(error.sentence) from None
    with archive:
        names = archive.namelist()
        if WORKBOOK not in names:
            raise SpreadsheetRefused(_("The archive is not an XLSX workbook."))
        if any(name.lower().endswith("vbaproject.bin") for name in names):
            raise SpreadsheetRefused(_("The workbook holds macros. Save it as a plain XLSX workbook."))
        yield Workbook(archive)


def _member(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _row_number(node: Node, previous: int) -> int:
    return max(_whole(node.attributes.get("r", "")), previous + 1)


def _column(node: Node, following: int) -> int:
    """Zero-based column of a cell; a cell that does not say stands next to the one before."""
    reference = REFERENCE.fullmatch(node.attributes.get("r", ""))
    if not reference:
        return following
    index = 0
    for letter in reference.group(1):
        index = index * 26 + ord(letter) - 64
    return index - 1


def _string(node: Node) -> str:
    """The text of a string item: plain, or the runs of a rich one; phonetic hints are left out."""
    whole = node.child("t")
    text = whole.text if whole else "".join(run.text for run in node.all("r", "t"))
    return plain(ESCAPED.sub(lambda code: chr(int(code.group(1), 16)), text))


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _is_date_format(code: str) -> bool:
    return bool(re.search("[ymdhs]", NOT_FORMAT.sub("", code.lower())))
