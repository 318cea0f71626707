"""Sourcing profiles and what routing decided, with its reasons."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import NETWORK, db
from app.kernel.ids import new_id

INSTANT = sa.TIMESTAMP(timezone=True)


class SourcingProfile(db.Model):
    """A version of how leads find their dealer: `draft`, `active` (one only, never changed) or `retired`."""

    __tablename__ = "sourcing_profiles"
    __table_args__ = (
        sa.CheckConstraint("state IN ('draft', 'active', 'retired')", name="state"),
        sa.Index(
            "uq_sourcing_profiles_active", "owner_id", unique=True, postgresql_where=sa.text("state = 'active'")
        ),
        sa.Index("uq_sourcing_profiles_version", "owner_id", "version", unique=True),
        NETWORK,
    )

    owner_id: Mapped[str] = mapped_column(sa.ForeignKey("network.tenants.id"), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(sa.Integer)
    name: Mapped[str] = mapped_column(sa.Text)
    definition: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(sa.Text, server_default="draft")
    author: Mapped[str | None] = mapped_column(sa.Text)
    note: Mapped[str] = mapped_column(sa.Text, server_default="")
    created_at: Mapped[datetime] = mapped_column(INSTANT, server_default=sa.func.now())
    changed_at: Mapped[datetime] = mapped_column(INSTANT, server_default=sa.func.now())
    activated_at: Mapped[datetime | None] = mapped_column(INSTANT)


class RatingWeek(db.Model):
    """A dealer's rating as it stood at the end of a week, with the scores of its measured parts; `week` is a Monday."""

    __tablename__ = "rating_weeks"
    __table_args__ = (NETWORK,)

    tenant_id: Mapped[str] = mapped_column(sa.ForeignKey("network.tenants.id"), primary_key=True)
    week: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    score: Mapped[float] = mapped_column(sa.Double)
    parts: Mapped[dict[str, float]] = mapped_column(JSONB, server_default="{}")


class RoutingRun(db.Model):
    """One decision: under which profile, who was `asked` if several at once, every candidate's reasons.

    Of an order that was `split`: who got which part. No dealer reads of the others' parts.
    """

    __tablename__ = "routing_runs"
    __table_args__ = (
        sa.ForeignKeyConstraint(["owner_id", "lead_id"], ["network.leads.owner_id", "network.leads.id"]),
        NETWORK,
    )

    owner_id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    lead_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    profile_id: Mapped[uuid.UUID]
    profile_version: Mapped[int] = mapped_column(sa.Integer)
    chosen_id: Mapped[str | None] = mapped_column(sa.Text)
    asked: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default="{}")
    explanation: Mapped[dict[str, Any]] = mapped_column(JSONB)
    split: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    at: Mapped[datetime] = mapped_column(INSTANT, server_default=sa.func.now())


class Rehearsal(db.Model):
    """Past leads replayed under a version of the rules: asked for, under way, and what came of it.

    `definition` is the draft as it was rehearsed, `against` the version in force then. `beat_at` tells that somebody
    works on it; `summary` is `rules.rehearsal.measures`' JSON. What HQ did about it stands in `decision` and beside it.
    """

    __tablename__ = "rehearsals"
    __table_args__ = (
        sa.CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="state"),
        sa.CheckConstraint("decision IN ('activated', 'discarded')", name="decision"),
        sa.Index("ix_rehearsals_version", "owner_id", "version", "asked_at"),
        sa.Index("ix_rehearsals_waiting", "asked_at", postgresql_where=sa.text("state IN ('queued', 'running')")),
        NETWORK,
    )

    owner_id: Mapped[str] = mapped_column(sa.ForeignKey("network.tenants.id"), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(sa.Integer)
    against: Mapped[int | None] = mapped_column(sa.Integer)
    definition: Mapped[dict[str, Any]] = mapped_column(JSONB)
    since: Mapped[datetime] = mapped_column(INSTANT)
    until: Mapped[datetime] = mapped_column(INSTANT)
    seed: Mapped[int] = mapped_column(sa.Integer, server_default="1")
    state: Mapped[str] = mapped_column(sa.Text, server_default="queued")
    done: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    total: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    losses: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    started_by: Mapped[str] = mapped_column(sa.Text)
    asked_at: Mapped[datetime] = mapped_column(INSTANT)
    began_at: Mapped[datetime | None] = mapped_column(INSTANT)
    beat_at: Mapped[datetime | None] = mapped_column(INSTANT)
    ended_at: Mapped[datetime | None] = mapped_column(INSTANT)
    problem: Mapped[str | None] = mapped_column(sa.Text)
    summary: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    decision: Mapped[str | None] = mapped_column(sa.Text)
    decided_by: Mapped[str | None] = mapped_column(sa.Text)
    decided_at: Mapped[datetime | None] = mapped_column(INSTANT)
    decision_note: Mapped[str] = mapped_column(sa.Text, server_default="")
