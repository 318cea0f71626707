"""Where dealer and customer differ about a lead: codes, and the words for them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel.speaklater import LazyString

from app.kernel.words import _l
from blueprints.leads.rules import HELD, NOT_CONFIRMED, ORDER

TOLERANCE = 0.2
"""Sums that differ by no more than this share of the larger one are the same: customers remember roundly."""

CONTRADICTION_WORDS: dict[str, LazyString] = {
    "lost_but_bought": _l("The dealer says there was no sale, the customer says he has bought"),
    "silent_but_bought": _l("The dealer says nothing, the customer says he has bought"),
    "sold_but_not_bought": _l("The dealer says he sold, the customer says he has not bought"),
    "delivered_but_missing": _l("The dealer says delivered, the customer says not received"),
    "other_sum": _l("Dealer and customer name different sums"),
    "called_but_not": _l("The dealer says he called, the customer says nobody did"),
}
"""The gravest first."""


@dataclass(frozen=True, slots=True)
class Words:
    """Both sides' words on one lead; `None` is what the customer was not asked or did not say."""

    kind: str
    state: str
    value_minor: int
    is_called: bool
    received: bool | None = None
    contacted: bool | None = None
    bought: bool | None = None
    customer_minor: int | None = None


def contradictions(words: Words) -> tuple[str, ...]:
    """Codes of `CONTRADICTION_WORDS` for what cannot both be true, the gravest first; empty when all agree."""
    is_held, is_sale = words.state in HELD, words.state == "won" and words.kind != ORDER
    found = {
        "lost_but_bought": words.state in ("lost", "invalid") and words.bought is True,
        "silent_but_bought": is_held and words.bought is True,
        "sold_but_not_bought": is_sale and words.bought is False,
        "delivered_but_missing": words.state == "won" and words.kind == ORDER and words.received is False,
        "other_sum": is_sale and words.bought is True and _differ(words.value_minor, words.customer_minor),
        "called_but_not": words.is_called and words.contacted is False and words.bought is not True,
    }
    return tuple(code for code in CONTRADICTION_WORDS if found[code])


def as_customer_says(code: str, words: Words, minor: int | None = None) -> dict[str, Any]:
    """What of the lead changes when the customer is right: columns by name; `minor` is a sum that is known better."""
    value = minor if minor is not None else words.customer_minor
    told = {} if value is None else {"value_minor": value}
    if code in ("lost_but_bought", "silent_but_bought"):
        return {"state": "won", "lost_reason": None, "invalid_reason": None, **told}
    if code == "sold_but_not_bought":
        return {"state": "lost", "lost_reason": NOT_CONFIRMED}
    if code == "delivered_but_missing":
        return {"state": "accepted"}
    if code == "called_but_not":
        return {"contacted_at": None, **({"state": "accepted"} if words.state == "contacted" else {})}
    return told


def _differ(dealer: int, customer: int | None) -> bool:
    return customer is not None and abs(dealer - customer) > TOLERANCE * max(dealer, customer)
