"""Some two hundred files that want to do harm: made here, sent by `tests/trust/test_hostile_files.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

MARK = "Зловред-1337"
"""Stands where a file would like to be believed: it may be read as a name, and never be run, opened or served."""


class Hostile(NamedTuple):
    """A file, made when it is sent; `taken` where it may be read and is harmless then."""

    name: str
    make: Callable[[], bytes]
    taken: bool = False
    filename: str = ""


def fixed(body: bytes | str) -> Callable[[], bytes]:
    """A file that is written out."""
    return lambda: body.encode() if isinstance(body, str) else body
