"""What a rehearsal's numbers say, as codes: what is better, what is worse, how sure, and what speaks against believing.

A difference counts as clear when its interval does not hold zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

Tone = Literal["good", "bad", "even"]

FEW_LEADS, SHORT_DAYS = 200, 80
LITTLE_STOCK, FEW_ANSWERS = 0.5, 0.2
MANY_LEFT = 10
"""Of so many leads at least a dealer's loss is worth a name."""
THIRD, WINNER = 1 / 3, 1.5
FARTHER, MORE_LEFT = 0.1, 0.005
"""Of the way and of the leads, differences worth a word."""


class Finding(NamedTuple):
    """One thing that differs between the draft and the rules in force."""

    code: str
    tone: Tone
    interval: tuple[float, float, float]


class Moved(NamedTuple):
    """A dealer whose share changes much, and his leads under the rules in force and under the draft."""

    dealer_id: str
    before: int
    after: int


def findings(summary: Mapping[str, Any]) -> list[Finding]:
    """Wait, sales, money, way, leads nobody takes; in the order in which a manager asks."""
    told = summary["differences"]
    signs = (("wait", -1), ("won", 1), ("worth", 1), ("km", -1), ("unassigned", -1))
    return [
        Finding(code, _tone(told[code], sign, _least(code, summary)), tuple(told[code]))
        for code, sign in signs if told[code]
    ]


def outcome(found: list[Finding]) -> str:
    """The whole in one word: `better`, `worse`, `mixed` or `even`."""
    tones = {each.tone for each in found} - {"even"}
    if not tones:
        return "even"
    return "mixed" if len(tones) == 2 else "better" if "good" in tones else "worse"


def losers(summary: Mapping[str, Any]) -> list[Moved]:
    """Dealers who would lose more than a third of the leads they get under the rules in force."""
    return [one for one in _moved(summary) if one.before >= MANY_LEFT and one.after < one.before * (1 - THIRD)]


def winners(summary: Mapping[str, Any]) -> list[Moved]:
    """Dealers who would get half as many leads again, or more."""
    return [one for one in _moved(summary) if one.after >= MANY_LEFT and one.after > one.before * WINNER]


def warnings(summary: Mapping[str, Any], days: float) -> Iterator[tuple[str, tuple[float, ...]]]:
    """What speaks against believing the numbers, as codes with values."""
    if summary["leads"] < FEW_LEADS:
        yield "few_leads", (summary["leads"],)
    if days < SHORT_DAYS:
        yield "season", (round(days),)
    known = known_stock(summary)
    if known is not None and known < LITTLE_STOCK:
        yield "little_stock", (round(known * 100),)
    real, drawn = summary["answers"]["real"], summary["answers"]["drawn"]
    if real + drawn and real / (real + drawn) < FEW_ANSWERS:
        yield "few_answers", (round(100 * real / (real + drawn)),)
    for code, told in summary["honesty"].items():
        if told and not told["expected"][1] <= told["observed"] <= told["expected"][2]:
            yield f"missed_{code}", ()
    if any(summary["columns"][name].get("batch") for name in ("active", "draft")):
        yield "batch", ()


def known_stock(summary: Mapping[str, Any]) -> float | None:
    """The share of looks at a dealer's stock that were known then, not drawn; None when nobody looked."""
    looks = sum(summary["stock"].values())
    return 1 - summary["stock"].get("drawn", 0) / looks if looks else None


def _moved(summary: Mapping[str, Any]) -> list[Moved]:
    moved = [Moved(line[0], line[2], line[3]) for line in summary["dealers"]]
    return sorted(moved, key=lambda one: -abs(one.after - one.before))


def _least(code: str, summary: Mapping[str, Any]) -> float:
    """What is less than this is no difference, however clear it is."""
    if code == "km":
        km = summary["columns"]["active"]["km"]
        return FARTHER * km["mean"] if km else 0.0
    return {"wait": 1.0, "unassigned": MORE_LEFT * summary["leads"]}.get(code, 0.0)


def _tone(interval: list[float], sign: int, least: float) -> Tone:
    mean, low, high = interval
    if low <= 0 <= high or abs(mean) < least:
        return "even"
    return "good" if (low > 0) == (sign > 0) else "bad"
