"""What a tenant's public profile says of his shop: what he does for customers, and until when he is open. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays
from flask_babel.speaklater import LazyString

from app.kernel.words import _l

SERVICES: dict[str, LazyString] = {
    "delivery": _l("Delivery"), "pickup": _l("Pick up at the shop"), "installation": _l("Installation"),
}
"""What a shop may say it does; `profile["services"]` lists them by code."""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def open_until(profile: Mapping[str, Any], timezone: str, at: datetime) -> str | None:
    """Until when the shop is open now, as `18:00` by its own clock; None when it is closed or told no hours."""
    hours = profile.get("hours")
    if not isinstance(hours, Mapping):
        return None
    local = at.astimezone(_zone(hours.get("timezone") or timezone))
    clock = f"{local:%H:%M}"
    return next((closes for opens, closes in _spans(hours, local.date()) if opens <= clock < closes), None)


def _spans(hours: Mapping[str, Any], day: date) -> list[list[str]]:
    """The opening spans of a day: an exception before a holiday before the week."""
    exceptions = hours.get("exceptions") or {}
    if day.isoformat() in exceptions:
        return exceptions[day.isoformat()]
    if hours.get("holidays", "RU") == "RU" and day in _holidays(day.year):
        return []
    return (hours.get("weekly") or {}).get(DAYS[day.weekday()]) or []


@lru_cache(maxsize=8)
def _holidays(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("RU", years=year)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("Europe/Moscow")
