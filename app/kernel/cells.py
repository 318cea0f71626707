"""What a table is made of: cells and rows, and the mark that keeps a text from being run as a formula."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app.kernel.errors import Invalid
from app.kernel.words import _

COLUMNS = 512
FORMULA = ("=", "+", "-", "@", "\t", "\r")
NEGATIVE = re.compile(r"-\d[\d \u00a0\u202f]*(?:[.,]\d+)?")


class SpreadsheetRefused(Invalid):
    """The file is no spreadsheet we can read, or not a safe one."""


class CellError(str):
    """What Excel shows when a formula failed, e.g. `#N/A`."""


Cell = str | Decimal | bool | datetime | CellError | None


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it stands in the file: its number there, and its cells without the empty ones at the end."""

    number: int
    cells: list[Cell]


def neutral(text: str) -> str:
    """The text with `'` before it if a spreadsheet program would take it for a formula; negative numbers stay."""
    return "'" + text if text.startswith(FORMULA) and not NEGATIVE.fullmatch(text) else text


def plain(text: str) -> str:
    """The text without the mark `neutral` gave it, so that what we wrote comes back as it was."""
    return text[1:] if text[:1] == "'" and text[1:].startswith(FORMULA) else text


def too_wide() -> SpreadsheetRefused:
    """The refusal of a sheet with more than `COLUMNS` columns."""
    return SpreadsheetRefused(_("The sheet is wider than %(cap)d columns. Leave only the needed ones.", cap=COLUMNS))
