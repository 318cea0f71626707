"""Debian's PgBouncer in transaction mode in front of the tests' PostgreSQL, with two connections for everybody."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import sqlalchemy as sa

from tests.conftest import PASSWORDS

SERVERS = 2
"""Connections to PostgreSQL that all clients share."""
NOBODY = "nobody"


def program() -> str:
    """Path of PgBouncer; without one its tests are skipped, unless `ZVENO_REQUIRE_PGBOUNCER=1` insists."""
    found = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        if os.environ.get("ZVENO_REQUIRE_PGBOUNCER") == "1":
            pytest.fail("ZVENO_REQUIRE_PGBOUNCER is set, but there is no PgBouncer.")
        pytest.skip("PgBouncer is not installed (Debian: apt install pgbouncer).")
    return found


@contextmanager
def running(superuser: str) -> Iterator[int]:
    """A pooler for the logins of web and worker; answers its port."""
    found, port = program(), _free_port()
    with TemporaryDirectory(prefix="zveno-pgbouncer-") as folder:
        home = Path(folder)
        _write(home, sa.make_url(superuser), port)
        process = subprocess.Popen(
            [found, *_unprivileged(home), "-q", str(home / "pgbouncer.ini")],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        try:
            _wait(process, port, home)
            yield port
        finally:
            process.terminate()
            process.wait(10)


def _unprivileged(home: Path) -> list[str]:
    """Arguments for whoever is root, as whom it refuses to run; the folder, outside pytest's private ones, is given."""
    if os.geteuid() != 0:
        return []
    for path in (home, *home.iterdir()):
        os.chown(path, pwd.getpwnam(NOBODY).pw_uid, -1)
    return ["-u", NOBODY]


def _write(home: Path, server: sa.URL, port: int) -> None:
    users = "".join(f'"{login}" "{password}"\n' for login, password in PASSWORDS.items())
    (home / "users.txt").write_text(users)
    (home / "pgbouncer.ini").write_text(f"""
[databases]
* = host=127.0.0.1 port={server.port}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {home}/users.txt
logfile = {home}/pgbouncer.log
pool_mode = transaction
default_pool_size = {SERVERS}
max_client_conn = 100
""")


def _wait(process: subprocess.Popen[bytes], port: int, home: Path) -> None:
    for _try in range(100):
        if process.poll() is not None:
            break
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    log = home / "pgbouncer.log"
    pytest.fail(f"PgBouncer does not answer: {log.read_text() if log.exists() else 'it wrote no log'}")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
