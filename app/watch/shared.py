"""Numbers of all processes of this machine, added up from the files they keep them in.

A file bears its process's id. What ended processes counted is moved to one file, so that neither restarts nor lost
workers make the folder grow, and no sum ever falls.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from pathlib import Path

from prometheus_client.metrics_core import Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

ENDED = "ended"
"""Stands in place of a process id where those of ended processes are added up."""


class Shared:
    """Collector of what the processes keep in that folder; one may read it, for it moves files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def collect(self) -> Iterable[Metric]:
        """All numbers, added up."""
        with self._lock:
            fold(self._folder)
            return MultiProcessCollector(None, str(self._folder)).collect()


def fold(folder: Path) -> None:
    """Move what ended processes counted to the file of the ended; their gauges ended with them."""
    for path in sorted(folder.glob("*.db")):
        kind, _line, process = path.stem.rpartition("_")
        if process == ENDED or _lives(int(process)):
            continue
        if not kind.startswith("gauge"):
            _add(path, folder / f"{kind}_{ENDED}.db")
        path.unlink()


def _add(path: Path, total: Path) -> None:
    sums = MmapedDict(str(total))
    try:
        for key, value, _moment, _place in MmapedDict.read_all_values_from_file(str(path)):
            sums.write_value(key, sums.read_value(key)[0] + value, 0.0)
    finally:
        sums.close()


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's, but it lives
        return True
    return True
