"""A rehearsal in words: what would be better or worse and how sure, three columns, what was taken for granted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import format_decimal, format_percent
from flask_babel.speaklater import LazyString

from app.kernel.words import _, _l, ngettext
from app.web.locale import format_money
from blueprints.routing import rules
from blueprints.routing.rules.rehearsal import verdict as verdicts
from blueprints.routing.rules.rehearsal.verdict import Finding

NAMED = 4

STATES: dict[str, LazyString] = {
    "queued": _l("Waits for its turn"), "running": _l("Under way"), "done": _l("Done"), "failed": _l("Failed"),
    "cancelled": _l("Called off"),
}
TONES = {"running": "info", "done": "good", "failed": "bad", "queued": "brand"}
DECISIONS: dict[str, LazyString] = {"activated": _l("Put in force"), "discarded": _l("Thrown away")}
COLUMNS: dict[str, LazyString] = {
    "past": _l("What happened"), "active": _l("Rules in force"), "draft": _l("Draft"),
}
HEADLINES: dict[str, LazyString] = {
    "better": _l("The draft would have done better"),
    "worse": _l("The draft would have done worse"),
    "mixed": _l("Better in one thing, worse in another"),
    "even": _l("No clear difference"),
}
HEAD_TONES = {"better": "good", "worse": "bad", "mixed": "warn", "even": "info"}
WHY: dict[str, LazyString] = {
    "nobody": _l("nobody meets the conditions"), "rounds": _l("nobody of those asked takes it"),
    "no_strategy": _l("no rule applies"),
}


class Value(NamedTuple):
    """What stands in a column, and beneath it what explains it: where it lies, or why."""

    text: str
    note: str = ""

    def __str__(self) -> str:
        return f"{self.text} ({self.note})" if self.note else self.text


class Measure(NamedTuple):
    """A line of the comparison: what it is, its value in each column, and a word of explanation."""

    label: str
    values: tuple[Value, ...]
    hint: str = ""


class Share(NamedTuple):
    """A dealer's leads in the three columns, as numbers and as parts of the longest bar, and their worth."""

    dealer_id: str
    leads: tuple[int, int, int]
    bars: tuple[float, float, float]
    worth: tuple[int, int, int]

    @property
    def change(self) -> int:
        """Draft less rules in force."""
        return self.leads[2] - self.leads[1]


class Side(NamedTuple):
    """What one set of rules said of a lead: whom it would ask first, and why he and not the other one."""

    column: str
    dealer_id: str | None
    said: tuple[tuple[str, int | None, tuple[str, ...]], ...]


def verdict(summary: Mapping[str, Any], names: Mapping[str, str] | None = None) -> list[str]:
    """In words, what a manager needs first."""
    if not summary["moved"]:
        return [_moved(summary)]
    said = [_moved(summary), *(_FINDINGS[each.code](each) for each in verdicts.findings(summary))]
    for sentence, of in ((_lose, verdicts.losers(summary)), (_gain, verdicts.winners(summary))):
        if of:
            said.append(sentence([(names or {}).get(one.dealer_id, one.dealer_id) for one in of]))
    return [each for each in said if each]


def head_of(summary: Mapping[str, Any]) -> str:
    """`better`, `worse`, `mixed` or `even`."""
    return verdicts.outcome(verdicts.findings(summary))


def warnings(summary: Mapping[str, Any]) -> list[str]:
    """What speaks against believing the numbers."""
    days = (datetime.fromisoformat(summary["until"]) - datetime.fromisoformat(summary["since"])).total_seconds()
    return [_WARNINGS[code](*values) for code, values in verdicts.warnings(summary, days / 86_400)]


def measures(summary: Mapping[str, Any]) -> list[Measure]:
    """The comparison, line by line."""
    columns = [summary["columns"][name] for name in COLUMNS]

    def line(label: str, show: Callable[[Mapping[str, Any]], str | Value], hint: str = "") -> Measure:
        shown = (show(column) for column in columns)
        return Measure(label, tuple(one if isinstance(one, Value) else Value(one) for one in shown), hint)

    return [
        line(_("Leads taken by a dealer"), lambda one: _number(one["assigned"])),
        line(_("Left to the manufacturer"), _left),
        line(_("Wait for a dealer's yes, mean"), lambda one: _spread(one["wait"], "mean", duration)),
        line(_("Wait, median"), lambda one: _spread(one["wait"], "median", duration)),
        line(_("Wait of the slowest tenth, from"), lambda one: _spread(one["wait"], "p90", duration)),
        line(_("Distance, mean"), lambda one: _spread(one["km"], "mean", _km)),
        line(_("Distance, median"), lambda one: _spread(one["km"], "median", _km)),
        line(_("Distance of the farthest tenth, from"), lambda one: _spread(one["km"], "p90", _km)),
        line(_("Sales to expect"), lambda one: _about(one["won"], _number)),
        line(_("Worth of sales to expect"), lambda one: _about(one["worth"], _money)),
        line(_("Dealers left without a lead"), lambda one: _of(one["none"], one["dealers"])),
        line(_("Largest share of one dealer"), lambda one: _percent(one["largest"])),
        line(_("Share of new dealers"), lambda one: _percent(one["new"]) if one["new_dealers"] else "—",
             _("In the network for less than half a year.")),
        line(_("Evenness of shares"), lambda one: "—" if one["jain"] is None else format_decimal(one["jain"], "0.00"),
             _("Jain's index: 1 when all dealers get alike, near 0 when one gets everything.")),
    ]


def honesty(summary: Mapping[str, Any]) -> list[str]:
    """How well the same forecast would have foretold what really happened."""
    won, minutes = summary["honesty"]["won"], summary["honesty"]["minutes"]
    said = []
    if won:
        said.append(_(
            "Of %(count)s leads that came to an end, %(expected)s sales were to be expected by what was known when they"
            " came; there were %(observed)s.", count=_number(won["count"]),
            expected=_interval(won["expected"], _number), observed=_number(won["observed"]),
        ))
    if minutes:
        said.append(_(
            "Dealers' first answers were to be expected within %(expected)s of working time on average; they took"
            " %(observed)s.", expected=_interval(minutes["expected"], duration), observed=duration(minutes["observed"]),
        ))
    return said


def known(summary: Mapping[str, Any]) -> list[str]:
    """How much of the input was known, and how much assumed."""
    said, share, stock = [], verdicts.known_stock(summary), summary["stock"]
    if share is not None:
        looks = sum(stock.values())
        said.append(_(
            "Stock: %(known)s of what was looked at was known then (%(reported)s by dealers' reports of that day,"
            " %(explained)s by the reasons kept with the lead); the rest is drawn by how often the dealer had goods.",
            known=_percent(share), reported=_percent(stock.get("reported", 0) / looks),
            explained=_percent(stock.get("explained", 0) / looks),
        ))
    answers = summary["answers"]
    if total := answers["real"] + answers["drawn"]:
        said.append(_(
            "Answers: %(real)s are what the dealer really said about this very lead; the others are drawn by his record"
            " as it was then.", real=_percent(answers["real"] / total),
        ))
    return said


def assumptions() -> list[str]:
    """What every rehearsal takes for granted."""
    return [
        _("Areas, tiers, prices, working hours and daily limits are today's. A dealer takes part from the day he was"
          " activated; who is suspended or gone today takes no part."),
        _("A dealer sells to another's customers as often as to his own. A lead nobody takes counts as no sale."),
        _("Ratings, load and stock are those of that day; load follows from the decisions of the rehearsal itself."),
        _("Leads that rules would let wait for each other are placed one by one, without the wait; an order several"
          " dealers would share is not divided."),
        _("Who is given a lead without being asked turns to it as fast as he answers offers."),
    ]


def shares(summary: Mapping[str, Any]) -> list[Share]:
    """Dealers whose share changes most first."""
    lines = summary["dealers"]
    longest = max((max(line[1:4]) for line in lines), default=1) or 1
    return [
        Share(line[0], tuple(line[1:4]), tuple(round(100 * n / longest, 1) for n in line[1:4]), tuple(line[4:7]))
        for line in lines
    ]


def sides(example: Mapping[str, Any]) -> list[Side]:
    """Both decisions about a lead that moves, side by side."""
    found = []
    for column, first, explanation in zip(("active", "draft"), example["firsts"], example["explanations"], strict=True):
        said = []
        for dealer_id in dict.fromkeys((first, *example["firsts"])):
            told = rules.told(explanation, dealer_id) if dealer_id else None
            if told is not None:
                words = tuple(rules.sentence(one.reason, one.values) for one in told.verdicts)
                said.append((dealer_id, told.rank, words))
        found.append(Side(column, first, tuple(said)))
    return found


def dealers_in(summary: Mapping[str, Any]) -> set[str]:
    """Everybody a page about it names."""
    named = {line[0] for line in summary["dealers"]}
    for example in summary["examples"]:
        named |= {one for one in (*example["firsts"], example["holder"]) if one}
    return named


def duration(minutes: float) -> str:
    """Minutes as a person says them."""
    whole = round(abs(minutes))
    if whole < 90:
        return _("%(minutes)s min", minutes=whole)
    if whole < 48 * 60:
        return _("%(hours)s h %(minutes)s min", hours=whole // 60, minutes=whole % 60)
    return _("%(days)s d %(hours)s h", days=whole // 1440, hours=whole % 1440 // 60)


def left_of(seconds: float) -> str:
    """How long it will still take."""
    if seconds < 60:
        return ngettext("%(num)s second left", "%(num)s seconds left", max(1, round(seconds)))
    return ngettext("%(num)s minute left", "%(num)s minutes left", round(seconds / 60))


def _wait(found: Finding) -> str:
    mean, low, high = found.interval
    if found.tone == "even":
        return _("Customers would have waited for a dealer about as long as under the rules in force (%(low)s to"
                 " %(high)s).", low=_signed(low, duration), high=_signed(high, duration))
    near, far = sorted((abs(low), abs(high)))
    values = {"mean": duration(mean), "low": duration(near), "high": duration(far)}
    if mean < 0:
        return _("Customers would have waited %(mean)s less for a dealer on average (%(low)s to %(high)s).", **values)
    return _("Customers would have waited %(mean)s more for a dealer on average (%(low)s to %(high)s).", **values)


def _won(found: Finding) -> str:
    mean, low, high = found.interval
    if found.tone == "even":
        return _("As many sales are to be expected, give or take (%(low)s to %(high)s).",
                 low=_signed(low, _number), high=_signed(high, _number))
    near, far = sorted((abs(low), abs(high)))
    values = {"mean": _number(abs(mean)), "low": _number(near), "high": _number(far)}
    if mean > 0:
        return _("Some %(mean)s more sales are to be expected (%(low)s to %(high)s).", **values)
    return _("Some %(mean)s fewer sales are to be expected (%(low)s to %(high)s).", **values)


def _worth(found: Finding) -> str:
    mean, low, high = found.interval
    if found.tone == "even":
        return ""
    near, far = sorted((abs(low), abs(high)))
    values = {"mean": _money(abs(mean)), "low": _money(near), "high": _money(far)}
    if mean > 0:
        return _("They would be worth %(mean)s more (%(low)s to %(high)s).", **values)
    return _("They would be worth %(mean)s less (%(low)s to %(high)s).", **values)


def _way(found: Finding) -> str:
    mean = found.interval[0]
    if found.tone == "even" or round(abs(mean)) < 1:
        return ""
    if mean < 0:
        return _("The dealer would have been %(km)s nearer on average.", km=_km(-mean))
    return _("The dealer would have been %(km)s farther away on average.", km=_km(mean))


def _unassigned(found: Finding) -> str:
    step = round(found.interval[0])
    if found.tone == "even" or not step:
        return ""
    if step > 0:
        return ngettext("%(num)s more lead would be left to the manufacturer.",
                        "%(num)s more leads would be left to the manufacturer.", step)
    return ngettext("%(num)s lead fewer would be left to the manufacturer.",
                    "%(num)s leads fewer would be left to the manufacturer.", -step)


_FINDINGS: dict[str, Callable[[Finding], str]] = {
    "wait": _wait, "won": _won, "worth": _worth, "km": _way, "unassigned": _unassigned,
}


def _moved(summary: Mapping[str, Any]) -> str:
    moved, leads = summary["moved"], summary["leads"]
    if not moved:
        return _("Every lead would have gone to the same dealer as under the rules in force.")
    return _("%(moved)s of %(leads)s leads (%(share)s) would have gone to another dealer.", moved=_number(moved),
             leads=_number(leads), share=_percent(moved / leads))


def _lose(names: list[str]) -> str:
    return ngettext(
        "%(num)s dealer loses more than a third of his leads: %(names)s.",
        "%(num)s dealers lose more than a third of their leads: %(names)s.", len(names), names=_listed(names),
    )


def _gain(names: list[str]) -> str:
    return ngettext(
        "%(num)s dealer gets half as many leads again, or more: %(names)s.",
        "%(num)s dealers get half as many leads again, or more: %(names)s.", len(names), names=_listed(names),
    )


def _listed(names: list[str]) -> str:
    if len(names) <= NAMED:
        return ", ".join(names)
    return _("%(names)s and %(more)s more", names=", ".join(names[:NAMED]), more=len(names) - NAMED)


_WARNINGS: dict[str, Callable[..., str]] = {
    "few_leads": lambda leads: ngettext(
        "Only %(num)s lead in the period: chance weighs much.", "Only %(num)s leads in the period: chance weighs much.",
        leads,
    ),
    "season": lambda days: ngettext(
        "The period is %(num)s day: other seasons may differ.", "The period is %(num)s days: other seasons may differ.",
        days,
    ),
    "little_stock": lambda percent: _(
        "What dealers had in stock was known in %(percent)s %% of the cases only; the rest is drawn.", percent=percent
    ),
    "few_answers": lambda percent: _(
        "Only %(percent)s %% of the answers are real; the more a draft differs from the past, the more is drawn.",
        percent=percent,
    ),
    "missed_won": lambda: _("The same forecast would have missed the sales that really happened: see below."),
    "missed_minutes": lambda: _("The same forecast would have missed how fast dealers really answered: see below."),
    "batch": lambda: _("One of the two lets leads wait and places them together; here they are placed one by one."),
}


def _left(column: Mapping[str, Any]) -> Value:
    why = ", ".join(f"{WHY[code]}: {_number(n)}" for code, n in sorted(column.get("why", {}).items()))
    return Value(_number(column["unassigned"]), why)


def _spread(told: Mapping[str, float] | None, name: str, show: Callable[[float], str]) -> str:
    return "—" if told is None else show(told[name])


def _interval(interval: Iterable[float], show: Callable[[float], str]) -> str:
    mean, low, high = interval
    return f"{show(mean)} ({show(max(0, low))} – {show(high)})"


def _about(interval: Iterable[float], show: Callable[[float], str]) -> Value:
    mean, low, high = interval
    return Value(show(mean), f"{show(max(0, low))} – {show(high)}")


def _signed(value: float, show: Callable[[float], str]) -> str:
    return f"{'−' if value < 0 else '+'}{show(abs(value))}"


def _of(part: int, whole: int) -> str:
    return _("%(part)s of %(whole)s", part=_number(part), whole=_number(whole))


def _number(value: float) -> str:
    return str(format_decimal(round(value)))


def _percent(value: float | None) -> str:
    if value is None:
        return "—"
    return str(format_percent(value, "#,##0 %" if value >= 0.1 or value == 0 else "#,##0.0 %"))


def _money(minor: float) -> str:
    """As exact as an expectation deserves: to the rouble, or to the thousand."""
    step = 100 if abs(minor) < 10_000_000 else 100_000
    return format_money(round(minor / step) * step)


def _km(value: float) -> str:
    return _("%(km)s km", km=_number(value))
