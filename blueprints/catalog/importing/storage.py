"""Where uploaded catalogues wait: outside everything that is served, under random names, a folder a tenant."""

from __future__ import annotations

import re
import secrets
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from flask import current_app

from app.kernel.errors import Invalid, Unavailable
from app.kernel.identity import current_tenant
from app.kernel.words import _
from app.kernel.zipsafe import open_archive

from .files import Bundle, opened
from .pictures import Opener

KEEP = timedelta(days=7)
CHUNK = 1024 * 1024
LARGEST = 256 * 1024 * 1024


class TooLarge(Invalid):
    """The upload is larger than what we take."""


class FileGone(Unavailable):
    """The file of a run is no longer there."""


def root() -> Path:
    """The folder of all tenants' uploads."""
    return Path(current_app.config["ZVENO"].data_dir).resolve() / "imports"


def own() -> Path:
    """The folder of the tenant that speaks."""
    return root() / current_tenant()


def keep(upload: BinaryIO, *, most: int = LARGEST) -> str:
    """Store an upload; answers its random name. `TooLarge` past `most` bytes."""
    own().mkdir(parents=True, exist_ok=True)
    name = secrets.token_hex(16)
    try:
        with (own() / name).open("xb") as file:
            append(upload, file, most)
    except TooLarge:
        drop(name)
        raise
    return name


@contextmanager
def opened_at(name: str) -> Iterator[BinaryIO]:
    """The bytes kept under that name."""
    try:
        with (own() / name).open("rb") as file:
            yield file
    except FileNotFoundError:
        raise FileGone(_("The uploaded file is no longer here. Upload it again.")) from None


def append(upload: BinaryIO, file: BinaryIO, room: int) -> int:
    """Copy what comes to the end of a file, at most `room` bytes; answers how many came."""
    taken = 0
    while chunk := upload.read(CHUNK):
        taken += len(chunk)
        if taken > room:
            raise TooLarge(_("The file is larger than %(cap)s MB. Send it in parts.", cap=max(1, room // 1024 // 1024)))
        file.write(chunk)
    return taken


def drop(name: str) -> None:
    """Throw a stored file or folder away, if it is there."""
    path = own() / name
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def forget_old(at: datetime) -> None:
    """Throw away what was last touched long ago."""
    for path in (*root().glob("*/*"), *root().glob("*/exchange/*")):
        if path.name != "exchange" and path.stat().st_mtime < (at - KEEP).timestamp():
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


@contextmanager
def stored(stored_as: str) -> Iterator[tuple[Bundle, Opener]]:
    """The catalogue kept under that name, and how to open its pictures.

    `stored_as` is the name `keep` gave, or `exchange/<session>/<file>` for a file that an exchange brought,
    alone or inside one of its archives.
    """
    session, name = _exchange_of(stored_as)
    try:
        if session is None:
            with (own() / stored_as).open("rb") as file, opened(file) as bundle:
                yield bundle, within(bundle)
        else:
            with exchanged(exchange_folder(session), name) as file, opened(file) as bundle:
                yield bundle, _beside(exchange_folder(session))
    except FileNotFoundError:
        raise FileGone(_("The uploaded file is no longer here. Upload it again.")) from None


@contextmanager
def exchanged(folder: Path, name: str) -> Iterator[BinaryIO]:
    """A file of an exchange by its name, unpacked if it came in an archive; `FileNotFoundError` if it did not come."""
    if (folder / name).is_file():
        with (folder / name).open("rb") as file:
            yield file
        return
    for path in archives(folder):
        with path.open("rb") as packed, open_archive(packed) as archive:
            member = _member(archive, name)
            if member:
                with Bundle(packed, archive).open(member) as file:
                    yield file
                return
    raise FileNotFoundError(name)


def exchange_folder(session: str) -> Path:
    """Where the files of one exchange of the tenant are gathered."""
    return own() / "exchange" / session


def _exchange_of(stored_as: str) -> tuple[str | None, str]:
    """Session and file name of what an exchange brought; no session for an upload."""
    kind, _slash, rest = stored_as.partition("/")
    session, _slash, name = rest.partition("/")
    return (session, name) if kind == "exchange" and name else (None, stored_as)


def is_part(stored_as: str) -> bool:
    """Whether an exchange sends more files of the same export: 1C numbers them, `import0_1.xml`, `import0_2.xml`."""
    return stored_as.startswith("exchange/") and re.search(r"\d+_\d+\.xml$", stored_as) is not None


def archives(folder: Path) -> list[Path]:
    """The archives of an exchange, by name."""
    return sorted(path for path in folder.glob("*") if path.is_file() and zipfile.is_zipfile(path))


def within(bundle: Bundle) -> Opener:
    """Opens pictures that lie in the same archive."""
    return lambda name: bundle.open(found) if (found := _called(bundle.pictures, name)) else None


def _beside(folder: Path) -> Opener:
    """Pictures that came as files of their own or in archives."""
    places: dict[str, Path | None] = {str(path.relative_to(folder)): None for path in folder.rglob("*")}
    for path in archives(folder):
        with path.open("rb") as packed, open_archive(packed) as archive:
            places |= dict.fromkeys(archive.namelist(), path)

    def opener(name: str) -> AbstractContextManager[BinaryIO] | None:
        found = _called(places, name)
        if found is None:
            return None
        packed = places[found]
        return _unpacked(packed, found) if packed else (folder / found).open("rb")

    return opener


@contextmanager
def _unpacked(path: Path, member: str) -> Iterator[BinaryIO]:
    with path.open("rb") as packed, open_archive(packed) as archive, Bundle(packed, archive).open(member) as file:
        yield file


def _called(names: list[str] | dict[str, Path | None], name: str) -> str | None:
    """The file goods call by that name: the whole path, or its last part."""
    if name in names:
        return name
    last = PurePosixPath(name).name
    return next((one for one in names if PurePosixPath(one).name == last), None)


def _member(archive: zipfile.ZipFile, name: str) -> str | None:
    return _called(archive.namelist(), name)
