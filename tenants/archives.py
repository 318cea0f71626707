"""The archive of one tenant: a ZIP of table data, files and a sealed manifest.

`manifest.json` says whose it is, of which revisions, and the size and SHA-256 of every other member; `seal` is
the manifest's HMAC under a key of this deployment. Tables are rows as COPY writes them: data, never statements.
An archive is a stranger's file until it is verified: nothing of it is used before `verified` has read it whole.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from app.kernel.errors import Invalid
from app.kernel.words import _
from app.kernel.zipsafe import ZipCaps, open_archive

FORMAT = 1
MANIFEST, SEAL = "manifest.json", "seal"
CHUNK = 1024 * 1024
LARGEST_MANIFEST = 128 * 1024 * 1024
GIB = 1024**3
CAPS = ZipCaps(
    members=500_000, member=64 * GIB, total=512 * GIB, ratio=1100, directory=256 * 1024 * 1024, zip64=True
)
"""Deflate cannot pack denser than 1 : 1032, and a table of like rows comes near."""

FILE_NAME = re.compile(r"media(/[\w-][\w.-]*)+", re.ASCII)
TABLE_NAME = re.compile(r"(tenant|network)/([a-z_][a-z0-9_]*)\.copy", re.ASCII)


class BadArchive(Invalid):
    """The file is no archive of a tenant that can be taken."""


@dataclass(frozen=True, slots=True)
class Member:
    """What the manifest promises of a member; `columns` and `rows` of tables only."""

    sha256: str
    size: int
    columns: tuple[str, ...] = ()
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Manifest:
    """Whose data it is, of when and of which shape."""

    made_at: str
    revisions: dict[str, str]
    tenant: dict[str, Any]
    hosts: tuple[str, ...]
    sequences: dict[str, int]
    members: dict[str, Member] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def tenant_id(self) -> str:
        """Whose archive it is."""
        return self.tenant["id"]

    def tables(self, place: str) -> dict[str, Member]:
        """Tables of `tenant` or `network` by name."""
        parts = ((TABLE_NAME.fullmatch(name), member) for name, member in self.members.items())
        return {found[2]: member for found, member in parts if found and found[1] == place}

    def files(self) -> list[str]:
        """Members that are the tenant's files."""
        return [name for name in self.members if name.startswith("media/")]


def seal_of(manifest: bytes, key: bytes) -> str:
    """What proves that we wrote the manifest."""
    return hmac.new(key, manifest, hashlib.sha256).hexdigest()


def sealing_key(secret_key: str) -> bytes:
    """The deployment's key for archives, which cannot be told from its other keys."""
    return hmac.new(secret_key.encode(), b"archives of tenants", hashlib.sha256).digest()


class Writer:
    """Writes members one after the other, counting and hashing; `finish` adds manifest and seal."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.members: dict[str, Member] = {}

    @contextmanager
    def member(self, name: str, *, packed: bool = True) -> Iterator[Counting]:
        """Where the bytes of a member go."""
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        info.external_attr = 0o600 << 16
        with self._archive.open(info, "w", force_zip64=True) as raw:
            counting = Counting(raw)
            yield counting
        self.members[name] = Member(counting.digest(), counting.size, counting.columns, counting.rows)

    def finish(self, manifest: Manifest, key: bytes) -> None:
        """Close with what everything else is checked by."""
        body = json.dumps(asdict(manifest), ensure_ascii=False, indent=1, default=str).encode()
        self._archive.writestr(MANIFEST, body)
        self._archive.writestr(SEAL, seal_of(body, key))


class Counting:
    """Passes bytes on, and knows how many and their hash."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw, self._hash = raw, hashlib.sha256()
        self.size = self.rows = 0
        self.columns: tuple[str, ...] = ()

    def write(self, chunk: bytes | memoryview) -> None:
        """Pass on."""
        self._raw.write(chunk)
        self._hash.update(chunk)
        self.size += len(chunk)

    def digest(self) -> str:
        """SHA-256 of what was passed on."""
        return self._hash.hexdigest()


class Archive:
    """An archive that was read whole and is as its manifest says."""

    def __init__(self, raw: zipfile.ZipFile, manifest: Manifest) -> None:
        self._raw, self.manifest = raw, manifest

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of a member."""
        with self._raw.open(name) as member:
            while chunk := member.read(CHUNK):
                yield chunk


@contextmanager
def verified(path: Path, key: bytes | None) -> Iterator[Archive]:
    """The archive, after each of its bytes was checked; `BadArchive` with the reason. `key` None asks for no seal."""
    with path.open("rb") as source, open_archive(source, CAPS) as raw:
        body, seal = (_small(raw, name) for name in (MANIFEST, SEAL))
        if key is not None and not hmac.compare_digest(seal_of(body, key).encode(), seal):
            raise BadArchive(_("The archive's seal is not ours: it was changed, or made with another secret key."))
        manifest = _read(body)
        if {*manifest.members, MANIFEST, SEAL} != set(raw.namelist()):
            raise BadArchive(_("The archive does not hold what its manifest says."))
        archive = Archive(raw, manifest)
        for name in manifest.members:
            _check(archive, name)
        yield archive


def _small(raw: zipfile.ZipFile, name: str) -> bytes:
    if name not in raw.namelist() or raw.getinfo(name).file_size > LARGEST_MANIFEST:
        raise BadArchive(_("This is no archive of a tenant."))
    try:
        return raw.read(name)
    except (zipfile.BadZipFile, zipfile.zlib.error, EOFError):
        raise BadArchive(_("The archive is damaged: %(name)s is not what was written.", name=name)) from None


def _read(body: bytes) -> Manifest:
    try:
        said = json.loads(body)
        if said["format"] != FORMAT:
            raise BadArchive(_("The archive has format %(format)s, and we read 1.", format=str(said["format"])[:20]))
        members = {name: _member(member) for name, member in said.pop("members").items()}
        manifest = Manifest(members=members, **said)
        datetime.fromisoformat(manifest.made_at)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise BadArchive(_("The archive's manifest cannot be read.")) from None
    if not _is_sound(manifest):
        raise BadArchive(_("The archive's manifest cannot be read."))
    return manifest


def _member(said: dict[str, Any]) -> Member:
    member = Member(said["sha256"], said["size"], tuple(said["columns"]), said["rows"])
    if not (isinstance(member.sha256, str) and isinstance(member.size, int) and isinstance(member.rows, int)):
        raise TypeError
    return member


def _is_sound(manifest: Manifest) -> bool:
    texts = [manifest.tenant.get(name) for name in ("id", "slug", "name", "legal_name", "inn", "timezone", "kind")]
    return (
        all(isinstance(text, str) for text in (*texts, *manifest.hosts, *manifest.revisions.values()))
        and isinstance(manifest.tenant.get("profile"), dict)
        and isinstance(manifest.tenant.get("city_id"), int | None)
        and re.fullmatch(r"t_\d{6}", manifest.tenant_id) is not None
        and all(isinstance(last, int) and 0 < last < 2**63 for last in manifest.sequences.values())
        and all(FILE_NAME.fullmatch(name) or TABLE_NAME.fullmatch(name) for name in manifest.members)
    )


def _check(archive: Archive, name: str) -> None:
    promised, seen, size = archive.manifest.members[name], hashlib.sha256(), 0
    try:
        for chunk in archive.chunks(name):
            seen.update(chunk)
            size += len(chunk)
    except (zipfile.BadZipFile, zipfile.zlib.error, EOFError, NotImplementedError):
        size = -1
    if size != promised.size or seen.hexdigest() != promised.sha256:
        raise BadArchive(_("The archive is damaged: %(name)s is not what was written.", name=name))
