"""Opening a ZIP that a stranger sent: judged by its directory before a byte is unpacked.

Refused: too many members, too much when unpacked, a suspicious ratio, names that climb out of the folder,
links, encryption, ZIP64. Reading a member afterwards never yields more than the directory promised.
"""

from __future__ import annotations

import io
import stat
import zipfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath
from typing import BinaryIO

from app.kernel.errors import Invalid
from app.kernel.words import _

MARK = b"PK\x03\x04"
END_MARK, ZIP64_MARK = b"PK\x05\x06", b"PK\x06\x07"
TAIL = 22 + 20 + 65_535
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
SMALL, ALTOGETHER_SMALL = 4 * 1024 * 1024, 64 * 1024 * 1024


class ArchiveRefused(Invalid):
    """The archive is broken, or unpacking it would be dangerous."""


@dataclass(frozen=True, slots=True)
class ZipCaps:
    """What an archive may hold; sizes in bytes, `ratio` unpacked to packed, judged above a few megabytes.

    `zip64`: whether archives of more than 4 GB are taken, which only ours can be.
    """

    members: int = 50_000
    member: int = 1024 * 1024 * 1024
    total: int = 4 * 1024 * 1024 * 1024
    ratio: int = 300
    directory: int = 16 * 1024 * 1024
    zip64: bool = False


def open_archive(source: BinaryIO, caps: ZipCaps = ZipCaps()) -> zipfile.ZipFile:
    """The archive, checked; raises `ArchiveRefused` with the reason. The caller closes it."""
    _check_end(source, caps)
    try:
        archive = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError):
        raise ArchiveRefused(_("The archive is broken. Pack the files again.")) from None
    try:
        _check_members(archive.infolist(), caps)
    except ArchiveRefused:
        archive.close()
        raise
    return archive


def read_start(archive: zipfile.ZipFile, member: zipfile.ZipInfo, size: int) -> bytes:
    """The first bytes of a member."""
    try:
        with archive.open(member) as unpacked:
            return unpacked.read(size)
    except (zipfile.BadZipFile, zipfile.zlib.error, EOFError, OSError):
        raise ArchiveRefused(
            _("%(name)s in the archive is damaged. Pack the files again.", name=member.filename)
        ) from None


def _check_end(source: BinaryIO, caps: ZipCaps) -> None:
    """The directory itself may be the bomb: its size is read before `zipfile` loads it."""
    length = source.seek(0, io.SEEK_END)
    source.seek(max(0, length - TAIL))
    tail = source.read(TAIL)
    source.seek(0)
    if caps.zip64 and ZIP64_MARK in tail:
        return
    if ZIP64_MARK in tail:
        raise ArchiveRefused(_("The archive is in the ZIP64 format. Pack the files in parts of less than 4 GB."))
    at = tail.find(END_MARK)
    while at >= 0:
        if int.from_bytes(tail[at + 12 : at + 16], "little") > caps.directory:
            raise _too_many(caps)
        at = tail.find(END_MARK, at + 1)


def _check_members(members: list[zipfile.ZipInfo], caps: ZipCaps) -> None:
    if len(members) > caps.members:
        raise _too_many(caps)
    for member in members:
        _check_name(member)
        _check_shape(member)
        _check_size(member, caps)
    if len({member.filename for member in members}) < len(members):
        raise ArchiveRefused(_("Two files in the archive have the same name. Pack the files again."))
    unpacked, packed = (sum(getattr(one, size) for one in members) for size in ("file_size", "compress_size"))
    if unpacked > caps.total or (unpacked > ALTOGETHER_SMALL and unpacked > caps.ratio * packed):
        raise ArchiveRefused(_("Unpacked, the archive is too large. Send it in parts."))
    _check_places(members)


def _check_places(members: list[zipfile.ZipInfo]) -> None:
    """Members that share bytes let a small file unpack to a large one, member by member within its caps."""
    ordered = sorted(members, key=lambda member: member.header_offset)
    for member, following in pairwise(ordered):
        if following.header_offset < member.header_offset + member.compress_size:
            raise ArchiveRefused(_("The archive is broken. Pack the files again."))


def _check_name(member: zipfile.ZipInfo) -> None:
    # `orig_filename` is what stands in the file: `filename` is already cut at a NUL
    name = member.orig_filename
    odd = "\\" in name or ":" in name or not name.isprintable() or len(name) > 512
    if odd or PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        shown = "".join(letter if letter.isprintable() else "?" for letter in name[:80])
        raise ArchiveRefused(_("The file name %(name)s in the archive is not accepted. Use plain names.", name=shown))


def _check_shape(member: zipfile.ZipInfo) -> None:
    mode = member.external_attr >> 16
    if stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise ArchiveRefused(
            _("%(name)s in the archive is a link, not a file. Pack the file itself.", name=member.filename)
        )
    if member.flag_bits & 0x1:
        raise ArchiveRefused(_("The archive has a password. Pack the files without one."))
    if member.compress_type not in METHODS:
        raise ArchiveRefused(_("The archive uses a rare compression. Pack the files as an ordinary ZIP."))


def _check_size(member: zipfile.ZipInfo, caps: ZipCaps) -> None:
    too_dense = member.file_size > SMALL and member.file_size > caps.ratio * max(1, member.compress_size)
    if member.file_size > caps.member or too_dense:
        raise ArchiveRefused(
            _("%(name)s grows too large when unpacked, so the archive is refused.", name=member.filename)
        )


def _too_many(caps: ZipCaps) -> ArchiveRefused:
    return ArchiveRefused(_("The archive holds more than %(cap)d files. Send it in parts.", cap=caps.members))
