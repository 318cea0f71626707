"""Archives that climb out, link, lie, overlap, nest and grow."""

from __future__ import annotations

import io
import struct
import tarfile
import warnings
import zipfile
from collections.abc import Iterator

from tests.trust.files import Hostile, fixed
from tests.trust.files.documents import HEAD, goods
from tests.trust.files.tables import packed

GOODS = (HEAD + goods()).encode()
NAMES = (
    "../import.xml",
    "../../../../etc/cron.d/x",
    "/etc/passwd",
    "//server/share/x",
    "a/../../b.xml",
    "..\\import.xml",
    "C:\\windows\\x.xml",
    "c:x.xml",
    "a\nb.xml",
    "a\rb.xml",
    "\x1b[2Jx.xml",
    "a/" * 400 + "x.xml",
    "..",
    "import.xml\u202elmx",
    "\u0000x.xml",
    "a\\..\\..\\b.xml",
    "file:x.xml",
    "a/./../../x",
)
MODES = {"link": 0o120777, "pipe": 0o010644, "socket": 0o140777, "disk": 0o060666, "device": 0o020666}


def archives() -> Iterator[Hostile]:
    """All of them."""
    for name in NAMES:
        yield Hostile(f"zip: name {name[:24]!r}", lambda name=name: _named(name))
    for name, mode in MODES.items():
        yield Hostile(f"zip: {name}", lambda mode=mode: _of_mode(mode))
    for name, how in {"bzip2": zipfile.ZIP_BZIP2, "lzma": zipfile.ZIP_LZMA}.items():
        yield Hostile(f"zip: packed by {name}", lambda how=how: packed({"import.xml": GOODS}, how))
    yield Hostile("zip: with a password", lambda: _patched(6, b"\x01\x00"))
    yield Hostile("zip: unknown packing", lambda: _patched(8, b"\x63\x00"))
    yield Hostile("zip: the same name twice", lambda: _twice("import.xml", "import.xml"))
    yield Hostile(
        "zip: fifty thousand names and one", lambda: packed({f"{n}": b"" for n in range(50_001)}, zipfile.ZIP_STORED)
    )
    yield Hostile("zip: 60 MB of zeros", lambda: packed({"import.xml": b"0" * 60_000_000}))
    yield Hostile(
        "zip: thirty times 3.9 MB of zeros", lambda: packed(dict.fromkeys(map(str, range(30)), b"0" * 3_900_000))
    )
    yield Hostile("zip: a hundred names for the same bytes", lambda: _overlapping(100))
    yield Hostile("zip: zip inside", lambda: packed({"a.zip": packed({"import.xml": GOODS})}))
    yield Hostile("zip: forty zips inside", lambda: _nested(40))
    for name, mark in {"gzip": b"\x1f\x8b\x08", "RAR": b"Rar!\x1a\x07\x01\x00", "7z": b"7z\xbc\xaf\x27\x1c"}.items():
        yield Hostile(f"zip: {name} inside", lambda mark=mark: packed({"a.bin": mark + bytes(90), "import.xml": GOODS}))
    yield Hostile("zip: size forged", lambda: _forged(24, 5))
    yield Hostile("zip: sum forged", lambda: _forged(16, 1))
    yield Hostile("zip: place forged", lambda: _forged(42, 3))
    yield Hostile("zip: place beyond the end", lambda: _forged(42, 2**31))
    yield Hostile("zip: half of it", lambda: packed({"import.xml": GOODS})[:300])
    yield Hostile("zip: without its directory", lambda: packed({"import.xml": GOODS})[:-80])
    yield Hostile("zip: directory of 4 GB", lambda: _ending(12, 2**32 - 2))
    yield Hostile("zip: directory at 4 GB", lambda: _ending(16, 2**32 - 2))
    yield Hostile("zip: ZIP64", _zip64)
    yield Hostile("zip: nothing but a mark", fixed(b"PK\x03\x04"))
    yield Hostile("zip: nothing inside", lambda: packed({}))
    yield Hostile("zip: folders only", lambda: packed({"a/": b"", "b/": b""}))
    yield Hostile("zip: programs only", lambda: packed({"x.exe": b"MZ\x00", ".htaccess": b"x", "x.php": b"<?php ?>"}))
    yield Hostile(
        "zip: page and script only", lambda: packed({"index.html": b"<script>1</script>", "x.svg": b"<svg/>"})
    )
    yield Hostile("tar", lambda: _tar("w"))
    yield Hostile("tar.gz", lambda: _tar("w:gz"))
    yield Hostile("zip: tar inside", lambda: packed({"a.tar": _tar("w")}))
    yield Hostile("zip: laughs inside", lambda: packed({"import.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'}))


def _named(name: str) -> bytes:
    """The name as it is given, where `zipfile` would mend it."""
    member = zipfile.ZipInfo("PLACEHOLDER" if "\x00" in name else name)
    member.filename = name
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(member, GOODS)
    return out.getvalue()


def _of_mode(mode: int) -> bytes:
    member = zipfile.ZipInfo("import.xml")
    member.create_system, member.external_attr = 3, mode << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(member, "/etc/passwd")
    return out.getvalue()


def _twice(*names: str) -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w") as archive:
        warnings.simplefilter("ignore")
        for name in names:
            archive.writestr(name, GOODS)
    return out.getvalue()


def _patched(offset: int, value: bytes) -> bytes:
    """Flags and method stand in both headers, two bytes further in the directory's."""
    body = bytearray(packed({"import.xml": GOODS}))
    body[offset : offset + len(value)] = value
    at = body.rfind(b"PK\x01\x02") + offset + 2
    body[at : at + len(value)] = value
    return bytes(body)


def _forged(offset: int, value: int) -> bytes:
    """A number of the directory that is not true."""
    body = bytearray(packed({"import.xml": GOODS}))
    struct.pack_into("<I", body, body.rfind(b"PK\x01\x02") + offset, value)
    return bytes(body)


def _ending(offset: int, value: int) -> bytes:
    body = bytearray(packed({"import.xml": GOODS}))
    struct.pack_into("<I", body, body.rfind(b"PK\x05\x06") + offset, value)
    return bytes(body)


def _overlapping(times: int) -> bytes:
    """One member in the file, many in the directory."""
    body = packed({"import.xml": b"0" * 3_000_000})
    start, end = body.rfind(b"PK\x01\x02"), body.rfind(b"PK\x05\x06")
    entry = body[start:end]
    entries = b"".join(entry.replace(b"import.xml", f"{n:06}.xml".encode()) for n in range(times))
    tail = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, times, times, len(entries), start, 0)
    return body[:start] + entries + tail


def _nested(depth: int) -> bytes:
    body = GOODS
    for level in range(depth):
        body = packed({f"{level}.zip" if level else "import.xml": body})
    return body


def _zip64() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, archive.open("import.xml", "w", force_zip64=True) as member:
        member.write(GOODS)
    body = out.getvalue()
    at = body.rfind(b"PK\x05\x06")
    return body[:at] + b"PK\x06\x07" + bytes(16) + body[at:]


def _tar(mode: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        member = tarfile.TarInfo("../../import.xml")
        member.size = len(GOODS)
        archive.addfile(member, io.BytesIO(GOODS))
    return out.getvalue()
