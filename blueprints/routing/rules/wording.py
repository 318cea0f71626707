"""Reasons in words: one sentence for each code, told to HQ about a dealer or to the dealer about himself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Literal

from app.kernel.words import _, ngettext
from blueprints.routing.rules.facts import PLACED

Viewpoint = Literal["hq", "dealer"]
Sentence = Callable[..., str]
NOWHERE: Mapping[int, str] = MappingProxyType({})


def sentence(
    reason: str, values: Iterable[float] = (), viewpoint: Viewpoint = "hq", places: Mapping[int, str] = NOWHERE
) -> str:
    """The reason in the person's language; its values as whole numbers where they are whole.

    A reason that tells an area tells its name if `places` know the number.
    """
    numbers = [int(each) if each == int(each) else each for each in values]
    told = [places[number] for number in numbers if number in places] if reason in PLACED else numbers
    to_hq, to_dealer = REASONS[reason]
    return (to_hq if viewpoint == "hq" else to_dealer)(*told)


def _both(told: Sentence) -> tuple[Sentence, Sentence]:
    return told, told


def _decimal(value: float) -> str:
    return _("%(whole)d.%(tenths)d", whole=int(value), tenths=round(value * 10) % 10)


_DECISION: dict[str, tuple[Sentence, Sentence]] = {
    "decision.chosen": _both(lambda: _("A dealer was found")),
    "decision.owner": _both(lambda: _("The lead came from the dealer's own site and stays with him")),
    "decision.nobody": _both(lambda: _("No dealer meets the conditions, HQ decides")),
    "decision.no_strategy": _both(lambda: _("No strategy of the profile applies to this lead, HQ decides")),
    "owner.own_site": (
        lambda: _("The lead came from the dealer's own site and stays with him"),
        lambda: _("The lead came from your own site and stays with you"),
    ),
    "dealer.suspended": (
        lambda: _("The dealer is suspended"),
        lambda: _("Your work in the network is suspended"),
    ),
    "dealer.asked": (
        lambda: _("The lead has already been offered to the dealer"),
        lambda: _("The lead has already been offered to you"),
    ),
    "goods.none": _both(lambda: _("The lead asks for no goods from stock")),
}

_PLACE: dict[str, tuple[Sentence, Sentence]] = {
    "own_dealer.his": (lambda: _("The customer's own dealer"), lambda: _("This is your customer")),
    "own_dealer.other": _both(lambda: _("The customer has another dealer")),
    "own_dealer.none": _both(lambda: _("The customer has no dealer of his own")),
    "territory.exclusive": (
        lambda place=None: (
            _("“%(place)s” is the dealer's exclusive territory", place=place) if place
            else _("The place is the dealer's exclusive territory")
        ),
        lambda place=None: (
            _("“%(place)s” is your exclusive territory", place=place) if place
            else _("The place is your exclusive territory")
        ),
    ),
    "territory.primary": (
        lambda place=None: (
            _("“%(place)s” is the dealer's primary territory", place=place) if place
            else _("The place is the dealer's primary territory")
        ),
        lambda place=None: (
            _("“%(place)s” is your primary territory", place=place) if place
            else _("The place is your primary territory")
        ),
    ),
    "territory.shared": (
        lambda place=None: (
            _("“%(place)s” is the dealer's territory, shared with others", place=place) if place
            else _("The place is in the dealer's territory, shared with others")
        ),
        lambda place=None: (
            _("“%(place)s” is your territory, shared with others", place=place) if place
            else _("The place is in your territory, shared with others")
        ),
    ),
    "territory.customer": (
        lambda: _("The dealer's own customer, wherever he is"),
        lambda: _("Your own customer, wherever he is"),
    ),
    "territory.outside": (
        lambda: _("The place is outside the dealer's territory"),
        lambda: _("The place is outside your territory"),
    ),
    "territory.taken": _both(lambda: _("The place is another dealer's exclusive territory")),
    "territory.unknown": _both(lambda: _("The customer's place is not known")),
    "distance.km": _both(lambda km: _("Distance %(km)s km", km=km)),
    "distance.too_far": _both(lambda km, limit: _("Distance %(km)s km, the limit is %(limit)s km", km=km, limit=limit)),
    "distance.unknown": _both(lambda: _("The distance is not known")),
}

_STOCK: dict[str, tuple[Sentence, Sentence]] = {
    "stock_now.all": _both(lambda: _("Everything is in stock")),
    "stock_now.none": (
        lambda: _("The dealer has none of the goods in stock"),
        lambda: _("You have none of the goods in stock"),
    ),
    "stock_now.partial": _both(
        lambda full, lines, pieces, wanted: _(
            "In stock: %(pieces)s of %(wanted)s pieces, %(full)s of %(lines)s lines in full",
            full=full,
            lines=lines,
            pieces=pieces,
            wanted=wanted,
        )
    ),
    "freshness.hours": _both(
        lambda hours: (
            ngettext("Stock data received %(num)s hour ago", "Stock data received %(num)s hours ago", hours)
            if hours
            else _("Stock data received less than an hour ago")
        )
    ),
    "freshness.days": _both(
        lambda days: ngettext("Stock data received %(num)s day ago", "Stock data received %(num)s days ago", days)
    ),
    "freshness.stale": _both(
        lambda days, limit: ngettext(
            "Stock data received %(num)s day ago, the limit in days is %(limit)s",
            "Stock data received %(num)s days ago, the limit in days is %(limit)s",
            days,
            limit=limit,
        )
    ),
    "freshness.unknown": (
        lambda: _("The dealer has reported no stock of these goods"),
        lambda: _("You have reported no stock of these goods"),
    ),
}

_WORK: dict[str, tuple[Sentence, Sentence]] = {
    "rating.known": (
        lambda percent, count: ngettext(
            "Rating %(percent)s of 100 by %(num)s outcome",
            "Rating %(percent)s of 100 by %(num)s outcomes",
            count,
            percent=percent,
        ),
        lambda percent, count: ngettext(
            "Your rating is %(percent)s of 100 by %(num)s outcome",
            "Your rating is %(percent)s of 100 by %(num)s outcomes",
            count,
            percent=percent,
        ),
    ),
    "rating.none": _both(lambda: _("There is no rating yet, the network's usual one counts")),
    "capacity.load": _both(
        lambda today, cap: _("Leads taken today: %(today)s of %(cap)s", today=today, cap=cap),
    ),
    "capacity.unlimited": _both(lambda: _("There is no daily limit of leads")),
    "capacity.full": _both(lambda cap: _("The daily limit is reached: %(cap)s", cap=cap)),
    "capacity.unanswered": (
        lambda offers, limit: _(
            "Offers without the dealer's answer: %(offers)s, the limit is %(limit)s", offers=offers, limit=limit
        ),
        lambda offers, limit: _(
            "Offers without your answer: %(offers)s, the limit is %(limit)s", offers=offers, limit=limit
        ),
    ),
    "tier.premium": _both(lambda: _("Tier “Premium”")),
    "tier.partner": _both(lambda: _("Tier “Partner”")),
    "tier.standard": _both(lambda: _("Tier “Standard”")),
    "tier.other": _both(lambda: _("A tier these rules do not know")),
    "response.minutes": _both(lambda minutes: _("Answers within %(minutes)s min of working time", minutes=minutes)),
    "response.too_slow": _both(
        lambda minutes, limit: _(
            "Answers within %(minutes)s min, the limit is %(limit)s min", minutes=minutes, limit=limit
        )
    ),
    "response.unknown": _both(lambda: _("There are no answers yet to judge the speed by")),
    "fair_share.recent": (
        lambda count: ngettext("Offered %(num)s lead in 30 days", "Offered %(num)s leads in 30 days", count),
        lambda count: ngettext(
            "You were offered %(num)s lead in 30 days", "You were offered %(num)s leads in 30 days", count
        ),
    ),
    "working_hours.open": _both(lambda: _("Open now")),
    "working_hours.opens_in": _both(
        lambda hours: (
            ngettext("Opens in %(num)s hour", "Opens in %(num)s hours", hours)
            if hours
            else _("Opens in less than an hour")
        )
    ),
    "working_hours.too_late": _both(
        lambda hours: ngettext("Opens only in %(num)s hour", "Opens only in %(num)s hours", hours)
    ),
    "working_hours.never": (
        lambda: _("The dealer's working hours are empty"),
        lambda: _("Your working hours are empty"),
    ),
    "working_hours.unknown": (
        lambda: _("The dealer has not told his working hours"),
        lambda: _("You have not told your working hours"),
    ),
}

_RAISE: dict[str, tuple[Sentence, Sentence]] = {
    "raise.response": _both(
        lambda now, goal: _(
            "Answer faster: half of the answers take more than %(now)s min of working time, the goal is %(goal)s min",
            now=now,
            goal=goal,
        )
    ),
    "raise.acceptance": _both(
        lambda percent: _("Accept more of the leads offered: now %(percent)s %%", percent=percent)
    ),
    "raise.satisfaction": _both(
        lambda mark: _("Make customers more content: their mean mark is %(mark)s of 5", mark=_decimal(mark))
    ),
    "raise.conversion": _both(
        lambda percent: _("Bring more of the leads to a sale: now %(percent)s %%", percent=percent)
    ),
    "raise.response_unknown": _both(
        lambda: _("Answer the first leads quickly: there is nothing to judge the speed by yet")
    ),
    "raise.acceptance_unknown": _both(lambda: _("Accept the first leads: there is nothing to judge by yet")),
    "raise.satisfaction_unknown": _both(lambda: _("Ask customers for a mark: there is none yet")),
    "raise.conversion_unknown": _both(lambda: _("Report how leads ended: no result is known yet")),
}

REASONS = _DECISION | _PLACE | _STOCK | _WORK | _RAISE
"""Every reason code, as told to HQ and to the dealer. Explanations are kept for good, so a code is never taken away."""
