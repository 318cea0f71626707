"""Runs a set of services together, and ends every one that it started.

A service is anything with `start`, `running` and `stop`: a child process (`Process`) or an embedded
server. They start in order, each ready before the next; one that dies is started again, after a
growing pause; on SIGINT, SIGTERM or SIGHUP they end in the reverse order.

    with Supervisor(home, where="http://ochag.localhost:8000") as supervisor:
        supervisor.start(EmbeddedPostgres(home / "postgres"), "Starting the database")
        with supervisor.step("Migrating"):
            migrate()
        supervisor.start(Process("web", [...], home / "logs", ready=tcp(8000)), "Starting the site")
        supervisor.announce("Zveno is running", [("Site", "http://ochag.localhost:8000")])
        supervisor.watch()

A signal leaves the block at the statement it finds it in, also amid a step.
"""

import fcntl
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Protocol, Self

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from app.embedded.process import launch

HOST = "127.0.0.1"
LOG_LIMIT = 5_000_000
PAUSES = (0.5, 1, 2, 4, 8, 15, 30)
SETTLED_AFTER = 60.0

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Probe = Callable[[], bool]


class SupervisorError(RuntimeError):
    """One sentence that says what is in the way, and what to do."""


class AlreadyRunning(SupervisorError):
    """Another process runs the same directory."""


class PortTaken(SupervisorError):
    """Another program listens where we want to."""


class NotReady(SupervisorError):
    """A child ended, or did not become ready in time."""


class _Interrupted(BaseException):
    """A signal asked us to end."""


class Service(Protocol):
    """What can be started, watched and stopped."""

    name: str

    def start(self) -> object:
        """Return when it is ready."""

    def running(self) -> bool:
        """Is it alive?"""

    def stop(self, grace: float = ...) -> None:
        """Return when it has ended."""


def tcp(port: int, host: str = HOST) -> Probe:
    """Ready when something listens there."""

    def probe() -> bool:
        with suppress(OSError), socket.create_connection((host, port), timeout=1):
            return True
        return False

    return probe


def http(url: str, host: str | None = None) -> Probe:
    """Ready when the address answers without an error of the server's. `host` names the site."""
    request = urllib.request.Request(url, headers={"Host": host} if host else {})

    def probe() -> bool:
        try:
            with urllib.request.urlopen(request, timeout=5):
                return True
        except urllib.error.HTTPError as answer:
            return answer.code < 500
        except OSError:
            return False

    return probe


def require_free(port: int, what: str, variable: str, host: str = HOST) -> None:
    """Refuse a port that is taken, naming the variable that moves it."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise PortTaken(
                f"Port {port}, meant for {what}, is taken by another program. "
                f"Choose another: make demo {variable}={port + 10}"
            ) from error


class Process:
    """A child process in a session of its own, with its log file.

    Without `ready` it counts as ready once it has lived for a moment.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        logs: Path,
        *,
        env: Mapping[str, str] | None = None,
        ready: Probe | None = None,
        ready_within: float = 60,
    ) -> None:
        self.name = name
        self.command = list(command)
        self.log = logs / f"{name}.log"
        self.env = dict(env or {})
        self.ready = ready
        self.ready_within = ready_within
        self._popen: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The number of the living child, or None."""
        return self._popen.pid if self._popen is not None and self.running() else None

    def running(self) -> bool:
        """Is the child alive?"""
        return self._popen is not None and self._popen.poll() is None

    def start(self) -> None:
        """Launch it and wait until it is ready."""
        self.launch()
        self.wait_until_ready()

    def launch(self) -> None:
        """Launch it. What a crashed one left behind ends first."""
        self.stop()
        self._make_log()
        env = {**os.environ, "PYTHONUNBUFFERED": "1", **self.env}
        self._popen = launch(self.command, log=self.log, ends_by=signal.SIGTERM, env=env)

    def stop(self, grace: float = 10) -> None:
        """End it with whatever it started: TERM first, KILL after `grace` seconds."""
        if self._popen is None:
            return
        if self._popen.poll() is None:
            self._popen.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._popen.wait(grace)
        with suppress(ProcessLookupError):
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait()
        self._popen = None

    def ending(self) -> str:
        """How the child ended, in words."""
        code = self._popen.poll() if self._popen is not None else None
        return f"killed by {signal.Signals(-code).name}" if code and code < 0 else f"code {code}"

    def _make_log(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))

    def wait_until_ready(self) -> None:
        """Return when it is ready; `NotReady` when it ended or took too long."""
        begun = time.monotonic()
        while self.running():
            waited = time.monotonic() - begun
            if self.ready() if self.ready is not None else waited > 0.3:
                return
            if waited > self.ready_within:
                self.stop(grace=1)
                raise NotReady(f"{self.name} was not ready in {waited:.0f} s; see {self.log}")
            time.sleep(0.05)
        raise NotReady(f"{self.name} ended while starting ({self.ending()}); see {self.log}")


class Supervisor:
    """Owns a directory and the services that run on it."""

    def __init__(self, home: Path, *, where: str, console: Console | None = None) -> None:
        self.home = home
        self.where = where
        self.console = console or Console(highlight=False)
        self._lock: int | None = None
        self._started: list[Service] = []
        self._restarts: dict[str, _Restart] = {}
        self._handlers: dict[int, Any] = {}
        self._is_stopping = False
        self._is_hurried = False

    def __enter__(self) -> Self:
        self._claim()
        for number in ENDING_SIGNALS:
            self._handlers[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> bool:
        self._is_stopping = True
        self._stop_all()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._release()
        return kind is _Interrupted

    def start(self, service: Service, words: str) -> None:
        """Start a service as a step, and keep it running from now on."""
        with self.step(words):
            self._started.append(service)
            service.start()
            self._restarts[service.name] = _Restart()

    def start_together(self, processes: Sequence[Process], words: str) -> None:
        """Start processes that do not need one another, as one step."""
        with self.step(words):
            for process in processes:
                self._started.append(process)
                process.launch()
            for process in processes:
                process.wait_until_ready()
                self._restarts[process.name] = _Restart()

    @contextmanager
    def step(self, words: str) -> Iterator[None]:
        """Show what is being done and how long it took."""
        begun = time.monotonic()
        try:
            with self.console.status(f"{words}…"):
                yield
        except Exception:
            self.console.print(f"[red]✗[/] {words}")
            raise
        self.console.print(f"[green]✓[/] {words} [dim]{time.monotonic() - begun:.1f} s[/]")

    def announce(self, title: str, rows: Sequence[Sequence[str]]) -> None:
        """The closing panel: addresses and log-ins, one a row, the first column saying whose."""
        table = Table.grid(padding=(0, 2))
        for name, *values in rows:
            table.add_row(Text(name, style="dim"), *(Text(value) for value in values))
        self.console.print(Panel(table, title=f"[bold]{title}[/]", expand=False, padding=(1, 2)))

    def watch(self, every: float = 0.5) -> None:
        """Keep all services running until a signal comes."""
        while True:
            for service in self._started:
                if not service.running():
                    self._revive(service)
            time.sleep(every)

    def _revive(self, service: Service) -> None:
        restart = self._restarts[service.name]
        if not restart.is_announced:
            how = f" ({service.ending()})" if isinstance(service, Process) else ""
            self.console.print(f"[yellow]![/] {service.name} ended{how}; starting it again in {restart.plan():.1f} s")
        if not restart.is_due:
            return
        restart.done()
        try:
            service.start()
        except (OSError, RuntimeError) as error:
            self.console.print(f"[red]✗[/] {error}")

    def _stop_all(self) -> None:
        for service in reversed(self._started):
            try:
                service.stop(0.1) if self._is_hurried else service.stop()
            except Exception as error:  # one that cannot be ended must not save the others
                self.console.print(f"[red]✗[/] {service.name} could not be stopped: {error}")
        self._started.clear()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self._is_stopping:
            self._is_hurried = True
            return
        self._is_stopping = True
        self.console.print("Stopping…")
        raise _Interrupted

    def _claim(self) -> None:
        """Hold the directory's lock; the kernel gives it back, however we end."""
        self.home.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.home / "running.json", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            with os.fdopen(lock) as file, suppress(ValueError):
                other = json.load(file)
                raise AlreadyRunning(f"Zveno is running already: {other['where']} (process {other['pid']}).") from error
            raise AlreadyRunning(f"Zveno is being started already in {self.home}.") from error
        os.truncate(lock, 0)
        os.write(lock, json.dumps({"pid": os.getpid(), "where": self.where}).encode())
        self._lock = lock

    def _release(self) -> None:
        if self._lock is not None:
            os.truncate(self._lock, 0)
            os.close(self._lock)
            self._lock = None


class _Restart:
    """When a service that died is to be started again: later each time, until it has settled."""

    def __init__(self) -> None:
        self._times = 0
        self._begun_at = time.monotonic()
        self._due_at: float | None = None

    @property
    def is_announced(self) -> bool:
        return self._due_at is not None

    @property
    def is_due(self) -> bool:
        return self._due_at is not None and time.monotonic() >= self._due_at

    def plan(self) -> float:
        if time.monotonic() - self._begun_at > SETTLED_AFTER:
            self._times = 0
        pause = PAUSES[min(self._times, len(PAUSES) - 1)]
        self._due_at = time.monotonic() + pause
        return pause

    def done(self) -> None:
        self._times += 1
        self._begun_at = time.monotonic()
        self._due_at = None
