"""What differs between two profiles, as data: one line for each thing a person would say had changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from blueprints.routing.rules.split import SplitRule

SPLIT = SplitRule().to_dict()
COUNTS = (
    "name", "window_minutes", "reminder_minutes", "max_rounds", "batch_minutes", "explore_percent", "explore_below",
)


class Difference(NamedTuple):
    """A change: its kind, where (strategy, criterion, parameter; empty if above them), and the two values."""

    kind: str
    strategy: str = ""
    criterion: str = ""
    parameter: str = ""
    before: Any = None
    after: Any = None


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """From one definition (`Profile.to_dict`) to the other; empty when they mean the same."""
    found = [
        Difference("count", parameter=key, before=before.get(key), after=after.get(key))
        for key in COUNTS if before.get(key) != after.get(key)
    ]
    old_rating, new_rating = before.get("rating") or {}, after.get("rating") or {}
    found += [
        Difference("rating", parameter=key, before=old_rating.get(key), after=new_rating.get(key))
        for key in new_rating if old_rating and old_rating.get(key) != new_rating[key]
    ]
    old, new = _named(before["strategies"], "name"), _named(after["strategies"], "name")
    found += [Difference("strategy_gone", name) for name in old if name not in new]
    found += [Difference("strategy_new", name) for name in new if name not in old]
    for name in old:
        if name in new:
            found += _of_strategy(name, old[name], new[name])
    return found


def _of_strategy(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    for key, usual in (("priority", 0), ("fallback", None), ("way", "one_after_another"), ("broadcast_to", 3)):
        old, new = before.get(key, usual), after.get(key, usual)
        if old != new:
            yield Difference(key, name, before=old, after=new)
    old_split, new_split = (SPLIT | (each.get("split") or {}) for each in (before, after))
    for key in SPLIT:
        if old_split[key] != new_split[key]:
            yield Difference("split", name, parameter=key, before=old_split[key], after=new_split[key])
    if before["conditions"] != after["conditions"]:
        yield Difference("conditions", name, before=before["conditions"], after=after["conditions"])
    was, now = _named(before["criteria"], "code"), _named(after["criteria"], "code")
    yield from (Difference("criterion_gone", name, code) for code in was if code not in now)
    yield from (Difference("criterion_new", name, code) for code in now if code not in was)
    kept_before, kept_after = [code for code in was if code in now], [code for code in now if code in was]
    if kept_before != kept_after:
        yield Difference("order", name, before=kept_before, after=kept_after)
    for code in kept_before:
        yield from _of_criterion(name, code, was[code]["params"], now[code]["params"])


def _of_criterion(
    strategy: str, code: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Difference]:
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key):
            yield Difference("parameter", strategy, code, key, before.get(key), after.get(key))


def _named(rows: list[Mapping[str, Any]], key: str) -> dict[str, Mapping[str, Any]]:
    return {row[key]: row for row in rows}
