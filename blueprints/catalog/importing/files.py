"""What a person or 1C sent, opened: one catalogue file, or a ZIP of several with pictures.

Parts come in the order they must be read: classifier, goods, offers, prices, stock. Nested archives are refused.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from app.kernel.errors import Invalid
from app.kernel.spreadsheets import SpreadsheetRefused
from app.kernel.words import _
from app.kernel.zipsafe import ArchiveRefused, open_archive, read_start

from . import commerceml, tables, yml
from .directory import Directory
from .problems import Notes, Problem
from .records import Read
from .sniff import ARCHIVES, HEAD, PICTURES, Kind, UnknownFile, foreign_format, sniff
from .tables import Mapping

IN_MEMORY = 8 * 1024 * 1024
# what operating systems add to an archive on their own
LITTER = {"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"}


class NestedArchive(Invalid):
    """An archive inside an archive."""


class NothingInside(Invalid):
    """An archive without any catalogue file."""


class MappingNeeded(Invalid):
    """A table cannot be read before its columns are mapped."""


@dataclass(frozen=True, slots=True)
class Part:
    """One catalogue file; `name` is its name in the archive, empty if the file came alone."""

    name: str
    kind: Kind


@dataclass(slots=True)
class Bundle:
    """The opened file: its catalogue parts in order, names of its pictures, and what was left out."""

    source: BinaryIO
    archive: zipfile.ZipFile | None = None
    parts: list[Part] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """A part or a picture by its name, seekable, at its start."""
        if self.archive is None:
            self.source.seek(0)
            yield self.source
        else:
            with _unpack(self.archive, name) as file:
                yield file

    def read(self, part: Part, *, directory: Directory | None = None, mapping: Mapping | None = None) -> Iterator[Read]:
        """Records and problems of a part; pass one `directory` to all parts of an exchange, a `mapping` to a table."""
        with self.open(part.name) as file:
            if part.kind is Kind.YML:
                yield from yml.read(file)
            elif not part.kind.is_table:
                yield from commerceml.read(file, directory)
            elif mapping is not None:
                yield from tables.read(file, mapping)
            else:
                raise MappingNeeded(_("Say what the columns of the table hold."), field="columns")


@contextmanager
def opened(source: BinaryIO) -> Iterator[Bundle]:
    """The file, known by its content; raises `Invalid` with a sentence if there is nothing in it we can read."""
    kind = sniff(source)
    if kind is not Kind.ZIP:
        yield Bundle(source, parts=[Part("", kind)])
        return
    with open_archive(source) as archive:
        bundle = Bundle(source, archive)
        for member in archive.infolist():
            if not member.is_dir() and not LITTER.intersection(PurePosixPath(member.filename).parts):
                _sort_in(bundle, archive, member)
        if not bundle.parts:
            raise NothingInside(_("The archive holds no catalogue. Put CommerceML, YML, XLSX or CSV into it."))
        order = list(Kind)
        bundle.parts.sort(key=lambda part: (order.index(part.kind), part.name))
        yield bundle


def _sort_in(bundle: Bundle, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    foreign = foreign_format(read_start(archive, member, HEAD))
    if foreign in PICTURES:
        bundle.pictures.append(member.filename)
    elif foreign in ARCHIVES:
        raise _nested(member.filename)
    else:
        _sort_by_content(bundle, archive, member.filename)


def _sort_by_content(bundle: Bundle, archive: zipfile.ZipFile, name: str) -> None:
    try:
        with _unpack(archive, name) as file:
            kind = sniff(file)
    except (UnknownFile, SpreadsheetRefused):
        notes = Notes(name)
        notes.warn("member_ignored", "file", name)
        bundle.problems += notes.problems
        return
    if kind is Kind.ZIP:
        raise _nested(name)
    bundle.parts.append(Part(name, kind))


def _nested(name: str) -> NestedArchive:
    return NestedArchive(_("%(name)s is an archive inside the archive. Put its files in directly.", name=name[:80]))


@contextmanager
def _unpack(archive: zipfile.ZipFile, name: str) -> Iterator[BinaryIO]:
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as spool:
        try:
            with archive.open(name) as packed:
                shutil.copyfileobj(packed, spool)
        except (KeyError, zipfile.BadZipFile, zipfile.zlib.error, EOFError):
            raise ArchiveRefused(
                _("%(name)s in the archive is damaged. Pack the files again.", name=name[:80])
            ) from None
        spool.seek(0)
        yield cast(BinaryIO, spool)
