"""The duty that takes up rehearsals: each in a process of its own, so that no worker is kept from its deliveries."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from app.kernel.clock import now
from app.kernel.jobs import every
from blueprints.routing.rehearsal import service

ROOT = Path(__file__).parents[3]

_processes: list[subprocess.Popen[bytes]] = []


@every(seconds=2)
def take_up() -> None:
    """Begin the rehearsal whose turn it is; its process reads the settings this one was begun with."""
    _processes[:] = [one for one in _processes if one.poll() is None]
    rehearsal_id = service.hand_out(at=now())
    if rehearsal_id is not None:
        command = [sys.executable, "-m", "app.cli", "routing", "take-up", str(rehearsal_id)]
        _processes.append(subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL))
