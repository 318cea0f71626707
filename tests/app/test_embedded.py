"""The embedded servers keep address and data through stops, crashes and second comers."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import psutil
import psycopg
import pytest
import redis

from app.embedded import EmbeddedError, EmbeddedPostgres, EmbeddedValkey
from app.embedded.server import EmbeddedServer

START_AND_SLEEP = """
import sys, time
from pathlib import Path
from app.embedded import EmbeddedPostgres
print(EmbeddedPostgres(Path(sys.argv[1]), durable=False).start(), flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """Where the service user can go: pytest's own directories are closed to it."""
    home = Path(mkdtemp(prefix="zveno-embedded-"))
    home.chmod(0o755)
    yield home
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def postgres(home: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(home / "postgres", durable=False) as server:
        yield server


@pytest.fixture
def valkey(home: Path) -> Iterator[EmbeddedValkey]:
    with EmbeddedValkey(home / "valkey") as server:
        yield server


def ask(server: EmbeddedPostgres, query: str) -> tuple[object, ...]:
    with psycopg.connect(server.url) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return tuple(row)


def kill(server: EmbeddedServer) -> None:
    pid = server.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not server.running())


def wait_until(condition: object, seconds: float = 10) -> None:
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


def test_cyrillic_folds_its_case(postgres: EmbeddedPostgres) -> None:
    assert ask(postgres, "SELECT lower('Ё'), upper('щ'), 'КОТЁЛ' ILIKE 'котёл'") == ("ё", "Щ", True)


def test_trigrams_and_stems_know_cyrillic(postgres: EmbeddedPostgres) -> None:
    with psycopg.connect(postgres.url) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        similarity = connection.execute("SELECT similarity('Котёл', 'КОТЁЛ')").fetchone()
        connection.rollback()
    assert similarity == (1.0,)
    assert ask(postgres, "SELECT to_tsvector('russian', 'КОТЛЫ') @@ 'котл'::tsquery") == (True,)


def test_password_is_asked_for_and_kept_private(postgres: EmbeddedPostgres) -> None:
    assert stat.S_IMODE((postgres.home / "password").stat().st_mode) == 0o600
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres.url.replace(postgres.password, "guess"))


def test_settings_for_many_tenants_and_quick_recovery(postgres: EmbeddedPostgres) -> None:
    query = "SELECT current_setting('max_locks_per_transaction'), current_setting('{}')"
    syncing = "syncfs" if sys.platform == "linux" else "fsync"
    assert ask(postgres, query.format("recovery_init_sync_method")) == ("512", syncing)


def test_durable_by_default(home: Path) -> None:
    settings = EmbeddedPostgres(home / "unused")
    assert settings.durable
    (home / "unused").mkdir()
    (home / "unused" / "port").write_text("1")
    assert "fsync" not in settings._settings()


def test_restart_keeps_address_and_data(home: Path) -> None:
    server = EmbeddedPostgres(home / "postgres", durable=False)
    with server:
        with psycopg.connect(server.url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
        before = server.url
    assert not server.running()
    with EmbeddedPostgres(home / "postgres", durable=False) as again:
        assert again.url == before
        assert ask(again, "SELECT n FROM kept") == (7,)


def test_killed_postmaster_recovers_by_starting_again(postgres: EmbeddedPostgres) -> None:
    with psycopg.connect(postgres.url) as connection:
        connection.execute("CREATE TABLE survivors AS SELECT 1 AS n")
    kill(postgres)
    postgres.start()
    assert ask(postgres, "SELECT n FROM survivors") == (1,)


def test_number_of_dead_postmaster_given_to_stranger(home: Path) -> None:
    server = EmbeddedPostgres(home / "postgres", durable=False)
    with server:
        kill(server)
        lines = (server.data / "postmaster.pid").read_text().splitlines()
        (server.data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]))
        server.start()
        assert server.running()


def test_interrupted_initialisation_begins_anew(home: Path) -> None:
    server = EmbeddedPostgres(home / "interrupted", durable=False)
    with server:
        pass
    (server.home / "initialised").unlink()
    (server.data / "PG_VERSION").unlink()
    with server:
        assert server.running()
    server.erase()
    assert not server.home.exists()


def test_guest_gets_the_address_and_stops_nothing(postgres: EmbeddedPostgres) -> None:
    guest = EmbeddedPostgres(postgres.home, durable=False)
    assert guest.start() == postgres.url
    with pytest.raises(EmbeddedError, match="in use by another process"):
        guest.erase()
    guest.stop()
    assert postgres.running()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_server_ends_with_its_killed_owner(home: Path) -> None:
    command = [sys.executable, "-c", START_AND_SLEEP, str(home / "orphan")]
    owner = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    assert owner.stdout.readline().startswith("postgresql://")
    pid = EmbeddedPostgres(home / "orphan").pid
    assert pid is not None
    owner.kill()
    owner.communicate()
    wait_until(lambda: not psutil.pid_exists(pid))


def test_unreachable_directory_is_kept_elsewhere(home: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root leaves itself behind")
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    server = EmbeddedValkey(closed / "valkey")
    with server:
        assert server.data.is_symlink()
        moved = server.data.resolve()
    server.erase()
    assert not moved.exists()


def test_valkey_refuses_rather_than_forgets(valkey: EmbeddedValkey) -> None:
    with redis.Redis.from_url(valkey.url, decode_responses=True) as client:
        assert client.config_get("maxmemory-policy", "appendonly") == {
            "maxmemory-policy": "noeviction",
            "appendonly": "yes",
        }


def test_valkey_asks_for_its_password(valkey: EmbeddedValkey) -> None:
    with (
        redis.Redis(port=valkey.port, retry=None) as stranger,
        pytest.raises(redis.AuthenticationError),
    ):
        stranger.ping()


def test_valkey_keeps_its_data_through_a_restart(home: Path) -> None:
    for expected in (None, "1"):
        with (
            EmbeddedValkey(home / "valkey") as server,
            redis.Redis.from_url(server.url, decode_responses=True) as client,
        ):
            assert client.get("kept") == expected
            client.set("kept", "1")


def test_killed_valkey_starts_again_at_its_address(valkey: EmbeddedValkey) -> None:
    before = valkey.url
    kill(valkey)
    assert valkey.start() == before
