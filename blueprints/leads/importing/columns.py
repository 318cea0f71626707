"""What the columns of a table of leads hold, guessed by their headers in Russian and English. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel.speaklater import LazyString

from app.kernel.cells import Cell, CellError, Row
from app.kernel.errors import Invalid
from app.kernel.words import _, _l

IGNORE = ""
TARGETS: dict[str, LazyString] = {
    IGNORE: _l("Leave out"), "phone": _l("Phone"), "email": _l("E-mail"), "name": _l("Name"), "company": _l("Company"),
    "city": _l("City"), "address": _l("Address"), "kind": _l("What he wants"), "goods": _l("Goods"),
    "comment": _l("Note"), "campaign": _l("Campaign"), "external_id": _l("Number in your system"),
    "locale": _l("Language of the letters"),
}
SYNONYMS = {
    "phone": "телефон|тел|номер телефона|мобильный|контактный телефон|phone|tel|mobile|phone number",
    "email": "почта|эл почта|электронная почта|e mail|email|mail|имейл",
    "name": "имя|фио|клиент|контакт|контактное лицо|покупатель|name|customer|contact|full name|client",
    "company": "компания|организация|фирма|company|organisation|organization",
    "city": "город|населенный пункт|city|town",
    "address": "адрес|address",
    "kind": "тип|вид|тип заявки|вид заявки|что нужно|kind|type|request type",
    "goods": "товар|товары|артикул|артикулы|sku|goods|products|product|article",
    "comment": "комментарий|вопрос|сообщение|текст|примечание|заметка|comment|question|message|note|text",
    "campaign": "кампания|рекламная кампания|utm campaign|campaign",
    "locale": "язык|язык писем|язык клиента|language|lang|locale",
    "external_id": "id|ид|номер|номер заявки|код|внешний код|external id|number|lead id",
}
BY_WORD = {word: target for target, words in SYNONYMS.items() for word in words.split("|")}
LOOK = 20


class WrongColumns(Invalid):
    """The columns do not say whom to call, or say it twice."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What each column holds (`TARGETS`), below which row, on which sheet."""

    targets: tuple[str, ...]
    header_row: int = 1
    sheet: str = ""

    def to_json(self) -> dict[str, Any]:
        """As JSON primitives."""
        return {"columns": list(self.targets), "header_row": self.header_row, "sheet": self.sheet}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Columns:
        """What `to_json` gave."""
        return cls(tuple(kept["columns"]), kept["header_row"], kept["sheet"])


def check(columns: Columns) -> None:
    """Raise `WrongColumns` unless there is a phone or mail and no target twice."""
    used = [one for one in columns.targets if one != IGNORE]
    twice = next((one for one in used if used.count(one) > 1), None)
    if any(one not in TARGETS for one in used) or twice:
        name = TARGETS.get(twice or "", twice)
        raise WrongColumns(_("Two columns are said to hold “%(name)s”. Leave one of them out.", name=name))
    if not {"phone", "email"} & set(used):
        raise WrongColumns(_("Say which column holds the phone or the e-mail: without one nobody can be called."))


def header_row(rows: Sequence[Row]) -> int:
    """Which of the first rows is the header: the one with the most words known, the first if none."""
    known = [len({target for target in propose(texts(row.cells)) if target}) for row in rows[:LOOK]]
    return known.index(max(known)) if known else 0


def propose(headers: Sequence[str]) -> tuple[str, ...]:
    """A target for each header, each target once."""
    taken: set[str] = set()
    found = []
    for header in headers:
        words = re.sub(r"[^\w]+", " ", header.lower().replace("ё", "е").replace("_", " ")).strip()
        target = BY_WORD.get(words, IGNORE)
        found.append(IGNORE if target in taken else target)
        taken.add(target)
    return tuple(found)


def texts(cells: Sequence[Cell]) -> list[str]:
    """Cells as text on one line; a number such as a phone's loses no digit, an error of the program says nothing."""
    return [_text(cell) for cell in cells]


def _text(cell: Cell) -> str:
    if cell is None or isinstance(cell, CellError):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
