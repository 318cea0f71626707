"""The duty of analytics: days that are over are counted."""

from __future__ import annotations

from app.kernel.clock import now
from app.kernel.jobs import every
from blueprints.analytics import counting


@every(seconds=20)
def count_days() -> None:
    """Count the days that are over or changed since they were counted."""
    counting.count_days(now())
