"""The supervisor starts in order, revives what dies, and leaves nothing behind."""

import io
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from app.demo.supervisor import (
    AlreadyRunning,
    NotReady,
    PortTaken,
    Process,
    Supervisor,
    require_free,
    tcp,
)

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)",
]
LISTEN = "import socket, time; s = socket.create_server(('127.0.0.1', {})); time.sleep(60)"
WITH_CHILD = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""
SUPERVISING = """
import sys
from pathlib import Path
from app.demo.supervisor import Process, Supervisor
home = Path(sys.argv[1])
sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
with Supervisor(home, where="http://localhost:1") as supervisor:
    for name in ("one", "two"):
        process = Process(name, sleep, home / "logs")
        supervisor.start(process, name)
        print("pid", process.pid, flush=True)
    print("up", flush=True)
    supervisor.watch()
print("ended", flush=True)
"""


@pytest.fixture
def words() -> Console:
    return Console(file=io.StringIO(), width=200)


def said(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def supervised(home: Path) -> tuple[subprocess.Popen[str], list[int]]:
    """A supervisor in a process of its own, with the pids of its two children."""
    command = [sys.executable, "-c", SUPERVISING, str(home)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = []
    while not lines or lines[-1] != "up\n":
        lines.append(process.stdout.readline())
        assert lines[-1], "the supervisor ended early"
    return process, [int(line.split()[1]) for line in lines if line.startswith("pid")]


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_ends_all_children(tmp_path: Path, number: signal.Signals) -> None:
    process, children = supervised(tmp_path)
    process.send_signal(number)
    output, _ = process.communicate(timeout=20)
    assert output.endswith("ended\n")
    assert process.returncode == 0
    assert not any(psutil.pid_exists(pid) for pid in children)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_killed_supervisor_leaves_no_children(tmp_path: Path) -> None:
    process, children = supervised(tmp_path)
    process.kill()
    process.communicate()
    wait_until(lambda: not any(psutil.pid_exists(pid) for pid in children))


def test_second_one_is_told_where_the_first_is(tmp_path: Path) -> None:
    sentence = rf"running already: http://here \(process {os.getpid()}\)"
    with (
        Supervisor(tmp_path, where="http://here"),
        pytest.raises(AlreadyRunning, match=sentence),
        Supervisor(tmp_path, where="http://there"),
    ):
        pass
    with Supervisor(tmp_path, where="http://there"):
        pass


def test_dead_child_is_started_again(tmp_path: Path, words: Console) -> None:
    child = Process("web", SLEEP, tmp_path)
    with Supervisor(tmp_path, where="", console=words) as supervisor:
        supervisor.start(child, "Starting the site")
        first = child.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: not child.running())
        threading.Timer(2, os.kill, (os.getpid(), signal.SIGTERM)).start()
        second = watch_and_tell(supervisor, child)
    assert second not in (None, first)
    assert "web ended (killed by SIGKILL); starting it again in 0.5 s" in said(words)
    assert not child.running()


def watch_and_tell(supervisor: Supervisor, child: Process) -> int | None:
    """Watch until a signal comes, and tell the child's number of that moment."""
    try:
        supervisor.watch(every=0.05)
    except BaseException:
        return child.pid


def test_pauses_grow_for_one_that_never_settles(tmp_path: Path, words: Console) -> None:
    supervisor = Supervisor(tmp_path, where="", console=words)
    child = Process("web", SLEEP, tmp_path)
    supervisor.start(child, "Starting the site")
    child.command = [sys.executable, "-c", "raise SystemExit(3)"]
    for _ in range(3):
        child.stop()
        supervisor._revive(child)
        supervisor._restarts["web"]._due_at = 0
        supervisor._revive(child)
    assert [f"again in {pause} s" in said(words) for pause in ("0.5", "1.0", "2.0")] == [True] * 3
    assert "web ended while starting (code 3)" in said(words)


def test_one_that_ignores_term_is_killed(tmp_path: Path) -> None:
    child = Process("stubborn", STUBBORN, tmp_path)
    child.start()
    begun = time.monotonic()
    child.stop(grace=0.3)
    assert time.monotonic() - begun < 5
    assert not child.running()


def test_children_of_a_child_end_with_it(tmp_path: Path) -> None:
    child = Process("web", [sys.executable, "-c", WITH_CHILD], tmp_path)
    child.start()
    wait_until(lambda: child.log.read_text().strip() != "")
    grandchild = int(child.log.read_text())
    child.stop()
    wait_until(lambda: not psutil.pid_exists(grandchild) or is_zombie(grandchild))


def is_zombie(pid: int) -> bool:
    return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_next_waits_until_the_first_is_ready(tmp_path: Path) -> None:
    port = free_port()
    child = Process("site", [sys.executable, "-c", LISTEN.format(port)], tmp_path, ready=tcp(port))
    child.start()
    try:
        assert tcp(port)()
    finally:
        child.stop()


def test_one_that_never_listens_is_ended_and_named(tmp_path: Path) -> None:
    child = Process("site", SLEEP, tmp_path, ready=lambda: False, ready_within=0.2)
    with pytest.raises(NotReady, match=r"site was not ready .* see .*site\.log"):
        child.start()
    assert not child.running()


def test_taken_port_is_named_with_its_variable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        sentence = f"Port {port}, meant for the site, is taken .* make demo PORT={port + 10}"
        with pytest.raises(PortTaken, match=sentence):
            require_free(port, "the site", "PORT")
    require_free(port, "the site", "PORT")


def test_failing_step_stops_what_runs(tmp_path: Path, words: Console) -> None:
    child = Process("database", SLEEP, tmp_path)
    with (
        pytest.raises(ValueError, match="bad seed"),
        Supervisor(tmp_path, where="", console=words) as supervisor,
    ):
        supervisor.start(child, "Starting the database")
        with supervisor.step("Loading"):
            raise ValueError("bad seed")
    assert not child.running()
    assert "✓ Starting the database" in said(words)
    assert "✗ Loading" in said(words)


def test_panel_shows_addresses(tmp_path: Path, words: Console) -> None:
    Supervisor(tmp_path, where="", console=words).announce(
        "Zveno is running", [("Site", "http://ochag.localhost:8000"), ("Mail", "[inbox]")]
    )
    assert "http://ochag.localhost:8000" in said(words)
    assert "[inbox]" in said(words)
