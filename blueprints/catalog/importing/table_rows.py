"""One row of a mapped table as records: categories by their path, the product, its prices and stock."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from app.kernel.cells import Cell, CellError, Row
from app.kernel.money import Money

from . import limits
from .directory import Directory
from .headers import ATTRIBUTE, IGNORE, PRICE
from .problems import Level, Notes
from .records import AttributeValue, CategoryRecord, OfferRecord, ProductRecord, Read
from .values import cell_text, clipped, currency_code, line_of, picture, price, quantity, text_of, unit, vat
from .yml import RETAIL

DEEPEST = 10
LONGEST_UNIT = 8
PRICES = ("price", "compare_at_price")


class RowReader:
    """Reads row after row, remembering ids, categories and attributes already yielded."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = columns
        self._places = {target: letters(index) for index, target in enumerate(columns) if target != IGNORE}
        self._directory = Directory()
        self._seen: set[str] = set()

    def read(self, row: Row) -> Iterator[Read]:
        """The records of the row, then its problems."""
        notes = Notes(str(row.number))
        fields = self._fields(row, notes)
        if fields or notes.problems:
            reading = _Fields(row.number, fields, self._places, notes)
            if external_id := self._key(reading):
                yield from self._records(external_id, reading)
        yield from notes.problems

    def _fields(self, row: Row, notes: Notes) -> dict[str, Cell]:
        """The filled cells by target; what Excel could not compute or turned into a date is noted and left out."""
        fields: dict[str, Cell] = {}
        for index, (target, cell) in enumerate(zip(self._columns, row.cells, strict=False)):
            if target == IGNORE or cell is None:
                continue
            notes.place = f"{letters(index)}{row.number}"
            if isinstance(cell, CellError):
                notes.warn("cell_error", target, cell)
            elif isinstance(cell, datetime):
                notes.warn("date_in_cell", target, cell_text(cell))
            elif target == "picture" and target in fields:
                fields[target] = f"{cell_text(fields[target])}\n{cell_text(cell)}"
            else:
                fields[target] = cell
        notes.place = str(row.number)
        return fields

    def _key(self, reading: _Fields) -> str | None:
        """The id of the row, if it has one that is new."""
        external_id = reading.line("external_id", limits.ID) or reading.line("sku", limits.ID)
        field = "external_id" if "external_id" in self._places else "sku"
        notes = reading.at(field)
        if not external_id:
            notes.fail("missing_key", field)
        elif external_id in self._seen:
            notes.fail("duplicate_id", field, external_id)
        elif any(problem.level is Level.ERROR for problem in notes.problems):
            return None
        else:
            self._seen.add(external_id)
            return external_id
        return None

    def _records(self, external_id: str, reading: _Fields) -> Iterator[Read]:
        if "name" in self._places:
            name = reading.line("name", limits.NAME)
            if not name:
                reading.at("name").fail("missing_name", "name")
                return
            chain = list(self._categories(reading))
            yield from (category for category, is_new in chain if is_new)
            product = self._product(external_id, name, chain[-1][0].external_id if chain else "", reading)
            yield from self._directory.take_found()
            yield product
        if offer := self._offer(external_id, reading):
            yield offer

    def _categories(self, reading: _Fields) -> Iterator[tuple[CategoryRecord, bool]]:
        """The path `Котлы / Газовые` as a chain of categories, and which of them are seen for the first time."""
        names = [line_of(part) for part in re.split(r"\s*(?:/|>|\\|→)\s*", reading.line("category", limits.NAME))]
        parent: str | None = None
        for name in [name for name in names if name][:DEEPEST]:
            external_id = f"{parent} / {name.lower()}" if parent else name.lower()
            is_new = external_id not in self._directory.categories
            self._directory.categories.add(external_id)
            yield CategoryRecord(external_id, name, parent_external_id=parent), is_new
            parent = external_id

    def _product(self, external_id: str, name: str, category: str, reading: _Fields) -> ProductRecord:
        rate, exempt = reading.vat()
        return ProductRecord(
            external_id=external_id,
            sku=reading.line("sku", limits.SKU),
            name=name,
            name_en=reading.line("name_en", limits.NAME),
            description=reading.text("description", limits.DESCRIPTION),
            category_external_ids=(category,) if category else (),
            brand=reading.line("brand", limits.NAME),
            unit=unit(reading.line("unit", limits.VALUE)),
            barcode=reading.line("barcode", limits.BARCODE),
            vat_rate=rate,
            is_vat_exempt=exempt,
            attributes=self._attributes(reading),
            pictures=reading.pictures(),
            place=str(reading.number),
        )

    def _attributes(self, reading: _Fields) -> dict[str, AttributeValue]:
        values: dict[str, AttributeValue] = {}
        for target in reading.fields:
            if target.startswith(ATTRIBUTE):
                text = reading.line(target, limits.VALUE)
                name, unit_said = _with_unit(target.removeprefix(ATTRIBUTE)[: limits.ID])
                if text:
                    values[self._directory.attribute_named("", name, unit_said)] = text
        return values

    def _offer(self, external_id: str, reading: _Fields) -> OfferRecord | None:
        """Prices and stock of the row; nothing if it names neither."""
        prices = dict(reading.prices())
        pieces = reading.quantity()
        if not prices and pieces is None:
            return None
        return OfferRecord(
            product_external_id=external_id,
            sku=reading.line("sku", limits.SKU),
            prices={RETAIL if name == "price" else name: money for name, money in prices.items() if name != PRICES[1]},
            compare_at_price=prices.get(PRICES[1]),
            quantity=pieces,
            place=str(reading.number),
        )


class _Fields:
    """The filled cells of a row by target, each read with the notes standing at its cell."""

    def __init__(self, number: int, fields: dict[str, Cell], places: dict[str, str], notes: Notes) -> None:
        self.number, self.fields = number, fields
        self._places, self._notes = places, notes

    def at(self, target: str) -> Notes:
        self._notes.place = f"{self._places.get(target, '')}{self.number}"
        return self._notes

    def line(self, target: str, cap: int) -> str:
        cell = self.fields.get(target)
        return clipped(line_of(cell_text(cell)), cap, target, self.at(target)) if cell is not None else ""

    def text(self, target: str, cap: int) -> str:
        return clipped(text_of(cell_text(self.fields.get(target))), cap, target, self.at(target))

    def vat(self) -> tuple[Decimal | None, bool]:
        return vat(self.fields.get("vat_rate"), "vat_rate", self.at("vat_rate"))

    def quantity(self) -> Decimal | None:
        cell = self.fields.get("quantity")
        return None if cell is None else quantity(cell, "quantity", self.at("quantity"))

    def prices(self) -> Iterator[tuple[str, Money]]:
        """Each readable price by `price`, `compare_at_price` or the name after `price:`."""
        currency = currency_code(self.line("currency", limits.ID), "currency", self.at("currency"))
        for target, cell in self.fields.items():
            if target in PRICES or target.startswith(PRICE):
                money = price(cell, currency, target, self.at(target)) if currency else None
                if money:
                    yield target.removeprefix(PRICE), money

    def pictures(self) -> tuple[str, ...]:
        notes = self.at("picture")
        names = re.split(r"[\s;,|]+(?=\S)", cell_text(self.fields.get("picture")))
        found = [picture(name, notes) for name in names]
        return tuple(limits.first(list(dict.fromkeys(filter(None, found))), limits.PICTURES, "picture", notes))


def _with_unit(header: str) -> tuple[str, str]:
    """`Мощность, кВт` names the property and its unit."""
    name, _comma, word = header.rpartition(", ")
    return (name, word) if name and len(word) <= LONGEST_UNIT and " " not in word else (header, "")


def letters(index: int) -> str:
    """The name of a column as spreadsheets show it: 0 is A, 26 is AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name
