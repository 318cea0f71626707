"""`/stock`: what the owner of the key has, read and reported."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from app.kernel.clock import now
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.identity import current_tenant
from app.kernel.words import _, _l
from blueprints.catalog import stock
from blueprints.catalog.models import Product, Stock
from blueprints.integrations.api import schemas
from blueprints.integrations.api.catalogue import get_product, ids_of
from blueprints.integrations.api.cursors import page_of
from blueprints.integrations.api.fields import Wrong
from blueprints.integrations.api.section import api

Item = dict[str, Any]


class NothingReported(NotFound):
    """The owner never said how many there are."""


@api.get("/stock", access="key:stock:read", tag="stock", says=(
    _l("List own stock"), _l("What you have of every product, in the order of the last report."),
))
@api.arguments(schemas.StockAsked, location="query")
@api.response(200, schemas.StockList)
def list_stock(asked: Mapping[str, Any]) -> Item:
    """A page of own levels."""
    query = _own()
    if since := asked.get("updated_since"):
        query = query.where(Stock.reported_at >= since)
    found, following = page_of(
        query, Stock.reported_at, Stock.product_id, cursor=asked.get("cursor"), limit=asked["limit"]
    )
    return {"items": [_item(*row) for row in found], "next": following}


@api.get("/stock/<path:sku>", access="key:stock:read", tag="stock", says=(
    _l("Read own stock of a product"), _l("How many there are, and how many of them nobody has reserved."),
))
@api.response(200, schemas.StockShape)
def show_stock(sku: str) -> Item:
    """One level."""
    return _level(sku)


@api.put("/stock/<path:sku>", access="key:stock:write", tag="stock", says=(
    _l("Report own stock of a product"),
    _l("Says how many are on hand now. Pieces reserved for customers count as there until they are let go."),
))
@api.arguments(schemas.Level)
@api.response(200, schemas.StockShape)
def put_stock(body: Mapping[str, Any], sku: str) -> Item:
    """Take one level over."""
    product = get_product(sku)
    stock.report(owner_id=current_tenant(), levels={product.id: body["on_hand"]}, at=now())
    return _level(sku)


@api.patch("/stock", access="key:stock:write", tag="stock", says=(
    _l("Report own stock in a batch"),
    _l("Up to 1000 lines. Each line is answered for itself: one that cannot be taken stops no other."),
))
@api.arguments(schemas.StockReport)
@api.response(200, schemas.StockReceipt)
def report_stock(body: Mapping[str, Any]) -> Item:
    """Take over what can be taken, and answer each line."""
    answers = _judge(body["items"])
    levels = {one["product_id"]: one["on_hand"] for one in answers if one["state"] == "taken"}
    stock.report(owner_id=current_tenant(), levels=levels, at=now())
    available = _available(levels)
    for one in answers:
        one["available"] = available.get(one.get("product_id", 0))
    return {"items": answers, "taken": len(levels), "refused": len(answers) - len(levels)}


def _level(sku: str) -> Item:
    row = db.session.execute(_own().where(Product.sku == sku)).first()
    if row is None:
        raise NothingReported(_("You have not said yet how many of %(sku)s you have.", sku=sku))
    return _item(*row)


def _judge(lines: list[Item | Wrong]) -> list[Item]:
    """An answer to each line in order; the first line of a product counts."""
    known = ids_of({line["sku"] for line in lines if not isinstance(line, Wrong)})
    seen: set[int] = set()
    return [{"line": place, **_answer(line, known, seen)} for place, line in enumerate(lines)]


def _answer(line: Item | Wrong, known: Mapping[str, int], seen: set[int]) -> Item:
    if isinstance(line, Wrong):
        sku = line.raw.get("sku")
        said = _("“%(field)s”: %(problem)s", field=line.field, problem=line.problem) if line.field else line.problem
        return _refused(sku if isinstance(sku, str) else None, line.field or None, said)
    product_id = known.get(line["sku"])
    if product_id is None:
        return _refused(line["sku"], "sku", _("There is no product with the article number %(sku)s.", sku=line["sku"]))
    if product_id in seen:
        return _refused(line["sku"], "sku", _("This article number was named above already."))
    seen.add(product_id)
    return {
        "sku": line["sku"], "state": "taken", "field": None, "message": None, "product_id": product_id,
        "on_hand": line["on_hand"],
    }


def _refused(sku: str | None, field: str | None, message: str) -> Item:
    return {"sku": sku, "state": "refused", "field": field, "message": message}


def _own() -> sa.Select[Any]:
    return (
        sa.select(Product.sku, Stock.on_hand, Stock.reserved, Stock.lead_time_days, Stock.reported_at)
        .join(Product, Product.id == Stock.product_id).where(Stock.owner_id == current_tenant())
    )


def _available(products: Collection[int]) -> dict[int, int]:
    rows = db.session.execute(
        sa.select(Stock.product_id, (Stock.on_hand - Stock.reserved).label("available"))
        .where(Stock.owner_id == current_tenant(), Stock.product_id.in_(products))
    )
    return {row.product_id: row.available for row in rows}


def _item(sku: str, on_hand: int, reserved: int, lead_time_days: int, reported_at: Any) -> Item:
    return {
        "sku": sku, "on_hand": on_hand, "reserved": reserved, "available": on_hand - reserved,
        "lead_time_days": lead_time_days, "reported_at": reported_at,
    }
