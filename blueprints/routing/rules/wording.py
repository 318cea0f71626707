"""Reasons in words: one sentence for each code, told to HQ about a dealer or to the dealer about himself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Literal

from flask_babel import format_date

from app.kernel.words import _, ngettext
from blueprints.routing.rules.facts import PLACED

Viewpoint = Literal["hq", "dealer"]
Sentence = Callable[..., str]
NOWHERE: Mapping[int, str] = MappingProxyType({})


def sentence(
    reason: str, values: Iterable[float] = (), viewpoint: Viewpoint = "hq", places: Mapping[int, str] = NOWHERE
) -> str:
    """The reason in the person's language; its values as whole numbers where they are whole.

    A reason that tells an area tells its name if `places` know the number. What stands after a colon in the reason
    names what it is about (`certificate.held:Heat_pumps`).
    """
    code, _colon, named = reason.partition(":")
    numbers = [int(each) if each == int(each) else each for each in values]
    known = [places[number] for number in numbers if number in places] if code in PLACED else numbers
    to_hq, to_dealer = REASONS[code]
    told = (to_hq if viewpoint == "hq" else to_dealer)(*known)
    return f"{told} ({named.replace('_', ' ')})" if named else told


def _both(told: Sentence) -> tuple[Sentence, Sentence]:
    return told, told


def _decimal(value: float) -> str:
    return _("%(whole)d.%(tenths)d", whole=int(value), tenths=round(value * 10) % 10)


def _day(number: int) -> str:
    """The day that `ability.as_number` means."""
    return str(format_date(date.fromordinal(number), "long"))


_DECISION: dict[str, tuple[Sentence, Sentence]] = {
    "decision.chosen": _both(lambda: _("A dealer was found")),
    "decision.explored": _both(lambda: _("A new dealer was given the lead so that he can show himself")),
    "decision.owner": _both(lambda: _("The lead came from the dealer's own site and stays with him")),
    "decision.split": _both(lambda: _("Nobody has all of it: the order goes to those who have it together")),
    "decision.nobody": _both(lambda: _("No dealer meets the conditions, HQ decides")),
    "decision.no_strategy": _both(lambda: _("No strategy of the profile applies to this lead, HQ decides")),
    "owner.own_site": (
        lambda: _("The lead came from the dealer's own site and stays with him"),
        lambda: _("The lead came from your own site and stays with you"),
    ),
    "picked.elsewhere": (
        lambda: _("The customer fetches the goods at another dealer's point"),
        lambda: _("The customer fetches the goods at another dealer's point"),
    ),
    "picked.by_customer": (
        lambda: _("The customer asked for this dealer"),
        lambda: _("The customer asked for you"),
    ),
    "dealer.suspended": (
        lambda: _("The dealer is suspended"),
        lambda: _("Your work in the network is suspended"),
    ),
    "dealer.asked": (
        lambda: _("The lead has already been offered to the dealer"),
        lambda: _("The lead has already been offered to you"),
    ),
    "dealer.paused": (
        lambda day: _("The dealer takes no leads until %(day)s", day=_day(day)),
        lambda day: _("You take no leads until %(day)s: so you said at your desk", day=_day(day)),
    ),
    "explore.chosen": (
        lambda percent, below: _(
            "A new dealer, fewer than %(below)s outcomes: %(percent)s %% of leads go to such so that they can show"
            " themselves", below=below, percent=percent,
        ),
        lambda percent, below: _(
            "You are new here, fewer than %(below)s outcomes: %(percent)s %% of leads go to such dealers so that they"
            " can show themselves", below=below, percent=percent,
        ),
    ),
    "explore.passed": (
        lambda percent: _("Stood before, but the lead is one of the %(percent)s %% for new dealers", percent=percent),
        lambda percent: _(
            "You stood before him who got it, but the lead is one of the %(percent)s %% that go to new dealers",
            percent=percent,
        ),
    ),
    "decision.handed_on": _both(lambda: _("A dealer handed the lead on to his branch")),
    "dealer.handed_on": (
        lambda: _("The lead was handed on to this dealer by the one he belongs to"),
        lambda: _("The lead was handed on to you by the dealer you belong to"),
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
    "territory.other_goods": (
        lambda place=None: (
            _("“%(place)s” is the dealer's territory, but for other goods", place=place) if place
            else _("The place is in the dealer's territory, but for other goods")
        ),
        lambda place=None: (
            _("“%(place)s” is your territory, but for other goods", place=place) if place
            else _("The place is in your territory, but for other goods")
        ),
    ),
    "exclusivity.his": (
        lambda: _("The dealer is promised to be the only one there"),
        lambda: _("You are promised to be the only one there"),
    ),
    "exclusivity.free": _both(lambda: _("Nobody is promised to be the only one there")),
    "exclusivity.taken": _both(lambda: _("The place is another dealer's exclusive territory")),
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
    "round_robin.never": (
        lambda: _("Was never offered a lead"), lambda: _("You were never offered a lead: it is your turn"),
    ),
    "round_robin.minutes": _both(
        lambda n: ngettext("Last offer %(num)s minute ago", "Last offer %(num)s minutes ago", n)
    ),
    "round_robin.hours": _both(lambda n: ngettext("Last offer %(num)s hour ago", "Last offer %(num)s hours ago", n)),
    "round_robin.days": _both(lambda n: ngettext("Last offer %(num)s day ago", "Last offer %(num)s days ago", n)),
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

_ABILITY: dict[str, tuple[Sentence, Sentence]] = {
    "certificate.held": (
        lambda n: ngettext("Holds %(num)s valid certificate", "Holds %(num)s valid certificates", n),
        lambda n: ngettext("You hold %(num)s valid certificate", "You hold %(num)s valid certificates", n),
    ),
    "certificate.too_few": (
        lambda n, least: _("Valid certificates: %(count)s, needed are %(least)s", count=n, least=least),
        lambda n, least: _("Your valid certificates: %(count)s, needed are %(least)s", count=n, least=least),
    ),
    "certificate.expired": (
        lambda day: _("The certificate expired on %(day)s", day=_day(day)),
        lambda day: _("Your certificate expired on %(day)s", day=_day(day)),
    ),
    "certificate.revoked": (
        lambda day: _("The certificate was revoked on %(day)s", day=_day(day)),
        lambda day: _("Your certificate was revoked on %(day)s", day=_day(day)),
    ),
    "price.recommended": _both(lambda: _("At the recommended price")),
    "price.cheaper": _both(lambda percent: _("Cheaper than recommended by %(percent)s %%", percent=percent)),
    "price.dearer": _both(lambda percent: _("Dearer than recommended by %(percent)s %%", percent=percent)),
    "price.too_high": _both(
        lambda percent, limit: _(
            "Dearer than recommended by %(percent)s %%, the limit is %(limit)s %%", percent=percent, limit=limit
        )
    ),
    "delivery.fetched": _both(lambda: _("The customer comes for the goods himself")),
    "delivery.region": (
        lambda: _("Delivers to the customer's region"), lambda: _("You deliver to the customer's region"),
    ),
    "delivery.near": (
        lambda km, reach: _("Delivers as far as %(reach)s km, it is %(km)s km", km=km, reach=reach),
        lambda km, reach: _("You deliver as far as %(reach)s km, it is %(km)s km", km=km, reach=reach),
    ),
    "delivery.too_far": (
        lambda km, reach: _("Delivers only as far as %(reach)s km, it is %(km)s km", km=km, reach=reach),
        lambda km, reach: _("You deliver only as far as %(reach)s km, it is %(km)s km", km=km, reach=reach),
    ),
    "delivery.outside": (
        lambda: _("Does not deliver to the customer's region"),
        lambda: _("You do not deliver to the customer's region"),
    ),
    "delivery.untold": (
        lambda: _("The dealer has not told where he delivers"), lambda: _("You have not told where you deliver"),
    ),
    "delivery.unknown": _both(lambda: _("The distance is not known")),
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
    "raise.cancellation": _both(
        lambda percent: _("Give back fewer of the leads you have taken: now %(percent)s %%", percent=percent)
    ),
    "raise.freshness": _both(
        lambda now, goal: _(
            "Report your stock more often: half of it is older than %(now)s days, the goal is %(goal)s",
            now=_decimal(now), goal=_decimal(goal),
        )
    ),
    "raise.cancellation_unknown": _both(
        lambda: _("Keep the first leads you take: there is nothing to judge by yet")
    ),
    "raise.freshness_unknown": _both(lambda: _("Report your stock: nothing is known of it yet")),
    "raise.response_unknown": _both(
        lambda: _("Answer the first leads quickly: there is nothing to judge the speed by yet")
    ),
    "raise.acceptance_unknown": _both(lambda: _("Accept the first leads: there is nothing to judge by yet")),
    "raise.satisfaction_unknown": _both(lambda: _("Ask customers for a mark: there is none yet")),
    "raise.conversion_unknown": _both(lambda: _("Report how leads ended: no result is known yet")),
}

REASONS = _DECISION | _PLACE | _STOCK | _WORK | _ABILITY | _RAISE
"""Every reason code, as told to HQ and to the dealer. Explanations are kept for good, so a code is never taken away."""
