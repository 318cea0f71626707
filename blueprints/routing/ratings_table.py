"""HQ's table of all dealers' ratings: a page of it sorted by any column, and the whole as a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.paging import Page
from app.kernel.spreadsheets import write_csv, write_xlsx
from app.kernel.words import _
from app.web.locale import localized
from blueprints.leads.models import DealerRating
from blueprints.routing.rating_shown import PARTS, SHORT_WORDS, points
from tenants.models import City, Tenant

PER_PAGE = 25
FROM_LEAST = ("name",)
"""Columns that are read from the least on."""
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@dataclass(frozen=True, slots=True)
class Row:
    """A dealer with his points: of the whole, by part where something was measured; None: he has no rating yet."""

    id: str
    name: str
    city: Any
    score: int | None
    parts: dict[str, int]
    outcomes: int
    updated_at: datetime | None

    def at(self, column: str) -> Any:
        """What stands in a column."""
        return self.parts.get(column) if column in PARTS else getattr(self, column)


COLUMNS = ("name", "score", *PARTS, "outcomes")


def rows_of(sort: str, words: str = "") -> list[Row]:
    """Dealers who work or are suspended, in the order of a column; who has nothing there comes last. One query."""
    query = (
        sa.select(Tenant.id, Tenant.name, City, DealerRating.score, DealerRating.parts, DealerRating.updated_at)
        .outerjoin(City, City.id == Tenant.city_id).outerjoin(DealerRating, DealerRating.tenant_id == Tenant.id)
        .where(Tenant.kind == "dealer", Tenant.state.in_(("active", "suspended"))).order_by(Tenant.name, Tenant.id)
    )
    if words.strip():
        query = query.where(Tenant.name.icontains(words.strip()[:100], autoescape=True))
    return arranged([_row(row) for row in db.session.execute(query)], sort)


def arranged(rows: Sequence[Row], sort: str) -> list[Row]:
    """By a column, `-score` from the greatest; rows come by name."""
    column, is_down = sort.removeprefix("-"), sort.startswith("-")
    if column == "name":
        return sorted(rows, key=lambda row: row.name.casefold(), reverse=is_down)
    known = [row for row in rows if row.at(column) is not None]
    return sorted(known, key=lambda row: row.at(column), reverse=is_down) + [
        row for row in rows if row.at(column) is None
    ]


def page_of(rows: Sequence[Row], number: int) -> Page[Row]:
    """One page of them."""
    number = max(1, min(number, 100_000))
    first = (number - 1) * PER_PAGE
    return Page(list(rows[first : first + PER_PAGE]), number, PER_PAGE, len(rows))


def sort_of(asked: str | None) -> str:
    """The order an address asks for, or the best rated first."""
    return asked if asked and asked.removeprefix("-") in COLUMNS else "-score"


def turned(sort: str, column: str) -> str:
    """What a click on a column's heading asks for: the other way round, or its natural way first."""
    natural, other = (column, f"-{column}") if column in FROM_LEAST else (f"-{column}", column)
    return other if sort == natural else natural


def heading(column: str) -> str:
    """What a column is called."""
    names = {"name": _("Dealer"), "score": _("Rating"), "outcomes": _("Outcomes")}
    return names.get(column) or str(SHORT_WORDS[column])


def file_of(kind: str, rows: Sequence[Row]) -> tuple[bytes, str]:
    """Bytes and media type of the whole table as `csv` or `xlsx`."""
    headers = [heading("name"), _("City"), *(heading(column) for column in COLUMNS[1:]), _("Computed")]
    cells = [
        (row.name, localized(row.city) if row.city else "", *(row.at(column) for column in COLUMNS[1:]),
         row.updated_at.date() if row.updated_at else None)
        for row in rows
    ]
    target = BytesIO()
    (write_csv if kind == "csv" else write_xlsx)(target, headers, cells)
    return target.getvalue(), TYPES[kind]


def _row(row: Any) -> Row:
    kept = row.parts or {}
    parts = {part["code"]: points(part["score"]) for part in kept.get("parts", ()) if part["value"] is not None}
    return Row(
        row.id, row.name, row.City, None if row.score is None else points(row.score), parts,
        int(kept.get("outcomes", 0)), row.updated_at,
    )
