"""Finding what the dictionary says is kept of a person, and erasing what was found. It decides nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.privacy import Holding
from blueprints.privacy.rules import Subject
from tenants.personal_data import HOLDINGS

Row = Mapping[str, Any]
KNOWN = ("staff", "customers", "orders", "carts", "leads", "numbers", "names")


@dataclass(slots=True)
class Found:
    """Rows by table, and what they made known: ids and numbers by the names of `HOLDINGS.yields`."""

    subject: Subject
    rows: dict[str, Sequence[Row]] = field(default_factory=dict)
    known: dict[str, list[Any]] = field(default_factory=lambda: {name: [] for name in KNOWN})

    @property
    def count(self) -> int:
        """How many rows there are."""
        return sum(len(rows) for rows in self.rows.values())

    def erasable(self) -> dict[str, Sequence[Row]]:
        """Rows of tables in which erasure changes or removes something."""
        return {name: rows for name, rows in self.rows.items() if rows and is_erasable(HOLDINGS[name])}


def search(subject: Subject, **known: Iterable[Any]) -> Found:
    """Everything of the speaking tenant's that is kept of the person; `known` are ids that are his beyond doubt."""
    found = Found(subject)
    for name, values in known.items():
        found.known[name].extend(values)
    for name, holding in HOLDINGS.items():
        if subject.whose in holding.whose:
            found.rows[name] = _look(name, holding, found)
            for what, column in holding.yields.items():
                fresh = {row[column] for row in found.rows[name] if row[column] is not None}
                found.known[what].extend(sorted(fresh - set(found.known[what])))
    return found


def erase(found: Mapping[str, Sequence[Row]], *, pseudonym: str, final: bool = False) -> dict[str, int]:
    """Erase these rows as the dictionary says, children first; answers how many by table.

    `final`: their time is over, so also rows go that the erasure of a person leaves.
    """
    return {
        name: _erase_rows(name, found[name], pseudonym, final) for name in reversed(HOLDINGS) if found.get(name)
    }


def overdue(name: str, condition: str, *, before: datetime, limit: int) -> Sequence[Row]:
    """Rows of a table whose time was over at `before`, at most `limit`."""
    return _select(name, condition, {"before": before}, limit)


def is_erasable(holding: Holding) -> bool:
    """Whether erasure does anything in this table."""
    return holding.is_deleted or bool(holding.changes)


def table_of(name: str) -> sa.Table:
    """The table of that name in the dictionary."""
    return db.metadata.tables[name]


def _look(name: str, holding: Holding, found: Found) -> Sequence[Row]:
    subject = found.subject
    values = {
        **found.known, "emails": list(subject.emails), "phones": list(subject.phones), "quotes": subject.quotes,
    }
    return _select(name, holding.find, values)


def _select(name: str, condition: str, values: Mapping[str, Any], limit: int | None = None) -> Sequence[Row]:
    table, holding = table_of(name), HOLDINGS[name]
    names = {column.name for column in table.primary_key} | {*holding.personal, *holding.shown.split()}
    columns = [column for column in table.columns if column.name in names | set(holding.yields.values())]
    used = {key: values[key] for key in re.findall(r":([a-z]+)", condition)}
    query = sa.select(*columns).where(sa.text(f"({condition})").bindparams(**used))
    return db.session.execute(query.order_by(*table.primary_key).limit(limit)).mappings().all()


def _erase_rows(name: str, rows: Sequence[Row], pseudonym: str, final: bool) -> int:
    table, holding = table_of(name), HOLDINGS[name]
    keys = list(table.primary_key)
    these = sa.tuple_(*keys).in_([tuple(row[key.name] for key in keys) for row in rows])
    if holding.is_deleted or (final and holding.ends_with_row):
        return db.session.execute(sa.delete(table).where(these)).rowcount  # type: ignore[attr-defined]
    if not holding.changes:
        return 0
    values = {column: _value(sql, pseudonym) for column, sql in holding.changes.items()}
    return db.session.execute(sa.update(table).where(these).values(values)).rowcount  # type: ignore[attr-defined]


def _value(sql: str, pseudonym: str) -> sa.TextClause:
    clause = sa.text(sql)
    return clause.bindparams(pseudonym=pseudonym) if ":pseudonym" in sql else clause
