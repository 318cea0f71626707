"""What may become of a lead, and the words for it: states, reasons, lines of its history. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from flask_babel.speaklater import LazyString

from app.kernel.words import _, _l, ngettext

HELD = ("accepted", "contacted", "quoted")
"""States in which a dealer has the lead in hand."""

CLOSED = ("won", "lost", "invalid")

ORDER = "order"
"""The kind of leads that bring their goods and their sum with them."""

TALKS: dict[str, tuple[str, ...]] = {
    "contact": ("accepted",), "attempt": ("accepted",), "quote": HELD, "sale": HELD,
}
"""What a dealer tells of his talks with a customer, and in which states."""

REOPEN_OPEN = timedelta(days=7)
"""How long a dealer may take back what he said of a lead's end."""

PAUSE = timedelta(days=14)
"""How long a dealer who is still in talks is not asked again."""

NOT_ASKED = ("spam", "duplicate", "test")
"""Reasons for which nobody stands behind a lead whom one could ask."""

PICKUP = "pickup"
"""The delivery method of a customer who comes for the goods."""

FASTER = "faster"
"""Why the offers of those end who were asked together with the one who took the lead."""

DUPLICATE = "duplicate"
"""Why a lead is invalid that only says once more what an open one says."""

ASKINGS = ("callback", "question", "quote", "installation")
"""Kinds of leads without an order."""

HOURS = ("soon", "9-12", "12-15", "15-18", "18-21")
"""Parts of the day in which a customer may wish to be called."""

PARTS = 12
"""More parts than an order ever has."""

FEEDBACK_OPEN = timedelta(days=7)
"""How long the customer may change his word."""

STATE_WORDS: dict[str, LazyString] = {
    "new": _l("Looking for a dealer"),
    "offered": _l("Offered"),
    "accepted": _l("In work"),
    "contacted": _l("Customer contacted"),
    "quoted": _l("Offer made"),
    "won": _l("Sold"),
    "lost": _l("Lost"),
    "invalid": _l("Invalid"),
}
STATE_TONES = {
    "offered": "brand", "accepted": "info", "contacted": "info", "quoted": "info", "won": "good", "lost": "bad",
}

_DELIVERED = _l("Delivered")

KIND_WORDS: dict[str, LazyString] = {
    "order": _l("Order"),
    "question": _l("Question"),
    "callback": _l("Call back"),
    "quote": _l("Request for a quote"),
    "installation": _l("Installation"),
}

HOURS_WORDS: dict[str, LazyString] = {
    "soon": _l("As soon as possible"),
    "9-12": _l("from 9 to 12"),
    "12-15": _l("from 12 to 15"),
    "15-18": _l("from 15 to 18"),
    "18-21": _l("from 18 to 21"),
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
    "import": _l("Table"),
}
MANUAL_SOURCES = ("phone", "visit", "mail", "messenger")

DECLINE_REASONS: dict[str, LazyString] = {
    "out_of_stock": _l("Not in stock"),
    "too_far": _l("Too far to deliver"),
    "no_capacity": _l("No time to serve it"),
    "price": _l("The price does not suit us"),
    "other": _l("Another reason"),
}

OFFER_REASONS: dict[str, LazyString] = DECLINE_REASONS | {
    "faster": _l("Another dealer was faster"),
    "by_hand": _l("The manufacturer chose another dealer"),
    "recycled": _l("The manufacturer sent the lead round again"),
    "inactive": _l("The dealer does not work at present"),
}
"""Why offers end: refused by the dealer, or withdrawn."""

LOST_REASONS: dict[str, LazyString] = {
    "no_answer": _l("The customer does not answer"),
    "changed_mind": _l("The customer changed his mind"),
    "bought_elsewhere": _l("Bought elsewhere"),
    "price": _l("Too expensive for him"),
    "out_of_stock": _l("The goods could not be got"),
    "mistake": _l("A mistake or a prank"),
    "other": _l("Another reason"),
}

NOT_CONFIRMED = "not_confirmed"
ENDED_WORDS: dict[str, LazyString] = {**LOST_REASONS, NOT_CONFIRMED: _l("The customer says he has not bought")}
"""Why there was no sale, with what only a decision about a contradiction says."""

INVALID_REASONS: dict[str, LazyString] = {
    "wrong_number": _l("Wrong number or address"),
    "spam": _l("Spam"),
    "duplicate": _l("Came in twice"),
    "not_ours": _l("Not our goods"),
    "test": _l("A test"),
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
    "broadcast": (_l("Offered to several dealers at once"), ""),
    "given": (_l("Given to a dealer without asking"), ""),
    "faster": (_l("Another dealer was faster"), ""),
    "assigned": (_l("HQ chose the dealer by hand"), "warn"),
    "reminded": (_l("Reminder sent"), ""),
    "withdrawn": (_l("The offer was withdrawn"), "warn"),
    "inactive": (_l("The dealer does not work at present, the offer ended"), "warn"),
    "taken_back": (_l("The manufacturer took the lead back"), "warn"),
    "handed_on": (_l("Handed on"), ""),
    "recycled": (_l("The manufacturer sent the lead round again"), "warn"),
    "expired": (_l("The time to answer ran out"), "warn"),
    "escalated": (_l("No dealer is left, HQ decides"), "warn"),
    "supplied": (_l("The manufacturer sends goods to the point of pick-up"), ""),
    "divided": (_l("The order goes to several dealers"), ""),
    "accepted": (_l("The dealer took it"), "good"),
    "declined": (_l("The dealer declined"), "warn"),
    "returned": (_l("The dealer gave it back"), "warn"),
    "shipped": (_l("Shipped"), "good"),
    "ready": (_l("Ready to be picked up"), "good"),
    "delivered": (_l("Delivered"), "good"),
    "contacted": (_l("The dealer called the customer"), "good"),
    "attempted": (_l("The dealer called, nobody answered"), "warn"),
    "quoted": (_l("Offer made to the customer"), "good"),
    "won": (_l("Sold"), "good"),
    "lost": (_l("Closed without a sale"), "bad"),
    "invalid": (_l("Not a real request"), "warn"),
    "paused": (_l("Still in talks, says the dealer"), ""),
    "told": (_l("The customer told how it went"), ""),
    "questioned": (_l("The manufacturer asks: the customer tells something else"), "warn"),
    "agreed": (_l("The dealer finds the customer right"), "good"),
    "objected": (_l("The dealer stands by what he said"), "warn"),
    "settled_customer": (_l("The manufacturer decided: as the customer says"), "good"),
    "settled_dealer": (_l("The manufacturer decided: as the dealer says"), "good"),
    "reopened": (_l("Opened again"), "warn"),
    "confirmed": (_l("The customer confirmed receipt"), "good"),
    "missing": (_l("The customer says he has not received it"), "bad"),
    "message": (_l("Message"), ""),
    "shortfall": (_l("Paid, but not everything was in stock"), "bad"),
    "cancelled": (_l("Cancelled by the customer"), "bad"),
    "asked_again": (_l("The customer asked again"), "warn"),
    "joined": (_l("Joined to another lead of the same customer"), ""),
    "parted": (_l("Made a lead of its own again"), ""),
}


def history_title(kind: str) -> str:
    """What a line of history is called."""
    return str(_HISTORY[kind][0]) if kind in _HISTORY else kind


def history_tone(kind: str) -> str:
    """Tone of a line of history: good, warn, bad or none."""
    return _HISTORY[kind][1] if kind in _HISTORY else ""


def history_text(kind: str, data: Mapping[str, Any]) -> str:
    """What a line of history adds: a reason, stars, a missing reservation."""
    reasons = {"lost": ENDED_WORDS, "invalid": INVALID_REASONS}.get(kind, DECLINE_REASONS)
    said = [str(reasons.get(data["reason"], data["reason"]))] if data.get("reason") else []
    if data.get("number"):
        said.append(_("№ %(number)s", number=data["number"]))
    if data.get("asking"):
        said.append(str(KIND_WORDS.get(data["asking"], data["asking"])))
    if "contacted" in data:
        said.append(_("The dealer called") if data["contacted"] else _("Nobody called"))
    if "bought" in data:
        said.append(_("Has bought") if data["bought"] else _("Has not bought"))
    if data.get("stars"):
        said.append(_("Satisfaction: %(stars)s of 5", stars=data["stars"]))
    if data.get("words"):
        said.append(f"“{data['words']}”")
    if data.get("document"):
        said.append(_("Document %(number)s", number=data["document"]))
    if data.get("dealers"):
        many = data["dealers"]
        said.append(ngettext("%(num)s dealer, the first gets it", "%(num)s dealers, the first gets it", many))
    if data.get("part"):
        said.append(_("Part %(part)s of %(of)s", part=data["part"], of=data["of"]))
    if data.get("supplied"):
        said.append(_goods(data["supplied"]))
    if data.get("missing"):
        goods = _goods(data["missing"])
        said.append(
            _("Lacking: %(goods)s", goods=goods) if kind == "broadcast"
            else _("Reserved is what is there; not in stock: %(goods)s", goods=goods)
        )
    if kind == "handed_on":
        said.append(_("“%(by)s” to “%(to)s”: %(note)s", by=data["by"], to=data["to"], note=data["note"]))
    if data.get("usual_hours"):
        said.append(_("The dealer has told no working hours that could be kept, so the usual ones of an office count"))
    if data.get("is_short"):
        said.append(_("Not everything was in stock, so nothing is reserved"))
    return ". ".join(said)


def is_shared(state: str, assignee_id: str | None) -> bool:
    """Whether the lead waits for the first of several dealers."""
    return state == "offered" and assignee_id is None


def is_over(state: str) -> bool:
    """Whether the lead ended without a sale."""
    return state in ("lost", "invalid")


def may_assign(state: str, is_shipped: bool) -> bool:
    """Whether HQ may still name another dealer: nobody has sent anything."""
    return state in ("new", "offered", *HELD) and not is_shipped


def may_recycle(state: str, is_shipped: bool) -> bool:
    """Whether HQ may send the lead through routing again."""
    return may_assign(state, is_shipped) or (is_over(state) and not is_shipped)


def is_open(state: str, offer_state: str) -> bool:
    """Whether an offer of a lead still waits for its dealer."""
    return (state, offer_state) == ("offered", "offered")


def number_of_part(number: str, part: int) -> str:
    """The number of a part of the order `number`: `1042`, `1042/2`."""
    return number if part == 1 else f"{number}/{part}"


def numbers_of(number: str) -> list[str]:
    """Numbers of the leads somebody may mean who names an order's: its own, and those of its parts."""
    return [number, *(number_of_part(number, part) for part in range(2, PARTS + 1))]


def _goods(lines: Iterable[Mapping[str, Any]]) -> str:
    return ", ".join(_("%(name)s, %(count)s pcs", name=line["name"], count=line["quantity"]) for line in lines)


def may_change_feedback(first_at: datetime | None, at: datetime) -> bool:
    """Whether the customer may still give or change his word."""
    return first_at is None or at < first_at + FEEDBACK_OPEN


def may_ask_customer(
    *, state: str, invalid_reason: str | None, has_answered: bool, is_quiet: bool, asks: int, most: int
) -> bool:
    """Whether the customer of a lead is asked how it went: a dealer took it, and nobody asked too often before."""
    is_asked = state not in ("new", "offered") and invalid_reason not in NOT_ASKED
    return is_asked and not has_answered and not is_quiet and asks < most


def is_talk(kind: str, state: str) -> bool:
    """Whether the customer is asked for a talk and a purchase, not for the goods of his order."""
    return kind != ORDER or state in ("lost", "invalid")


def next_steps(
    *, state: str, kind: str, is_own: bool, is_shipped: bool, is_open: bool, may_reopen: bool = False
) -> tuple[str, ...]:
    """What who has the lead may do now, the likeliest first.

    `is_open` says that the window to answer is, `is_own` that the lead was born on his own site, `may_reopen` that
    what he said of its end may still be taken back.
    """
    if state == "offered":
        return ("acceptance", "refusal") if is_open else ()
    if state not in HELD:
        return ("reopening",) if may_reopen else ()
    if is_shipped:
        return ("delivery", "loss")
    steps = ("shipment", "delivery") if kind == ORDER else ()
    steps += tuple(noun for noun, states in TALKS.items() if state in states and _is_for(noun, kind))
    return (*steps, "loss", "invalidation", "pause", *(() if is_own else ("refusal",)))


def _is_for(noun: str, kind: str) -> bool:
    """An order has its sum: it is neither quoted nor sold for another one."""
    return kind != ORDER or noun not in ("quote", "sale")


def state_after(noun: str, state: str) -> str:
    """Where a lead stands after the dealer's word; a word about an earlier step leaves it where it is."""
    reached = {"contact": "contacted", "quote": "quoted"}.get(noun, state)
    return max(state, reached, key=HELD.index)


def may_reopen(
    *, state: str, kind: str, closed_at: datetime | None, closed_by: str | None, speaker: str, at: datetime
) -> bool:
    """Whether the end of a lead may be taken back: within a week, by who told it, and where no order ended with it."""
    is_theirs = kind != ORDER and state in CLOSED and closed_by == speaker
    return is_theirs and closed_at is not None and at < closed_at + REOPEN_OPEN


def state_before_end(*, contacted_at: datetime | None, quoted_at: datetime | None) -> str:
    """Where a lead stood before it ended."""
    return "quoted" if quoted_at else "contacted" if contacted_at else "accepted"


def state_word(state: str, kind: str) -> str:
    """What a state is called: an order that is won has been delivered."""
    return str(_DELIVERED if (state, kind) == ("won", ORDER) else STATE_WORDS[state])


def joined_word(number: str | None) -> str:
    """What is said, instead of a state, of a lead joined to the one of this number; None where it is another's."""
    return _("Joined to № %(number)s", number=number) if number else _("Joined to another lead")


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
