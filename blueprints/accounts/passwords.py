"""Passwords: Argon2id with the parameters of the settings, and what a new one must be like."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app

from app.kernel.identity import current_tenant
from app.kernel.words import _
from blueprints.accounts.errors import WeakPassword
from blueprints.accounts.rules import LONGEST, SHORTEST, Weakness, weakness
from tenants.registry import get_tenant


def hash_password(password: str) -> str:
    """The password as it is kept."""
    return _hasher().hash(password)


def verify(hashed: str | None, password: str) -> bool:
    """Whether the password fits; takes as long when there is none, so an answer tells nothing."""
    if len(password) > LONGEST:
        return False
    try:
        return _hasher().verify(hashed or _nobodys(_parameters()), password) and hashed is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(hashed: str) -> bool:
    """Whether the settings ask for other parameters than this hash was made with."""
    return _hasher().check_needs_rehash(hashed)


def check_new(password: str, *own: str) -> None:
    """Refuse a new password that is too easy (`WeakPassword`); `own` are the person's mail address and name.

    What is common or was stolen elsewhere is known without asking anybody, and so are the names of this site.
    """
    facts = get_tenant(current_tenant())
    found = weakness(password, (*own, facts.name, facts.legal_name, facts.slug))
    if found:
        raise WeakPassword(_sentence(found), field="password")


def _sentence(found: Weakness) -> str:
    return {
        "short": _("Use at least %(number)s characters. A few words in a row are easy to remember.", number=SHORTEST),
        "long": _("Use at most %(number)s characters.", number=LONGEST),
        "common": _("This password is one of the first that thieves try. Choose another one."),
        "own": _("This password is too much like your name or mail address, or the site's name. Choose another one."),
    }[found]


def _parameters() -> tuple[int, int]:
    settings = current_app.config["ZVENO"]
    return settings.argon2_memory_kib, settings.argon2_time


def _hasher() -> PasswordHasher:
    return _make_hasher(_parameters())


@cache
def _make_hasher(parameters: tuple[int, int]) -> PasswordHasher:
    memory_kib, passes = parameters
    return PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1, type=Type.ID)


@cache
def _nobodys(parameters: tuple[int, int]) -> str:
    """A hash that no sign-in fits, to spend the same time on unknown addresses."""
    return _make_hasher(parameters).hash("nobody has this password")
