"""What a file is, by its content and never by its name; everything we do not read is refused by name."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from enum import StrEnum
from itertools import islice
from typing import BinaryIO

from app.kernel.errors import Invalid
from app.kernel.spreadsheets import open_table
from app.kernel.words import _
from app.kernel.xlsx import WORKBOOK
from app.kernel.xmlsafe import Node, stream
from app.kernel.zipsafe import MARK, open_archive

from . import commerceml, yml
from .commerceml import CATALOGUE, CLASSIFIER, PACKAGES

HEAD = 64
FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"\xd0\xcf\x11\xe0", "XLS"),
    (b"%PDF", "PDF"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG", "PNG"),
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"{\\rtf", "RTF"),
    (b"MZ", "EXE"),
    (b"\x7fELF", "ELF"),
)
ARCHIVES = {"RAR", "7z", "gzip"}
PICTURES = {"JPEG", "PNG", "GIF", "BMP", "WEBP"}
SHORT_MARKS = {"BMP", "EXE"}
XML_STARTS = (b"<", b"\xff\xfe<\x00", b"\xfe\xff\x00<")


class UnknownFile(Invalid):
    """None of the formats a catalogue comes in."""


class Kind(StrEnum):
    """The formats we read, in the order in which parts of one exchange are taken."""

    CLASSIFIER = "commerceml_classifier"
    CATALOGUE = "commerceml_catalogue"
    OFFERS = "commerceml_offers"
    PRICES = "commerceml_prices"
    RESTS = "commerceml_rests"
    YML = "yml"
    XLSX = "xlsx"
    CSV = "csv"
    ZIP = "zip"

    @property
    def is_table(self) -> bool:
        """Whether its columns must be mapped before it is read."""
        return self in {Kind.XLSX, Kind.CSV}


def sniff(source: BinaryIO) -> Kind:
    """The format of the file; raises `Invalid` with a sentence if it is none of ours. Leaves the file at its start."""
    source.seek(0)
    head = source.read(HEAD)
    try:
        return _kind(source, head)
    finally:
        source.seek(0)


def foreign_format(head: bytes) -> str | None:
    """The name of a well-known format that is no catalogue, by its first bytes."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    found = next((name for mark, name in FOREIGN if head.startswith(mark)), None)
    # two letters may also begin a table of plain text: then no zero byte follows
    return None if found in SHORT_MARKS and b"\x00" not in head else found


def _kind(source: BinaryIO, head: bytes) -> Kind:
    source.seek(0)
    if not head.strip():
        raise UnknownFile(_("The file is empty. Export it again."))
    if head.startswith(MARK):
        return _archive_kind(source)
    if foreign := foreign_format(head):
        raise _refusal(foreign)
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(XML_STARTS):
        return _xml_kind(source)
    _check_table(source)
    return Kind.CSV


def _refusal(name: str) -> UnknownFile:
    if name == "XLS":
        return UnknownFile(_("This is a workbook of the old format. Open it in Excel and save it as XLSX."))
    if name in ARCHIVES:
        return UnknownFile(_("Archives of the format %(name)s are not read. Pack the files as ZIP.", name=name))
    return UnknownFile(_("This is a file of the format %(name)s. Send CommerceML, YML, XLSX or CSV.", name=name))


def _archive_kind(source: BinaryIO) -> Kind:
    with open_archive(source) as archive:
        return _packed_kind(archive)


def _packed_kind(archive: zipfile.ZipFile) -> Kind:
    names = archive.namelist()
    if WORKBOOK in names:
        return Kind.XLSX
    if "word/document.xml" in names or "ppt/presentation.xml" in names or "mimetype" in names:
        raise UnknownFile(_("This is an office document, not a workbook. Save the table as XLSX or CSV."))
    return Kind.ZIP


def _xml_kind(source: BinaryIO) -> Kind:
    offers = {f"{package}/Предложения/Предложение" for package in PACKAGES}
    parts = stream(source, offers, openings={CATALOGUE, CLASSIFIER, "Документ", "Контейнер", *PACKAGES})
    _path, root = next(parts)
    if root.name == yml.ROOT:
        return Kind.YML
    if root.name.lower() == "html":
        raise UnknownFile(_("This is a web page. Perhaps the server answered with an error instead of the file."))
    if root.name != commerceml.ROOT:
        raise UnknownFile(_("This XML is neither CommerceML nor YML: its root is %(name)s.", name=root.name[:60]))
    commerceml.check_root(root)
    return _commerceml_kind(parts)


def _commerceml_kind(parts: Iterator[tuple[str, Node]]) -> Kind:
    kind: Kind | None = None
    for path, node in parts:
        if path == CATALOGUE:
            return Kind.CATALOGUE
        if path in {"Документ", "Контейнер"}:
            raise UnknownFile(_("This file holds orders, not a catalogue. Export the goods from 1C."))
        if path.endswith("/Предложение"):
            return _offers_kind(node)
        kind = Kind.OFFERS if path in PACKAGES else kind or Kind.CLASSIFIER
    if kind is None:
        raise UnknownFile(_("The CommerceML file is empty: it has no goods and no offers. Export it again."))
    return kind


def _offers_kind(offer: Node) -> Kind:
    """Later schemas split offers into files of prices and of stock; the first offer shows which."""
    has_price = offer.child("Цены") is not None
    has_stock = any(offer.child(name) is not None for name in ("Остатки", "Количество", "Склад", "КоличествоНаСкладах"))
    if offer.child("Наименование") is not None or has_price == has_stock:
        return Kind.OFFERS
    return Kind.PRICES if has_price else Kind.RESTS


def _check_table(source: BinaryIO) -> None:
    """Any text is a table of one column; a catalogue needs two in some row near the top."""
    with open_table(source) as table:
        rows = list(islice(table.rows(), 30))
    if not any(sum(cell is not None for cell in row.cells) > 1 for row in rows):
        raise UnknownFile(_("This is neither XML nor a table. Send CommerceML, YML, XLSX or CSV."))
