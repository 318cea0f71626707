"""Facets: which attributes tell the products of a result apart, counted in one query.

Each facet is counted over what all the other filters leave, so that a visitor sees what a further tick
would bring. An attribute is shown when enough of the result has it and it divides the result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from app.kernel.db import db
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
    def is_range(self) -> bool:
        """Whether it is asked for as from … to …."""
        return self.definition is None or self.definition.kind == "number"

    @property
    def is_used(self) -> bool:
        """Whether it narrows the result now."""
        return any(bound is not None for bound in self.asked) or any(option.is_chosen for option in self.options)


def conditions(
    base: sa.CTE, filters: Filters, known: Mapping[str, Definition], but: str | None = None
) -> list[sa.ColumnElement[bool]]:
    """Conditions on the base that the filters mean, leaving out one facet's own."""
    wanted = [base.c.available] if filters.in_stock else []
    wanted += [
        base.c.attributes[code].astext.in_(values)
        for code, values in filters.choices.items() if code != but and code in known
    ]
    for code, (low, high) in filters.ranges.items():
        if code != but:
            value = _number(base, code)
            wanted += [value >= low] if low is not None else []
            wanted += [value <= high] if high is not None else []
    return wanted


def count_facets(base: sa.CTE, filters: Filters, known: Mapping[str, Definition]) -> list[Facet]:
    """The facets that matter for a result, in one query: used ones always, and the price."""
    offered = {code: one for code, one in known.items() if one.is_facet and one.kind != "text"}
    parts = [_counts(base, filters, known, None, sorted(set(offered) - set(filters.codes)))]
    parts += [_counts(base, filters, known, code, [code]) for code in filters.codes if code in offered]
    parts.append(_prices(base, filters, known))
    rows = db.session.execute(sa.union_all(*parts)).all()
    return _facets(rows, filters, offered)


def _number(base: sa.CTE, code: str) -> sa.ColumnElement[Decimal]:
    if code == PRICE:
        return base.c.minor / sa.literal(100, sa.Numeric)
    value = base.c.attributes[code]
    return sa.case((sa.func.jsonb_typeof(value) == "number", sa.cast(value.astext, sa.Numeric)))


def _counts(
    base: sa.CTE, filters: Filters, known: Mapping[str, Definition], but: str | None, codes: list[str]
) -> sa.Select[tuple[str, str, int, Decimal, Decimal, int]]:
    """Rows `code, value, count, low, high, all` for the codes; `value` is null for numbers."""
    numbers = [code for code in codes if known[code].kind == "number"]
    left = sa.select(base.c.attributes).where(*conditions(base, filters, known, but)).subquery()
    pair = sa.func.jsonb_each(left.c.attributes).table_valued(
        sa.column("key", sa.Text), sa.column("value", JSONB), name="pair"
    ).render_derived()
    is_number = pair.c.key.in_(numbers)
    text = pair.c.value.op("#>>")(_ROOT)
    is_amount = sa.and_(is_number, sa.func.jsonb_typeof(pair.c.value) == "number")
    amount = sa.case((is_amount, sa.cast(text, sa.Numeric)))
    value = sa.case((sa.not_(is_number), text), else_=sa.null()).label("value")
    everything = sa.select(sa.func.count()).select_from(left).scalar_subquery()
    return (
        sa.select(
            pair.c.key, value, sa.func.count().label("count"), sa.func.min(amount).label("low"),
            sa.func.max(amount).label("high"), everything.label("all"),
        )
        .select_from(left.join(pair, sa.true())).where(pair.c.key.in_(codes)).group_by(sa.literal_column("1, 2"))
    )


def _prices(
    base: sa.CTE, filters: Filters, known: Mapping[str, Definition]
) -> sa.Select[tuple[str, str, int, Decimal, Decimal, int]]:
    amount = _number(base, PRICE)
    return sa.select(
        sa.literal(PRICE), sa.cast(sa.null(), sa.Text), sa.func.count(amount), sa.func.min(amount),
        sa.func.max(amount), sa.func.count(),
    ).where(*conditions(base, filters, known, PRICE))


def _facets(rows: list[sa.Row], filters: Filters, offered: Mapping[str, Definition]) -> list[Facet]:
    by_code: dict[str, list[sa.Row]] = {}
    for row in rows:
        by_code.setdefault(row[0], []).append(row)
    made = [_facet(code, by_code.get(code, []), filters, one) for code, one in {PRICE: None, **offered}.items()]
    shown = [facet for facet in made if facet.is_used or _matters(facet, by_code.get(facet.code, []))]
    return shown[: max(MOST, sum(facet.is_used for facet in shown))]


def _facet(code: str, rows: list[sa.Row], filters: Filters, definition: Definition | None) -> Facet:
    if definition is None or definition.kind == "number":
        low, high = (rows[0][3], rows[0][4]) if rows else (None, None)
        return Facet(code, definition, (), low, high, filters.ranges.get(code, (None, None)))
    chosen = filters.choices.get(code, ())
    counts = {**dict.fromkeys(chosen, 0), **{row[1]: row[2] for row in rows}}
    order = list(definition.choices)
    options = sorted(counts, key=lambda value: (order.index(value) if value in order else len(order), value))
    return Facet(code, definition, tuple(Option(value, counts[value], value in chosen) for value in options))


def _matters(facet: Facet, rows: list[sa.Row]) -> bool:
    everything = rows[0][5] if rows else 0
    covered = sum(row[2] for row in rows)
    divides = facet.low != facet.high if facet.is_range else len(facet.options) > 1 or covered < everything
    return divides and covered >= COVERAGE * everything


_ROOT = sa.literal_column("'{}'::text[]")
