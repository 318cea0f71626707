"""HQ's import: what a file said becomes the master catalogue, its prices, and HQ's own stock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.kernel.db import db
from app.web.media import catalogue_folder
from blueprints.catalog import stock
from blueprints.catalog.bulk import batches, rows_of
from blueprints.catalog.models import Price, Stock

from .attribute_rows import Traits
from .pictures import Opener, Pictures
from .product_rows import Shelf
from .report import Progress, Report
from .spool import Contents, Terms
from .traits import retail_type
from .tree_rows import Tree
from .yml import RETAIL

TABLE = Price.__table__


def apply_catalogue(
    contents: Contents, *, owner_id: str, opener: Opener, report: Report, progress: Progress, at: datetime
) -> None:
    """Write everything in the transaction of the caller."""
    tree, traits = Tree(owner_id, is_table=contents.is_table), Traits(owner_id)
    tree.place(contents.categories, report)
    traits.place(contents, report)
    shelf = Shelf(owner_id, tree, traits, Pictures(opener, catalogue_folder()), is_table=contents.is_table)
    total = contents.goods.count + len(contents.terms)
    done = 0
    for records in contents.goods.batches():
        shelf.place(records, report)
        done += len(records)
        progress(done, total)
    traits.save_choices()
    if contents.is_full:
        shelf.hide_gone(report.unread, report)
    terms = dict(_matched(contents, shelf, report))
    _write_prices(terms, retail_of(contents, report), owner_id, report, at)
    shelf.publish_priced(report, at, is_priced=contents.is_table or bool(contents.terms))
    _write_stock(terms, owner_id, report, at)
    progress(total, total)


def retail_of(contents: Contents, report: Report) -> str | None:
    """The price type that is taken; the names of the others go into the report."""
    used = {kind for terms in contents.terms.values() for kind in terms.prices}
    names = {kind: record.name for kind, record in contents.price_types.items() if kind in used}
    names |= {kind: kind for kind in sorted(used - names.keys())}
    chosen = retail_type(names.items())
    report.counts["price_types_left_out"] = len(names) - (chosen is not None)
    return chosen


def rouble_price(terms: Terms, kind: str, report: Report) -> tuple[int, int | None] | None:
    """The price in kopecks and the one crossed out; other currencies are noted and left out."""
    money = terms.prices.get(kind)
    if money is None:
        return None
    if money.currency != "RUB":
        report.warn("price_foreign", terms.place, "prices", value=money.currency)
        return None
    was = terms.compare_at
    return money.minor, was.minor if was and was.currency == "RUB" and was.minor > money.minor else None


def _matched(contents: Contents, shelf: Shelf, report: Report) -> Iterator[tuple[int, Terms]]:
    for external_id, terms in contents.terms.items():
        product_id = shelf.find(external_id, terms.sku)
        if product_id is not None:
            yield product_id, terms
        elif external_id not in report.unread:
            report.fail("unknown_product", terms.place, "id", value=(terms.sku or external_id)[:60])


def _write_prices(
    terms: dict[int, Terms], kind: str | None, owner_id: str, report: Report, at: datetime
) -> None:
    """A price that differs from the one in force begins now; the old one stays as history."""
    if kind is None:
        return
    standing = _standing(owner_id, at)
    rows = []
    for product_id, told in terms.items():
        price = rouble_price(told, kind, report)
        if price is not None and standing.get(product_id) != price:
            rows.append({
                "product_id": product_id, "price_type": RETAIL, "valid_from": at.isoformat(), "owner_id": owner_id,
                "minor": price[0], "compare_at_minor": price[1],
            })  # fmt: skip
    for batch in batches(rows):
        _insert_prices(batch)
    report.counts["prices_changed"] += len(rows)


def _standing(owner_id: str, at: datetime) -> dict[int, tuple[int, int | None]]:
    rows = db.session.execute(
        sa.select(Price.product_id, Price.minor, Price.compare_at_minor)
        .where(Price.owner_id == owner_id, Price.price_type == RETAIL, Price.valid_from <= at, Price.currency == "RUB")
        .distinct(Price.product_id).order_by(Price.product_id, Price.valid_from.desc())
    )
    return {product_id: (minor, compare_at) for product_id, minor, compare_at in rows}


def _insert_prices(rows: list[dict[str, Any]]) -> None:
    told = rows_of(
        rows, product_id=sa.BigInteger, price_type=sa.Text, valid_from=sa.TIMESTAMP(timezone=True), owner_id=sa.Text,
        minor=sa.BigInteger, compare_at_minor=sa.BigInteger,
    )
    statement = insert(TABLE).from_select([column.name for column in told.c], sa.select(*told.c))
    db.session.execute(statement.on_conflict_do_update(
        index_elements=[TABLE.c.product_id, TABLE.c.price_type, TABLE.c.valid_from],
        set_={"minor": statement.excluded.minor, "compare_at_minor": statement.excluded.compare_at_minor},
    ))


def _write_stock(terms: dict[int, Terms], owner_id: str, report: Report, at: datetime) -> None:
    write_levels(
        {product_id: told.pieces for product_id, told in terms.items() if told.pieces is not None}, owner_id, report, at
    )


def write_levels(levels: dict[int, int], owner_id: str, report: Report, at: datetime) -> None:
    """Report stock: what is the same is still fresh news, but counts as unchanged."""
    if not levels:
        return
    rows = db.session.execute(sa.select(Stock.product_id, Stock.on_hand).where(Stock.owner_id == owner_id))
    before = {row.product_id: row.on_hand for row in rows}
    stock.report(owner_id=owner_id, levels=levels, at=at)
    report.counts["stock_reported"] += len(levels)
    report.counts["stock_changed"] += sum(before.get(product_id) != level for product_id, level in levels.items())
