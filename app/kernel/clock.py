"""The time, always aware. Services take `at=`; only boundaries ask the clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_frozen: ContextVar[datetime | None] = ContextVar("frozen_time", default=None)


def now() -> datetime:
    """This instant in UTC, or the one set by `frozen`."""
    return _frozen.get() or datetime.now(UTC)


@contextmanager
def frozen(at: datetime) -> Iterator[datetime]:
    """Let `now()` answer `at` inside the block."""
    if at.tzinfo is None:
        raise ValueError("a time without its zone says nothing")
    token = _frozen.set(at)
    try:
        yield at
    finally:
        _frozen.reset(token)
