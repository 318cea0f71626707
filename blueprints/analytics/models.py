"""Facts without personal data."""

from __future__ import annotations

from datetime import date

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
