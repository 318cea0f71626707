"""Periodic duties of routing: windows that end, reminders, leads that waited for each other, ratings that fade."""

from __future__ import annotations

from app.kernel.clock import now
from app.kernel.jobs import every
from blueprints.routing import batching, ratings, service, steering


@every(seconds=2)
def expire_offers() -> None:
    """Let leads move on whose dealer stayed silent, or does not work any more."""
    steering.leave_inactive(at=now())
    service.expire_offers(at=now())


@every(seconds=5)
def send_reminders() -> None:
    """Remind dealers whose window is about to end."""
    service.send_reminders(at=now())


@every(seconds=20)
def place_waiting() -> None:
    """Place leads together where the rules in force let them wait."""
    batching.place_waiting(at=now())


@every(seconds=60)
def refresh_ratings() -> None:
    """Rate anew whose rating is oldest: outcomes fade without an event."""
    ratings.refresh(at=now())


@every(seconds=24 * 3600)
def forget_ratings() -> None:
    """Ratings of long ago."""
    ratings.forget(at=now())
