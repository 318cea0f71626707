"""A profile as a form: flattened to fields, changed by buttons, read back with a sentence at each wrong field.

The form's own values are the truth while somebody edits, so nothing typed is lost. Order is the order of the fields:
moving a criterion on the page moves its fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from werkzeug.datastructures import MultiDict

from app.kernel.words import _
from blueprints.routing.rules import CRITERIA, MOST_AT_ONCE, MOST_PARTS, Profile, RatingPolicy, SplitRule, Strategy
from blueprints.routing.rules.parameters import Parameter, parameters
from blueprints.routing.rules.profile import MOST_EXPLORED

Fields = MultiDict[str, str]
COUNTS = ("window_minutes", "reminder_minutes", "max_rounds", "batch_minutes")
EXPLORE = {
    "explore_percent": (Profile.explore_percent, 0, MOST_EXPLORED), "explore_below": (Profile.explore_below, 1, 1000),
}
"""Default, least and most."""
OPTIONAL = ("reminder_minutes", "batch_minutes")
SETS = ("sources", "kinds", "regions", "customers", "weekdays", "categories")
SUMS = ("value_from_minor", "value_below_minor")
HOURS = ("hour_from", "hour_until")
SPLIT_DEFAULT = SplitRule().to_dict()
MOST_STRATEGIES = 20


@dataclass
class Reading:
    """What the fields say, and what is wrong with them by field."""

    definition: dict[str, Any]
    problems: dict[str, str] = field(default_factory=dict)


def fields_of(definition: Mapping[str, Any], note: str = "") -> Fields:
    """The fields of a definition (`Profile.to_dict`)."""
    fields: Fields = MultiDict({"name": definition["name"], "note": note})
    for key in COUNTS:
        fields[key] = _text(definition.get(key))
    for key, (default, _least, _most) in EXPLORE.items():
        fields[key] = _text(definition.get(key, default))
    for name, _about, default in parameters(RatingPolicy):
        fields[f"rating.{name}"] = _text((definition.get("rating") or {}).get(name, default))
    for number, strategy in enumerate(definition["strategies"]):
        _flatten(fields, str(number), strategy)
    return fields


def read(fields: Fields) -> Reading:
    """The definition that the fields mean; what cannot be read is left out of it and named."""
    reading = Reading({"name": fields.get("name", "").strip()[:120]})
    if not reading.definition["name"]:
        reading.problems["name"] = _("Give the version a name.")
    for key in COUNTS:
        reading.definition[key] = _whole(fields, key, reading, is_optional=key in OPTIONAL)
    for key, (default, least, most) in EXPLORE.items():
        reading.definition[key] = _whole(fields, key, reading, least=least, most=most) if key in fields else default
    reading.definition["rating"] = _read_params(fields, "rating", RatingPolicy, reading)
    reading.definition["strategies"] = [
        _read_strategy(fields, key, reading) for key in strategies_of(fields)[:MOST_STRATEGIES]
    ]
    return reading


def press(fields: Fields, button: str) -> None:
    """Do what a button asks for: `up`, `down` or `remove` a criterion, `add` one, add or drop a strategy."""
    verb, *where = button.split(":")
    if verb == "new":
        key = str(max((int(one) for one in strategies_of(fields)), default=-1) + 1)
        _flatten(fields, key, {"name": _("Rule %(number)s", number=int(key) + 1), "priority": 0, "conditions": {},
                               "criteria": [], "fallback": None})
    elif verb == "drop" and where:
        fields.setlist("strategy", [one for one in strategies_of(fields) if one != where[0]])
    elif verb == "add" and where and fields.get(f"s{where[0]}.add") in CRITERIA:
        _add(fields, where[0], fields[f"s{where[0]}.add"], {})
    elif verb in ("up", "down", "remove") and len(where) == 2:
        _move(fields, where[0], where[1], verb)


def strategies_of(fields: Fields) -> list[str]:
    """Keys of the strategies in the order of the page."""
    return [key for key in dict.fromkeys(fields.getlist("strategy")) if key.isdecimal()]


def criteria_of(fields: Fields, key: str) -> list[str]:
    """Codes of a strategy's criteria in the order of the page."""
    return [code for code in dict.fromkeys(fields.getlist(f"s{key}.criterion")) if code in CRITERIA]


def _flatten(fields: Fields, key: str, strategy: Mapping[str, Any]) -> None:
    fields.add("strategy", key)
    for name in ("name", "priority", "fallback"):
        fields[f"s{key}.{name}"] = _text(strategy[name])
    for name in ("way", "broadcast_to"):
        fields[f"s{key}.{name}"] = _text(strategy.get(name, getattr(Strategy, name)))
    conditions = strategy["conditions"]
    for name in SETS:
        fields.setlist(f"s{key}.{name}", [str(one) for one in conditions.get(name, ())])
    for name in HOURS:
        fields[f"s{key}.{name}"] = _text(conditions.get(name))
    for name in SUMS:
        minor = conditions.get(name)
        fields[f"s{key}.{name}"] = "" if minor is None else _sum_text(minor)
    _flatten_split(fields, f"s{key}.split", {**SPLIT_DEFAULT, **(strategy.get("split") or {})})
    for each in strategy["criteria"]:
        _add(fields, key, each["code"], each["params"])


def _flatten_split(fields: Fields, at: str, rule: Mapping[str, Any]) -> None:
    fields[f"{at}.max_split"], fields[f"{at}.rest"] = _text(rule["max_split"]), rule["rest"]
    fields[f"{at}.min_part_minor"] = _sum_text(rule["min_part_minor"]) if rule["min_part_minor"] else ""
    fields[f"{at}.may_divide_line"] = "1" if rule["may_divide_line"] else ""


def _add(fields: Fields, key: str, code: str, params: Mapping[str, Any]) -> None:
    if code in criteria_of(fields, key):
        return
    fields.add(f"s{key}.criterion", code)
    for name, about, default in parameters(CRITERIA[code]):
        value = params.get(name, default)
        fields[f"s{key}.{code}.{name}"] = ("1" if value else "") if about.kind == "flag" else _text(value)


def _move(fields: Fields, key: str, code: str, verb: str) -> None:
    codes = criteria_of(fields, key)
    if code not in codes:
        return
    at = codes.index(code)
    codes.remove(code)
    if verb != "remove":
        codes.insert(max(0, at - 1) if verb == "up" else at + 1, code)
    fields.setlist(f"s{key}.criterion", codes)


def _read_strategy(fields: Fields, key: str, reading: Reading) -> dict[str, Any]:
    conditions: dict[str, Any] = {
        name: sorted(set(chosen)) for name in SETS if (chosen := fields.getlist(f"s{key}.{name}"))
    }
    if "categories" in conditions:
        conditions["categories"] = [int(one) for one in conditions["categories"] if one.isdecimal()]
    for name in HOURS:
        hour = _whole(fields, f"s{key}.{name}", reading, least=0, most=24, is_optional=True)
        if hour is not None:
            conditions[name] = hour
    for name in SUMS:
        minor = _roubles(fields, f"s{key}.{name}", reading)
        if minor is not None:
            conditions[name] = minor
    priority = _whole(fields, f"s{key}.priority", reading, least=-999)
    return {
        "name": fields.get(f"s{key}.name", "").strip()[:80], "priority": priority, "conditions": conditions,
        "fallback": fields.get(f"s{key}.fallback") or None, "way": fields.get(f"s{key}.way") or Strategy.way,
        "broadcast_to": _whole(fields, f"s{key}.broadcast_to", reading, least=2, most=MOST_AT_ONCE)
        if f"s{key}.broadcast_to" in fields else Strategy.broadcast_to,
        "split": _read_split(fields, f"s{key}.split", reading),
        "criteria": [
            {"code": code, "params": _read_params(fields, f"s{key}.{code}", CRITERIA[code], reading)}
            for code in criteria_of(fields, key)
        ],
    }


def _read_split(fields: Fields, at: str, reading: Reading) -> dict[str, Any]:
    if f"{at}.max_split" not in fields:
        return SPLIT_DEFAULT
    return {
        "max_split": _whole(fields, f"{at}.max_split", reading, most=MOST_PARTS),
        "min_part_minor": _roubles(fields, f"{at}.min_part_minor", reading) or 0,
        "may_divide_line": fields.get(f"{at}.may_divide_line") == "1",
        "rest": "backorder" if fields.get(f"{at}.rest") == "backorder" else "hq",
    }


def _read_params(fields: Fields, prefix: str, kind: type, reading: Reading) -> dict[str, Any]:
    params: dict[str, Any] = {}
    for name, about, default in parameters(kind):
        at = f"{prefix}.{name}"
        is_told = at in fields or about.kind == "flag"  # a box that is not ticked is not sent
        value = _value(fields.get(at, ""), about, default) if is_told else default
        problem = about.problem_with(value)
        if problem:
            reading.problems[at] = _("The value %(problem)s.", problem=problem)
        else:
            params[name] = value
    return params


def _value(text: str, about: Parameter, default: Any) -> Any:
    text = text.strip()
    if about.kind == "flag":
        return text == "1"
    if about.kind == "choice":
        return text or default
    if not text or about.kind == "word":
        return text or None
    try:
        number = float(text.replace(",", ".").replace("\xa0", ""))
    except ValueError:
        return text
    return int(number) if number.is_integer() else number


def _whole(
    fields: Fields, key: str, reading: Reading, *, least: int = 1, most: int = 99_999, is_optional: bool = False
) -> int | None:
    text = fields.get(key, "").strip()
    if not text and is_optional:
        return None
    if text.removeprefix("-").isdecimal() and least <= int(text) <= most:
        return int(text)
    reading.problems[key] = _("Write a whole number from %(least)s to %(most)s.", least=least, most=most)
    return least


def _roubles(fields: Fields, key: str, reading: Reading) -> int | None:
    text = fields.get(key, "").replace("\xa0", "").replace(" ", "").replace(",", ".")
    if not text:
        return None
    try:
        minor = Decimal(text) * 100
    except InvalidOperation:
        minor = Decimal(-1)
    if minor < 0 or minor != minor.to_integral_value() or minor > 10**14:
        reading.problems[key] = _("Write a sum in roubles, like 50 000.")
        return None
    return int(minor)


def _sum_text(minor: int) -> str:
    return f"{Decimal(minor) / 100:f}".removesuffix(".00")


def _text(value: Any) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
