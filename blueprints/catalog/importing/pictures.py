"""Pictures that came with a catalogue: decoded and encoded anew, kept once by their content.

A name made of the content means that the same file imported twice changes nothing and encodes nothing again.
Pictures at web addresses are never fetched.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO

from app.kernel.errors import Invalid
from app.web.media import encode_picture

from .records import ProductRecord
from .report import Report

BOX = (1200, 1200)
LARGEST = 5 * 1024 * 1024

Opener = Callable[[str], "AbstractContextManager[BinaryIO] | None"]
"""Opens a picture by the name goods call it by, or answers None when it did not come."""


def no_pictures(_name: str) -> None:
    """A file that came alone."""


class Pictures:
    """Takes the pictures of products into a media folder."""

    def __init__(self, opener: Opener, folder: Path) -> None:
        self._open, self._folder = opener, folder
        self._done: dict[str, str | None] = {}

    def take(self, product: ProductRecord, report: Report) -> list[str]:
        """Media names of the product's pictures that came and are pictures."""
        found = []
        for name in product.pictures:
            if name not in self._done:
                self._done[name] = self._store(name, product.place, report)
            if kept := self._done[name]:
                found.append(kept)
        return found

    def _store(self, name: str, place: str, report: Report) -> str | None:
        source = self._open(name)
        if source is None:
            report.warn("picture_not_sent", place, "pictures", value=name[:60])
            return None
        with source as file:
            body = file.read(LARGEST + 1)
        kept = f"{hashlib.sha256(body).hexdigest()[:32]}.webp"
        if (self._folder / kept).exists():
            return kept
        try:
            encoded = encode_picture(body, field="pictures", box=BOX)
        except Invalid:
            report.warn("picture_not_readable", place, "pictures", value=name[:60])
            return None
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / kept).write_bytes(encoded)
        report.counts["pictures_new"] += 1
        return kept
