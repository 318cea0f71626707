"""What both servers share: a directory, its lock, a port, a password and a process."""

import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

import structlog

from app.embedded.process import end, launch
from app.embedded.unprivileged import (
    SHARED_ROOT,
    EmbeddedError,
    dropped,
    make_private,
    reachable,
)

HOST = "127.0.0.1"

_log = structlog.get_logger(__name__)


class EmbeddedServer:
    """What both servers share: a directory, its lock, a port, a password and a process."""

    name: ClassVar[str]
    executable: ClassVar[str]
    stop_signal: ClassVar[signal.Signals]
    ready_within: ClassVar[float]

    def __init__(self, data_dir: Path) -> None:
        self.home = Path(data_dir).resolve()
        self._lock: int | None = None
        self._owner_pid: int | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start the server, or join the one that already serves this directory."""
        self.home.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + self.ready_within
        while not self._own():
            if self.running():
                return self.url
            if time.monotonic() > deadline:
                raise EmbeddedError(f"{self.name} in {self.home} is held by a process that does not start it.")
            time.sleep(0.05)
        try:
            self._start_owned(deadline)
        except BaseException:
            self.stop()
            raise
        return self.url

    def stop(self, grace: float = 30) -> None:
        """End the server if this object owns it: cleanly within `grace` seconds or by force."""
        if self._lock is None or self._owner_pid != os.getpid():
            return
        ours = self._process is not None and self._process.poll() is None
        pid = self._process.pid if ours and self._process else self.pid
        if pid is not None:
            end(pid, self.stop_signal, grace)
        if self._process is not None:
            self._process.wait()
            self._process = None
        os.close(self._lock)
        self._lock = None

    def erase(self) -> None:
        """Stop the server and remove everything it kept. A guest is refused."""
        if self.running() and not self._own():
            raise EmbeddedError(f"{self.name} in {self.home} is in use by another process.")
        self.stop()
        shutil.rmtree(self.data.resolve(), ignore_errors=True)
        shutil.rmtree(self.home, ignore_errors=True)

    def running(self) -> bool:
        """Does the server accept connections now?"""
        raise NotImplementedError

    @property
    def pid(self) -> int | None:
        """The server's process (PostgreSQL: the postmaster), or None when there is none."""
        raise NotImplementedError

    @property
    def url(self) -> str:
        """The address with the password; known once the server has started."""
        raise NotImplementedError

    @property
    def port(self) -> int:
        """The port it has, or had when it last ran."""
        return int((self.home / "port").read_text())

    @property
    def password(self) -> str:
        """The generated password."""
        return (self.home / "password").read_text()

    @property
    def data(self) -> Path:
        """Where the server's own files are: here, or by a link where the service user may go."""
        return self.home / "data"

    @property
    def log(self) -> Path:
        """What the server has to say."""
        return self.home / "server.log"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _command(self) -> list[str]:
        raise NotImplementedError

    def _prepare(self) -> None:
        raise NotImplementedError

    def _own(self) -> bool:
        """Take the directory's lock, which this process then holds until `stop()` or its end."""
        if self._lock is not None:
            return True
        handle = os.open(self.home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        self._lock, self._owner_pid = handle, os.getpid()
        return True

    def _start_owned(self, deadline: float) -> None:
        if self.pid is None:
            self._keep_password()
            self._make_data_dir()
            self._prepare()
        while not self.running():
            if self.pid is None:
                self._launch()
            self._wait(deadline)

    def _launch(self) -> None:
        (self.home / "port").write_text(str(self._choose_port()))
        self._process = launch(self._command(), log=self.log, ends_by=self.stop_signal, **self._as_service_user())

    def _wait(self, deadline: float) -> None:
        """Until it serves or has ended: a predecessor's children may still hold the directory."""
        while not self.running():
            if time.monotonic() > deadline:
                raise EmbeddedError(f"{self.name} did not start in {self.ready_within:.0f} s.\n{self._log_end()}")
            if self._process is not None and self._process.poll() is not None:
                time.sleep(0.3)
                return
            time.sleep(0.02)

    def _choose_port(self) -> int:
        """The port of last time where it is still free, so that addresses outlive a restart."""
        kept = (self.home / "port").read_text() if (self.home / "port").exists() else "0"
        for port in (int(kept), 0):
            with socket.socket() as probe, suppress(OSError):
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((HOST, port))
                return int(probe.getsockname()[1])
        raise EmbeddedError("No free port on 127.0.0.1.")

    def _keep_password(self) -> None:
        path = self.home / "password"
        if not path.exists():
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_urlsafe(24))

    def _make_data_dir(self) -> None:
        if self.data.exists():
            return
        self.data.unlink(missing_ok=True)
        make_private(self.data)
        if reachable(self.data):
            return
        self.data.rmdir()
        target = SHARED_ROOT / hashlib.sha256(str(self.home).encode()).hexdigest()[:12]
        shutil.rmtree(target, ignore_errors=True)
        SHARED_ROOT.mkdir(mode=0o755, exist_ok=True)
        make_private(target)
        self.data.symlink_to(target)
        _log.warning("embedded_data_elsewhere", server=self.name, wanted=str(self.home), used=str(target))

    def _as_service_user(self) -> dict[str, Any]:
        return {
            "cwd": self.data.resolve(),
            "env": {"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            **dropped(),
        }

    def _log_end(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:]) if self.log.exists() else ""
