"""What came of a rehearsal, as small JSON: what happened, the rules in force and the draft side by side.

**How sure.** An expectation is unsure because dealers' records are (the same dealer errs alike in all his leads, two
dealers independently) and because leads differ. Of a difference of two worlds only what differs counts: leads that go
to the same dealer in both cancel out. Intervals hold with `SURE`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from math import sqrt
from statistics import fmean, pvariance
from typing import Any, NamedTuple

from app.kernel.ids import TenantId
from blueprints.routing.rules.profile import Profile
from blueprints.routing.rules.rehearsal.past import History, PastLead
from blueprints.routing.rules.rehearsal.replay import Course, Example, Foretold, Replay

SURE, Z = 0.8, 1.2816
"""Eight times out of ten it is within."""
DEALERS = 300
NEW = timedelta(days=180)
PAST, ACTIVE, DRAFT = "past", "active", "draft"

Sums = Mapping[TenantId, float]


class _Column(NamedTuple):
    """One way it went, lead by lead."""

    dealers: Sequence[TenantId | None]
    waits: Sequence[float | None]
    kms: Sequence[float | None]
    chances: Sequence[float]
    worth: Sequence[float]
    """What each lead lets expect in money."""
    chance_spread: Sums
    worth_spread: Sums
    wait_spread: Sums


def summary_of(result: Replay, history: History, profiles: Sequence[Profile], *, seed: int) -> dict[str, Any]:
    """The whole in JSON; it does not grow with the number of leads, and hardly with that of dealers.

    `profiles` are those of the worlds: the rules in force, then the draft.
    """
    leads = result.leads
    columns = {PAST: _past(result), ACTIVE: _world(leads, result.courses[0]), DRAFT: _world(leads, result.courses[1])}
    told = {name: _told(column, history, leads) for name, column in columns.items()}
    for name, courses, profile in zip((ACTIVE, DRAFT), result.courses, profiles, strict=True):
        told[name] |= {
            "version": profile.version, "batch": bool(profile.batch_minutes),
            "why": dict(Counter(each.why for each in courses if each.why)),
            "rounds": fmean(each.rounds for each in courses) if courses else 0,
        }
    told[PAST] |= _happened(leads)
    return {
        "v": 1, "leads": len(leads), "value": sum(each.demand.value_minor for each in leads), "seed": seed,
        "since": history.since.isoformat(), "until": history.until.isoformat(),
        "columns": told, "differences": _differences(columns[ACTIVE], columns[DRAFT]),
        "moved": sum(a != b for a, b in zip(columns[ACTIVE].dealers, columns[DRAFT].dealers, strict=True)),
        "moved_from_past": sum(a != b for a, b in zip(columns[PAST].dealers, columns[DRAFT].dealers, strict=True)),
        **_dealers(columns, history, leads),
        "examples": [_example(each) for each in result.examples],
        "stock": result.stock, "answers": result.answers, "honesty": _honesty(result.foretold),
    }


def _past(result: Replay) -> _Column:
    """What happened; what to expect of it is foretold as for the others, so that all are measured alike."""
    leads = result.leads
    dealers = [each.holder if foretold.won else None for each, foretold in zip(leads, result.foretold, strict=True)]
    waits = [
        (each.accepted_at - each.demand.at) / timedelta(minutes=1) if dealer and each.accepted_at else None
        for each, dealer in zip(leads, dealers, strict=True)
    ]
    return _column(leads, dealers, waits, result.kms, [each.won for each in result.foretold], {})


def _world(leads: Sequence[PastLead], courses: Sequence[Course]) -> _Column:
    spread: dict[TenantId, float] = defaultdict(float)
    for each in courses:
        for dealer_id, minutes in each.unsure:
            spread[dealer_id] += minutes
    return _column(
        leads, [each.dealer_id for each in courses], [each.wait if each.dealer_id else None for each in courses],
        [each.km for each in courses], [each.won for each in courses], spread,
    )


def _column(
    leads: Sequence[PastLead], dealers: Sequence[TenantId | None], waits: Sequence[float | None],
    kms: Sequence[float | None], won: Iterable[Any], wait_spread: Sums,
) -> _Column:
    chances, worth = [], []
    chance_spread: dict[TenantId, float] = defaultdict(float)
    worth_spread: dict[TenantId, float] = defaultdict(float)
    for lead, dealer, estimate in zip(leads, dealers, won, strict=True):
        mean, spread = estimate if dealer and estimate else (0.0, 0.0)
        chances.append(mean)
        worth.append(mean * lead.demand.value_minor)
        if dealer:
            chance_spread[dealer] += spread
            worth_spread[dealer] += spread * lead.demand.value_minor
    return _Column(dealers, waits, kms, chances, worth, chance_spread, worth_spread, wait_spread)


def _told(column: _Column, history: History, leads: Sequence[PastLead]) -> dict[str, Any]:
    assigned = sum(each is not None for each in column.dealers)
    noise = sqrt(sum(each * (1 - each) for each in column.chances))
    money = sqrt(sum(
        chance * (1 - chance) * lead.demand.value_minor**2
        for chance, lead in zip(column.chances, leads, strict=True)
    ))
    return {
        "assigned": assigned, "unassigned": len(leads) - assigned,
        "wait": _spread_of(column.waits), "km": _spread_of(column.kms),
        "won": _interval(sum(column.chances), _root(column.chance_spread.values(), noise)),
        "worth": _interval(sum(column.worth), _root(column.worth_spread.values(), money)),
        **_fairness(column.dealers, history),
    }


def _spread_of(numbers: Iterable[float | None]) -> dict[str, float] | None:
    """Mean, median and the tenth that is worst."""
    known = sorted(each for each in numbers if each is not None)
    if not known:
        return None
    return {
        "mean": round(fmean(known), 1), "median": round(known[len(known) // 2], 1),
        "p90": round(known[min(len(known) - 1, int(len(known) * 0.9))], 1),
    }


def _fairness(dealers: Iterable[TenantId | None], history: History) -> dict[str, Any]:
    """Jain's index (1: all alike, 1/n: one has all), the largest share, who is left with nothing, what new ones get."""
    present = {each for each, dealer in history.dealers.items() if not dealer.since or dealer.since < history.until}
    got = Counter(each for each in dealers if each in present)
    total = sum(got.values())
    new = {each for each in present if (since := history.dealers[each].since) and since > history.until - NEW}
    return {
        "dealers": len(present), "none": len(present) - len(got), "new_dealers": len(new),
        "jain": round(total**2 / (len(present) * sum(n * n for n in got.values())), 3) if total else None,
        "largest": round(max(got.values()) / total, 4) if total else None,
        "new": round(sum(got[each] for each in new) / total, 4) if total else None,
    }


def _happened(leads: Sequence[PastLead]) -> dict[str, Any]:
    won = [each for each in leads if each.is_won]
    return {
        "really_won": len(won), "really_worth": sum(each.demand.value_minor for each in won),
        "undecided": sum(each.is_won is None and each.closed_at is None for each in leads),
    }


def _differences(active: _Column, draft: _Column) -> dict[str, Any]:
    """Draft less rules in force: [expected, from, to]; of the wait and the way only leads both gave to somebody."""
    count = len(active.dealers)
    return {
        "won": _difference(active.chances, draft.chances, active.chance_spread, draft.chance_spread, count),
        "worth": _difference(active.worth, draft.worth, active.worth_spread, draft.worth_spread, count),
        "wait": _difference(active.waits, draft.waits, active.wait_spread, draft.wait_spread, 1),
        "km": _difference(active.kms, draft.kms, {}, {}, 1),
        "unassigned": _difference(_left(active), _left(draft), {}, {}, count),
    }


def _left(column: _Column) -> list[float]:
    return [float(each is None) for each in column.dealers]


def _difference(
    before: Sequence[float | None], after: Sequence[float | None], unsure_before: Sums, unsure_after: Sums, times: int
) -> list[float] | None:
    """The mean difference by lead, `times` over, with its interval."""
    steps = [b - a for a, b in zip(before, after, strict=True) if a is not None and b is not None]
    if not steps:
        return None
    dealers = set(unsure_before) | set(unsure_after)
    records = _root(unsure_after.get(each, 0) - unsure_before.get(each, 0) for each in dealers) / len(steps)
    leads = sqrt(pvariance(steps) / len(steps))
    return _interval(fmean(steps) * times, _root([records, leads]) * times)


def _dealers(columns: Mapping[str, _Column], history: History, leads: Sequence[PastLead]) -> dict[str, Any]:
    """Leads and their worth by dealer, whom the draft changes most first; the rest in one line."""
    got = {name: Counter(each for each in column.dealers if each) for name, column in columns.items()}
    worth: dict[str, Counter[TenantId]] = {name: Counter() for name in columns}
    for name, column in columns.items():
        for dealer, lead in zip(column.dealers, leads, strict=True):
            if dealer:
                worth[name][dealer] += lead.demand.value_minor
    order = sorted(history.dealers, key=lambda one: (-abs(got[DRAFT][one] - got[ACTIVE][one]), -got[ACTIVE][one], one))
    lines = [[one, *(got[name][one] for name in columns), *(worth[name][one] for name in columns)] for one in order]
    lines = [line for line in lines if any(line[1:])]
    rest = [sum(line[place] for line in lines[DEALERS:]) for place in range(1, 7)]  # type: ignore[misc]
    return {"dealers": lines[:DEALERS], "rest": [len(lines[DEALERS:]), *rest] if lines[DEALERS:] else None}


def _example(example: Example) -> dict[str, Any]:
    lead = example.lead
    return {
        "owner": lead.demand.owner_id, "lead": lead.demand.lead_id, "number": lead.number, "city": lead.city,
        "value": lead.demand.value_minor, "at": lead.demand.at.isoformat(), "holder": lead.holder,
        "firsts": list(example.firsts), "explanations": list(example.explanations),
    }


def _honesty(foretold: Sequence[Foretold]) -> dict[str, Any]:
    """Expected beside observed, of what really happened and has an end: does the forecast deserve to be believed?"""
    ended = [(each.won, each.is_won) for each in foretold if each.won is not None and each.is_won is not None]
    answered = [(each.minutes, each.took) for each in foretold if each.minutes is not None and each.took is not None]
    return {
        "won": _checked(ended, lambda one: one.mean * (1 - one.mean)),
        "minutes": _checked(answered, lambda one: one.mean**2, is_mean=True),
    }


def _checked(
    pairs: Sequence[tuple[Any, Any]], noise: Callable[[Any], float], *, is_mean: bool = False
) -> dict[str, Any] | None:
    if not pairs:
        return None
    expected, observed = sum(one.mean for one, _seen in pairs), sum(float(seen) for _one, seen in pairs)
    records = fmean(one.spread for one, _seen in pairs) * sqrt(len(pairs))
    spread = _root([records, sqrt(sum(noise(one) for one, _seen in pairs))])
    by = len(pairs) if is_mean else 1
    return {"count": len(pairs), "expected": _interval(expected / by, spread / by), "observed": observed / by}


def _interval(mean: float, deviation: float) -> list[float]:
    return [mean, mean - Z * deviation, mean + Z * deviation]


def _root(deviations: Iterable[float], *more: float) -> float:
    """Independent deviations together."""
    return sqrt(sum(each * each for each in (*deviations, *more)))
