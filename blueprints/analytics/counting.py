"""Keeps `network.daily_figures`: counts days that are over, and again those where something changed since.

The database itself leaves a mark with every change of a lead, an offer or an old day's visits
(`migrations/network/versions/0003_daily_figures.py`). Marks are taken away first and the days counted after, so
that a change in between leaves its mark for the next time. Speaks as the network's worker.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.ids import HQ
from blueprints.analytics.cells import LEAD_MEASURES, OFFER_MEASURES, lead_cells, offer_cells
from blueprints.analytics.figures import DEALERS, OF_DEALERS, sums
from blueprints.analytics.models import DailyFigure, FigureChange, FigureDay, Visits
from blueprints.analytics.rules import Period, days_of_month
from blueprints.leads.models import Lead
from tenants.models import Tenant

AT_ONCE = 100
"""Days counted in one unit of work, the newest first."""
KEY = ("day", "kind", "key")
SETTLED = timedelta(hours=1)
"""How long after the end of a day in UTC its last visits may still be on their way."""


def count_days(at: datetime) -> int:
    """Count what is due, at most `AT_ONCE` days; answers how many."""
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext("figures"))))
    zone = db.session.scalars(sa.select(Tenant.timezone).where(Tenant.id == HQ)).one()
    _open_changed(zone)
    days = _due(zone, at)[:AT_ONCE]
    if days:
        _count(days, zone)
    return len(days)


def forget() -> None:
    """Let every day be counted anew; until then the overview asks the leads."""
    db.session.execute(sa.delete(FigureDay))


def _open_changed(zone: str) -> None:
    marks = db.session.scalars(sa.delete(FigureChange).returning(FigureChange.at)).all()
    changed = {mark.astimezone(ZoneInfo(zone)).date() for mark in marks}
    db.session.execute(sa.delete(FigureDay).where(sa.or_(FigureDay.day.in_(changed), FigureDay.zone != zone)))


def _due(zone: str, at: datetime) -> list[date]:
    """Days that are over and not counted, the newest first."""
    oldest = db.session.scalar(sa.select(sa.func.min(Lead.created_at)))
    firsts = [oldest.astimezone(ZoneInfo(zone)).date() if oldest else None]
    firsts.append(db.session.scalar(sa.select(sa.func.min(Visits.day))))
    first = min((day for day in firsts if day), default=None)
    if first is None:
        return []
    today = min(at.astimezone(ZoneInfo(zone)).date(), (at - SETTLED).astimezone(UTC).date())
    counted = set(db.session.scalars(sa.select(FigureDay.day)))
    days = [today - timedelta(days=number) for number in range(1, (today - first).days + 1)]
    return [day for day in days if day not in counted]


def _count(days: Sequence[date], zone: str) -> None:
    spans = Period("own", days[-1], days[0], zone).spans(days)
    db.session.execute(sa.delete(DailyFigure).where(DailyFigure.day.in_(days)))
    visits = sa.select(Visits.day, sa.literal("visit"), Visits.source, sa.func.sum(Visits.visits))
    for measures, cells in (
        (LEAD_MEASURES, lead_cells(zone, None, spans, is_daily=True)),
        (OFFER_MEASURES, offer_cells(zone, None, spans, is_daily=True)),
        (("visits",), visits.where(Visits.day.in_(days)).group_by(Visits.day, Visits.source)),
    ):
        db.session.execute(sa.insert(DailyFigure).from_select([*KEY, *measures], cells))
    for month in {day.replace(day=1) for day in days}:
        _add_up(month)
    db.session.execute(sa.insert(FigureDay), [{"day": day, "zone": zone} for day in days])


def _add_up(month: date) -> None:
    """Sum the days of a month up by dealer; who reads makes sure that each of them is counted."""
    kind, is_of_month = DailyFigure.kind, DailyFigure.day.in_(days_of_month(month))
    db.session.execute(sa.delete(DailyFigure).where(is_of_month, kind.in_(DEALERS)))
    parts = sa.select(sa.literal(month, sa.Date), kind.concat(":month"), DailyFigure.key, *sums(OF_DEALERS))
    query = parts.where(is_of_month, kind.in_(DEALERS.values())).group_by(kind, DailyFigure.key)
    db.session.execute(sa.insert(DailyFigure).from_select([*KEY, *OF_DEALERS], query))
