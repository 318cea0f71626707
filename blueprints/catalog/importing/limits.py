"""How long and how many: what a record may hold, so that one bad line cannot swell the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from .problems import Notes
from .values import clipped

ID = 200
SKU = 100
NAME = 500
BARCODE = 64
VALUE = 1_000
DESCRIPTION = 50_000
PICTURES = 50
ATTRIBUTES = 300
CATEGORIES = 50

Item = TypeVar("Item")


def fits_id(external_id: str, notes: Notes) -> bool:
    """Whether the id is short enough; noted as an error if not, because a cut id is another id."""
    if len(external_id) > ID:
        notes.fail("id_too_long", "id", external_id, cap=ID)
        return False
    return True


def name(text: str, notes: Notes) -> str:
    """The name, cut if need be."""
    return clipped(text, NAME, "name", notes)


def first(items: Sequence[Item], cap: int, field: str, notes: Notes) -> Sequence[Item]:
    """At most `cap` of them, with a note if some are left out."""
    if len(items) > cap:
        notes.warn("too_many", field, len(items), cap=cap)
    return items[:cap]
