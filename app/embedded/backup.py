"""Backup of a whole cluster by PostgreSQL's own programs: a base backup, the WAL as it is written, a point in time.

`take` copies a running cluster, `receive` keeps its WAL until told to stop, `lay_out` makes a data directory that a
server brings to a moment when it starts. They work on any PostgreSQL; the programs come from the system or the wheel.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from app.embedded.postgres import EmbeddedPostgres
from app.embedded.unprivileged import EmbeddedError, give_to_service

SLOT = "zveno_wal"


class BackupFailed(EmbeddedError):
    """A program of PostgreSQL refused; the message is its own."""


def take(superuser: str, folder: Path, at: datetime) -> Path:
    """Copy the running cluster to `folder/base-<moment>`, verified by its checksums; answers where."""
    base = folder / f"base-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _run(
        superuser, "pg_basebackup", "--pgdata", str(base), "--wal-method=stream", "--checkpoint=fast",
        "--manifest-checksums=SHA256", "--no-password",
    )
    _run(superuser, "pg_verifybackup", "--quiet", str(base))
    return base


def receive(superuser: str, folder: Path) -> subprocess.Popen[bytes]:
    """Start keeping the WAL in `folder`, flushed as it comes; a slot of the server holds it back while we are away."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    common = ["--directory", str(folder), "--slot", SLOT, "--no-password"]
    _run(superuser, "pg_receivewal", *common, "--create-slot", "--if-not-exists")
    return subprocess.Popen(
        [_program("pg_receivewal"), *common, "--synchronous"], env=_environment(superuser), stderr=subprocess.DEVNULL
    )


def lay_out(base: Path, wal: Path, data: Path, until: datetime | None) -> None:
    """Make the data directory `data`: the base, and orders to bring it up to `until` (or all there is) from the WAL."""
    if data.exists() and any(data.iterdir()):
        raise BackupFailed(f"{data} is not empty; a restore begins in a folder of its own.")
    shutil.copytree(base, data, dirs_exist_ok=True)
    _put_wal(base, wal, data / "pg_wal")
    orders = {
        "restore_command": "false",  # all there is lies in pg_wal already
        "recovery_target_action": "promote",
        "hot_standby": "off",  # nobody is let in before it is whole and takes new work
    }
    if until is not None:
        orders["recovery_target_time"] = until.isoformat()
    with (data / "postgresql.auto.conf").open("a") as settings:
        settings.writelines(f"{name} = '{value}'\n" for name, value in orders.items())
    (data / "recovery.signal").touch(mode=0o600)
    for path in (data, *data.rglob("*")):
        give_to_service(path)
        path.chmod(0o700 if path.is_dir() else 0o600)


def _put_wal(base: Path, wal: Path, target: Path) -> None:
    """The segments since the base began; the last one bears another name until it is full."""
    began = re.search(r"START WAL LOCATION: .* \(file ([0-9A-F]{24})\)", (base / "backup_label").read_text())
    if began is None:
        raise BackupFailed(f"{base} is no base backup.")
    for path in sorted(wal.iterdir()) if wal.is_dir() else ():
        name = path.name.removesuffix(".partial")
        if name.endswith(".history") or (re.fullmatch(r"[0-9A-F]{24}", name) and name[8:] >= began[1][8:]):
            shutil.copyfile(path, target / name)


class RestoredPostgres(EmbeddedPostgres):
    """A server on a laid-out backup, on this machine, for a drill; it keeps the password of its original."""

    def __init__(self, home: Path, base: Path, wal: Path, until: datetime | None, password: str) -> None:
        super().__init__(home, durable=False)
        self._laid_out = base, wal, until
        self._password = password

    def _prepare(self) -> None:
        if not (self.home / "initialised").exists():
            (self.home / "password").write_text(self._password)
            base, wal, until = self._laid_out
            lay_out(base, wal, self.data.resolve(), until)
            (self.home / "initialised").touch()
        super()._prepare()


def password_of(superuser: str) -> str:
    """The password in an address."""
    return unquote(urlsplit(superuser).password or "")


def _run(superuser: str, program: str, *arguments: str) -> None:
    done = subprocess.run(
        [_program(program), *arguments], env=_environment(superuser), capture_output=True, text=True
    )
    if done.returncode != 0:
        raise BackupFailed(f"{program}: {done.stderr.strip()}")


def _environment(superuser: str) -> dict[str, str]:
    """Where to, without the password in a list of processes."""
    parts = urlsplit(superuser)
    told = {
        "PGHOST": parts.hostname, "PGPORT": str(parts.port or 5432), "PGUSER": parts.username,
        "PGPASSWORD": password_of(superuser),
    }
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", **{k: v for k, v in told.items() if v}}


def _program(name: str) -> str:
    """The wheel's, which is as new as our server, or the system's."""
    try:
        return str(EmbeddedPostgres._bin(name))
    except EmbeddedError:
        found = shutil.which(name)
        if found is None:
            raise BackupFailed(f"{name} is not installed; it comes with PostgreSQL's client programs.") from None
        return found
