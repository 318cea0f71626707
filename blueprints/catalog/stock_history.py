"""What owners reported to have on hand, day by day: written with each report, and folded when it is old."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from app.kernel.db import db

KEPT = timedelta(days=400)

NOTE = sa.text("""
WITH told AS (SELECT * FROM jsonb_to_recordset(:rows) AS told(product_id bigint, on_hand int)),
stood AS (SELECT product_id, on_hand FROM network.stock WHERE owner_id = :owner),
begun AS (SELECT EXISTS (SELECT FROM network.stock_history WHERE owner_id = :owner) AS is_so),
changed AS (
    SELECT product_id, coalesce(told.on_hand, stood.on_hand) AS on_hand
    FROM told FULL JOIN stood USING (product_id) CROSS JOIN begun
    WHERE NOT is_so OR told.on_hand <> coalesce(stood.on_hand, -1)
)
INSERT INTO network.stock_history AS history (owner_id, day, reported_at, levels)
SELECT :owner, :day, :at, coalesce(jsonb_object_agg(product_id, on_hand), '{}') FROM changed
ON CONFLICT (owner_id, day) DO UPDATE SET reported_at = excluded.reported_at,
    levels = history.levels || excluded.levels
""").bindparams(
    sa.bindparam("rows", type_=JSONB), sa.bindparam("owner", type_=sa.Text), sa.bindparam("day", type_=sa.Date),
    sa.bindparam("at", type_=sa.TIMESTAMP(timezone=True)),
)
"""Only what differs from what stood; all of it where nothing is kept of the owner yet."""

FOLD = sa.text("""
WITH old AS (
    DELETE FROM network.stock_history WHERE day < :since RETURNING owner_id, day, reported_at, levels
), latest AS (
    SELECT DISTINCT ON (owner_id, key) owner_id, key, value FROM old, jsonb_each(levels)
    ORDER BY owner_id, key, day DESC
), folded AS (SELECT owner_id, jsonb_object_agg(key, value) AS levels FROM latest GROUP BY owner_id)
INSERT INTO network.stock_history AS history (owner_id, day, reported_at, levels)
SELECT owner_id, :since, (SELECT max(reported_at) FROM old WHERE old.owner_id = folded.owner_id), levels FROM folded
ON CONFLICT (owner_id, day) DO UPDATE SET levels = excluded.levels || history.levels
""").bindparams(sa.bindparam("since", type_=sa.Date))


def note(*, owner_id: str, rows: Sequence[dict[str, Any]], at: datetime) -> None:
    """Keep what is reported, before the stock itself is rewritten; rows hold `product_id` and `on_hand`."""
    db.session.execute(NOTE, {"owner": owner_id, "rows": list(rows), "day": at.astimezone(UTC).date(), "at": at})


def fold(at: datetime) -> None:
    """Make one day of those older than any rehearsal looks back; what stood then stays known."""
    db.session.execute(FOLD, {"since": (at - KEPT).astimezone(UTC).date()})
