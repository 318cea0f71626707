"""Words of the pages in both languages, read from the catalogues that translators write."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
PLACES = ("app/*/translations", "tenants/translations", "blueprints/*/translations")


def said(words: str, locale: str, **values: object) -> str:
    """A message id in a language, its placeholders filled."""
    text = words if locale == "en" else russian()[words]
    return text % values if values else text


@cache
def russian() -> dict[str, str]:
    """Russian by message id; plurals are left out."""
    files = [file for place in PLACES for file in ROOT.glob(f"{place}/ru/LC_MESSAGES/messages.po")]
    found: dict[str, str] = {}
    for file in files:
        with file.open("rb") as lines:
            found |= {
                message.id: message.string for message in read_po(lines, locale="ru")
                if isinstance(message.id, str) and message.id and message.string
            }
    return found


@cache
def untranslated() -> frozenset[str]:
    """English words that have no business on a Russian page."""
    return frozenset(english for english, words in russian().items() if english != words and "%(" not in english)
