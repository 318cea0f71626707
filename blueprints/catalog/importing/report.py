"""What an import did and what is to be mended: counts, and lines of which the first few thousand are kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from .problems import Level, Problem

KEPT_LINES = 5_000

Progress = Callable[[int, "int | None"], None]
"""Told now and then how many records are done, and of how many; `None` while the file is still being read."""


def silent(_done: int, _total: int | None) -> None:
    """Progress nobody looks at."""


@dataclass(slots=True)
class Report:
    """Counts by name, kept lines, and the ids of records that could not be read."""

    counts: Counter[str] = field(default_factory=Counter)
    lines: list[Problem] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)

    def add(self, problem: Problem) -> None:
        """Note a problem; past `KEPT_LINES` only its number."""
        self.counts["errors" if problem.level is Level.ERROR else "warnings"] += 1
        if len(self.lines) < KEPT_LINES:
            self.lines.append(problem)
        else:
            self.counts["lines_left_out"] += 1
        if problem.level is Level.ERROR:
            self.unread.add(problem.place.partition(" ")[2])

    def warn(self, code: str, place: str, field: str, **params: str | int) -> None:
        """Note something that costs a field."""
        self.add(Problem(code, place, field, Level.WARNING, params))

    def fail(self, code: str, place: str, field: str, **params: str | int) -> None:
        """Note something that costs the record."""
        self.add(Problem(code, place, field, Level.ERROR, params))
