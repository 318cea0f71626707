"""Addresses and codes out of names: Latin letters as Russian readers spell them, unique, never changed later."""

from __future__ import annotations

from slugify import slugify

LETTERS = (
    ("ё", "yo"), ("й", "y"), ("х", "kh"), ("ц", "ts"), ("щ", "shch"), ("ъ", ""), ("ы", "y"), ("ь", ""), ("э", "e"),
    ("ю", "yu"), ("я", "ya"), ("×", "x"), ("₽", "rub"),
)  # fmt: skip
LONGEST = 80


class Slugs:
    """Gives out slugs that nobody has yet."""

    def __init__(self, taken: set[str], *, separator: str = "-") -> None:
        self._taken = taken
        self._separator = separator

    def make(self, name: str, fallback: str = "") -> str:
        """The slug of a name; where it is taken, with that of `fallback` (an article), then with a number."""
        plain = self._latin(name) or self._latin(fallback) or "x"
        longer = self._separator.join(filter(None, (plain, self._latin(fallback))))
        slug = plain if plain not in self._taken else longer
        number = 2
        while slug in self._taken:
            slug = f"{longer}{self._separator}{number}"
            number += 1
        self._taken.add(slug)
        return slug

    def _latin(self, text: str) -> str:
        return slugify(
            text.lower(), separator=self._separator, replacements=LETTERS, max_length=LONGEST, word_boundary=True
        )
