"""Attributes of a file into `network.attributes`, and values of products as those attributes keep them.

The kind of an attribute is settled when it first comes; later files only add choices.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from app.kernel.db import db
from blueprints.catalog.bulk import rows_of
from blueprints.catalog.models import Attribute

from .records import AttributeRecord, ProductRecord
from .report import Report
from .slugs import Slugs
from .spool import BRAND, Contents
from .traits import kind_of, typed

TABLE = Attribute.__table__
COLUMNS: dict[str, Any] = {
    "owner_id": sa.Text, "code": sa.Text, "external_id": sa.Text, "name_ru": sa.Text, "kind": sa.Text,
    "unit_ru": sa.Text, "choices": JSONB, "is_facet": sa.Boolean, "position": sa.Integer,
}  # fmt: skip

Value = str | int | float | bool


class Traits:
    """The owner's attributes by the ids of the file."""

    def __init__(self, owner_id: str) -> None:
        self._owner_id = owner_id
        rows = db.session.scalars(sa.select(Attribute).where(Attribute.owner_id == owner_id))
        self._all = [self._as_row(attribute) for attribute in rows]
        self._known: dict[str, dict[str, Any]] = {}
        self._words: dict[str, dict[str, str]] = {}
        self._codes = Slugs({row["code"] for row in self._all}, separator="_")
        self._before: dict[str, str] = {row["code"]: repr(row) for row in self._all}

    def records(self) -> dict[str, AttributeRecord]:
        """What an export of changes may refer to without naming it."""
        return {
            row["external_id"]: AttributeRecord(
                row["external_id"], row["name_ru"], row["kind"], row["unit_ru"] or "",
                {names["id"]: names["ru"] for names in row["choices"].values() if "id" in names},
            )
            for row in self._all if row["external_id"]
        }  # fmt: skip

    def place(self, contents: Contents, report: Report) -> None:
        """Make the attributes that goods of the file use, and add their new choices."""
        for external_id, census in contents.census.items():
            record = contents.attributes.get(external_id)
            if record is None:
                continue
            row = self._find(record)
            if row is None:
                row = self._make(record, *kind_of(record.kind, census))
                report.counts["attributes_new"] += 1
            self._known[external_id] = row
            if row["kind"] == "choice":
                self._add_choices(row, record, census.distinct)
        self._save()

    def values(self, product: ProductRecord, report: Report) -> dict[str, Value]:
        """The product's values by attribute code."""
        said = dict(product.attributes)
        if product.brand:
            said[BRAND.external_id] = product.brand
        found: dict[str, Value] = {}
        for external_id, value in said.items():
            if row := self._known.get(external_id):
                kept = typed(row["kind"], value)
                if kept is None:
                    report.warn("value_not_fitting", product.place, row["name_ru"], value=str(value)[:60])
                else:
                    found[row["code"]] = self._choice(row, str(kept)) if row["kind"] == "choice" else kept
        return found

    def _find(self, record: AttributeRecord) -> dict[str, Any] | None:
        named = (record.name.lower(), record.unit.lower())
        for row in self._all:
            if row["external_id"] == record.external_id:
                row["name_ru"] = record.name
                return row
        for row in self._all:
            if (row["name_ru"].lower(), (row["unit_ru"] or "").lower()) == named and row["code"] not in self._taken:
                row["external_id"] = row["external_id"] or record.external_id
                return row
        return None

    @property
    def _taken(self) -> set[str]:
        return {row["code"] for row in self._known.values()}

    def _make(self, record: AttributeRecord, kind: str, is_facet: bool) -> dict[str, Any]:
        row = {
            "owner_id": self._owner_id, "code": self._codes.make(record.name), "external_id": record.external_id,
            "name_ru": record.name, "kind": kind, "unit_ru": record.unit or None, "choices": {}, "is_facet": is_facet,
            "position": len(self._all),
        }
        self._all.append(row)
        return row

    def _add_choices(self, row: dict[str, Any], record: AttributeRecord, used: set[str]) -> None:
        for choice_id, text in record.choices.items():
            names = row["choices"][self._choice(row, text)]
            if choice_id != text:
                names["id"] = choice_id
        for text in sorted(used):
            self._choice(row, text)

    def _choice(self, row: dict[str, Any], text: str) -> str:
        """The code of a choice by its words, made when it is new."""
        words = self._words.get(row["code"])
        if words is None:
            words = {names.get("ru", code).lower(): code for code, names in row["choices"].items()}
            self._words[row["code"]] = words
        code = words.get(text.lower())
        if code is None:
            code = words[text.lower()] = Slugs(set(row["choices"])).make(text)
            row["choices"][code] = {"ru": text}
        return code

    def save_choices(self) -> None:
        """Keep choices that were met on the way."""
        self._save()

    def _save(self) -> None:
        new = [row for row in self._all if row["code"] not in self._before]
        changed = [row for row in self._all if self._before.get(row["code"], repr(row)) != repr(row)]
        if new:
            told = rows_of(new, **COLUMNS)
            db.session.execute(sa.insert(TABLE).from_select(list(COLUMNS), sa.select(*told.c)))
        if changed:
            told = rows_of(changed, **COLUMNS)
            db.session.execute(
                sa.update(TABLE).where(TABLE.c.owner_id == told.c.owner_id, TABLE.c.code == told.c.code)
                .values(external_id=told.c.external_id, name_ru=told.c.name_ru, choices=told.c.choices)
            )
        self._before = {row["code"]: repr(row) for row in self._all}

    def _as_row(self, attribute: Attribute) -> dict[str, Any]:
        return {name: getattr(attribute, name) for name in COLUMNS}
