"""Decisions about people: who may give which role, which passwords are too weak, where a sign-in may lead."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Literal

from slugify import slugify

Weakness = Literal["short", "long", "own", "common"]

ROLES = ("clerk", "manager", "owner")
"""From the least to the most; each may do what those before it may."""

SCOPES = tuple(f"{thing}:{verb}" for thing in ("catalogue", "stock", "orders", "leads") for verb in ("read", "write"))
"""What an API key may be given."""

SHORTEST, LONGEST = 10, 128
OWN_WORD, REST_AFTER_OWN = 4, 8

GUESSES = 1e8
"""A password that a patient thief would guess with fewer tries is too weak (zxcvbn's estimate)."""
READ_AT_MOST = 72

COMMON_RUSSIAN = (
    "пароль", "привет", "любовь", "люблю", "тебя", "наташа", "максим", "андрей", "солнышко", "котик", "зайка", "админ",
    "администратор", "россия", "москва", "марина", "дракон", "спартак", "зенит", "директор", "менеджер",
)
"""Words that thieves of Russian passwords try first; those of English ones the estimator knows itself."""

LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,."
CYRILLIC = "йцукенгшщзхъфывапролджэячсмитьбю"
LAYOUTS = (str.maketrans(CYRILLIC, LATIN), str.maketrans(LATIN, CYRILLIC))
"""Keys of the two keyboards: people type a word of one on the other and think it well hidden."""

BROWSERS = (("YaBrowser", "Yandex Browser"), ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"),
            ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
           ("Mac OS", "macOS"), ("Linux", "Linux"))

LOCAL_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


def rank(role: str) -> int:
    """Height of a role; a higher one includes the lower ones."""
    return ROLES.index(role)


def may_give(actor: str, role: str) -> bool:
    """Whether somebody of role `actor` may invite or make somebody a `role`: managers and owners, up to their own."""
    return rank(actor) >= rank("manager") and rank(role) <= rank(actor)


def roles_to_give(actor: str) -> tuple[str, ...]:
    """The roles somebody of role `actor` may give."""
    return tuple(role for role in ROLES if may_give(actor, role))


def may_change(actor: str, old: str, new: str) -> bool:
    """Whether somebody of role `actor` may turn an `old` into a `new`; nobody reaches above himself."""
    return may_give(actor, old) and may_give(actor, new)


def weakness(password: str, own: Iterable[str] = ()) -> Weakness | None:
    """Why a new password cannot be taken, None when it can; `own` are names and addresses of person and site."""
    if len(password) < SHORTEST:
        return "short"
    if len(password) > LONGEST:
        return "long"
    folded, words = password.casefold(), own_words(own)
    if any(_is_mostly(folded, word) for word in words):
        return "own"
    if guesses(folded) < GUESSES:
        return "common"
    return "own" if words and guesses(folded, words) < GUESSES else None


def guesses(password: str, words: Iterable[str] = ()) -> float:
    """How many tries a thief would need who knows the usual passwords, both keyboards and these words."""
    from zxcvbn import zxcvbn  # its lists of passwords take a while to read, and few requests need them

    spellings = {password, *(password.translate(layout) for layout in LAYOUTS)}
    known = [*COMMON_RUSSIAN, *sorted(words)]
    return min(float(zxcvbn(text[:READ_AT_MOST], user_inputs=known)["guesses"]) for text in spellings)


def own_words(own: Iterable[str]) -> set[str]:
    """Words of names and mail addresses that a password must not consist of, in Latin letters too."""
    words = {part.casefold() for text in own for part in (text, text.partition("@")[0], *re.split(r"[\W_]+", text))}
    words |= {slugify(word, separator="") for word in words}
    return {word for word in words if len(word) >= OWN_WORD}


def local_path(target: str | None) -> str | None:
    """`target` when it is a path at this very host, else None: a sign-in never sends people elsewhere."""
    return target if target and LOCAL_PATH.fullmatch(target) else None


def device(agent: str | None) -> str:
    """Browser and system as their owner knows them, `Firefox, Windows`; empty when not recognised."""
    return ", ".join(name for table in (BROWSERS, SYSTEMS) if (name := _first(table, agent or "")))


def short_address(address: str | None) -> str:
    """Enough of an IP address to know the network by, `203.0.113.*`; empty when there is none."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return ""
    mark = "." if parsed.version == 4 else ":"
    return mark.join([*parsed.exploded.split(mark)[:3], "*"])


def _is_mostly(password: str, word: str) -> bool:
    return word in password and len(password) - len(word) < REST_AFTER_OWN


def _first(table: Iterable[tuple[str, str]], text: str) -> str | None:
    return next((name for mark, name in table if mark in text), None)
