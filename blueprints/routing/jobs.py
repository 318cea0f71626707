"""Periodic duties of routing: windows that end, reminders that are due, leads that waited for each other."""

from __future__ import annotations

from app.kernel.clock import now
from app.kernel.jobs import every
from blueprints.routing import batching, service


@every(seconds=2)
def expire_offers() -> None:
    """Let leads move on whose dealer stayed silent."""
    service.expire_offers(at=now())


@every(seconds=5)
def send_reminders() -> None:
    """Remind dealers whose window is about to end."""
    service.send_reminders(at=now())


@every(seconds=20)
def place_waiting() -> None:
    """Place leads together where the rules in force let them wait."""
    batching.place_waiting(at=now())
