"""Decisions about people: who may give which role, which passwords are too weak, where a sign-in may lead."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Literal

Weakness = Literal["short", "long", "own", "common"]

ROLES = ("clerk", "manager", "owner")
"""From the least to the most; each may do what those before it may."""

SCOPES = tuple(f"{thing}:{verb}" for thing in ("catalogue", "stock", "orders", "leads") for verb in ("read", "write"))
"""What an API key may be given."""

SHORTEST, LONGEST = 10, 128
FEWEST_DIFFERENT = 4
OWN_WORD, REST_AFTER_OWN = 4, 8

_COMMONEST_LONG_ONES = """
    1234567890 12345678910 1234567891 0123456789 0987654321 9876543210 123456789a 123456789q a123456789
    q123456789 qwertyuiop qwerty12345 qwerty123456 qwerty1234 1q2w3e4r5t q1w2e3r4t5 1q2w3e4r5t6y 1qaz2wsx3edc
    qazwsxedcrfv zaq12wsxcde3 asdfghjkl1 zxcvbnm123 zxcvbnm,./ password12 password123 password1234 passw0rd123
    administrator adminadmin admin12345 iloveyou123 iloveyou12 letmein123 welcome123 football123 princess123
    sunshine123 changeme123 йцукенгшщз йцукенгшщзхъ йцукен12345 пароль1234 пароль12345 qwertyuiop[] 12345qwert
    1234qwerasdf qwerasdfzxcv 1111122222 1212121212 1231231231 abcd123456 abc1234567 abcdefghij
"""
COMMONEST = frozenset(_COMMONEST_LONG_ONES.split())

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
    """Why a new password cannot be taken, None when it can; `own` are the person's mail address and name."""
    if len(password) < SHORTEST:
        return "short"
    if len(password) > LONGEST:
        return "long"
    folded = password.casefold()
    if folded in COMMONEST or len(set(folded)) < FEWEST_DIFFERENT:
        return "common"
    return "own" if any(_is_mostly(folded, word) for word in own_words(own)) else None


def own_words(own: Iterable[str]) -> set[str]:
    """Words of mail addresses and names that a password must not consist of."""
    words = {part.casefold() for text in own for part in (text, text.partition("@")[0], *re.split(r"[\s@.]+", text))}
    return {word for word in words if len(word) >= OWN_WORD}


def local_path(target: str | None) -> str | None:
    """`target` when it is a path at this very host, else None: a sign-in never sends people elsewhere."""
    return target if target and LOCAL_PATH.fullmatch(target) else None


def device(agent: str | None) -> str:
    """Browser and system as their owner knows them, `Firefox, Windows`; empty when not recognised."""
    return ", ".join(name for table in (BROWSERS, SYSTEMS) if (name := _first(table, agent or "")))


def short_address(address: str | None) -> str:
    """Enough of an IP address to know the network by, `203.0.113.…`; empty when there is none."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return ""
    kept = ".".join(str(parsed).split(".")[:3]) if parsed.version == 4 else ":".join(parsed.exploded.split(":")[:3])
    return f"{kept}{'.' if parsed.version == 4 else ':'}…"


def _is_mostly(password: str, word: str) -> bool:
    return word in password and len(password) - len(word) < REST_AFTER_OWN


def _first(table: Iterable[tuple[str, str]], text: str) -> str | None:
    return next((name for mark, name in table if mark in text), None)
