"""What may stand in the way of a new dealer."""

from __future__ import annotations

from app.kernel.errors import Invalid, NotFound, Refused


class BadInn(Invalid):
    """The taxpayer number is not one."""


class InnTaken(Invalid):
    """A dealer with this taxpayer number is there already."""


class NoApplication(NotFound):
    """The application is not there, or not for this person."""


class NotWaiting(Refused):
    """The application or dealer is not in the state the action needs."""
