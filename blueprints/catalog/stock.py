"""Stock by owner: reserving it for a lead, letting it go, shipping it, and what an owner reports.

Rows are locked in the order of products before they change, so that two who want the same goods never wait for
each other in a circle and never both get the last piece.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.kernel.db import db
from app.kernel.ids import new_id
from blueprints.catalog import stock_history
from blueprints.catalog.bulk import batches, rows_of
from blueprints.catalog.models import Reservation, Stock

CHUNK = 1000


RESERVE = sa.text("""
WITH wanted AS (
    SELECT * FROM unnest(CAST(:products AS bigint[]), CAST(:quantities AS int[]), CAST(:ids AS uuid[]))
        AS line(product_id, quantity, id)
), there AS (
    SELECT stock.product_id, stock.on_hand - stock.reserved AS free, wanted.quantity
    FROM network.stock JOIN wanted USING (product_id)
    WHERE stock.owner_id = :owner ORDER BY stock.product_id FOR UPDATE OF stock
), answer AS (
    SELECT coalesce(bool_and(free >= quantity), true)
        AND (:may_order OR count(*) = (SELECT count(*) FROM wanted)) AS is_enough
    FROM there
), taken AS (
    UPDATE network.stock SET reserved = stock.reserved + wanted.quantity FROM wanted, answer
    WHERE is_enough AND stock.owner_id = :owner AND stock.product_id = wanted.product_id
    RETURNING wanted.id, wanted.product_id, wanted.quantity
), noted AS (
    INSERT INTO network.reservations (owner_id, id, lead_id, product_id, quantity, state, expires_at)
    SELECT :owner, id, :lead, product_id, quantity, 'held', :expires FROM taken
)
SELECT is_enough FROM answer
""").bindparams(
    sa.bindparam("owner", type_=sa.Text), sa.bindparam("lead", type_=sa.Uuid),
    sa.bindparam("may_order", type_=sa.Boolean), sa.bindparam("expires", type_=sa.TIMESTAMP(timezone=True)),
)
"""All lines or none, in one statement: rows are locked in order, counted as they are then, and only then taken."""

RESERVE_SOME = sa.text("""
WITH wanted AS (
    SELECT * FROM unnest(CAST(:products AS bigint[]), CAST(:quantities AS int[]), CAST(:ids AS uuid[]))
        AS line(product_id, quantity, id)
), there AS (
    SELECT stock.product_id, wanted.id, least(stock.on_hand - stock.reserved, wanted.quantity) AS pieces
    FROM network.stock JOIN wanted USING (product_id)
    WHERE stock.owner_id = :owner ORDER BY stock.product_id FOR UPDATE OF stock
), taken AS (
    UPDATE network.stock SET reserved = stock.reserved + there.pieces FROM there
    WHERE there.pieces > 0 AND stock.owner_id = :owner AND stock.product_id = there.product_id
    RETURNING there.id, there.product_id, there.pieces
), noted AS (
    INSERT INTO network.reservations (owner_id, id, lead_id, product_id, quantity, state)
    SELECT :owner, id, :lead, product_id, pieces, 'held' FROM taken
)
SELECT product_id, pieces FROM taken
""").bindparams(sa.bindparam("owner", type_=sa.Text), sa.bindparam("lead", type_=sa.Uuid))
"""Of every line what there is, locked and counted in the same way."""


def reserve(
    *, owner_id: str, lead_id: uuid.UUID, lines: Iterable[tuple[int, int]], expires_at: datetime | None = None,
    may_order: bool = False,
) -> bool:
    """Keep `(product_id, quantity)` of every line for the lead, all or nothing; False when a line is short.

    With `may_order` nothing is kept of products the owner reports no stock of: those he sells to order.
    """
    wanted = sorted(_by_product(lines).items())
    said = {
        "owner": owner_id, "lead": lead_id, "expires": expires_at, "may_order": may_order,
        "products": [product_id for product_id, _quantity in wanted],
        "quantities": [quantity for _product_id, quantity in wanted],
        "ids": [str(new_id()) for _line in wanted],
    }
    return bool(db.session.execute(RESERVE, said).scalar_one())


def reserve_some(*, owner_id: str, lead_id: uuid.UUID, lines: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Keep for the lead what there is of every line; answers the pieces that are missing, by product."""
    wanted = sorted(_by_product(lines).items())
    taken = db.session.execute(RESERVE_SOME, {
        "owner": owner_id, "lead": lead_id,
        "products": [product_id for product_id, _quantity in wanted],
        "quantities": [quantity for _product_id, quantity in wanted],
        "ids": [str(new_id()) for _line in wanted],
    })
    there = dict(taken.all())
    missing = {product_id: quantity - there.get(product_id, 0) for product_id, quantity in wanted}
    return {product_id: pieces for product_id, pieces in missing.items() if pieces}


def keep(*, owner_id: str, lead_id: uuid.UUID) -> bool:
    """Let what is held for the lead no longer expire; False when nothing is held."""
    kept = db.session.execute(
        sa.update(Reservation).where(*_held(owner_id, lead_id)).values(expires_at=None)
        .execution_options(synchronize_session=False)
    )
    return kept.rowcount > 0


def release(*, owner_id: str, lead_id: uuid.UUID) -> None:
    """Give back what is held for the lead; nothing happens when nothing is held."""
    _settle(owner_id, lead_id, "released", on_hand=0)


def ship(*, owner_id: str, lead_id: uuid.UUID) -> None:
    """What was held for the lead leaves the house: on hand and reserved both fall, once."""
    _settle(owner_id, lead_id, "shipped", on_hand=1)


def take_back(*, owner_id: str, lead_id: uuid.UUID) -> None:
    """What left the house for the lead is there again and held for it; nothing happens when nothing had left."""
    gone = (Reservation.owner_id == owner_id, Reservation.lead_id == lead_id, Reservation.state == "shipped")
    products = sorted(db.session.scalars(sa.select(Reservation.product_id).where(*gone).with_for_update()))
    _lock(owner_id, products)
    back = (
        sa.update(Reservation).where(*gone).values(state="held")
        .returning(Reservation.product_id, Reservation.quantity).cte("back")
    )
    db.session.execute(
        sa.update(Stock).where(Stock.owner_id == owner_id, Stock.product_id == back.c.product_id)
        .values(reserved=Stock.reserved + back.c.quantity, on_hand=Stock.on_hand + back.c.quantity)
        .execution_options(synchronize_session=False)
    )


def report(*, owner_id: str, levels: Mapping[int, int], at: datetime) -> None:
    """Take over what the owner says is on hand; pieces that are reserved count as there until they are let go."""
    rows = [
        {"owner_id": owner_id, "product_id": product_id, "on_hand": max(0, on_hand), "reported_at": at.isoformat()}
        for product_id, on_hand in sorted(levels.items())
    ]
    for batch in batches(rows, CHUNK):
        said = rows_of(
            batch, owner_id=sa.Text, product_id=sa.BigInteger, on_hand=sa.Integer,
            reported_at=sa.TIMESTAMP(timezone=True),
        )
        stock_history.note(owner_id=owner_id, rows=batch, at=at)
        statement = insert(Stock.__table__).from_select([column.name for column in said.c], sa.select(*said.c))
        told = statement.excluded
        db.session.execute(statement.on_conflict_do_update(
            index_elements=[Stock.owner_id, Stock.product_id],
            set_={"on_hand": sa.func.greatest(told.on_hand, Stock.reserved), "reported_at": told.reported_at},
        ))


def empty(*, owner_id: str, product_ids: Iterable[int]) -> None:
    """Nothing of these products is available any more; what is reserved for others stays."""
    products = sorted(set(product_ids))
    _lock(owner_id, products)
    db.session.execute(
        sa.update(Stock).where(Stock.owner_id == owner_id, Stock.product_id.in_(products))
        .values(on_hand=Stock.reserved).execution_options(synchronize_session=False)
    )


def _by_product(lines: Iterable[tuple[int, int]]) -> Counter[int]:
    wanted: Counter[int] = Counter()
    for product_id, quantity in lines:
        wanted[product_id] += quantity
    return wanted


def _settle(owner_id: str, lead_id: uuid.UUID, state: str, *, on_hand: int) -> None:
    """End what is held for the lead; `on_hand` is 1 when the pieces leave with it."""
    held = sa.select(Reservation.product_id).where(*_held(owner_id, lead_id))
    products = sorted(db.session.scalars(held.with_for_update()))
    if not products:
        return
    _lock(owner_id, products)
    ended = (
        sa.update(Reservation).where(*_held(owner_id, lead_id)).values(state=state)
        .returning(Reservation.product_id, Reservation.quantity).cte("ended")
    )
    db.session.execute(
        sa.update(Stock).where(Stock.owner_id == owner_id, Stock.product_id == ended.c.product_id)
        .values(reserved=Stock.reserved - ended.c.quantity, on_hand=Stock.on_hand - ended.c.quantity * on_hand)
        .execution_options(synchronize_session=False)
    )


def _held(owner_id: str, lead_id: uuid.UUID) -> tuple[sa.ColumnElement[bool], ...]:
    return Reservation.owner_id == owner_id, Reservation.lead_id == lead_id, Reservation.state == "held"


def _lock(owner_id: str, products: list[int]) -> None:
    db.session.execute(
        sa.select(Stock.product_id).where(Stock.owner_id == owner_id, Stock.product_id.in_(products))
        .order_by(Stock.product_id).with_for_update()
    )
