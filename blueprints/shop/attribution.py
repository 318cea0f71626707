"""Where a visitor came from: told by the address he came to and kept for his cart, order or question."""

from __future__ import annotations

from collections.abc import Mapping

from flask import request, session

from app.web.here import here
from blueprints.shop.section import shop

KEPT = "came_from"
PAID = frozenset({"cpc", "ppc", "cpm", "cpa", "paid", "display", "banner", "ads", "retargeting"})
CLICK_MARKS = ("yclid", "gclid", "vk_click_id")
NAMED = frozenset({"brand_site", "dealer_site", "mail", "messenger", "marketplace"})
"""Sources that links may name in `utm_source`; our own pages do so, because they send no referrer."""
LONGEST = 60


def current() -> tuple[str, str | None]:
    """`(source, campaign)` of this visitor; the campaign if a link named one."""
    kept = session.get(KEPT)
    return (kept[0], kept[1]) if kept else (own_source(), None)


def own_source() -> str:
    """The source of a visitor nobody sent."""
    return "brand_site" if here().is_hq else "dealer_site"


@shop.before_request
def note_arrival() -> None:
    """Remember where a visitor comes from; a later advertisement or link counts more than an earlier one."""
    source = source_of(request.args)
    if request.method == "GET" and source:
        session[KEPT] = [source, request.args.get("utm_campaign", "")[:LONGEST] or None]


def source_of(arguments: Mapping[str, str]) -> str | None:
    """What an address says of an advertisement or a link that brought the visitor here, if anything."""
    named, medium = arguments.get("utm_source", "").lower(), arguments.get("utm_medium", "").lower()
    if medium in PAID or named in PAID or any(arguments.get(mark) for mark in CLICK_MARKS):
        return "ads"
    return named if named in NAMED else None
