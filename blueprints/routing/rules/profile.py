"""The sourcing profile: which strategy a lead takes, by which criteria it ranks dealers, how long an offer waits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Self

from app.kernel.errors import Invalid
from app.kernel.words import _
from blueprints.routing.rules.ability import OFFICE
from blueprints.routing.rules.criteria import CRITERIA, Capacity, Criterion
from blueprints.routing.rules.facts import Candidate, Demand
from blueprints.routing.rules.parameters import parameters
from blueprints.routing.rules.rating import RatingPolicy
from blueprints.routing.rules.split import MOST_PARTS, SplitRule

WAYS = ("one_after_another", "broadcast", "assign")
"""Ask one dealer after the other, the first so many at once, or give the lead to the best without asking."""
MOST_AT_ONCE = 100
LONGEST_WINDOW = 9_600
"""Twenty working days of eight hours."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_EXPLORED = 30
"""Per cent of leads for new dealers."""


class InvalidProfile(Invalid):
    """A profile that cannot be used; `problems` holds one sentence for each thing to mend."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems), field="profile")
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Conditions:
    """When a strategy applies. An empty set or `None` asks nothing; what is named `below` or `until` is outside itself.

    Goods of one of the `categories` are enough. `customers` are `known` (a dealer serves them already) or `new`. Days
    and hours are HQ's; hours may reach over midnight.
    """

    sources: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    customers: frozenset[str] = frozenset()
    value_from_minor: int | None = None
    value_below_minor: int | None = None
    categories: frozenset[int] = frozenset()
    weekdays: frozenset[str] = frozenset()
    hour_from: int | None = None
    hour_until: int | None = None

    def hold(self, demand: Demand) -> bool:
        """Whether all that is asked is so."""
        return (
            (not self.sources or demand.source in self.sources)
            and (not self.kinds or demand.kind in self.kinds)
            and (not self.regions or demand.region_code in self.regions)
            and (not self.customers or demand.customer in self.customers)
            and (self.value_from_minor is None or demand.value_minor >= self.value_from_minor)
            and (self.value_below_minor is None or demand.value_minor < self.value_below_minor)
            and (not self.categories or bool(self.categories & demand.categories))
            and self._is_time(demand.at.astimezone(OFFICE))
        )

    def _is_time(self, at: datetime) -> bool:
        if self.weekdays and WEEKDAYS[at.weekday()] not in self.weekdays:
            return False
        since, until = self.hour_from or 0, 24 if self.hour_until is None else self.hour_until
        return since <= at.hour < until if since <= until else at.hour >= since or at.hour < until

    def to_dict(self) -> dict[str, Any]:
        """Only what is asked."""
        asked = {each.name: getattr(self, each.name) for each in fields(self)}
        return {
            name: sorted(value) if isinstance(value, frozenset) else value
            for name, value in asked.items()
            if value not in (None, frozenset())
        }


@dataclass(frozen=True)
class Strategy:
    """Ordered criteria for the leads its conditions let in; `fallback` names the strategy to try if nobody is left.

    `way` says how those it ranks are offered the lead; `broadcast_to` how many at once.
    `split` says whether an order nobody has all the goods of may go to several dealers.
    """

    name: str
    criteria: tuple[Criterion, ...]
    priority: int = 0
    conditions: Conditions = Conditions()
    fallback: str | None = None
    way: str = "one_after_another"
    broadcast_to: int = 3
    split: SplitRule = SplitRule()

    def to_dict(self) -> dict[str, Any]:
        """With every parameter written out, so that a later default does not change it."""
        return {
            "name": self.name,
            "priority": self.priority,
            "conditions": self.conditions.to_dict(),
            "criteria": [
                {"code": each.code, "params": {name: getattr(each, name) for name, *_about in parameters(type(each))}}
                for each in self.criteria
            ],
            "fallback": self.fallback,
            "way": self.way,
            "broadcast_to": self.broadcast_to,
            "split": self.split.to_dict(),
        }


@dataclass(frozen=True)
class Profile:
    """A version of the rules. Minutes are the asked dealer's working time, the reminder's before the window ends.

    With `batch_minutes` new leads wait so long at most, by the clock, and are then placed together. So many per cent of
    leads go to new dealers, of fewer than `explore_below` outcomes. `rating` says how dealers are judged.
    """

    id: str
    version: int
    strategies: tuple[Strategy, ...]
    name: str = ""
    window_minutes: int = 120
    reminder_minutes: int | None = 30
    max_rounds: int = 5
    batch_minutes: int | None = None
    explore_percent: int = 0
    explore_below: int = 10
    rating: RatingPolicy = RatingPolicy()

    def asks(self, code: str) -> bool:
        """Whether any of its strategies has this criterion."""
        return any(each.code == code for strategy in self.strategies for each in strategy.criteria)

    @property
    def asks_goods(self) -> bool:
        """Whether any of its strategies is for certain categories of goods."""
        return any(strategy.conditions.categories for strategy in self.strategies)

    def room(self, candidate: Candidate) -> int | None:
        """Leads the dealer may still be offered now, whichever strategy a lead takes; `None`: any number."""
        rooms = [next((each.room(candidate) for each in strategy.criteria if isinstance(each, Capacity)), None)
                 for strategy in self.strategies]
        known = [room for room in rooms if room is not None]
        if known and len(known) == len(rooms):
            return max(known)
        return None if candidate.capacity is None else max(0, candidate.capacity - candidate.today_count)

    def strategy(self, name: str | None) -> Strategy:
        """The strategy of that name; the first if there is none."""
        return next((each for each in self.strategies if each.name == name), self.strategies[0])

    def course(self, demand: Demand) -> tuple[Strategy, ...]:
        """The strategy of highest priority that applies, and its fallbacks in turn; empty if none applies."""
        named = {each.name: each for each in self.strategies}
        by_priority = sorted(self.strategies, key=lambda each: -each.priority)
        step = next((each for each in by_priority if each.conditions.hold(demand)), None)
        course: list[Strategy] = []
        while step is not None:
            course.append(step)
            step = named[step.fallback] if step.fallback else None
        return tuple(course)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_dict` writes, or raise `InvalidProfile` with all that is wrong with it."""
        problems: list[str] = []
        strategies = _read_strategies(data.get("strategies"), problems)
        profile = cls(
            id=str(data.get("id", "")),
            version=_read_count(data, "version", 1, problems),
            name=str(data.get("name", "")),
            strategies=strategies,
            window_minutes=_read_count(data, "window_minutes", cls.window_minutes, problems),
            reminder_minutes=_read_reminder(data, problems),
            max_rounds=_read_count(data, "max_rounds", cls.max_rounds, problems),
            batch_minutes=_read_batch(data, problems),
            explore_percent=_read_percent(data, problems),
            explore_below=_read_count(data, "explore_below", cls.explore_below, problems),
            rating=RatingPolicy(**_read_params(RatingPolicy, data.get("rating") or {}, _("Rating"), problems)),
        )
        if not profile.rating.whole:
            problems.append(_("At least one part of the rating must have a weight"))
        problems += _problems_of_course(strategies)
        if profile.window_minutes > LONGEST_WINDOW:
            problems.append(_("The acceptance window is at most %(most)s working minutes: no customer waits longer",
                              most=LONGEST_WINDOW))
        if profile.reminder_minutes is not None and profile.reminder_minutes >= profile.window_minutes > 0:
            problems.append(_("The reminder must come after the offer: make it shorter than the window"))
        if problems:
            raise InvalidProfile(problems)
        return profile

    def to_dict(self) -> dict[str, Any]:
        """JSON that says everything about the profile."""
        plain = {each.name: getattr(self, each.name) for each in fields(self)}
        return plain | {
            "strategies": [each.to_dict() for each in self.strategies], "rating": asdict(self.rating),
        }


def _count_names() -> dict[str, str]:
    return {
        "version": _("The version"),
        "window_minutes": _("The acceptance window in minutes"),
        "reminder_minutes": _("The time of the reminder in minutes"),
        "max_rounds": _("The number of rounds"),
        "batch_minutes": _("The time to wait for other leads in minutes"),
        "explore_below": _("The number of outcomes of a new dealer"),
    }


def _read_count(data: Mapping[str, Any], key: str, default: int, problems: list[str]) -> int:
    value = data.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        problems.append(_("%(name)s must be a whole number above zero", name=_count_names()[key]))
        return default
    return value


def _read_reminder(data: Mapping[str, Any], problems: list[str]) -> int | None:
    if data.get("reminder_minutes", 0) is None:
        return None
    return _read_count(data, "reminder_minutes", 30, problems)


def _read_batch(data: Mapping[str, Any], problems: list[str]) -> int | None:
    return None if data.get("batch_minutes") is None else _read_count(data, "batch_minutes", 1, problems)


def _read_percent(data: Mapping[str, Any], problems: list[str]) -> int:
    percent = data.get("explore_percent", 0)
    if isinstance(percent, bool) or not isinstance(percent, int) or not 0 <= percent <= MOST_EXPLORED:
        problems.append(_("The share for new dealers must be from 0 to %(most)s per cent", most=MOST_EXPLORED))
        return 0
    return percent


def _read_strategies(data: Any, problems: list[str]) -> tuple[Strategy, ...]:
    if not isinstance(data, Sequence) or isinstance(data, str) or not data:
        problems.append(_("The profile has no strategies"))
        return ()
    if not all(isinstance(each, Mapping) for each in data):
        problems.append(_("A strategy cannot be read"))
    return tuple(_read_strategy(each, problems) for each in data if isinstance(each, Mapping))


def _read_strategy(data: Mapping[str, Any], problems: list[str]) -> Strategy:
    name = str(data.get("name") or "")
    if not name:
        problems.append(_("A strategy has no name"))
    priority = data.get("priority", 0)
    if isinstance(priority, bool) or not isinstance(priority, int):
        problems.append(_("Strategy “%(name)s”: its priority must be a whole number", name=name))
        priority = 0
    criteria = tuple(_read_criteria(data.get("criteria"), name, problems))
    conditions = _read_conditions(data.get("conditions") or {}, name, problems)
    way, broadcast_to = _read_way(data, name, problems)
    split = _read_split(data.get("split") or {}, name, problems)
    return Strategy(name, criteria, priority, conditions, data.get("fallback") or None, way, broadcast_to, split)


def _read_way(data: Mapping[str, Any], strategy: str, problems: list[str]) -> tuple[str, int]:
    way, broadcast_to = data.get("way", Strategy.way), data.get("broadcast_to", Strategy.broadcast_to)
    if way not in WAYS:
        problems.append(_("Strategy “%(name)s”: there is no such way to offer leads", name=strategy))
        way = Strategy.way
    if type(broadcast_to) is not int or not 2 <= broadcast_to <= MOST_AT_ONCE:
        problems.append(_(
            "Strategy “%(name)s”: a lead is offered to at least 2 and at most %(most)s dealers at once",
            name=strategy, most=MOST_AT_ONCE,
        ))
        broadcast_to = Strategy.broadcast_to
    return way, broadcast_to


def _read_split(data: Mapping[str, Any], strategy: str, problems: list[str]) -> SplitRule:
    rule = {**SplitRule().to_dict(), **data}
    most, least = rule["max_split"], rule["min_part_minor"]
    if isinstance(most, bool) or not isinstance(most, int) or not 1 <= most <= MOST_PARTS:
        problems.append(_(
            "Strategy “%(name)s”: an order goes to at least 1 and at most %(most)s dealers", name=strategy,
            most=MOST_PARTS,
        ))
    elif isinstance(least, bool) or not isinstance(least, int) or least < 0:
        problems.append(_("Strategy “%(name)s”: the least value of a part must be a sum", name=strategy))
    elif rule["rest"] not in ("hq", "backorder") or rule.keys() != SplitRule().to_dict().keys():
        problems.append(_("Strategy “%(name)s”: how to split an order cannot be read", name=strategy))
    else:
        return SplitRule(most, least, bool(rule["may_divide_line"]), rule["rest"])
    return SplitRule()


def _read_criteria(data: Any, strategy: str, problems: list[str]) -> Iterable[Criterion]:
    if not isinstance(data, Sequence) or isinstance(data, str) or not data:
        problems.append(_("Strategy “%(name)s” has no criteria", name=strategy))
        return
    seen: set[str] = set()
    for each in data:
        code = str(each.get("code")) if isinstance(each, Mapping) else str(each)
        if code not in CRITERIA:
            problems.append(_("Strategy “%(name)s”: there is no criterion “%(code)s”", name=strategy, code=code))
        elif code in seen:
            problems.append(_("Strategy “%(name)s” asks for “%(code)s” twice", name=strategy, code=code))
        else:
            seen.add(code)
            params = each.get("params") or {} if isinstance(each, Mapping) else {}
            yield CRITERIA[code](**_read_params(CRITERIA[code], params, f"{strategy} → {code}", problems))


def _read_params(kind: type, params: Mapping[str, Any], where: str, problems: list[str]) -> dict[str, Any]:
    known = {name: about for name, about, _default in parameters(kind)}
    good: dict[str, Any] = {}
    for name, value in params.items():
        problem = known[name].problem_with(value) if name in known else _("is no parameter of this criterion")
        if problem is None:
            good[name] = value
        else:
            problems.append(f"{where} → {name}: {problem}")
    return good


def _read_conditions(data: Mapping[str, Any], strategy: str, problems: list[str]) -> Conditions:
    good: dict[str, Any] = {}
    for name, value in data.items():
        if _is_readable(name, value):
            good[name] = value if isinstance(value, int) else frozenset(value)
        else:
            problems.append(_("Strategy “%(name)s”: condition “%(key)s” cannot be read", name=strategy, key=name))
    return Conditions(**good)


def _is_readable(name: str, value: Any) -> bool:
    if name in ("sources", "kinds", "regions", "customers", "weekdays", "categories"):
        kind = int if name == "categories" else str
        return isinstance(value, list | tuple | set | frozenset) and all(isinstance(one, kind) for one in value)
    if isinstance(value, bool) or not isinstance(value, int):
        return False
    if name in ("hour_from", "hour_until"):
        return 0 <= value <= 24
    return name in ("value_from_minor", "value_below_minor")


def _problems_of_course(strategies: tuple[Strategy, ...]) -> Iterable[str]:
    """Names told twice, fallbacks to nowhere, and circles, each circle once."""
    fallbacks = {each.name: each.fallback for each in strategies}
    if len(fallbacks) < len(strategies):
        yield _("Two strategies have the same name")
    for each in strategies:
        if each.fallback and each.fallback not in fallbacks:
            yield _(
                "Strategy “%(name)s” falls back on “%(to)s”, which does not exist", name=each.name, to=each.fallback
            )
    circles = {frozenset(circle): circle for name in fallbacks if (circle := _circle(name, fallbacks))}
    for circle in circles.values():
        yield _("Strategies fall back on each other in a circle: %(path)s", path=" → ".join([*circle, circle[0]]))


def _circle(start: str, fallbacks: Mapping[str, str | None]) -> tuple[str, ...]:
    """The circle that `start` stands in, beginning with it; empty if it stands in none."""
    path, step = [start], fallbacks[start]
    while step is not None and step in fallbacks and step not in path:
        path.append(step)
        step = fallbacks[step]
    return tuple(path) if step == start else ()


DEFAULT_PROFILE = Profile.from_dict(
    {
        "id": "default",
        "version": 1,
        "name": "Nearest with stock in its territory",
        "window_minutes": 120,
        "reminder_minutes": 30,
        "max_rounds": 5,
        "strategies": [
            {
                "name": "orders",
                "priority": 10,
                "criteria": [
                    {"code": "territory", "params": {"outside": "last"}},
                    {"code": "stock_now", "params": {"partial": "exclude"}},
                    {"code": "freshness", "params": {"half_life_days": 3, "limit_days": 14, "precision": 0.25}},
                    {"code": "distance", "params": {"scale_km": 100, "precision": 0.05}},
                    {"code": "rating", "params": {"precision": 0.01}},
                ],
            }
        ],
    }
)
"""Territory, stock now, freshness, distance, rating: nobody without all the goods, outsiders after all others."""
