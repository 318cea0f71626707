"""The XML reader takes what 1C writes in every encoding it uses, and refuses what could hurt."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from app.kernel.xmlsafe import (
    Caps,
    DoctypeRefused,
    NotXml,
    WrongEncoding,
    XmlBroken,
    XmlRefused,
    XmlTooLarge,
    root_of,
    stream,
)

CAPS = Caps()
LAUGHS = b'<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]><r><a>&c;</a></r>'
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r><a>&x;</a></r>'


def texts(content: bytes, caps: Caps = CAPS) -> list[str]:
    return [node.text for path, node in stream(io.BytesIO(content), {"a"}, caps=caps) if path]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1251", "utf-16", "koi8-r"])
def test_every_encoding_1c_uses_reads_the_same(encoding: str) -> None:
    named = encoding.removesuffix("-sig")
    assert texts(f'<?xml version="1.0" encoding="{named}"?><r><a>Котёл</a></r>'.encode(encoding)) == ["Котёл"]


def test_names_lose_their_namespace_and_prefix() -> None:
    content = b'<x:r xmlns:x="urn:x" x:v="1"><x:a x:k="2"><x:b>t</x:b></x:a></x:r>'
    (_root_path, root), (_path, record) = stream(io.BytesIO(content), {"a"})
    assert (root.name, root.attributes) == ("r", {"v": "1"})
    assert (record.attributes, record.text_of("b")) == ({"k": "2"}, "t")


def test_a_path_matches_only_where_it_stands() -> None:
    content = b"<r><g><a>1</a></g><x><g><a>2</a></g></x><a>3</a></r>"
    assert [node.text for path, node in stream(io.BytesIO(content), {"g/a"}) if path] == ["1"]


def test_root_of_reads_no_further_than_the_root() -> None:
    assert root_of(io.BytesIO(b'<r v="2.07"><a>' + b"x" * 100)).attributes == {"v": "2.07"}


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (LAUGHS, DoctypeRefused),
        (OUTSIDE, DoctypeRefused),
        (b'<!DOCTYPE yml_catalog SYSTEM "shops.dtd"><r/>', DoctypeRefused),
        ('<!DOCTYPE r [<!ENTITY x "y">]><r/>'.encode("utf-16"), DoctypeRefused),
        (b"<r><a>&x;</a></r>", XmlBroken),
        (b"<r>" + b"<a>" * 100_000, XmlTooLarge),
        (b'<r><a x="' + b"y" * 40_000 + b'"/></r>', XmlTooLarge),
        (b"<r><a " + b" ".join(b'x%d="1"' % n for n in range(100)) + b"/></r>", XmlTooLarge),
        (b"<r><a>" + b"y" * 1_000_001 + b"</a></r>", XmlTooLarge),
        (b"<r><a>" + b"<b/>" * 300_001 + b"</a></r>", XmlTooLarge),
        (b"<r><a>1</a>", XmlBroken),
        (b"<r><a>1</a></r><r/>", XmlBroken),
        (b"<r/>PK\x03\x04", XmlBroken),
        (b"<r><a></b></r>", XmlBroken),
        (b"<r>\x00</r>", WrongEncoding),
        ('<?xml version="1.0" encoding="UTF-8"?><r>Котёл</r>'.encode("cp1251"), WrongEncoding),
        ('<?xml version="1.0" encoding="windows-1251"?><r>Котёл</r>'.encode(), WrongEncoding),
        (b'<?xml version="1.0" encoding="UTF-7"?><r/>', WrongEncoding),
        (b'<?xml version="1.0" encoding="nonsense"?><r/>', WrongEncoding),
        (b"GIF89a", NotXml),
        (b"", XmlBroken),
    ],
    ids=str,
)
def test_what_could_hurt_ends_in_a_sentence(content: bytes, error: type[XmlRefused]) -> None:
    with pytest.raises(error) as refusal:
        texts(content)
    assert refusal.value.sentence.endswith(".")


def test_a_file_longer_than_the_cap_is_refused() -> None:
    with pytest.raises(XmlTooLarge):
        texts(b"<r>" + b" " * 200_000 + b"</r>", Caps(size=100_000))


def test_elements_nobody_asked_for_are_not_kept() -> None:
    class Endless(io.RawIOBase):
        sent = 0

        def read(self, size: int = -1) -> bytes:
            self.sent += 1
            return b"<r>" if self.sent == 1 else b"<b>text</b>" * 6_000

    source = Endless()
    parts: Iterator[object] = stream(source, {"a"}, caps=Caps(size=20_000_000))  # type: ignore[arg-type]
    with pytest.raises(XmlTooLarge):
        list(parts)
    assert source.sent > 250
