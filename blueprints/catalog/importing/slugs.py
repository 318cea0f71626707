"""Addresses and codes out of names: Latin letters as Russian readers spell them, unique, never changed later."""

from __future__ import annotations

import re

from slugify import slugify

LETTERS = str.maketrans({
    **dict(zip("абвгдезийклмнопрстуфыэ", "abvgdeziyklmnoprstufye", strict=True)), "ё": "yo", "ж": "zh", "х": "kh",
    "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ь": "", "ю": "yu", "я": "ya", "×": "x", "₽": "rub",
})  # fmt: skip
LONGEST = 80


class Slugs:
    """Gives out slugs that nobody has yet."""

    def __init__(self, taken: set[str], *, separator: str = "-") -> None:
        self._taken = taken
        self._separator = separator

    def make(self, name: str, fallback: str = "") -> str:
        """The slug of a name; where it is taken, with that of `fallback` (an article), then with a number."""
        slug = self._latin(name) or self._latin(fallback) or "x"
        if slug in self._taken:
            slug = self._numbered(self._separator.join(filter(None, (slug, self._latin(fallback)))))
        self._taken.add(slug)
        return slug

    def _numbered(self, plain: str) -> str:
        slug, number = plain, 2
        while slug in self._taken:
            slug = f"{plain}{self._separator}{number}"
            number += 1
        return slug

    def _latin(self, text: str) -> str:
        """Letters we know at once, others (and cutting to length) by the slower library."""
        known = text.lower().translate(LETTERS)
        if known.isascii() and len(known) <= LONGEST:
            return re.sub(r"[^a-z0-9]+", self._separator, known).strip(self._separator)
        return slugify(known, separator=self._separator, max_length=LONGEST, word_boundary=True)
