"""A dealer's import: his stock and prices of HQ's products, matched by his own ids, by article or by barcode."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.kernel.db import db
from app.kernel.events import publish
from app.kernel.identity import current_tenant
from app.kernel.ids import HQ
from blueprints.catalog.bulk import batches, rows_of
from blueprints.catalog.events import OffersChanged
from blueprints.catalog.models import Offer, Product

from .catalogue import retail_of, rouble_price, write_levels
from .report import Progress, Report
from .spool import Contents, Terms

TABLE = Offer.__table__
FILLING = re.compile(r"[\s\-–—_./\\]+")


class Assortment:
    """HQ's products as a dealer may call them."""

    def __init__(self) -> None:
        rows = db.session.execute(
            sa.select(Product.id, Product.external_id, Product.sku, Product.barcode).where(Product.owner_id == HQ)
        ).all()
        own = db.session.execute(sa.select(Offer.external_id, Offer.product_id).where(Offer.external_id.is_not(None)))
        self._by_own_id = {row.external_id: row.product_id for row in own}
        self._by_id = {row.external_id: row.id for row in rows}
        self._by_sku = _unambiguous((plain(row.sku), row.id) for row in rows)
        self._by_barcode = _unambiguous((row.barcode, row.id) for row in rows if row.barcode)

    def find(self, external_id: str, sku: str, barcode: str) -> int | None:
        """The product meant, or None."""
        return (
            self._by_own_id.get(external_id)
            or self._by_id.get(external_id)
            or self._by_sku.get(plain(sku))
            or self._by_barcode.get(barcode)
            or self._by_sku.get(plain(external_id))
        )

    def own_ids(self) -> set[str]:
        """The dealer's ids that are known already."""
        return set(self._by_own_id)


def plain(sku: str) -> str:
    """An article without the blanks and dashes people write differently; empty means none."""
    return FILLING.sub("", sku).casefold()


def apply_stock(
    contents: Contents, *, owner_id: str, report: Report, progress: Progress, at: datetime
) -> None:
    """Write the dealer's stock and prices in the transaction of the caller."""
    assortment = Assortment()
    links = _links(contents, assortment)
    matched: dict[int, Terms] = {}
    for external_id, terms in contents.terms.items():
        sku, barcode = contents.articles.get(external_id, ("", ""))
        product_id = assortment.find(external_id, terms.sku or sku, barcode)
        if product_id is None:
            report.fail("unknown_product", terms.place, "sku", value=(terms.sku or sku or external_id)[:60])
        elif product_id in matched:
            report.fail("product_twice", terms.place, "sku", value=(terms.sku or sku or external_id)[:60])
        else:
            matched[product_id] = terms
    progress(len(matched), len(contents.terms))
    write_levels(_levels(matched), owner_id, report, at)
    _write_offers(matched, links, retail_of(contents, report), report, at)
    report.counts["matched"] += len(matched)
    progress(len(contents.terms), len(contents.terms))


def _levels(matched: dict[int, Terms]) -> dict[int, int]:
    return {product_id: terms.pieces for product_id, terms in matched.items() if terms.pieces is not None}


def _links(contents: Contents, assortment: Assortment) -> dict[int, str]:
    """Ids of the dealer's program learnt from his goods, so that later offers need no article."""
    links: dict[int, str] = {}
    if contents.is_table:
        return links
    known = assortment.own_ids()
    for external_id, (sku, barcode) in contents.articles.items():
        product_id = None if external_id in known else assortment.find(external_id, sku, barcode)
        if product_id is not None:
            links.setdefault(product_id, external_id)
    return links


def _write_offers(
    matched: dict[int, Terms], links: dict[int, str], kind: str | None, report: Report, at: datetime
) -> None:
    standing = {
        row.product_id: row
        for row in db.session.execute(
            sa.select(Offer.product_id, Offer.minor, Offer.compare_at_minor, Offer.external_id)
        )
    }
    rows, changed = [], 0
    for product_id in sorted(matched.keys() | links.keys()):
        before = standing.get(product_id)
        was = (before.minor, before.compare_at_minor) if before else (None, None)
        told = rouble_price(matched[product_id], kind, report) if kind and product_id in matched else None
        price, link = told or was, links.get(product_id)
        is_linked = link is None or (before is not None and before.external_id == link)
        if price != was or not is_linked:
            changed += price != was
            rows.append(_row(product_id, price, link, at))
    report.counts["prices_changed"] += changed
    for batch in batches(rows):
        _upsert(batch)
    if changed:
        publish(OffersChanged(tenant_id=current_tenant()))


def _row(product_id: int, price: tuple[int | None, int | None], link: str | None, at: datetime) -> dict[str, Any]:
    return {
        "product_id": product_id, "minor": price[0], "compare_at_minor": price[1], "external_id": link,
        "updated_at": at.isoformat(),
    }  # fmt: skip


def _upsert(rows: list[dict[str, Any]]) -> None:
    told = rows_of(
        rows, product_id=sa.BigInteger, minor=sa.BigInteger, compare_at_minor=sa.BigInteger, external_id=sa.Text,
        updated_at=sa.TIMESTAMP(timezone=True),
    )
    statement = insert(TABLE).from_select([column.name for column in told.c], sa.select(*told.c))
    said = statement.excluded
    db.session.execute(statement.on_conflict_do_update(
        index_elements=[TABLE.c.product_id],
        set_={
            "minor": said.minor, "compare_at_minor": said.compare_at_minor, "updated_at": said.updated_at,
            "external_id": sa.func.coalesce(said.external_id, TABLE.c.external_id),
        },
    ))


def _unambiguous(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    """By key; a key of two products means neither."""
    found: dict[str, int] = {}
    twice: set[str] = set()
    for key, product_id in pairs:
        if key in found:
            twice.add(key)
        found[key] = product_id
    return {key: product_id for key, product_id in found.items() if key and key not in twice}
