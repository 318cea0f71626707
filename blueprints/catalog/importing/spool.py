"""A file read whole before anything is written, so a file that breaks in its middle never touches the catalogue.

Goods wait in a temporary file; offers are folded to one set of terms a product; values of attributes are counted,
because what kind an attribute is shows only when all its values are known.
"""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import IO

from app.kernel.money import Money
from blueprints.catalog.bulk import batches

from .problems import Problem
from .records import (
    AttributeRecord,
    CategoryRecord,
    OfferRecord,
    PackageRecord,
    PriceTypeRecord,
    ProductRecord,
    Read,
    WarehouseRecord,
)
from .report import Progress, Report
from .traits import Census

IN_MEMORY = 16 * 1024 * 1024
TOLD_EVERY = 500
BRAND = AttributeRecord("brand", "Бренд")


@dataclass(slots=True)
class Terms:
    """Prices by type and stock of a product, all its variants taken together."""

    place: str
    sku: str = ""
    prices: dict[str, Money] = field(default_factory=dict)
    compare_at: Money | None = None
    quantity: Decimal | None = None
    is_available: bool | None = None

    def fold(self, offer: OfferRecord) -> None:
        """Take in one more variant: the lowest price of each type counts, pieces add up."""
        for kind, money in offer.prices.items():
            known = self.prices.get(kind)
            if known is None or (known.currency == money.currency and money.minor < known.minor):
                self.prices[kind] = money
                self.compare_at = offer.compare_at_price
        if offer.quantity is not None:
            self.quantity = offer.quantity + (self.quantity or 0)
        if offer.is_available is not None:
            self.is_available = offer.is_available or bool(self.is_available)

    @property
    def pieces(self) -> int | None:
        """Whole pieces on hand, None where the file does not speak of stock."""
        if self.quantity is not None:
            return int(self.quantity)
        return 0 if self.is_available is False else None


class Goods:
    """Product records on disk, in the order of the file."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 -- closed with the import
        self.count = 0

    def add(self, records: list[ProductRecord]) -> None:
        """Keep more records."""
        pickle.dump(records, self._file, pickle.HIGHEST_PROTOCOL)
        self.count += len(records)

    def batches(self) -> Iterator[list[ProductRecord]]:
        """The records again, in the lists they came in."""
        self._file.seek(0)
        while True:
            try:
                yield pickle.load(self._file)
            except EOFError:
                return

    def close(self) -> None:
        """Throw the file away."""
        self._file.close()


@dataclass(slots=True)
class Contents:
    """All a file said. `is_full`: what is not in it is no longer there; `is_table`: what it leaves out is kept."""

    goods: Goods = field(default_factory=Goods)
    categories: list[CategoryRecord] = field(default_factory=list)
    attributes: dict[str, AttributeRecord] = field(default_factory=dict)
    census: dict[str, Census] = field(default_factory=dict)
    price_types: dict[str, PriceTypeRecord] = field(default_factory=dict)
    terms: dict[str, Terms] = field(default_factory=dict)
    articles: dict[str, tuple[str, str]] = field(default_factory=dict)
    is_full: bool = False
    is_table: bool = False

    def take(self, record: Read, report: Report) -> ProductRecord | None:
        """Sort a record in; products are answered, for the caller keeps them in lists."""
        if isinstance(record, ProductRecord):
            self._count(record)
            return record
        if isinstance(record, OfferRecord):
            self._fold(record, report)
        elif isinstance(record, Problem):
            report.add(record)
        elif isinstance(record, PackageRecord):
            self.is_table = record.kind == "table"
            self.is_full |= record.kind == "catalogue" and not record.only_changes
        elif isinstance(record, CategoryRecord):
            self.categories.append(record)
        elif isinstance(record, AttributeRecord):
            self.attributes[record.external_id] = record
        elif not isinstance(record, WarehouseRecord):
            self.price_types[record.external_id] = record
        return None

    def _count(self, record: ProductRecord) -> None:
        self.articles[record.external_id] = (record.sku, record.barcode)
        values = dict(record.attributes)
        if record.brand:
            self.attributes.setdefault(BRAND.external_id, BRAND)
            values[BRAND.external_id] = record.brand
        for key, value in values.items():
            self.census.setdefault(key, Census()).add(value)

    def _fold(self, offer: OfferRecord, report: Report) -> None:
        if offer.is_deleted:
            return
        terms = self.terms.get(offer.product_external_id)
        if terms is None:
            terms = self.terms[offer.product_external_id] = Terms(offer.place, offer.sku)
        elif offer.characteristic:
            report.counts["variants_folded"] += 1
        terms.fold(offer)


def gather(
    records: Iterable[Read], contents: Contents, report: Report, progress: Progress, *, keep_goods: bool = True
) -> None:
    """Read everything into `contents`; raises what the reader raises, and then nothing was written anywhere."""
    done = 0
    for batch in batches(records, TOLD_EVERY):
        products = [product for record in batch if (product := contents.take(record, report))]
        if products and keep_goods:
            contents.goods.add(products)
        done += len(batch)
        progress(done, None)
