"""CommerceML 2 (1C): import.xml, offers.xml, prices.xml, rests.xml and their parts, schema versions 2.03 to 2.10.

One reader takes them all, because exporters spread the same elements over the files differently: what stands in
the file is read, wherever 1C put it. Namespaces do not matter. An export of changes may refer to properties and
price types sent earlier: the caller passes those he knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO

from app.kernel.errors import Invalid
from app.kernel.words import _
from app.kernel.xmlsafe import Node, stream

from . import limits
from .commerceml_goods import is_deleted, is_true, product_of, split_id
from .commerceml_offers import offer_of
from .directory import Directory
from .problems import Notes
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
from .values import currency_code, line_of, unit

ROOT = "КоммерческаяИнформация"
CLASSIFIER, CATALOGUE = "Классификатор", "Каталог"
PACKAGES = ("ПакетПредложений", "ИзмененияПакетаПредложений", "ИзмененияПакетПредложений")
KINDS = {"Строка": "text", "Число": "number", "Справочник": "choice", "Булево": "bool"}


class NotCommerceMl(Invalid):
    """XML, but not a CommerceML 2 file."""


def read(source: BinaryIO, directory: Directory | None = None) -> Iterator[Read]:
    """Records and problems of one file; `directory` holds what earlier files of the exchange said, and learns."""
    reader = _Reader(directory or Directory())
    for path, node in stream(source, RECORDS, openings=OPENINGS):
        yield from reader.take(path, node)


class _Reader:
    """Turns elements into records, remembering what later elements refer to."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._version = self._made_at = ""
        self._products: set[str] = set()
        self._offers: set[str] = set()
        self._count = 0

    def take(self, path: str, node: Node) -> Iterator[Read]:
        yield from HANDLERS[path](self, node)

    def root(self, node: Node) -> Iterator[Read]:
        self._version = node.attributes.get("ВерсияСхемы", "")
        self._made_at = node.attributes.get("ДатаФормирования", "")
        check_root(node)
        yield from ()

    def package(self, node: Node) -> Iterator[Read]:
        changes = is_true(node.attributes.get("СодержитТолькоИзменения", "")) or node.name not in {
            CATALOGUE,
            PACKAGES[0],
        }
        kind = "catalogue" if node.name == CATALOGUE else "offers"
        yield PackageRecord(kind, only_changes=changes, schema_version=self._version, made_at=self._made_at)

    def group(self, node: Node, parent: str | None = None) -> Iterator[Read]:
        external_id, name = line_of(node.text_of("Ид")), line_of(node.text_of("Наименование"))
        notes = Notes(f"Группа {external_id or name}")
        if not external_id or not name:
            notes.fail("missing_name" if external_id else "missing_id", "id", name)
        elif external_id in self._directory.categories:
            notes.fail("duplicate_id", "id", external_id)
        elif limits.fits_id(external_id, notes):
            self._directory.categories.add(external_id)
            yield CategoryRecord(
                external_id, limits.name(name, notes), parent_external_id=parent, is_deleted=is_deleted(node)
            )
            parent = external_id
        yield from notes.problems
        for child in node.all("Группы", "Группа"):
            yield from self.group(child, parent)

    def attribute(self, node: Node) -> Iterator[Read]:
        external_id, name = line_of(node.text_of("Ид")), line_of(node.text_of("Наименование"))
        notes = Notes(f"Свойство {external_id or name}")
        if not external_id or not name:
            notes.fail("missing_name" if external_id else "missing_id", "id", name)
        elif limits.fits_id(external_id, notes):
            choices = dict(_choices(node))
            kind = "choice" if choices else KINDS.get(node.text_of("ТипЗначений"), "text")
            attribute = AttributeRecord(external_id, limits.name(name, notes), kind, choices=choices)
            self._directory.attributes[external_id] = attribute
            yield attribute
        yield from notes.problems

    def price_type(self, node: Node) -> Iterator[Read]:
        external_id = line_of(node.text_of("Ид"))
        notes = Notes(f"ТипЦены {external_id}")
        if not external_id:
            notes.fail("missing_id", "id", node.text_of("Наименование"))
        elif limits.fits_id(external_id, notes):
            currency = currency_code(node.text_of("Валюта"), "currency", notes) or ""
            name = limits.name(line_of(node.text_of("Наименование")) or external_id, notes)
            vat = node.text_of("Налог", "УчтеноВСумме")
            record = PriceTypeRecord(external_id, name, currency, includes_vat=not vat or is_true(vat))
            self._directory.price_types[external_id] = record
            yield record
        yield from notes.problems

    def warehouse(self, node: Node) -> Iterator[Read]:
        external_id = line_of(node.text_of("Ид"))
        notes = Notes(f"Склад {external_id}")
        if not external_id:
            notes.fail("missing_id", "id", node.text_of("Наименование"))
        elif limits.fits_id(external_id, notes):
            self._directory.warehouses.add(external_id)
            yield WarehouseRecord(external_id, limits.name(line_of(node.text_of("Наименование")) or external_id, notes))
        yield from notes.problems

    def unit(self, node: Node) -> Iterator[Read]:
        code = node.text_of("Код")
        short = node.text_of("НаименованиеКраткое") or node.text_of("НаименованиеПолное")
        for key in (line_of(node.text_of("Ид")), code):
            if key:
                self._directory.units[key] = unit(short, code)
        yield from ()

    def product(self, node: Node) -> Iterator[Read]:
        self._count += 1
        notes = Notes(f"Товар[{self._count}] {line_of(node.text_of('Ид'))}".rstrip())
        record = product_of(node, self._directory, notes)
        if record and self._is_new(record, node, notes):
            yield from self._directory.take_found()
            yield record
        yield from notes.problems

    def _is_new(self, record: ProductRecord, node: Node, notes: Notes) -> bool:
        """Old configurations repeat the product for each of its variants, `product#variant`; that is no mistake."""
        if record.external_id not in self._products:
            self._products.add(record.external_id)
            return True
        if not split_id(line_of(node.text_of("Ид")))[1]:
            notes.fail("duplicate_id", "id", record.external_id)
        return False

    def offer(self, node: Node) -> Iterator[Read]:
        self._count += 1
        notes = Notes(f"Предложение[{self._count}] {line_of(node.text_of('Ид'))}".rstrip())
        record = offer_of(node, self._directory, notes)
        if record and self._is_first(record, notes):
            yield record
        yield from notes.problems

    def _is_first(self, record: OfferRecord, notes: Notes) -> bool:
        variant = record.characteristic.external_id if record.characteristic else ""
        key = f"{record.product_external_id}#{variant}"
        if key in self._offers:
            notes.fail("duplicate_id", "id", key.rstrip("#"))
            return False
        self._offers.add(key)
        return True


Handler = Callable[[_Reader, Node], Iterator[Read]]
HANDLERS: dict[str, Handler] = {
    "": _Reader.root,
    CATALOGUE: _Reader.package,
    f"{CLASSIFIER}/Группы/Группа": _Reader.group,
    f"{CLASSIFIER}/Свойства/Свойство": _Reader.attribute,
    f"{CLASSIFIER}/Свойства/СвойствоНоменклатуры": _Reader.attribute,
    f"{CLASSIFIER}/ЕдиницыИзмерения/ЕдиницаИзмерения": _Reader.unit,
    f"{CATALOGUE}/Товары/Товар": _Reader.product,
}
for _package in PACKAGES:
    HANDLERS[_package] = _Reader.package
    HANDLERS[f"{_package}/Предложения/Предложение"] = _Reader.offer
for _holder in (CLASSIFIER, *PACKAGES):
    HANDLERS[f"{_holder}/ТипыЦен/ТипЦены"] = _Reader.price_type
    HANDLERS[f"{_holder}/Склады/Склад"] = _Reader.warehouse
OPENINGS = {"", CATALOGUE, *PACKAGES}
RECORDS = set(HANDLERS) - OPENINGS


def check_root(node: Node) -> None:
    """Raise `NotCommerceMl` unless this is the root of a file of schema 2."""
    if node.name != ROOT:
        raise NotCommerceMl(_("The file is not CommerceML: its root is %(name)s.", name=node.name[:60]))
    version = node.attributes.get("ВерсияСхемы", "").strip()
    if version and not version.startswith("2."):
        raise NotCommerceMl(
            _("CommerceML of schema %(version)s is not supported. Export it by schema 2.", version=version[:20])
        )


def _choices(node: Node) -> Iterator[tuple[str, str]]:
    """Values of a directory property: id and text; schema 2.03 nests them one level deeper."""
    for holder in (node, *node.all("ТипыЗначений", "ТипЗначений")):
        for choice in (child for values in holder.all("ВариантыЗначений") for child in values.children):
            text = line_of(choice.text_of("Значение") or choice.text)
            key = line_of(choice.text_of("ИдЗначения") or choice.text_of("Ид")) or text
            if text and len(key) <= limits.ID:
                yield key, text[: limits.VALUE]
