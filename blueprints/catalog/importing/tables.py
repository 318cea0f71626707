"""XLSX and CSV: first a preview with a proposed mapping of columns, then records by the mapping a person approved.

A table that names its goods yields products; one with only articles, prices or stock yields offers. Where no id
column is mapped the article is the id.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from app.kernel.cells import Row
from app.kernel.errors import Invalid
from app.kernel.spreadsheets import open_table
from app.kernel.words import _

from .headers import ATTRIBUTE, IGNORE, LOOK, PRICE, TARGETS, header_row, propose, titles
from .records import PackageRecord, Read
from .table_rows import RowReader

SHOWN_ROWS = 10


class NoTable(Invalid):
    """The table has no rows to read."""


class WrongMapping(Invalid):
    """The mapping of columns does not say enough, or twice."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """What each column holds (`headers.TARGETS`, `attribute:<name>`, `price:<name>` or empty), from which row on."""

    columns: tuple[str, ...]
    header_row: int = 1
    sheet: str = ""

    def to_json(self) -> dict[str, object]:
        """As JSON primitives, to be kept until the person approves."""
        return {"columns": list(self.columns), "header_row": self.header_row, "sheet": self.sheet}

    @classmethod
    def from_json(cls, stored: dict[str, object]) -> Mapping:
        """What `to_json` gave, or a person's answer of that shape."""
        columns, first, sheet = stored.get("columns"), stored.get("header_row", 1), stored.get("sheet", "")
        if not isinstance(columns, list) or not isinstance(first, int):
            raise WrongMapping(_("Say what the columns of the table hold."), field="columns")
        return cls(tuple(str(column) for column in columns), first, str(sheet))


@dataclass(frozen=True, slots=True)
class Preview:
    """What a person sees before he approves the mapping."""

    headers: list[str]
    rows: list[Row]
    mapping: Mapping
    sheets: list[str]


def preview(source: BinaryIO, sheet: str | None = None) -> Preview:
    """Headers, the first rows below them, and a mapping guessed from the headers."""
    with open_table(source) as table:
        name = sheet or table.sheets[0]
        rows = list(islice(table.rows(name), LOOK + SHOWN_ROWS))
        if not rows:
            raise NoTable(_("The table is empty. Send one with a header and rows below it."))
        at = header_row(rows)
        headers = titles(rows[at].cells)
        below = rows[at + 1 : at + 1 + SHOWN_ROWS]
        return Preview(headers, below, Mapping(propose(headers), rows[at].number, name), table.sheets)


def read(source: BinaryIO, mapping: Mapping) -> Iterator[Read]:
    """Records and problems of the rows below the header, by the mapping."""
    check(mapping)
    yield PackageRecord("table", only_changes=True)
    reader = RowReader(mapping.columns)
    with open_table(source) as table:
        for row in table.rows(mapping.sheet or None):
            if row.number > mapping.header_row:
                yield from reader.read(row)


def check(mapping: Mapping) -> None:
    """Raise `WrongMapping` unless rows can be told apart and every target is known and used once."""
    used = [column for column in mapping.columns if column != IGNORE]
    for column in used:
        if column not in TARGETS and not re.fullmatch(rf"({ATTRIBUTE}|{PRICE}).+", column):
            raise WrongMapping(_("A column cannot be mapped to %(name)s.", name=column[:60]), field="columns")
    twice = {column for column in used if used.count(column) > 1 and column != "picture"}
    if twice:
        raise WrongMapping(
            _("Two columns are mapped to %(name)s. Leave one of them.", name=sorted(twice)[0][:60]), field="columns"
        )
    if "sku" not in used and "external_id" not in used:
        raise WrongMapping(_("Say which column holds the article (SKU) or the id."), field="columns")
    if len(used) < 2:
        raise WrongMapping(_("Map at least one more column beside the article."), field="columns")
