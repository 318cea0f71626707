"""Lists by cursor: the next page starts where this one ended, whatever was added meanwhile."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Invalid
from app.kernel.words import _

PER_PAGE, MOST = 50, 200


def page_of(
    query: sa.Select[Any], moment: Any, key: Any, *, cursor: str | None, limit: int, newest_first: bool = False
) -> tuple[list[Any], str | None]:
    """Rows of one page ordered by an instant and a key, and the cursor of the next; one query."""
    place = sa.tuple_(moment, key)
    if cursor:
        at = sa.tuple_(*_read(cursor, moment, key))
        query = query.where(place < at if newest_first else place > at)
    order = (moment.desc(), key.desc()) if newest_first else (moment, key)
    found = db.session.execute(query.add_columns(moment, key).order_by(*order).limit(limit + 1)).all()
    rows = [row[0] if len(row) == 3 else row[:-2] for row in found[:limit]]
    return rows, _write(*found[limit - 1][-2:]) if len(found) > limit else None


def _write(at: datetime, key: Any) -> str:
    return urlsafe_b64encode(json.dumps([at.isoformat(), str(key)]).encode()).decode().rstrip("=")


def _read(cursor: str, moment: Any, key: Any) -> tuple[Any, Any]:
    try:
        at, value = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        instant = datetime.fromisoformat(at)
        if instant.tzinfo is None:
            raise ValueError(at)
        return sa.literal(instant, moment.type), sa.literal(key.type.python_type(value), key.type)
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Invalid(_("This cursor is none of ours. Start the list anew without it."), field="cursor") from error
