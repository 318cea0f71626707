"""Starting, recognising and ending a process of another program."""

import ctypes
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None
_held = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


def launch(command: Sequence[str], *, log: Path, ends_by: signal.Signals, **options: Any) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, so that Ctrl-C reaches us alone.

    Signals wait meanwhile: an exception between its birth and our note of it would lose it.
    """
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, _held)
    try:
        with log.open("ab") as output:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=_prologue(mask, ends_by),
                **options,
            )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def is_process(pid: int, executable: str) -> bool:
    """Is there a living process of this number, and does it run this program?"""
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and process.name() == executable
    return False


def end(pid: int, politely: signal.Signals, grace: float) -> None:
    """Ask a process to end, and kill it when it has not within `grace` seconds."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        process.send_signal(politely)
        try:
            process.wait(grace)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait()


def end_with_parent(by: signal.Signals) -> None:
    """Have Linux send us this when the process that started us is gone; called from the child."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, by)


def _prologue(mask: set[int], ends_by: signal.Signals) -> Callable[[], None]:
    """What the child does first. Linux ends it when we are killed, however that comes.

    The kernel watches the starting thread rather than the process, so this is for the main one.
    """
    in_main = threading.current_thread() is threading.main_thread()

    def run() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if in_main:
            end_with_parent(ends_by)

    return run
