"""Draws the demo's files in processes of their own, while its rows are being loaded."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path


class Studio:
    """Takes orders of drawings; files that stand already are kept."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool
        self._ordered: list[Future[None]] = []

    def order(self, file: Path, draw: Callable[..., bytes], *what: object) -> None:
        """Write what `draw` makes of that into the file, some time before the studio closes."""
        if not file.exists():
            self._ordered.append(self._pool.submit(_write, file, draw, *what))

    def finish(self) -> None:
        """Wait for everything ordered; what went wrong with one is raised."""
        for drawing in self._ordered:
            drawing.result()


@contextmanager
def studio() -> Iterator[Studio]:
    """A studio whose orders are all done when the block ends well."""
    with ProcessPoolExecutor(max_workers=os.cpu_count(), initializer=_give_way) as pool:
        made = Studio(pool)
        try:
            yield made
            made.finish()
        finally:
            pool.shutdown(cancel_futures=True)


def _give_way() -> None:
    os.nice(5)


def _write(file: Path, draw: Callable[..., bytes], *what: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(draw(*what))
