"""A lead as the model of offers knows it, and windows counted by hand."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import holidays

WINDOW = 120
"""Minutes to answer in working time."""
CLOSED = holidays.country_holidays("RU")


@dataclass
class Way:
    """One lead as the model knows it."""

    quantity: int
    state: str = "new"
    holder: str | None = None
    open: dict[str, datetime] = field(default_factory=dict)
    is_race: bool = False
    kept: Counter[str] = field(default_factory=Counter)
    asked: set[str] = field(default_factory=set)
    rounds: int = 0
    spent: int = 0
    is_escalated: bool = False
    is_shipped: bool = False


def window_end(since: datetime, zone: str) -> datetime:
    """When so many minutes of office hours are over, counted one by one on the dealer's own clock."""
    at, left, here = since, WINDOW, ZoneInfo(zone)
    while True:
        local = at.astimezone(here)
        if local.weekday() < 5 and 9 <= local.hour < 18 and local.date() not in CLOSED:
            left -= 1
        at += timedelta(minutes=1)
        if left == 0:
            return at
