"""The one XML reader of the house: streaming, and hard to hurt.

No DOCTYPE, so no entities of the file's own and nothing external; no network; caps on bytes, depth,
attributes, text and the size of one record. Only the records asked for are built, one at a time, so
memory does not grow with the file. What it cannot take ends in an `XmlRefused` with one sentence.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from lxml import etree

from app.kernel.errors import Invalid
from app.kernel.words import _

CHUNK = 64 * 1024
UNICODE = {"utf-8", "utf-16", "utf-16-le", "utf-16-be"}
ENCODINGS = UNICODE | {"cp1251", "cp866", "koi8-r", "iso8859-1", "iso8859-5", "ascii"}
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
NOTHING: Mapping[str, str] = {}
LEAF: list[Node] = []


class XmlRefused(Invalid):
    """The file cannot be read as XML, or may not be."""


class NotXml(XmlRefused):
    """The bytes do not begin as XML does."""


class DoctypeRefused(XmlRefused):
    """A DOCTYPE can define entities that grow without bound or read other files."""


class XmlTooLarge(XmlRefused):
    """One of the caps is exceeded."""


class XmlBroken(XmlRefused):
    """Not well formed, or cut off."""


class WrongEncoding(XmlRefused):
    """The bytes are not in the encoding the first line names."""


@dataclass(frozen=True, slots=True)
class Caps:
    """What one file may ask of us; lengths in characters, `size` in bytes, `nodes` and `record` per record."""

    size: int = 1024 * 1024 * 1024
    depth: int = 64
    attributes: int = 64
    attribute: int = 32_768
    text: int = 1_000_000
    nodes: int = 300_000
    record: int = 16_000_000


class Node:
    """An element of a record: local name, attributes, children, and the text after the last child. No namespaces."""

    __slots__ = ("name", "attributes", "text", "children")

    def __init__(self, name: str, attributes: Mapping[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.text = ""
        self.children: list[Node] = LEAF

    def child(self, name: str) -> Node | None:
        """The first child of that name."""
        for node in self.children:
            if node.name == name:
                return node
        return None

    def all(self, *path: str) -> Iterator[Node]:
        """Every descendant reached by walking down `path`, in document order."""
        for node in self.children:
            if node.name == path[0]:
                if len(path) == 1:
                    yield node
                else:
                    yield from node.all(*path[1:])

    def text_of(self, *path: str) -> str:
        """The stripped text found by going down the first child of each name in `path`; empty if there is none."""
        found: Node | None = self
        for name in path:
            found = found.child(name) if found else None
        return found.text.strip() if found else ""


def stream(
    source: BinaryIO, records: Collection[str], *, openings: Collection[str] = (), caps: Caps = Caps()
) -> Iterator[tuple[str, Node]]:
    """Each element whose path is in `records`, whole; each in `openings` when it opens, with attributes only.

    A path is the local names below the root joined by `/`; the root itself is `""`. The root always opens.
    """
    builder = _Builder(frozenset(records), frozenset(openings) | {""}, caps)
    parser = etree.XMLParser(
        target=builder, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False
    )
    try:
        for chunk in _checked(source, caps):
            parser.feed(chunk)
            yield from builder.take()
        parser.close()
    except etree.XMLSyntaxError as error:
        raise _broken(error) from None
    yield from builder.take()


def root_of(source: BinaryIO) -> Node:
    """The root element with its attributes; the rest of the file is not looked at."""
    return next(stream(source, ()))[1]


class _Builder:
    """A parser target that keeps the path it is at, and a tree only inside a record.

    It is called for every element of the file, so inside a record it does no more than it must.
    """

    def __init__(self, records: frozenset[str], openings: frozenset[str], caps: Caps) -> None:
        self._records, self._openings, self._caps = records, openings, caps
        self._outer: list[str] = []
        self._open: list[Node] = []
        self._ready: list[tuple[str, Node]] = []
        self._text: list[str] = []
        self._length = self._nodes = self._characters = 0

    def take(self) -> list[tuple[str, Node]]:
        ready, self._ready = self._ready, []
        return ready

    def doctype(self, *_declaration: object) -> None:
        raise DoctypeRefused(
            _("The file has a DOCTYPE, which is not accepted. Delete the line with <!DOCTYPE and send it again.")
        )

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        node = Node(tag.rpartition("}")[2], self._local(attributes) if attributes else NOTHING)
        self._text.clear()
        self._length = 0
        if len(self._outer) + len(self._open) >= self._caps.depth:
            raise _too_large(_("elements are nested deeper than %(cap)d levels", cap=self._caps.depth))
        if not self._open:
            return self._enter(node)
        self._nodes += 1
        if self._nodes > self._caps.nodes:
            raise _too_large(_("one record has more than %(cap)d elements", cap=self._caps.nodes))
        parent = self._open[-1]
        if parent.children:
            parent.children.append(node)
        else:
            parent.children = [node]
        self._open.append(node)

    def _enter(self, node: Node) -> None:
        path = self._path(node.name)
        if path in self._openings:
            self._ready.append((path, node))
        if path in self._records:
            self._nodes, self._characters = 1, 0
            self._open.append(Node(node.name, node.attributes))
        else:
            self._outer.append(node.name)

    def _path(self, name: str) -> str:
        return "/".join([*self._outer, name][1:])

    def _local(self, attributes: Mapping[str, str]) -> Mapping[str, str]:
        if len(attributes) > self._caps.attributes:
            raise _too_large(_("an element has more than %(cap)d attributes", cap=self._caps.attributes))
        prefixed = False
        for name, value in attributes.items():
            prefixed = prefixed or name[0] == "{"
            if len(value) > self._caps.attribute:
                raise _too_large(_("an attribute is longer than %(cap)d characters", cap=self._caps.attribute))
        return {name.rpartition("}")[2]: value for name, value in attributes.items()} if prefixed else attributes

    def data(self, text: str) -> None:
        self._length += len(text)
        if self._length > self._caps.text:
            raise _too_large(_("a text is longer than %(cap)d characters", cap=self._caps.text))
        self._text.append(text)

    def end(self, _tag: str) -> None:
        if self._open:
            self._leave(self._open.pop())
        else:
            self._outer.pop()
        self._text.clear()
        self._length = 0

    def _leave(self, node: Node) -> None:
        if self._length:
            node.text = "".join(self._text)
            self._characters += self._length
            if self._characters > self._caps.record:
                raise _too_large(_("one record is longer than %(cap)d characters", cap=self._caps.record))
        if not self._open:
            self._ready.append((self._path(node.name), node))

    def close(self) -> None:
        """Nothing is left to say at the end; lxml asks for the method."""


def _checked(source: BinaryIO, caps: Caps) -> Iterator[bytes]:
    """The file in chunks, refused as soon as it is no XML, too long, or not in the encoding it names."""
    size, head, decoder = 0, True, None
    while chunk := source.read(CHUNK):
        if head:
            decoder, head = _doubt(_begin(chunk)), False
        if decoder and not chunk.isascii():
            decoder = _still_not_utf8(chunk)
        size += len(chunk)
        if size > caps.size:
            raise _too_large(_("it is longer than %(cap)d bytes", cap=caps.size))
        yield chunk
    if head:
        raise XmlBroken(_("The file is empty. Export it again."))


def _begin(chunk: bytes) -> str:
    """The codec the file names, `utf-8` if it names none."""
    if chunk.startswith(UTF_16_MARKS):
        return "utf-16"
    if not chunk.removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"<":
        raise NotXml(_("The file is not XML: it does not begin with an XML element."))
    if chunk.startswith(codecs.BOM_UTF8):
        return "utf-8"
    declared = DECLARED.match(chunk)
    return _codec(declared.group(1).decode()) if declared else "utf-8"


def _codec(name: str) -> str:
    try:
        codec = codecs.lookup(name).name
    except LookupError:
        codec = ""
    if codec not in ENCODINGS:
        raise WrongEncoding(
            _("The first line names the encoding %(name)s, which is not accepted. Export the file in UTF-8.", name=name)
        )
    return codec


def _doubt(codec: str) -> bool:
    """One-byte encodings take any bytes, so a wrong name would turn every text into garbage unnoticed."""
    return codec not in UNICODE


def _still_not_utf8(chunk: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(chunk)
    except UnicodeDecodeError:
        return False
    raise WrongEncoding(
        _("The text is in UTF-8, but the first line names another encoding. Put UTF-8 there or export it again.")
    )


def _too_large(what: str) -> XmlTooLarge:
    return XmlTooLarge(_("The file is not accepted: %(what)s.", what=what))


_Codes = etree.ErrorTypes
BAD_BYTES = {
    _Codes.ERR_INVALID_ENCODING,
    _Codes.ERR_INVALID_CHAR,
    _Codes.I18N_CONV_FAILED,
    _Codes.ERR_UNKNOWN_ENCODING,
}
CUT_OFF = {_Codes.ERR_DOCUMENT_EMPTY, _Codes.ERR_TAG_NOT_FINISHED, _Codes.ERR_GT_REQUIRED}
UNKNOWN_ENTITY = {_Codes.ERR_UNDECLARED_ENTITY, _Codes.WAR_UNDECLARED_ENTITY}


def _broken(error: etree.XMLSyntaxError) -> XmlRefused:
    line = error.lineno or 1
    if error.code in BAD_BYTES:
        return WrongEncoding(
            _("Line %(line)d holds bytes that are no text in the encoding of the file. Export it in UTF-8.", line=line)
        )
    if error.code in CUT_OFF:
        return XmlBroken(
            _("The file breaks off at line %(line)d: its end is missing. Export and send it again.", line=line)
        )
    if error.code == _Codes.ERR_DOCUMENT_END:
        return XmlBroken(_("Something follows the end of the XML at line %(line)d. Export the file again.", line=line))
    if error.code in UNKNOWN_ENTITY:
        return XmlBroken(
            _("Line %(line)d uses an entity XML does not know. Write & as &amp; and export again.", line=line)
        )
    return XmlBroken(_("The XML is broken at line %(line)d. Export the file again.", line=line))
