"""Which subdomains a dealer may choose: well-formed, not reserved, not offensive, not a look-alike."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from app.kernel.errors import Invalid
from app.kernel.words import _

WELL_FORMED = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,38}[a-z0-9])")

_RESERVED = (
    "www www1 www2 api app apps admin administrator root hq desk mail smtp imap pop ftp ns ns1 ns2 dns mx static media"
    " cdn assets img images files download downloads test testing dev stage staging demo beta alpha status help support"
    " docs wiki blog news forum shop store cart checkout pay payment payments billing invoice account accounts login"
    " signin signup register auth sso oauth id security abuse postmaster hostmaster webmaster noreply no-reply info"
    " sales contact about partner partners dealer dealers zveno network system internal localhost local example"
    " dashboard monitor metrics health healthz readyz exchange hooks webhooks stripe yookassa sberbank tinkoff"
    " gosuslugi nalog police bank"
)
RESERVED = frozenset(_RESERVED.split())

OFFENSIVE = (
    "fuck", "shit", "porn", "xxx", "nazi", "hitler", "sex", "suka", "blyad", "blya", "huy", "hui", "xuy", "pizd",
    "ebal", "eban", "yeban", "zaeb", "mudak", "gandon", "pidor", "pidar", "zalup", "govno", "jopa", "zhopa",
)
INNOCENT = ("sussex", "essex", "middlesex", "unisex", "govnor")

LOOKS_LIKE = str.maketrans({"0": "o", "1": "l", "i": "l", "3": "e", "4": "a", "5": "s", "6": "b", "8": "b", "9": "g"})


class BadSlug(Invalid):
    """The wished subdomain cannot be had."""


def check_slug(slug: str, taken: Collection[str] = (), guarded: Iterable[str] = ()) -> str:
    """The slug itself when it can be had, or `BadSlug` with the sentence why not.

    `taken` are slugs in use; `guarded` are names a look-alike of which is refused as well (HQ's brand and
    the dealers there are).
    """
    if not WELL_FORMED.fullmatch(slug) or "--" in slug:
        raise _bad(_("Use 3 to 40 Latin letters, digits and single hyphens; begin and end with a letter or digit."))
    if slug.isdigit():
        raise _bad(_("The address needs at least one letter."))
    if slug in RESERVED or slug.startswith("xn-"):
        raise _bad(_("This address is reserved. Choose another."))
    if _is_offensive(slug):
        raise _bad(_("This address may offend somebody. Choose another."))
    if slug in taken:
        raise _bad(_("This address is taken. Choose another."))
    if skeleton(slug) in {skeleton(name) for name in guarded if name != slug}:
        raise _bad(_("This address looks like one that is there already. Choose another."))
    return slug


def skeleton(slug: str) -> str:
    """What a slug looks like at a glance: digits as letters, doubles and hyphens dropped, `rn` as `m`."""
    glance = slug.replace("-", "").translate(LOOKS_LIKE).replace("rn", "m").replace("vv", "w").replace("cl", "d")
    return re.sub(r"(.)\1+", r"\1", glance)


def _is_offensive(slug: str) -> bool:
    plain = slug.replace("-", "").translate(str.maketrans("013456", "oleasb"))
    for innocent in INNOCENT:
        plain = plain.replace(innocent, "")
    return any(word in plain for word in OFFENSIVE)


def _bad(sentence: str) -> BadSlug:
    return BadSlug(sentence, field="slug")
