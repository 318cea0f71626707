"""Figures of the overview: days counted beforehand, and from the leads themselves what is not counted yet.

`counting` keeps `network.daily_figures`. A day is taken from there only while no mark says that something changed
since, so the sums are those of the leads at every moment. Narrower filters than the period ask the leads alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.kernel.db import db
from blueprints.analytics.cells import LEAD_MEASURES, OFFER_MEASURES, lead_cells, offer_cells
from blueprints.analytics.models import DailyFigure, FigureChange, FigureDay, Visits
from blueprints.analytics.rules import Filters, Period, days_of_month, runs, share

Span = tuple[datetime, datetime]

MEASURES = (*LEAD_MEASURES, *OFFER_MEASURES, "visits")
OF_DEALERS = ("leads", "delivered", "delivered_minor", "star_sum", "answers", *OFFER_MEASURES)
"""All that is told of each dealer: there are many of them, and most of the counted figures are theirs."""
DEALERS = {"dealer:month": "dealer", "asked:month": "asked"}
"""Kinds of the same by whole months, kept at the month's first day."""
DAILY = ("all", "visit")
"""Kinds that are asked of the period before, too."""


class Figure:
    """Sums of `MEASURES` under one key, each an attribute; zero where nothing came."""

    median: float | None = None
    p90: float | None = None

    def __init__(self, key: str = "") -> None:
        self.key = key

    def __getattr__(self, name: str) -> int:
        if name in MEASURES:
            return 0
        raise AttributeError(name)

    def add(self, names: Iterable[str], values: Iterable[int | None]) -> None:
        """Add the values of these measures."""
        sums = vars(self)
        for name, value in zip(names, values, strict=True):
            if value:
                sums[name] = sums.get(name, 0) + value

    @property
    def stars(self) -> float | None:
        """The average mark of those who answered."""
        return share(self.star_sum, self.answers)


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums of the period and of the one before, its parts by kind and key, and its days."""

    now: Figure
    before: Figure
    parts: dict[str, dict[str, Figure]]
    days: dict[date, Figure]


def read(filters: Filters, at: datetime) -> Figures:
    """All that the filters mean, in six statements."""
    period = filters.period
    since, cut = period.before(at)
    first = period.first - timedelta(days=period.days)
    counted = set() if filters.is_narrow else counted_days(first, period.last, period.zone)
    counted -= {cut.astimezone(ZoneInfo(period.zone)).date()} - {period.first}  # only a part of that day is compared
    is_open = [day for day in period.all_days(first) if day not in counted]
    now = period.spans(day for day in is_open if day >= period.first)
    before = [
        (begin, min(end, cut)) for begin, end in period.spans(day for day in is_open if day < period.first)
        if since <= begin < cut
    ]
    found = _Sum(period.first)
    found.take(_counted(period, counted), MEASURES)
    found.take(_counted_dealers({day for day in counted if day >= period.first}), OF_DEALERS)
    found.take(_leads(filters, now, before), LEAD_MEASURES)
    found.take(_offers(filters, now), OFFER_MEASURES)
    found.take(_visits(filters, is_open), ("visits",))
    return found.found


def counted_days(first: date, last: date, zone: str) -> set[date]:
    """Days between whose counted figures hold: of that zone, and without a mark."""
    changed = sa.select(sa.cast(sa.func.timezone(zone, FigureChange.at), sa.Date))
    return set(db.session.scalars(
        sa.select(FigureDay.day)
        .where(FigureDay.zone == zone, FigureDay.day.between(first, last), FigureDay.day.not_in(changed))
    ))


class _Sum:
    """Adds up rows `(day, kind, key, *measures)`; the day is of rows `all` and `visit` alone."""

    def __init__(self, first: date) -> None:
        self.first = first
        self.found = Figures(Figure(), Figure(), defaultdict(dict), {})

    def take(self, rows: Iterable[Any], names: Iterable[str]) -> None:
        """Add rows with these measures."""
        for day, kind, key, *values in rows:
            for figure in self._touched(day, kind, key):
                figure.add(names, values)

    def _touched(self, day: date | None, kind: str, key: str) -> Iterator[Figure]:
        if day is not None and day < self.first:
            yield self.found.before
            return
        if day is not None:
            yield self.found.now
            yield self.found.days.setdefault(day, Figure())
        if kind != "all":
            yield self.found.parts[kind].setdefault(key, Figure(key))


def _counted(period: Period, days: set[date]) -> Iterable[Any]:
    if not days:
        return ()
    day = sa.case((DailyFigure.kind.in_(DAILY), DailyFigure.day)).label("of_day")
    return db.session.execute(
        sa.select(day, DailyFigure.kind, DailyFigure.key, *sums(MEASURES))
        .where(
            _in(days), DailyFigure.kind.not_in((*DEALERS, *DEALERS.values())),
            sa.or_(DailyFigure.day >= period.first, DailyFigure.kind.in_(DAILY)),
        )
        .group_by(day, DailyFigure.kind, DailyFigure.key)
    )


def _counted_dealers(days: set[date]) -> Iterable[Any]:
    if not days:
        return ()
    months = {month for month in {day.replace(day=1) for day in days} if days_of_month(month) <= days}
    others = {day for day in days if day.replace(day=1) not in months}
    kind = sa.func.split_part(DailyFigure.kind, sa.literal(":", literal_execute=True), 1).label("of_kind")
    return db.session.execute(
        sa.select(sa.null(), kind, DailyFigure.key, *sums(OF_DEALERS))
        .where(sa.or_(
            sa.and_(DailyFigure.kind.in_(DEALERS), DailyFigure.day.in_(months)),
            sa.and_(DailyFigure.kind.in_(DEALERS.values()), _in(others)),
        ))
        .group_by(kind, DailyFigure.key)
    )


def sums(names: Iterable[str]) -> list[Any]:
    """Columns that add up these measures."""
    return [sa.cast(sa.func.sum(getattr(DailyFigure, name)), sa.BigInteger).label(name) for name in names]


def _in(days: Iterable[date]) -> sa.ColumnElement[bool]:
    return sa.or_(sa.false(), *(DailyFigure.day.between(first, last) for first, last in runs(days)))


def _leads(filters: Filters, now: Sequence[Span], before: Sequence[Span]) -> Iterable[Any]:
    zone = filters.period.zone
    queries = [lead_cells(zone, filters, spans, in_parts=spans is now) for spans in (now, before) if spans]
    return db.session.execute(sa.union_all(*queries)) if queries else ()


def _offers(filters: Filters, spans: Sequence[Span]) -> Iterable[Any]:
    return db.session.execute(offer_cells(filters.period.zone, filters, spans)) if spans else ()


def _visits(filters: Filters, days: Sequence[date]) -> Iterable[Any]:
    chosen = ((Visits.source, filters.source), (Visits.owner_id, filters.dealer))
    return db.session.execute(
        sa.select(Visits.day, sa.literal("visit"), Visits.source, sa.func.sum(Visits.visits))
        .where(sa.or_(sa.false(), *(Visits.day.between(first, last) for first, last in runs(days))))
        .where(*(column == value for column, value in chosen if value)).group_by(Visits.day, Visits.source)
    )
