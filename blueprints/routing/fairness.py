"""The dealer's page of fairness: what he got, what not, why, and what he can do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel.speaklater import LazyString

from app.kernel.db import db
from app.kernel.identity import current_tenant
from app.kernel.words import _l
from blueprints.leads.models import LeadOffer
from blueprints.routing import rules
from blueprints.routing.rules import fairness

MOST = 1000
PERIODS = (30, 90)

GROUPS: dict[str, tuple[LazyString, str | None, LazyString | None]] = {
    "stock_now": (_l("You had none or not all of the goods"), "stock_desk.index", _l("Look at your stock")),
    "freshness": (_l("Your stock data was old"), "stock_desk.index", _l("Confirm or report your stock")),
    "distance": (_l("You are farther away"), None, None),
    "territory": (_l("The place is not yours alone"), None, None),
    "rating": (_l("Others are rated better"), "routing_standing.rating", _l("See what would raise your rating")),
    "response": (_l("Others answer faster"), "routing_standing.rating", _l("See how fast you answer")),
    "capacity.full": (_l("Your day was full"), "routing_standing.show_reception", _l("Change your daily limit")),
    "capacity.load": (_l("Others had more room that day"), "routing_standing.show_reception",
                      _l("Change your daily limit")),
    "capacity.unanswered": (_l("Offers waited for your answer"), "leads_desk.inbox", _l("Answer your offers")),
    "working_hours": (_l("You were closed"), "sites_wizard.contacts", _l("Check your hours")),
    "certificate": (_l("A certificate was missing or had ended"), None, None),
    "price": (_l("Others asked less"), "stock_desk.index", _l("Look at your prices")),
    "delivery": (_l("You do not deliver there"), "routing_standing.show_reception", _l("Say where you deliver")),
    "tier": (_l("Dealers of a higher tier stood before you"), None, None),
    "fair_share": (_l("Others had fewer leads lately"), None, None),
    "round_robin": (_l("Others had waited longer"), None, None),
    "own_dealer": (_l("The customer has another dealer"), None, None),
    "explore": (_l("The lead was one for new dealers"), None, None),
    "turn": (_l("You and others were equal, and it was another's turn"), None, None),
    "dealer.paused": (_l("You were on a pause"), "routing_standing.show_reception", _l("End your pause")),
    "dealer.suspended": (_l("Your work in the network was suspended"), None, None),
    "dealer.asked": (_l("You had been asked before"), None, None),
}
"""What keeps leads from a dealer, and where he can do something about it."""
OTHERWISE = (_l("For another reason"), None, None)

LET_GO: dict[str, LazyString] = {
    "declined": _l("You declined"), "expired": _l("You did not answer in time"),
    "withdrawn": _l("The offer was withdrawn, or another dealer was faster"), "handed_on": _l("You handed it on"),
}
"""Offers that a dealer had and did not take."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A group of leads that passed him by, in words, with what to do."""

    title: str
    count: int
    is_excluded: bool
    example: str
    endpoint: str | None
    advice: str | None


@dataclass(frozen=True, slots=True)
class Fairness:
    """A period of the speaking dealer."""

    days: int
    share: fairness.Share
    reasons: list[Reason]
    let_go: list[tuple[str, int]]
    passed: Sequence[fairness.Seen]
    is_cut: bool


def fairness_of(*, days: int, at: datetime) -> Fairness:
    """What became of the leads of the speaker's territory in so many days; two queries."""
    seen = _seen(at - timedelta(days=days))
    passed = [one for one in seen if not one.was_offered and one.told is not None]
    return Fairness(
        days, fairness.share_of(seen), [_reason(why) for why in fairness.reasons_of(seen)],
        _let_go(at - timedelta(days=days)), passed, len(seen) == MOST,
    )


def period(text: str) -> int:
    """The period an address asks for, in days."""
    return next((days for days in PERIODS if str(days) == text), PERIODS[0])


def _seen(since: datetime) -> list[fairness.Seen]:
    rows = db.session.execute(
        sa.text("SELECT * FROM network.leads_of_my_ground(:since, :most)"), {"since": since, "most": MOST}
    )
    me = current_tenant()
    return [
        fairness.Seen(
            row.at, row.city_id, row.value_minor, row.was_offered, row.fate,
            rules.told(row.explanation, me) if row.explanation else None,
        )
        for row in rows
    ]


def _let_go(since: datetime) -> list[tuple[str, int]]:
    """Offers he had and did not take, by how they ended, the most frequent first."""
    rows = db.session.execute(
        sa.select(LeadOffer.state, sa.func.count())
        .where(LeadOffer.dealer_id == current_tenant(), LeadOffer.offered_at >= since, LeadOffer.state.in_(LET_GO))
        .group_by(LeadOffer.state).order_by(sa.func.count().desc(), LeadOffer.state)
    )
    return [(str(LET_GO[state]), count) for state, count in rows]


def _reason(why: fairness.Why) -> Reason:
    title, endpoint, advice = GROUPS.get(why.group, OTHERWISE)
    verdict = why.newest
    example = "" if why.group == "turn" else rules.sentence(verdict.reason, verdict.values, "dealer")
    return Reason(str(title), why.count, why.is_excluded, example, endpoint, str(advice) if advice else None)
