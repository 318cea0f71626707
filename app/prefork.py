"""A process that lets a child do its work, and has another one at once when it is killed.

What takes seconds to load is loaded once, so the neighbours of a job that kills its worker hardly
wait. Nothing is open yet when a child is born, neither database nor queue: nothing is shared.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

import structlog

from app.embedded.process import end_with_parent
from app.kernel import garbage, metrics

log = structlog.get_logger()

ENDING = (signal.SIGTERM, signal.SIGINT)
PAUSE = 0.2
"""Seconds before the next child, so that one which cannot even start does not take the whole machine."""


def keep(run: Callable[[], None]) -> None:
    """Run in a child until told to stop, or until it returns by itself; one that dies is replaced."""
    garbage.set_aside()  # before the first child is born: what is looked through is written to, and no more shared
    _Keeper(run).keep()


class _Keeper:
    """Watches one child at a time, and hands on to it what asks us to end."""

    def __init__(self, run: Callable[[], None]) -> None:
        self._run = run
        self._child = 0
        self._is_stopping = False

    def keep(self) -> None:
        """Return when the work is over."""
        for number in ENDING:
            signal.signal(number, self._hand_on)
        while not self._is_stopping:
            self._bear()
            _pid, status = os.waitpid(self._child, 0)
            self._child = 0
            if status == 0:
                return
            metrics.WORKERS_LOST.inc()
            log.warning("worker_lost", status=os.waitstatus_to_exitcode(status))
            time.sleep(PAUSE)

    def _bear(self) -> None:
        """Signals wait meanwhile: one between the birth and our note of it would be lost."""
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
        try:
            self._child = os.fork()
            if self._child == 0:
                self._live(mask)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    def _live(self, mask: set[int]) -> NoReturn:
        status = 1
        try:
            end_with_parent(signal.SIGKILL)
            os.setpgid(0, 0)  # a terminal's Ctrl-C comes once, by us
            for number in ENDING:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            self._run()
            status = 0
        except Exception:
            log.exception("worker_failed")
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def _hand_on(self, number: int, _frame: FrameType | None) -> None:
        self._is_stopping = True
        if self._child:
            os.kill(self._child, number)
