"""An archive is judged by its directory before anything is unpacked."""

from __future__ import annotations

import io
import stat
import zipfile

import pytest

from app.kernel.zipsafe import ArchiveRefused, ZipCaps, open_archive


def packed(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name) if method == zipfile.ZIP_STORED else name, content)
    target.seek(0)
    return target


def linked() -> io.BytesIO:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        link = zipfile.ZipInfo("import.xml")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return target


def encrypted() -> io.BytesIO:
    content = bytearray(packed({"a": b"x"}).getvalue())
    at = content.rfind(b"PK\x01\x02")
    content[at + 8] |= 1
    return io.BytesIO(bytes(content))


def with_huge_directory() -> io.BytesIO:
    content = bytearray(packed({"a": b"x"}).getvalue())
    at = content.rfind(b"PK\x05\x06")
    content[at + 12 : at + 16] = (100_000_000).to_bytes(4, "little")
    return io.BytesIO(bytes(content))


def sharing_bytes() -> io.BytesIO:
    """Two names in the directory for the same place."""
    content = packed({"a": b"x" * 999, "b": b"y" * 999}).getvalue()
    first, second = content.find(b"PK\x01\x02"), content.rfind(b"PK\x01\x02")
    return io.BytesIO(content[: second + 42] + content[first + 42 : first + 46] + content[second + 46 :])


def test_an_ordinary_archive_opens() -> None:
    with open_archive(packed({"import.xml": b"x", "import_files/9d/a.jpg": b"y"})) as archive:
        assert archive.read("import_files/9d/a.jpg") == b"y"


@pytest.mark.parametrize(
    "source",
    [
        packed({"../import.xml": b"x"}),
        packed({"/etc/passwd": b"x"}),
        packed({"a/../../b": b"x"}),
        packed({"C:\\windows\\a": b"x"}, zipfile.ZIP_STORED),
        packed({"a\nb": b"x"}),
        packed({"bomb.xml": b"0" * 50_000_000}),
        packed({"import.xml": b"x"}, zipfile.ZIP_BZIP2),
        linked(),
        encrypted(),
        with_huge_directory(),
        io.BytesIO(b"PK\x03\x04 and nothing else"),
        io.BytesIO(packed({"a": b"x"}).getvalue()[:-30]),
        io.BytesIO(packed({"a": b"x"}).getvalue() + b"PK\x06\x07" + b"\x00" * 16),
    ],
    ids=lambda source: None,
)
def test_a_dangerous_archive_ends_in_a_sentence(source: io.BytesIO) -> None:
    with pytest.raises(ArchiveRefused) as refusal:
        open_archive(source)
    assert refusal.value.sentence.endswith(".")


def test_more_members_than_the_cap_are_refused() -> None:
    with pytest.raises(ArchiveRefused):
        open_archive(packed({str(n): b"" for n in range(11)}), ZipCaps(members=10))


def test_members_that_share_bytes_are_refused() -> None:
    with pytest.raises(ArchiveRefused, match="broken"):
        open_archive(sharing_bytes())


def test_many_small_members_may_not_grow_without_bound_together() -> None:
    with pytest.raises(ArchiveRefused, match="too large"):
        open_archive(packed({str(number): b"0" * 3_900_000 for number in range(20)}))
