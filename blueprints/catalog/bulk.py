"""Many rows in one statement: they travel as one JSON document, which any role may turn into rows.

A tenant's role may neither COPY nor make temporary tables; a document has no limit of parameters either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

T = TypeVar("T")

BATCH = 500


def rows_of(rows: Sequence[dict[str, Any]], **types: Any) -> sa.TableValuedAlias:
    """The rows as something to select from; `types` name the columns."""
    document = sa.bindparam(None, rows, JSONB)
    columns = (sa.column(name, kind) for name, kind in types.items())
    return sa.func.jsonb_to_recordset(document).table_valued(*columns, name="told").render_derived(with_types=True)


def batches(items: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """The items in lists of at most `size`."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
