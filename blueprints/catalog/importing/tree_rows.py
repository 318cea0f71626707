"""Categories of a file into `network.categories`: found by id, else by their names from the top down."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from app.kernel.db import db
from blueprints.catalog.bulk import rows_of
from blueprints.catalog.models import Category

from .records import CategoryRecord
from .report import Report
from .slugs import Slugs

TABLE = Category.__table__


class Tree:
    """The owner's categories as they stand, and where those of the file have their place in it."""

    def __init__(self, owner_id: str, *, is_table: bool) -> None:
        self._owner_id, self._is_table = owner_id, is_table
        columns = [TABLE.c[name] for name in ("id", "parent_id", "external_id", "slug", "name_ru", "path")]
        self._rows: dict[int, dict[str, Any]] = {
            row.id: dict(row._mapping)
            for row in db.session.execute(sa.select(*columns).where(Category.owner_id == owner_id))
        }
        self.ids: dict[str, int] = {row["external_id"]: row["id"] for row in self._rows.values()}
        self._by_names = {self._names(row): row["id"] for row in self._rows.values()}
        self._slugs = Slugs({row["slug"] for row in self._rows.values()})

    def place(self, records: list[CategoryRecord], report: Report) -> None:
        """Make what is new, rename and move what has changed; nothing is ever taken away."""
        waiting = [record for record in records if not record.is_deleted]
        changed: list[dict[str, Any]] = []
        taken: set[int] = set()
        while waiting:
            new, later = [], []
            for record in waiting:
                if record.parent_external_id and record.parent_external_id not in self.ids:
                    later.append(record)
                elif (known := self._find(record, taken)) is not None:
                    taken.add(known)
                    changed += self._changes(known, record)
                else:
                    new.append(record)
            if not new and len(later) == len(waiting):
                break
            taken.update(self._insert(new))
            report.counts["categories_new"] += len(new)
            waiting = later
        self._update(changed)
        report.counts["categories_changed"] += len(changed)
        self._mend_paths()

    def _find(self, record: CategoryRecord, taken: set[int]) -> int | None:
        known = self.ids.get(record.external_id)
        if known is None:
            by_names = self._by_names.get((*self._parent_names(record), record.name.lower()))
            known = by_names if by_names not in taken else None
        if known is not None:
            self.ids[record.external_id] = known
        return known

    def _parent_names(self, record: CategoryRecord) -> tuple[str, ...]:
        parent = record.parent_external_id
        return self._names(self._rows[self.ids[parent]]) if parent else ()

    def _names(self, row: dict[str, Any]) -> tuple[str, ...]:
        names: list[str] = []
        at: dict[str, Any] | None = row
        while at is not None and len(names) < 50:
            names.append(at["name_ru"].lower())
            at = self._rows.get(at["parent_id"])
        return tuple(reversed(names))

    def _changes(self, known: int, record: CategoryRecord) -> list[dict[str, Any]]:
        """The row if the file says something else; a table only knows names, so it changes nothing."""
        parent = self.ids[record.parent_external_id] if record.parent_external_id else None
        said = {"external_id": record.external_id, "name_ru": record.name, "parent_id": parent}
        row = self._rows[known]
        if self._is_table or all(row[key] == value for key, value in said.items()):
            return []
        row.update(said)
        return [{"id": known, **said}]

    def _insert(self, records: list[CategoryRecord]) -> list[int]:
        if not records:
            return []
        rows = [self._row(record, position) for position, record in enumerate(records, len(self._rows))]
        told = rows_of(
            rows, owner_id=sa.Text, parent_id=sa.BigInteger, external_id=sa.Text, slug=sa.Text, name_ru=sa.Text,
            name_en=sa.Text, path=sa.Text, position=sa.Integer,
        )
        inserted = db.session.execute(
            sa.insert(TABLE).from_select([column.name for column in told.c], sa.select(*told.c))
            .returning(TABLE.c.id, TABLE.c.external_id)
        ).all()
        by_external_id = {row["external_id"]: row for row in rows}
        for category_id, external_id in inserted:
            self.ids[external_id] = category_id
            self._rows[category_id] = {"id": category_id, **by_external_id[external_id]}
        return [category_id for category_id, _external_id in inserted]

    def _row(self, record: CategoryRecord, position: int) -> dict[str, Any]:
        parent = self.ids[record.parent_external_id] if record.parent_external_id else None
        return {
            "owner_id": self._owner_id, "external_id": record.external_id, "parent_id": parent,
            "slug": self._slugs.make(record.name, self._rows[parent]["slug"] if parent else ""),
            "name_ru": record.name, "name_en": record.name_en or None, "path": "", "position": position,
        }

    def _update(self, rows: list[dict[str, Any]]) -> None:
        if rows:
            told = rows_of(rows, id=sa.BigInteger, external_id=sa.Text, name_ru=sa.Text, parent_id=sa.BigInteger)
            db.session.execute(
                sa.update(TABLE).where(TABLE.c.id == told.c.id)
                .values(external_id=told.c.external_id, name_ru=told.c.name_ru, parent_id=told.c.parent_id)
            )

    def _mend_paths(self) -> None:
        wrong = [
            {"id": row["id"], "path": path} for row in self._rows.values() if (path := self._path(row)) != row["path"]
        ]
        if wrong:
            told = rows_of(wrong, id=sa.BigInteger, path=sa.Text)
            db.session.execute(sa.update(TABLE).where(TABLE.c.id == told.c.id).values(path=told.c.path))

    def _path(self, row: dict[str, Any]) -> str:
        chain: list[int] = []
        at: dict[str, Any] | None = row
        while at is not None and at["id"] not in chain:
            chain.append(at["id"])
            at = self._rows.get(at["parent_id"])
        return "".join(f"{category_id}." for category_id in reversed(chain))
