"""What a customer reads of his lead's way: each turn that concerns him, in his words, and no dealer who declined."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from flask_babel.speaklater import LazyString

from app.kernel.db import db
from app.kernel.words import _l
from blueprints.leads import rules
from blueprints.leads.models import Lead, LeadEvent
from blueprints.leads.queries import Told

SEARCHING, CHANGED = _l("We are looking for a dealer near you"), _l("The dealer changes: we are looking for another")
TURNS: dict[str, tuple[LazyString, str]] = {
    "offered": (SEARCHING, ""), "broadcast": (SEARCHING, ""),
    "accepted": (_l("A dealer has taken it"), "good"), "given": (_l("A dealer has taken it"), "good"),
    "returned": (CHANGED, "warn"), "taken_back": (CHANGED, "warn"), "handed_on": (CHANGED, "warn"),
    "escalated": (
        _l("It takes longer than usual, and we are sorry: the manufacturer's service takes care of it"), "warn"
    ),
    "recycled": (SEARCHING, ""),
    "contacted": (_l("The dealer has called you"), "good"),
    "quoted": (_l("The dealer has made you an offer"), "good"),
    "lost": (_l("Ended without a purchase"), "bad"),
}
"""Turns told otherwise than to dealers and HQ; what stands neither here nor in `PLAIN` is theirs alone."""
PLAIN = ("opened", "shipped", "ready", "delivered", "won", "confirmed", "missing", "cancelled")


def story_of(lead: Lead) -> list[Told]:
    """The lead's way for its customer, oldest first; as its owner. What repeats itself is told once."""
    events = db.session.scalars(
        sa.select(LeadEvent).where(LeadEvent.owner_id == lead.owner_id, LeadEvent.lead_id == lead.id)
        .order_by(LeadEvent.at, LeadEvent.id)
    )
    return _once(_told(event) for event in events if _concerns_him(event))


def _concerns_him(event: LeadEvent) -> bool:
    """A lead that is handed on before anybody took it changes nothing for him."""
    return (event.kind in TURNS or event.kind in PLAIN) and (event.kind != "handed_on" or event.data["was_held"])


def _told(event: LeadEvent) -> Told:
    if event.kind in TURNS:
        title, tone = TURNS[event.kind]
        return Told(str(title), event.at, "", tone)
    stars = {"stars": event.data["stars"]} if event.data.get("stars") else {}
    return Told(
        rules.history_title(event.kind), event.at, rules.history_text(event.kind, stars), rules.history_tone(event.kind)
    )


def _once(lines: Iterable[Told]) -> list[Told]:
    """A change is a search, too: one that follows it says nothing new."""
    told: list[Told] = []
    for line in lines:
        before = told[-1].title if told else ""
        if line.title != before and not (line.title == SEARCHING and before == CHANGED):
            told.append(line)
    return told
