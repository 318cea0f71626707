"""What may become of a lead, and the words for it: states, reasons, lines of its history. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask_babel.speaklater import LazyString

from app.kernel.words import _, _l

HELD = ("accepted", "contacted", "quoted")
"""States in which a dealer has the lead in hand."""

PICKUP = "pickup"
"""The delivery method of a customer who comes for the goods."""

FEEDBACK_OPEN = timedelta(days=7)
"""How long the customer may change his word."""

STATE_WORDS: dict[str, LazyString] = {
    "new": _l("Looking for a dealer"),
    "offered": _l("Offered"),
    "accepted": _l("In work"),
    "contacted": _l("Customer contacted"),
    "quoted": _l("Offer made"),
    "won": _l("Delivered"),
    "lost": _l("Lost"),
    "invalid": _l("Invalid"),
}
STATE_TONES = {
    "offered": "brand", "accepted": "info", "contacted": "info", "quoted": "info", "won": "good", "lost": "bad",
}

KIND_WORDS: dict[str, LazyString] = {
    "order": _l("Order"),
    "question": _l("Question"),
    "callback": _l("Call back"),
    "quote": _l("Request for a quote"),
    "installation": _l("Installation"),
}

SOURCE_WORDS: dict[str, LazyString] = {
    "site": _l("Site"),
    "brand_site": _l("Manufacturer's site"),
    "dealer_site": _l("Dealer's site"),
    "ads": _l("Advertising"),
    "form": _l("Form on the site"),
    "phone": _l("Phone call"),
    "visit": _l("Visit to the showroom"),
    "mail": _l("E-mail"),
    "messenger": _l("Messenger"),
    "marketplace": _l("Marketplace"),
    "api": _l("Partner system"),
}
MANUAL_SOURCES = ("phone", "visit", "mail", "messenger")

DECLINE_REASONS: dict[str, LazyString] = {
    "out_of_stock": _l("Not in stock"),
    "too_far": _l("Too far to deliver"),
    "no_capacity": _l("No time to serve it"),
    "price": _l("The price does not suit us"),
    "other": _l("Another reason"),
}

LOST_REASONS: dict[str, LazyString] = {
    "no_answer": _l("The customer does not answer"),
    "changed_mind": _l("The customer changed his mind"),
    "bought_elsewhere": _l("Bought elsewhere"),
    "price": _l("Too expensive for him"),
    "out_of_stock": _l("The goods could not be got"),
    "mistake": _l("A mistake or a prank"),
    "other": _l("Another reason"),
}

DELIVERY_WORDS: dict[str, LazyString] = {
    "courier": _l("Courier"),
    "carrier": _l("Carrier"),
    PICKUP: _l("Pick up"),
}

PAYMENT_WORDS: dict[str, LazyString] = {
    "card": _l("By card"),
    "on_delivery": _l("On delivery"),
    "invoice": _l("By invoice"),
}

_HISTORY: dict[str, tuple[LazyString, str]] = {
    "opened": (_l("Request received"), ""),
    "offered": (_l("Offered to a dealer"), ""),
    "assigned": (_l("HQ chose the dealer by hand"), "warn"),
    "reminded": (_l("Reminder sent"), ""),
    "expired": (_l("The time to answer ran out"), "warn"),
    "escalated": (_l("No dealer is left, HQ decides"), "warn"),
    "accepted": (_l("The dealer took it"), "good"),
    "declined": (_l("The dealer declined"), "warn"),
    "returned": (_l("The dealer gave it back"), "warn"),
    "shipped": (_l("Shipped"), "good"),
    "ready": (_l("Ready to be picked up"), "good"),
    "delivered": (_l("Delivered"), "good"),
    "lost": (_l("Closed without a sale"), "bad"),
    "confirmed": (_l("The customer confirmed receipt"), "good"),
    "missing": (_l("The customer says he has not received it"), "bad"),
    "message": (_l("Message"), ""),
    "shortfall": (_l("Paid, but not everything was in stock"), "bad"),
    "cancelled": (_l("Cancelled by the customer"), "bad"),
}


def history_title(kind: str) -> str:
    """What a line of history is called."""
    return str(_HISTORY[kind][0]) if kind in _HISTORY else kind


def history_tone(kind: str) -> str:
    """Tone of a line of history: good, warn, bad or none."""
    return _HISTORY[kind][1] if kind in _HISTORY else ""


def history_text(kind: str, data: Mapping[str, Any]) -> str:
    """What a line of history adds: a reason, stars, a missing reservation."""
    reasons = LOST_REASONS if kind == "lost" else DECLINE_REASONS
    said = [str(reasons.get(data["reason"], data["reason"]))] if data.get("reason") else []
    if data.get("stars"):
        said.append(_("Satisfaction: %(stars)s of 5", stars=data["stars"]))
    if data.get("is_short"):
        said.append(_("Not everything was in stock, so nothing is reserved"))
    return ". ".join(said)


def may_change_feedback(first_at: datetime | None, at: datetime) -> bool:
    """Whether the customer may still give or change his word."""
    return first_at is None or at < first_at + FEEDBACK_OPEN


def next_steps(*, state: str, is_own: bool, is_shipped: bool, is_open: bool) -> tuple[str, ...]:
    """What who has the lead may do now, the likeliest first.

    `is_open` says that the window to answer is, `is_own` that the lead was born on his own site.
    """
    if state == "offered":
        return ("acceptance", "refusal") if is_open else ()
    if state not in HELD:
        return ()
    if is_shipped:
        return ("delivery", "loss")
    return ("shipment", "delivery", "loss") if is_own else ("shipment", "delivery", "loss", "refusal")


def left_in_words(deadline: datetime | None, at: datetime) -> str:
    """How much is left until the deadline: `2 d 3 h`, `1 h 25 min`, `4 min`; empty when it is over."""
    minutes = int((deadline - at).total_seconds() // 60) if deadline else -1
    if minutes < 0:
        return ""
    if minutes < 60:
        return _("%(minutes)s min", minutes=max(1, minutes))
    if minutes < 24 * 60:
        return _("%(hours)s h %(minutes)s min", hours=minutes // 60, minutes=minutes % 60)
    return _("%(days)s d %(hours)s h", days=minutes // 1440, hours=minutes % 1440 // 60)


def said(words: Mapping[str, LazyString], code: str | None) -> str:
    """The word for a code, the code itself where there is none."""
    return str(words.get(code or "", code or ""))
