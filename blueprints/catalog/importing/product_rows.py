"""Products of a file into `network.products`: found by id, else by article; written only where their content changed.

`content_hash` is that of what the file last said. It is empty while a product is hidden because an export left
it out: so it comes back by itself, while one that HQ hid by hand stays hidden. A new product is a draft until it
has a price.
"""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import nh3
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from app.kernel.db import db
from blueprints.catalog.bulk import batches, rows_of
from blueprints.catalog.models import Price, Product, VatRate

from .attribute_rows import Traits
from .pictures import Pictures
from .records import ProductRecord
from .report import Report
from .slugs import Slugs
from .tree_rows import Tree
from .yml import RETAIL

TABLE = Product.__table__
COLUMNS: dict[str, Any] = {
    "owner_id": sa.Text, "external_id": sa.Text, "sku": sa.Text, "barcode": sa.Text, "category_id": sa.BigInteger,
    "name_ru": sa.Text, "name_en": sa.Text, "description_ru": sa.Text, "unit": sa.Text, "vat_code": sa.Text,
    "attributes": JSONB, "images": JSONB, "content_hash": sa.Text,
}  # fmt: skip
CONTENT = tuple(name for name in COLUMNS if name not in ("owner_id", "content_hash"))
ALWAYS_KEPT = ("category_id", "name_en", "unit", "vat_code", "images")
"""What a file that says nothing of it never erases."""
PIECE = "шт"


@dataclass(slots=True)
class Known:
    """A product as it stands; `is_taken` once the file has spoken of it."""

    id: int
    external_id: str
    sku: str
    content_hash: str
    state: str
    is_taken: bool = False


class Shelf:
    """The owner's products, and what becomes of them in this import."""

    def __init__(self, owner_id: str, tree: Tree, traits: Traits, pictures: Pictures, *, is_table: bool) -> None:
        self._owner_id, self._is_table = owner_id, is_table
        self._tree, self._traits, self._pictures = tree, traits, pictures
        self._vat = _vat_codes()
        self._by_id: dict[str, Known] = {}
        self._by_sku: dict[str, Known] = {}
        self._claimed: set[str] = set()
        self._drafts: dict[int, ProductRecord] = {}
        self._slugs = Slugs(set())
        self._load()

    def _load(self) -> None:
        columns = (Product.id, Product.external_id, Product.sku, Product.content_hash, Product.state, Product.slug)
        slugs: set[str] = set()
        for *fields, slug in db.session.execute(sa.select(*columns).where(Product.owner_id == self._owner_id)):
            self._learn(Known(*fields))
            slugs.add(slug)
        self._slugs = Slugs(slugs)

    def _learn(self, known: Known) -> None:
        self._by_id[known.external_id] = known
        self._by_sku[known.sku] = known

    def find(self, external_id: str, sku: str) -> int | None:
        """The product an offer is for."""
        known = self._by_id.get(external_id) or self._by_sku.get(sku)
        return known.id if known else None

    def place(self, records: list[ProductRecord], report: Report) -> None:
        """Make and change the products of one batch; the rest is not touched."""
        new, fresh, changed = [], [], []
        for record in records:
            known = self._match(record)
            if record.is_deleted:
                self._drop(known, report)
                continue
            row = self._row(record, known, report)
            if known is None:
                new.append(row)
                fresh.append(record)
            elif known.content_hash == row["content_hash"]:
                report.counts["unchanged"] += 1
            else:
                changed.append({"id": known.id, **row})
                self._rename(known, row)
        differing = self._update(changed)
        self._insert(new)
        self._drafts |= {self._by_id[record.external_id].id: record for record in fresh}
        self._claimed.clear()
        report.counts["new"] += len(new)
        report.counts["changed"] += differing
        report.counts["unchanged"] += len(changed) - differing

    def hide_gone(self, unread: set[str], report: Report) -> None:
        """Hide what a full export no longer holds; what it holds but could not be read stays as it is."""
        gone = [
            known.id for known in self._by_id.values()
            if not known.is_taken and known.state == "published" and known.external_id not in unread
        ]  # fmt: skip
        self._hide(gone)
        report.counts["hidden"] += len(gone)

    def publish_priced(self, report: Report, at: datetime, *, is_priced: bool) -> None:
        """Show drafts that have a price by now; of others in this file, if it may name prices, say what is missing."""
        priced = sa.exists().where(Price.product_id == TABLE.c.id, Price.price_type == RETAIL, Price.valid_from <= at)
        mine = (TABLE.c.owner_id == self._owner_id, TABLE.c.state == "draft")
        db.session.execute(sa.update(TABLE).where(*mine, priced).values(state="published", updated_at=sa.func.now()))
        left = db.session.scalars(sa.select(TABLE.c.id).where(*mine).order_by(TABLE.c.id)).all()
        for record in filter(None, map(self._drafts.get, left)):
            report.counts["drafts"] += 1
            if is_priced:
                report.warn("draft_without_price", record.place, "price", value=record.sku or record.external_id)

    def _match(self, record: ProductRecord) -> Known | None:
        known = self._by_id.get(record.external_id)
        if known is None and record.sku:
            by_sku = self._by_sku.get(record.sku)
            known = by_sku if by_sku is not None and not by_sku.is_taken else None
        if known is not None:
            known.is_taken = True
            if known.state == "draft":
                self._drafts[known.id] = record
        return known

    def _drop(self, known: Known | None, report: Report) -> None:
        if known is not None and known.state == "published":
            known.state = "hidden"
            self._hide([known.id])
            report.counts["hidden"] += 1

    def _rename(self, known: Known, row: dict[str, Any]) -> None:
        """The old article stays taken while the batch is written: one statement may not hand it on."""
        self._claimed.add(known.sku)
        if known.sku != row["sku"]:
            self._by_sku.pop(known.sku, None)
        known.external_id, known.sku, known.content_hash = row["external_id"], row["sku"], row["content_hash"]
        self._learn(known)

    def _row(self, record: ProductRecord, known: Known | None, report: Report) -> dict[str, Any]:
        category = next((self._tree.ids[key] for key in record.category_external_ids if key in self._tree.ids), None)
        row = {
            "owner_id": self._owner_id,
            "external_id": known.external_id if known and self._is_table else record.external_id,
            "sku": self._sku(record, known, report),
            "barcode": record.barcode or None,
            "category_id": category,
            "name_ru": record.name,
            "name_en": record.name_en or None,
            "description_ru": plain_text(record.description) or None,
            "unit": record.unit or None,
            "vat_code": self._vat_code(record, report),
            "attributes": self._traits.values(record, report),
            "images": self._pictures.take(record, report) or None,
        }
        row["content_hash"] = _fingerprint(row)
        return row

    def _sku(self, record: ProductRecord, known: Known | None, report: Report) -> str:
        """The article of the file, unless it is missing or another product's: then the id serves."""
        sku = record.sku or record.external_id
        if not record.sku:
            report.warn("sku_missing", record.place, "sku")
        elif self._is_taken(sku, known):
            report.warn("sku_taken", record.place, "sku", value=sku)
            sku = record.external_id
        while self._is_taken(sku, known):
            sku += "~"
        if known is None:
            self._claimed.add(sku)
        return sku

    def _is_taken(self, sku: str, known: Known | None) -> bool:
        if known is not None and known.sku == sku:
            return False
        return sku in self._claimed or sku in self._by_sku

    def _vat_code(self, record: ProductRecord, report: Report) -> str | None:
        if record.is_vat_exempt:
            return "zero"
        if record.vat_rate is None:
            return None
        code = self._vat.get(float(record.vat_rate))
        if code is None:
            report.warn("vat_not_kept", record.place, "vat_rate", value=str(record.vat_rate))
        return code

    def _insert(self, rows: list[dict[str, Any]]) -> None:
        if not rows:
            return
        for row in rows:
            row["slug"] = self._slugs.make(row["name_ru"], row["sku"])
        told = rows_of(rows, **COLUMNS, slug=sa.Text)
        given = {
            **{column.name: column for column in told.c}, "state": sa.literal("draft"),
            "unit": sa.func.coalesce(told.c.unit, PIECE), "vat_code": sa.func.coalesce(told.c.vat_code, "standard"),
            "images": sa.func.coalesce(told.c.images, sa.text("'[]'::jsonb")),
        }  # fmt: skip
        inserted = db.session.execute(
            sa.insert(TABLE).from_select(list(given), sa.select(*given.values()))
            .returning(TABLE.c.id, TABLE.c.external_id, TABLE.c.sku, TABLE.c.content_hash, TABLE.c.state)
        )
        for fields in inserted:
            known = Known(*fields)
            known.is_taken = True
            self._learn(known)

    def _update(self, rows: list[dict[str, Any]]) -> int:
        """Write what differs; answers how many products did. A file may say the same in other words than the last."""
        if not rows:
            return 0
        told = rows_of(rows, id=sa.BigInteger, **COLUMNS)
        same_row = TABLE.c.id == told.c.id
        values = {name: self._kept(name, told) for name in CONTENT} | {"state": _state()}
        differs = sa.or_(*(TABLE.c[name].is_distinct_from(value) for name, value in values.items()))
        hashed = {"content_hash": told.c.content_hash}
        changed = db.session.execute(
            sa.update(TABLE).where(same_row, differs).values(values | hashed | {"updated_at": sa.func.now()})
        )
        db.session.execute(
            sa.update(TABLE).where(same_row, TABLE.c.content_hash != told.c.content_hash).values(hashed)
        )
        return changed.rowcount

    def _kept(self, name: str, told: Any) -> Any:
        """What the row holds afterwards: a table speaks of the columns it has, an export of everything."""
        if name == "attributes" and self._is_table:
            return TABLE.c.attributes.op("||")(told.c.attributes)
        if name in ALWAYS_KEPT or (self._is_table and name in ("barcode", "description_ru")):
            return sa.func.coalesce(told.c[name], TABLE.c[name])
        return told.c[name]

    def _hide(self, ids: Iterable[int]) -> None:
        for batch in batches(ids, 5_000):
            db.session.execute(
                sa.update(TABLE).where(TABLE.c.id == sa.any_(sa.cast(batch, sa.ARRAY(sa.BigInteger))))
                .values(state="hidden", content_hash="", updated_at=sa.func.now())
            )


def plain_text(description: str) -> str:
    """The words of a description, without the markup that 1C and feeds put into it."""
    if "<" not in description:
        return description
    broken = description
    for tag in ("<br>", "<br/>", "<br />", "</p>", "</li>", "</div>", "</tr>"):
        broken = broken.replace(tag, f"{tag}\n")
    lines = (line.strip() for line in html.unescape(nh3.clean(broken, tags=set())).splitlines())
    return "\n".join(line for line in lines if line)


def _state() -> sa.ColumnElement[str]:
    """A product that only an export had hidden is shown again when an export brings it back."""
    returns = sa.and_(TABLE.c.content_hash == "", TABLE.c.state == "hidden")
    return sa.case((returns, "published"), else_=TABLE.c.state)


def _fingerprint(row: dict[str, Any]) -> str:
    text = json.dumps(row, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def _vat_codes() -> dict[float, str]:
    """Which code has, or once had, that rate."""
    rates = db.session.execute(sa.select(VatRate.rate, VatRate.code).order_by(VatRate.valid_from))
    return {float(rate): code for rate, code in rates}
