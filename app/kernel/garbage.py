"""Garbage, and what is none: code, tables and templates stay for as long as their process lives.

Python looks through all objects for what nobody needs any more, whenever a few hundred were made: a decision among a
thousand dealers makes that many a dozen times over, and took a seventh of its time for it.
"""

from __future__ import annotations

import gc

OFTEN = 20_000
"""After so many new objects the young ones are looked through."""


def set_aside() -> None:
    """Look no more through what has been loaded so far, and less often through the rest; children share its memory."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OFTEN)
