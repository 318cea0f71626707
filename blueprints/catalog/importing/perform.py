"""One file from its bytes to the rows, in the transaction of the caller: read whole, then written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Invalid
from app.kernel.words import _

from .attribute_rows import Traits
from .catalogue import apply_catalogue
from .dealer import apply_stock
from .directory import Directory
from .files import Bundle
from .pictures import Opener
from .records import PriceTypeRecord, Read
from .report import Progress, Report
from .spool import Contents, gather
from .tables import Mapping

CATALOGUE, STOCK = "catalogue", "stock"


class NothingToTake(Invalid):
    """The file is readable and holds nothing for this purpose."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What shall become of a file: whose, for what, how its columns are mapped, which price types are known.

    `may_hide` False: a part of an export does not hide what it leaves out, for another part may hold it.
    """

    owner_id: str
    purpose: str
    mapping: Mapping | None = None
    price_types: dict[str, list[str]] | None = None
    may_hide: bool = True


def perform(
    wish: Wish, bundle: Bundle, opener: Opener, *, report: Report, progress: Progress, at: datetime
) -> dict[str, list[str]]:
    """Take the file in; answers the price types it or earlier files named. Raises `Invalid` with one sentence."""
    known = Traits(wish.owner_id).records() if wish.purpose == CATALOGUE else {}
    types = {key: PriceTypeRecord(key, *said) for key, said in (wish.price_types or {}).items()}
    directory = Directory(attributes=dict(known), price_types=dict(types))
    contents = Contents(attributes=dict(known), price_types=dict(types))
    try:
        gather(
            _records(bundle, directory, wish.mapping), contents, report, progress,
            keep_goods=wish.purpose == CATALOGUE,
        )
        contents.is_full &= wish.may_hide
        _require_something(contents, wish.purpose)
        _lock(wish.owner_id)
        if wish.purpose == CATALOGUE:
            apply_catalogue(contents, owner_id=wish.owner_id, opener=opener, report=report, progress=progress, at=at)
        else:
            apply_stock(contents, owner_id=wish.owner_id, report=report, progress=progress, at=at)
    finally:
        contents.goods.close()
    return {key: [record.name, record.currency] for key, record in contents.price_types.items()}


def _records(bundle: Bundle, directory: Directory, mapping: Mapping | None) -> Iterator[Read]:
    yield from bundle.problems
    for part in bundle.parts:
        yield from bundle.read(part, directory=directory, mapping=mapping)


def _require_something(contents: Contents, purpose: str) -> None:
    """A dealer's goods are needed for their ids only; a table without prices and stock tells him nothing."""
    if purpose == STOCK and not contents.terms and contents.is_table:
        raise NothingToTake(_("The file has neither stock nor prices. Map the columns that hold them."))


def _lock(owner_id: str) -> None:
    """One import of a tenant at a time; the next one waits for the end of this transaction."""
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"import {owner_id}"))))
