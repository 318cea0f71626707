"""Pages of a list: a fixed number of queries whatever the length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from app.kernel.db import db

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of `total` items; pages count from 1."""

    items: list[T]
    number: int
    per_page: int
    total: int

    @property
    def pages(self) -> int:
        """Number of pages, at least one."""
        return max(1, -(-self.total // self.per_page))

    @property
    def has_next(self) -> bool:
        """Whether a page follows."""
        return self.number < self.pages

    @property
    def has_previous(self) -> bool:
        """Whether a page precedes."""
        return self.number > 1


def paginate(
    query: sa.Select[Any], *, page: int, per_page: int = 25, scalars: bool = True, at_once: bool = False
) -> Page[Any]:
    """The page of a query in two statements; a page past the end is the last one's neighbour: empty.

    `at_once` counts while it finds, for queries that have to look at everything anyhow.
    """
    number = max(1, min(page, 100_000))
    part = query.limit(per_page).offset((number - 1) * per_page)
    if at_once:
        rows = db.session.execute(part.add_columns(sa.func.count().over())).all()
        if rows or number == 1:
            total = rows[0][-1] if rows else 0
            return Page([row[0] if scalars else row[:-1] for row in rows], number, per_page, total)
    total = db.session.execute(sa.select(sa.func.count()).select_from(query.order_by(None).subquery())).scalar_one()
    result = db.session.execute(part)
    return Page(list(result.scalars()) if scalars else list(result), number, per_page, total)
