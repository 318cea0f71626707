"""Facts without personal data."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import NETWORK, db


class Visits(db.Model):
    """Visits of a tenant's site on a day, by source."""

    __tablename__ = "visits"
    __table_args__ = (sa.Index("ix_visits_day", "day"), NETWORK)

    owner_id: Mapped[str] = mapped_column(sa.ForeignKey("network.tenants.id"), primary_key=True)
    day: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    source: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    visits: Mapped[int] = mapped_column(sa.Integer, server_default="0")


class DailyFigure(db.Model):
    """Figures of one day under one heading: `kind` is what is told apart, `key` one of these.

    `all` speaks of every lead that came that day, `source`, `region`, `loss` and `dealer` of parts of the same leads,
    `offer` (state and reason) and `asked` (dealer) of their offers, `visit` (source) of the day’s visits.
    `dealer:month` and `asked:month` are the same of a whole month, at its first day. Money is in kopecks.
    """

    __tablename__ = "daily_figures"
    __table_args__ = (NETWORK,)

    day: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    kind: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    key: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    leads: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    minor: Mapped[int] = mapped_column(sa.BigInteger, server_default="0")
    offered: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    accepted: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    accepted_minor: Mapped[int] = mapped_column(sa.BigInteger, server_default="0")
    delivered: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    delivered_minor: Mapped[int] = mapped_column(sa.BigInteger, server_default="0")
    satisfied: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    orders: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    order_minor: Mapped[int] = mapped_column(sa.BigInteger, server_default="0")
    lost: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    lost_minor: Mapped[int] = mapped_column(sa.BigInteger, server_default="0")
    escalated: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    star_sum: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    answers: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    stars_1: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    stars_2: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    stars_3: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    stars_4: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    stars_5: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    offers: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    offers_accepted: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    offers_declined: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    offers_expired: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    visits: Mapped[int] = mapped_column(sa.Integer, server_default="0")


class FigureDay(db.Model):
    """A day of HQ's calendar in that zone whose figures are counted."""

    __tablename__ = "figure_days"
    __table_args__ = (NETWORK,)

    day: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    zone: Mapped[str] = mapped_column(sa.Text)
    counted_at: Mapped[datetime] = mapped_column(sa.TIMESTAMP(timezone=True), server_default=sa.func.now())


class FigureChange(db.Model):
    """A mark the database leaves with every change: the day of that instant has to be counted anew."""

    __tablename__ = "figure_changes"
    __table_args__ = (NETWORK,)

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(sa.TIMESTAMP(timezone=True))
