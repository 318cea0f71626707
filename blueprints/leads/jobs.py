"""Periodic duties of leads: customers whose word is due."""

from __future__ import annotations

from app.kernel.clock import now
from app.kernel.jobs import every
from blueprints.leads import asking


@every(seconds=15)
def ask_customers() -> None:
    """Ask customers how it went."""
    asking.ask_customers(at=now())
