"""Facets: which attributes tell the products of a result apart, counted on the shelf.

Each facet is counted over what all the other filters leave, so that a visitor sees what a further tick
would bring. An attribute is shown when enough of the result has it and it divides the result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from blueprints.catalog.assortment import Assortment
from blueprints.catalog.shelf import union
from blueprints.catalog.tree import Definition

PRICE = "price"
COVERAGE = 0.25
"""Share of the result that must have an attribute for it to be offered."""
MOST = 9
Range = tuple[Decimal | None, Decimal | None]


@dataclass(frozen=True, slots=True)
class Filters:
    """What was ticked: codes of choices by attribute, ranges by attribute, price in roubles, stock."""

    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ranges: Mapping[str, Range] = field(default_factory=dict)
    in_stock: bool = False

    def __bool__(self) -> bool:
        return bool(self.choices or self.ranges or self.in_stock)

    @property
    def codes(self) -> list[str]:
        """Facets that were used."""
        return [*self.choices, *self.ranges]


@dataclass(frozen=True, slots=True)
class Option:
    """One value to tick with the number of products it would show."""

    value: str
    count: int
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    """An attribute (None: the price) with its options, or with the bounds of its range and what was asked of it."""

    code: str
    definition: Definition | None
    options: tuple[Option, ...] = ()
    low: Decimal | None = None
    high: Decimal | None = None
    asked: Range = (None, None)

    @property
    def key(self) -> tuple[Any, ...]:
        """All that its looks depend on, besides its definition."""
        return self.code, self.options, self.low, self.high, self.asked

    @property
    def is_range(self) -> bool:
        """Whether it is asked for as from … to …."""
        return self.definition is None or self.definition.kind == "number"

    @property
    def is_used(self) -> bool:
        """Whether it narrows the result now."""
        return any(bound is not None for bound in self.asked) or any(option.is_chosen for option in self.options)


def narrowed(site: Assortment, filters: Filters, known: Mapping[str, Definition]) -> dict[str, int]:
    """By the code of each filter, the products it lets through."""
    ticked = {
        code: union(site.shelf.choices(code).get(value, 0) for value in values)
        for code, values in filters.choices.items() if code in known
    }
    between = {
        code: site.priced_between(*bounds) if code == PRICE else site.shelf.numbers(code).between(*bounds)
        for code, bounds in filters.ranges.items()
    }
    return {**ticked, **between}


def left(among: int, by_filter: Mapping[str, int], but: str | None = None) -> int:
    """What the filters leave of a set, leaving out one facet's own."""
    for code, mask in by_filter.items():
        among &= mask if code != but else among
    return among


def count_facets(
    site: Assortment, among: int, by_filter: Mapping[str, int], filters: Filters, known: Mapping[str, Definition]
) -> list[Facet]:
    """The facets that matter for a set of products: used ones always, and the price."""
    offered = {code: one for code, one in known.items() if one.is_facet and one.kind != "text"}
    shown = []
    for code, definition in {PRICE: None, **offered}.items():
        rest = left(among, by_filter, but=code)
        facet, covered = _facet(site, code, rest, filters, definition)
        if facet.is_used or _matters(facet, covered, rest.bit_count()):
            shown.append(facet)
    return shown[: max(MOST, sum(facet.is_used for facet in shown))]


def _facet(
    site: Assortment, code: str, rest: int, filters: Filters, definition: Definition | None
) -> tuple[Facet, int]:
    """A facet, and how many of the rest it knows something of."""
    if definition is not None and definition.kind != "number":
        return _choices(site, definition, rest, filters.choices.get(code, ()))
    band = site.shelf.numbers(code) if definition else None
    low, high = (band.bounds(rest) if band else site.price_bounds(rest)) or (None, None)
    known = rest & band.mask if band else site.priced(rest)
    return Facet(code, definition, (), low, high, filters.ranges.get(code, (None, None))), known.bit_count()


def _choices(site: Assortment, definition: Definition, rest: int, chosen: tuple[str, ...]) -> tuple[Facet, int]:
    found = {value: (rest & mask).bit_count() for value, mask in site.shelf.choices(definition.code).items()}
    counts = {**dict.fromkeys(chosen, 0), **{value: count for value, count in found.items() if count}}
    order = list(definition.choices)
    options = sorted(counts, key=lambda value: (order.index(value) if value in order else len(order), value))
    made = tuple(Option(value, counts[value], value in chosen) for value in options)
    return Facet(definition.code, definition, made), sum(counts.values())


def _matters(facet: Facet, covered: int, everything: int) -> bool:
    divides = facet.low != facet.high if facet.is_range else len(facet.options) > 1 or covered < everything
    return divides and covered >= COVERAGE * everything
