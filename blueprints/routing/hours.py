"""A dealer's working hours, from his public profile as the database keeps it."""

from __future__ import annotations

import json
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
    told, timezone = db.session.execute(
        sa.select(Tenant.profile["hours"].astext, Tenant.timezone).where(Tenant.id == dealer_id)
    ).one()
    hours = read_hours(told, timezone)
    return hours if hours and any(hours.weekly) else _usual(timezone)


@lru_cache(maxsize=64)
def _usual(timezone: str) -> rules.WorkingHours:
    return rules.WorkingHours.from_dict({"weekly": USUAL_WEEK, "timezone": timezone, "holidays": "RU"})
