"""Profiles in words: names of criteria, parameters and choices for the form, and what differs between two versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel.speaklater import LazyString

from app.kernel.money import Money
from app.kernel.words import _, _l, ngettext
from app.web.locale import format_money
from blueprints.leads.rules import KIND_WORDS, SOURCE_WORDS
from blueprints.routing.profiles import Change
from blueprints.routing.rules import DEFAULT_PROFILE
from blueprints.routing.rules.differences import Difference
from blueprints.routing.wording import CRITERIA

STATES = {"draft": _l("Draft"), "active": _l("In force"), "retired": _l("Was in force")}
TONES = {"draft": "info", "active": "good", "retired": None}

RATING: dict[str, LazyString] = {
    "half_life_days": _l("Age at which an outcome counts half"),
    "prior": _l("Rating of a dealer nobody knows yet, 0 to 1"),
    "confidence": _l("Outcomes that outweigh this first opinion"),
    "good_minutes": _l("Time to answer that is worth half"),
    "fresh_days": _l("Age of stock data that is worth half"),
    "goal": _l("Goal of each part, 0 to 1"),
    "response": _l("Weight of the speed of answer"),
    "acceptance": _l("Weight of acceptance"),
    "satisfaction": _l("Weight of customers' marks"),
    "conversion": _l("Weight of sales from leads"),
    "cancellation": _l("Weight of keeping what was taken"),
    "freshness": _l("Weight of fresh stock data"),
}
"""What can be set of the rating."""

PARAMETERS: dict[str, LazyString] = {
    "precision": _l("Scores nearer than this are equal"),
    "outside": _l("Dealers of other places"),
    "others": _l("All other dealers there"),
    "primary": _l("Worth of a primary territory, 0 to 1"),
    "shared": _l("Worth of a shared territory, 0 to 1"),
    "keeps_customers": _l("A dealer's own customer counts as his territory"),
    "missing": _l("Who has none of the goods"),
    "partial": _l("Who has some of the goods"),
    "half_life_days": _l("Age at which the data is worth half"),
    "limit_days": _l("Oldest data that counts"),
    "stale": _l("Who has older data"),
    "scale_km": _l("Distance at which a dealer is worth half"),
    "limit_km": _l("Farthest distance"),
    "beyond": _l("Who is farther away"),
    "prior": _l("Worth of a dealer nobody knows yet, 0 to 1"),
    "confidence": _l("Outcomes that outweigh this first opinion"),
    "daily": _l("Leads a day at most"),
    "open_offers": _l("Unanswered offers at most"),
    "within_hours": _l("Opens within"),
    "later": _l("Who opens later"),
    "premium": _l("Worth of the tier “Premium”, 0 to 1"),
    "partner": _l("Worth of the tier “Partner”, 0 to 1"),
    "standard": _l("Worth of the tier “Standard”, 0 to 1"),
    "scale_minutes": _l("Time to answer at which a dealer is worth half"),
    "limit_minutes": _l("Longest time to answer"),
    "slower": _l("Who answers more slowly"),
    "unknown": _l("Worth of who has not answered yet, 0 to 1"),
    "half_hours": _l("Wait at which a dealer is worth half"),
    "scheme": _l("Scheme of the certificate, any if empty"),
    "at_least": _l("Valid certificates at least"),
    "span_percent": _l("So much cheaper is best, so much dearer is worst"),
    "limit_percent": _l("Dearer than recommended at most"),
    "dearer": _l("Who is dearer"),
    "untold": _l("Worth of who has not told where he delivers, 0 to 1"),
    "daily_premium": _l("Leads a day at most, tier “Premium”"),
    "daily_partner": _l("Leads a day at most, tier “Partner”"),
    "daily_standard": _l("Leads a day at most, tier “Standard”"),
    "half": _l("Leads a month at which a dealer is worth half"),
}
"""What a parameter is called in the form; one that is not here bears its own name."""

CHOICES: dict[str, LazyString] = {
    "exclude": _l("get nothing"), "last": _l("stand at the end"), "rank": _l("rank by how much they have"),
}
SPLIT: dict[str, LazyString] = {
    "max_split": _l("Dealers for one order at most"), "min_part_minor": _l("Least value of a part"),
    "may_divide_line": _l("One line may be divided by pieces"), "rest": _l("What even they do not have"),
}
RESTS: dict[str, LazyString] = {
    "hq": _l("stays with HQ"), "backorder": _l("is owed by the best dealer"),
}
UNITS: dict[str, LazyString] = {
    "km": _l("km"), "days": _l("days"), "hours": _l("hours"), "minutes": _l("minutes"), "leads": _l("leads"),
    "offers": _l("offers"), "outcomes": _l("outcomes"), "percent": "%",
}
EXPLORE = _l("Leads for new dealers")
EXPLORE_TOLD = _l(
    "So many leads in a hundred go to the best new dealer although better rated ones stand before him: so he can show"
    " himself. Never against territory, stock, certificates or delivery, nor much farther away."
)
RATING_TOLD = _l("All dealers are rated anew within an hour after these rules come into force.")
COUNTS: dict[str, LazyString] = {
    "name": _l("Name of the version"), "window_minutes": _l("Time to answer, working minutes"),
    "reminder_minutes": _l("Reminder before the end, minutes"), "max_rounds": _l("Rounds of offers at most"),
    "explore_percent": _l("Share of leads for new dealers, per cent"),
    "explore_below": _l("A dealer is new with fewer outcomes than"),
    "batch_minutes": _l("Let new leads wait and place them together, minutes"),
}
WAYS: dict[str, LazyString] = {
    "one_after_another": _l("Ask one dealer after the other"),
    "broadcast": _l("Ask several at once, the first to accept gets it"),
    "assign": _l("Give it to the best without asking"),
}
CONDITIONS: dict[str, LazyString] = {
    "sources": _l("Sources"), "kinds": _l("Kinds of leads"), "regions": _l("Regions"), "customers": _l("Customers"),
    "value_from_minor": _l("Sum from"), "value_below_minor": _l("Sum below"), "categories": _l("Goods of"),
    "weekdays": _l("Days"), "hour_from": _l("From hour"), "hour_until": _l("Until hour"),
}
OF_RULE: dict[str, LazyString] = {
    "priority": _l("Priority"), "broadcast_to": _l("Dealers asked at once, if several"),
}
CUSTOMERS: dict[str, LazyString] = {"new": _l("New"), "known": _l("Served by a dealer already")}
WEEKDAYS: dict[str, LazyString] = {
    "mon": _l("Monday"), "tue": _l("Tuesday"), "wed": _l("Wednesday"), "thu": _l("Thursday"), "fri": _l("Friday"),
    "sat": _l("Saturday"), "sun": _l("Sunday"),
}


def told(words: Mapping[str, LazyString], code: str) -> str:
    """The word for a code, or the code."""
    return str(words.get(code, code))


def strategy_name(name: str) -> str:
    """The first strategy of the house has a word, others are called as people wrote."""
    return _("Orders") if name == "orders" else name


def profile_name(name: str) -> str:
    """The house's first profile has a word, others are called as people wrote."""
    return _("Nearest with stock in its territory") if name == DEFAULT_PROFILE.name else name


def to_confirm(number: int, name: str, change: Change) -> str:
    """What is asked before a version is put in force: which one, what it changes, and if nobody has rehearsed it."""
    told = [_("Place all new leads by version %(number)s, “%(name)s”?", number=number, name=profile_name(name))]
    if change.against is not None:
        told.append(ngettext(
            "It differs from version %(number)s, in force now, in %(num)s thing.",
            "It differs from version %(number)s, in force now, in %(num)s things.", change.count, number=change.against,
        ) if change.count else _("It says the same as version %(number)s, in force now.", number=change.against))
    if not change.is_rehearsed:
        told.append(_("It was not rehearsed on past leads as it stands."))
    return " ".join(told)


def field_name(key: str) -> str:
    """What a field of the form is called, by its name: `max_rounds`, `rating.goal`, `s0.distance.scale_km`."""
    *where, last = key.split(".")
    if not where:
        return told(COUNTS, last)
    if where == ["rating"]:
        return told(RATING, last)
    if len(where) > 1:
        return told(SPLIT if where[1] == "split" else PARAMETERS, last)
    return told(CONDITIONS | OF_RULE, last)


def difference(one: Difference, names: Mapping[str, Mapping[Any, str]]) -> str:
    """A change as a sentence."""
    name, criterion = strategy_name(one.strategy), told(CRITERIA, one.criterion)
    if one.kind == "count":
        return _("%(what)s: %(before)s → %(after)s", what=told(COUNTS, one.parameter), before=_said(one.before),
                 after=_said(one.after))
    if one.kind == "rating":
        return _("Rating, %(what)s: %(before)s → %(after)s", what=told(RATING, one.parameter).lower(),
                 before=_said(one.before), after=_said(one.after))
    if one.kind == "parameter":
        return _("“%(name)s”, %(criterion)s, %(what)s: %(before)s → %(after)s", name=name, criterion=criterion.lower(),
                 what=told(PARAMETERS, one.parameter).lower(), before=_said(one.before), after=_said(one.after))
    if one.kind == "split":
        return _("“%(name)s”, splitting, %(what)s: %(before)s → %(after)s", name=name,
                 what=told(SPLIT, one.parameter).lower(), before=_split_said(one.parameter, one.before),
                 after=_split_said(one.parameter, one.after))
    if one.kind == "order":
        return _("“%(name)s”, order: %(before)s → %(after)s", name=name,
                 before=_listed(one.before), after=_listed(one.after))
    if one.kind == "conditions":
        return _("“%(name)s” is for: %(before)s → %(after)s", name=name, before=conditions(one.before, names),
                 after=conditions(one.after, names))
    sentences = {
        "strategy_new": _("New rule “%(name)s”", name=name),
        "strategy_gone": _("Rule “%(name)s” is gone", name=name),
        "criterion_new": _("“%(name)s” now asks for: %(criterion)s", name=name, criterion=criterion),
        "criterion_gone": _("“%(name)s” no longer asks for: %(criterion)s", name=name, criterion=criterion),
        "priority": _("“%(name)s”, priority: %(before)s → %(after)s", name=name, before=one.before, after=one.after),
        "fallback": _("“%(name)s”, if nobody is found: %(before)s → %(after)s", name=name,
                      before=_next(one.before), after=_next(one.after)),
        "way": _("“%(name)s”, how leads are offered: %(before)s → %(after)s", name=name,
                 before=told(WAYS, _said(one.before)), after=told(WAYS, _said(one.after))),
        "broadcast_to": _("“%(name)s”, dealers asked at once: %(before)s → %(after)s", name=name,
                          before=_said(one.before), after=_said(one.after)),
    }
    return sentences[one.kind]


def conditions(asked: Mapping[str, Any], names: Mapping[str, Mapping[Any, str]]) -> str:
    """For which leads a strategy is; `names` of regions by code and of categories by id."""
    words = {"sources": SOURCE_WORDS, "kinds": KIND_WORDS, "customers": CUSTOMERS, "weekdays": WEEKDAYS, **names}
    told_all = []
    for key, value in asked.items():
        if key in words:
            said = ", ".join(str(words[key].get(one, one)) for one in value)
        else:
            said = str(value) if key.startswith("hour") else format_money(Money(value))
        told_all.append(f"{told(CONDITIONS, key).lower()} {said}")
    return "; ".join(told_all) or _("all leads")


def _listed(codes: list[str]) -> str:
    return ", ".join(told(CRITERIA, code).lower() for code in codes)


def _next(name: str | None) -> str:
    return strategy_name(name) if name else _("HQ decides")


def _split_said(parameter: str, value: Any) -> str:
    if parameter == "min_part_minor":
        return format_money(Money(value))
    return told(RESTS, value) if parameter == "rest" else _said(value)


def _said(value: Any) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return told(CHOICES, value) if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)
