"""Who listens: tenants with a webhook that is on, known to the relay for some seconds, so that others cost nothing."""

from __future__ import annotations

import time
from typing import Any

import sqlalchemy as sa

from app.kernel.db import db
from blueprints.integrations.webhooks.models import Webhook

FRESH = 2.0
"""Seconds in which a webhook that was just made may miss what happens."""

_known: dict[str, Any] = {"until": 0.0, "tenants": frozenset()}


def is_heard(event: Any) -> bool:
    """Whether an address of the lead's owner or of the dealer concerned may want to hear of it."""
    return not _tenants().isdisjoint(concerned(event))


def concerned(event: Any) -> set[str]:
    """The owner of the event's lead and the dealer it concerns."""
    owner, dealer = getattr(event, "owner_id", None) or event.tenant_id, getattr(event, "dealer_id", None)
    return {owner, dealer} - {None}


def forget() -> None:
    """Ask the database next time."""
    _known["until"] = 0.0


def _tenants() -> frozenset[str]:
    if time.monotonic() >= _known["until"]:
        listening = sa.select(Webhook.owner_id).distinct().where(Webhook.disabled_at.is_(None))
        _known["tenants"], _known["until"] = frozenset(db.session.scalars(listening)), time.monotonic() + FRESH
    return _known["tenants"]
