"""Files are known by their content, opened alone or out of a ZIP, and refused by name when they are not ours."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from app.kernel.errors import Invalid
from app.kernel.spreadsheets import write_xlsx
from app.kernel.xmlsafe import DoctypeRefused, XmlBroken
from app.kernel.zipsafe import ArchiveRefused
from blueprints.catalog.importing.directory import Directory
from blueprints.catalog.importing.files import MappingNeeded, NestedArchive, NothingInside, Part, opened
from blueprints.catalog.importing.problems import Problem
from blueprints.catalog.importing.records import OfferRecord, ProductRecord
from blueprints.catalog.importing.sniff import Kind, UnknownFile, sniff

REAL = Path(__file__).parents[3] / "data" / "commerceml"
JPEG = b"\xff\xd8\xff\xe0" + b"\x00" * 60
YML = b"<yml_catalog><shop><offers/></shop></yml_catalog>"


def commerceml(content: str) -> bytes:
    return f'<КоммерческаяИнформация ВерсияСхемы="2.09">{content}</КоммерческаяИнформация>'.encode()


def offers(offer: str) -> bytes:
    return commerceml(f"<ПакетПредложений><Предложения>{offer}</Предложения></ПакетПредложений>")


def xlsx() -> bytes:
    target = io.BytesIO()
    write_xlsx(target, ["sku", "price"], [["К-1", 1]])
    return target.getvalue()


def packed(**members: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return target.getvalue()


PRICE = "<Предложение><Ид>1</Ид><Цены/></Предложение>"
REST = "<Предложение><Ид>1</Ид><Остатки/></Предложение>"


@pytest.mark.parametrize(
    ("content", "kind"),
    [((REAL / "import.xml").read_bytes(), Kind.CATALOGUE),
     ((REAL / "offers.xml").read_bytes(), Kind.OFFERS),
     (offers(PRICE), Kind.PRICES),
     (offers(REST), Kind.RESTS),
     (commerceml("<Классификатор><Группы/></Классификатор>"), Kind.CLASSIFIER),
     (YML, Kind.YML),
     (xlsx(), Kind.XLSX),
     (b"BMW;SKU\n1;2\n", Kind.CSV),
     ("Артикул;Цена\nК-1;5\n".encode("cp1251"), Kind.CSV),
     (packed(import_xml=YML), Kind.ZIP)],
    ids=lambda value: value if isinstance(value, Kind) else "",
)  # fmt: skip
def test_a_file_is_known_by_its_content(content: bytes, kind: Kind) -> None:
    assert sniff(io.BytesIO(content)) is kind


@pytest.mark.parametrize(
    "content",
    [(REAL / "orders.xml").read_bytes(), b"", b"   ", b"%PDF-1.7\n1 0 obj", JPEG, b"\x89PNG\r\n\x1a\n", b"Rar!\x1a\x07",
     b"\xd0\xcf\x11\xe0\xa1\xb1", b"<html><body>502</body></html>", b"<rss/>", b"just one column\nof text\n",
     commerceml(""), commerceml("<Каталог/>").replace(b"2.09", b"1.0"), b"MZ\x90\x00\x03;\n",
     packed(word__document_xml=b"<w/>"), b"\x7fELF\x02\x01", b"GIF89a;<yml_catalog/>"],
)  # fmt: skip
def test_everything_else_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(Invalid) as refusal:
        sniff(io.BytesIO(content))
    assert refusal.value.sentence.endswith(".")


def test_a_polyglot_is_read_as_what_it_begins_with_or_not_at_all() -> None:
    with pytest.raises(XmlBroken), opened(io.BytesIO(YML + packed(import_xml=b"x"))) as bundle:
        list(bundle.read(bundle.parts[0]))
    with pytest.raises(UnknownFile):
        sniff(io.BytesIO(JPEG + packed(import_xml=YML)))


def test_an_exchange_in_a_zip_is_read_in_order_with_one_directory() -> None:
    source = io.BytesIO(packed(
        webdata__offers_xml=(REAL / "offers.xml").read_bytes(),
        webdata__import_xml=(REAL / "import.xml").read_bytes(),
        webdata__import__files__9d__a_jpg=JPEG,
        webdata__notes_txt=b"for the manager",
        Thumbs_db=b"\xd0\xcf\x11\xe0",
    ))  # fmt: skip
    with opened(source) as bundle:
        assert bundle.parts == [
            Part("webdata/import.xml", Kind.CATALOGUE),
            Part("webdata/offers.xml", Kind.OFFERS),
        ]
        assert bundle.pictures == ["webdata/import/files/9d/a.jpg"]
        assert bundle.problems == [
            Problem("member_ignored", "webdata/notes.txt", "file", params={"value": "webdata/notes.txt"})
        ]
        directory = Directory()
        records = [record for part in bundle.parts for record in bundle.read(part, directory=directory)]
        assert sum(isinstance(record, ProductRecord) for record in records) == 2
        assert sum(isinstance(record, OfferRecord) for record in records) == 5
        with bundle.open(bundle.pictures[0]) as picture:
            assert picture.read() == JPEG


def test_a_table_in_a_zip_needs_its_mapping() -> None:
    with opened(io.BytesIO(packed(price_xlsx=xlsx()))) as bundle:
        assert bundle.parts == [Part("price.xlsx", Kind.XLSX)]
        with pytest.raises(MappingNeeded):
            list(bundle.read(bundle.parts[0]))


@pytest.mark.parametrize(
    ("content", "error"),
    [(packed(a_zip=packed(import_xml=YML)), NestedArchive),
     (packed(a_xml=b"Rar!\x1a\x07"), NestedArchive),
     (packed(a_jpg=JPEG), NothingInside),
     (packed(import_xml=b'<!DOCTYPE r [<!ENTITY a "b">]><r/>'), DoctypeRefused),
     (packed(import_xml=b"0" * 50_000_000), ArchiveRefused)],
    ids=lambda value: None,
)  # fmt: skip
def test_a_hostile_archive_ends_in_a_sentence(content: bytes, error: type[Invalid]) -> None:
    with pytest.raises(error) as refusal, opened(io.BytesIO(content)):
        pass
    assert refusal.value.sentence.endswith(".")
