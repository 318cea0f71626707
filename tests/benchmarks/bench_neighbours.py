"""A greedy tenant and its neighbours: `make bench ARGS=tests/benchmarks/bench_neighbours.py`.

Ten dealers' catalogues are asked for at an even pace, each made anew; then one more dealer is asked for twenty times
as often as each of them. The baselines, in the same run, are the ten alone, and the same load spread evenly.
`ZVENO_BENCH_PACE` (1) is requests a second of each neighbour; the rest as in `bench_orders`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import pytest

from app.config import Settings
from tests.benchmarks.bench_catalogue import hosts, network, served
from tests.trust.street import ROOT

__all__ = ["network"]

PACE = float(os.environ.get("ZVENO_BENCH_PACE", "1"))
SECONDS = float(os.environ.get("ZVENO_BENCH_SECONDS", "12"))
NEIGHBOURS, GREED, ROUNDS = 10, 20, 3
AIM = 1.25


@pytest.fixture
def port(network: Settings, tmp_path: Path) -> Iterator[int]:
    """The sites, with every page made anew."""
    with served("wsgi:app", tmp_path, replace(network, database_owner="", keep_pages_seconds=0)) as port:
        yield port


def asker(host: str, per_second: float, name: str = "neighbours") -> dict[str, Any]:
    """Who asks for a dealer's catalogue."""
    return {"name": name, "host": host, "path": "/catalogue", "per_second": per_second}


def waited(port: int, askers: list[dict[str, Any]]) -> list[float]:
    """What the neighbours waited, in milliseconds."""
    command = [sys.executable, "-m", "tests.benchmarks.paced", str(port), str(SECONDS)]
    done = subprocess.run(command, input=json.dumps(askers), capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return json.loads(done.stdout)["neighbours"]


def test_a_greedy_neighbour(network: Settings, port: int) -> None:
    greedy, *others = hosts(network)[1:NEIGHBOURS + 2]
    settings = {
        "ten alone": [asker(host, PACE) for host in others],
        "the same load, evenly": [asker(host, PACE * (1 + GREED / NEIGHBOURS)) for host in others],
        "one twenty times as greedy": [
            *(asker(host, PACE) for host in others), asker(greedy, PACE * GREED, "the greedy one"),
        ],
    }
    waited(port, settings["the same load, evenly"])
    rounds: dict[str, list[list[float]]] = {name: [] for name in settings}
    for _round in range(ROUNDS):
        for name, askers in settings.items():
            rounds[name].append(waited(port, askers))
    p95 = {name: median(quantiles(each, n=20)[-1] for each in found) for name, found in rounds.items()}
    print(f"\n{PACE:g} requests a second of each of {NEIGHBOURS} neighbours; median of {ROUNDS} rounds")
    for name, found in rounds.items():
        middle = median(median(each) for each in found)
        print(f"  {name}: median {middle:.1f} ms, p95 {p95[name]:.1f} ms, {p95[name] / p95['ten alone']:.2f} of alone"
              + (f" (aim {AIM})" if "greedy" in name else ""))
