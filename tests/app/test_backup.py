"""The drill: write, back up, write more, spoil, die; restored to a moment before, everything acknowledged is there."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp

import psycopg
import pytest

from app.embedded import EmbeddedPostgres
from app.embedded.backup import BackupFailed, RestoredPostgres, lay_out, password_of, receive, take

pytestmark = pytest.mark.crash


@pytest.fixture
def home() -> Iterator[Path]:
    home = Path(mkdtemp(prefix="zveno-backup-"))
    home.chmod(0o755)
    yield home
    shutil.rmtree(home, ignore_errors=True)


def write(url: str, first: int, last: int) -> datetime:
    """Numbers, a transaction each; answers the server's time after them."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS told (number int PRIMARY KEY, at timestamptz DEFAULT now())")
        for number in range(first, last):
            connection.execute("INSERT INTO told (number) VALUES (%s)", [number])
        row = connection.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    return row[0]


def numbers(url: str) -> list[int]:
    with psycopg.connect(url) as connection:
        return [number for (number,) in connection.execute("SELECT number FROM told ORDER BY 1")]


def caught_up(url: str) -> bool:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT coalesce(bool_and(flush_lsn >= pg_current_wal_flush_lsn()), false) FROM pg_stat_replication"
        ).fetchone()
    return row == (True,)


def test_restore_to_a_moment_and_to_the_end(home: Path) -> None:
    backup, wal = home / "backup", home / "wal"
    with EmbeddedPostgres(home / "original") as server:
        receiving = receive(server.url, wal)
        try:
            write(server.url, 0, 200)
            base = take(server.url, backup, datetime.now(UTC))
            moment = write(server.url, 200, 400)
            time.sleep(0.05)
            with psycopg.connect(server.url) as connection:
                connection.execute("DELETE FROM told WHERE number < 300")
            write(server.url, 400, 500)
            deadline = time.monotonic() + 20
            while not caught_up(server.url) and time.monotonic() < deadline:
                time.sleep(0.05)
            os.kill(server.pid or 0, signal.SIGKILL)
        finally:
            receiving.terminate()
            receiving.wait()
        password = password_of(server.url)
    begun = time.monotonic()
    with RestoredPostgres(home / "moment", base, wal, moment, password) as restored:
        assert numbers(restored.url) == list(range(400)), "as of the moment, before somebody deleted"
        took = time.monotonic() - begun
        write(restored.url, 400, 401)
        assert numbers(restored.url)[-1] == 400, "it takes new work"
    with RestoredPostgres(home / "end", base, wal, None, password) as restored:
        assert numbers(restored.url) == list(range(300, 500)), "to the end, nothing acknowledged is lost"
    print(f"\nrestored to a moment in {took:.1f} s")


def test_a_damaged_backup_and_a_full_folder_are_refused(home: Path) -> None:
    with EmbeddedPostgres(home / "original", durable=False) as server:
        base = take(server.url, home / "backup", datetime.now(UTC))
        with pytest.raises(BackupFailed):
            take(server.url.replace(password_of(server.url), "wrong"), home / "other", datetime.now(UTC))
    (home / "full").mkdir()
    (home / "full" / "somebody's").touch()
    with pytest.raises(BackupFailed, match="not empty"):
        lay_out(base, home / "wal", home / "full", None)
