"""A dealer's working hours, from his public profile as the database keeps it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

import sqlalchemy as sa

from app.kernel.db import db
from blueprints.routing import rules
from tenants.models import Tenant

USUAL_WEEK = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
"""Hours in which an acceptance window runs for a dealer who told none."""


@lru_cache(maxsize=4096)
def read_hours(told: str | None, timezone: str) -> rules.WorkingHours | None:
    """The hours that JSON tells, in that time zone unless it names one; None when it tells none that can be kept."""
    try:
        data = json.loads(told or "null")
        if not data:
            return None
        return rules.WorkingHours.from_dict({"holidays": "RU", **data, "timezone": data.get("timezone") or timezone})
    except (rules.InvalidHours, TypeError, ValueError, AttributeError):
        return None


def hours_of_dealer(dealer_id: str) -> rules.WorkingHours:
    """Hours in which a dealer's window runs: his own, or the usual ones of an office in his time zone."""
    return hours_of_dealers([dealer_id])[dealer_id]


def hours_of_dealers(dealer_ids: Sequence[str]) -> dict[str, rules.WorkingHours]:
    """The same by dealer, in one query."""
    rows = db.session.execute(
        sa.select(Tenant.id, Tenant.profile["hours"].astext, Tenant.timezone).where(Tenant.id.in_(dealer_ids))
    )
    return {dealer_id: _kept_or_usual(told, timezone) for dealer_id, told, timezone in rows}


def _kept_or_usual(told: str | None, timezone: str) -> rules.WorkingHours:
    hours = read_hours(told, timezone)
    return hours if hours and any(hours.weekly) else usual_hours(timezone)


def window_of(
    dealer_id: str, minutes: int, at: datetime, known: rules.WorkingHours | None = None
) -> tuple[rules.WorkingHours, bool]:
    """Hours in which a window of so many minutes runs for the dealer, and whether they are the usual ones of an office
    because he told none in which it would ever end. No query where hours that are `known` already will do.
    """
    if known is not None and rules.deadline(at, minutes, known) is not None:
        return known, False
    told, timezone = db.session.execute(
        sa.select(Tenant.profile["hours"].astext, Tenant.timezone).where(Tenant.id == dealer_id)
    ).one()
    hours = read_hours(told, timezone)
    if hours is not None and rules.deadline(at, minutes, hours) is not None:
        return hours, False
    return usual_hours(timezone), True


@lru_cache(maxsize=64)
def usual_hours(timezone: str) -> rules.WorkingHours:
    """Hours of an office there."""
    return rules.WorkingHours.from_dict({"weekly": USUAL_WEEK, "timezone": timezone, "holidays": "RU"})
