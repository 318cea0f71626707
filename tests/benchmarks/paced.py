"""Visitors who ask at an even pace, whatever the answers take: `python -m tests.benchmarks.paced PORT SECONDS`.

Standard input is JSON, a list of `{"name", "host", "path", "per_second"}`. Each asker is as many threads as keep his
pace; a request that waits for one counts from the moment it was due. Prints JSON: milliseconds by name.
"""

from __future__ import annotations

import json
import socket
import sys
import time
from collections import defaultdict
from math import ceil
from threading import Thread
from typing import Any

from tests.benchmarks.load import ask

SLOWEST = 0.25
"""Seconds an answer may take before a thread of its own is no longer enough for its pace."""


def main(port: int, seconds: float, askers: list[dict[str, Any]]) -> dict[str, list[float]]:
    """What each name waited."""
    waited: dict[str, list[float]] = defaultdict(list)
    begin = time.perf_counter() + 0.5
    threads = []
    for number, asker in enumerate(askers):
        count = ceil(asker["per_second"] * SLOWEST)
        pause = count / asker["per_second"]
        for turn in range(count):
            first = begin + pause * (turn + number / len(askers)) / count
            threads.append(Thread(target=visit, args=(port, asker, first, pause, begin + seconds, waited)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return waited


def visit(
    port: int, asker: dict[str, Any], due: float, pause: float, until: float, waited: dict[str, list[float]]
) -> None:
    """Ask whenever it is due."""
    with socket.create_connection(("127.0.0.1", port)) as line:
        while due < until:
            time.sleep(max(0.0, due - time.perf_counter()))
            ask(line, asker["host"], asker["path"])
            waited[asker["name"]].append((time.perf_counter() - due) * 1_000)
            due += pause


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), float(sys.argv[2]), json.load(sys.stdin))))
