"""Stock by owner: reserving it for a lead, letting it go, shipping it, and what an owner reports.

Every change is one conditional UPDATE a row, and rows are taken in the order of products, so that two
who want the same goods never wait for each other in a circle and never both get the last piece.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.kernel.db import db
from app.kernel.ids import new_id
from blueprints.catalog.bulk import batches, rows_of
from blueprints.catalog.models import Reservation, Stock

CHUNK = 1000


class _Short(Exception):
    """A line is not there; what was reserved for the others goes back."""


def reserve(
    *, owner_id: str, lead_id: uuid.UUID, lines: Sequence[tuple[int, int]], expires_at: datetime | None = None
) -> bool:
    """Keep `(product_id, quantity)` of every line for the lead, all or nothing; False when a line is short."""
    wanted = sorted(_by_product(lines).items())
    try:
        with db.session.begin_nested():
            for product_id, quantity in wanted:
                _take(owner_id, product_id, quantity)
            _note(owner_id, lead_id, wanted, expires_at)
    except _Short:
        return False
    return True


def reported(*, owner_id: str, lines: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The lines whose product the owner reports stock of; the others he sells to order, nothing is kept for them."""
    lines = sorted(lines)
    known = set(db.session.scalars(
        sa.select(Stock.product_id).where(
            Stock.owner_id == owner_id, Stock.product_id.in_([product_id for product_id, _quantity in lines])
        )
    ))
    return [line for line in lines if line[0] in known]


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


def _by_product(lines: Sequence[tuple[int, int]]) -> Counter[int]:
    wanted: Counter[int] = Counter()
    for product_id, quantity in lines:
        wanted[product_id] += quantity
    return wanted


def _take(owner_id: str, product_id: int, quantity: int) -> None:
    taken = db.session.execute(
        sa.update(Stock)
        .where(
            Stock.owner_id == owner_id, Stock.product_id == product_id, Stock.on_hand - Stock.reserved >= quantity
        )
        .values(reserved=Stock.reserved + quantity).returning(Stock.product_id)
        .execution_options(synchronize_session=False)
    ).first()
    if taken is None:
        raise _Short


def _note(
    owner_id: str, lead_id: uuid.UUID, wanted: list[tuple[int, int]], expires_at: datetime | None
) -> None:
    rows = [
        {
            "owner_id": owner_id, "id": new_id(), "lead_id": lead_id, "product_id": product_id,
            "quantity": quantity, "state": "held", "expires_at": expires_at,
        }
        for product_id, quantity in wanted
    ]
    if rows:
        db.session.execute(sa.insert(Reservation).values(rows))


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
