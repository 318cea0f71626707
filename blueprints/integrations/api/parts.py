"""Parts of orders and points of pick-up, as orders and leads tell them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from app.kernel.db import db
from blueprints.leads.models import Lead
from tenants.models import Tenant

Item = dict[str, Any]


def point(pickup: Mapping[str, Any] | None) -> Item | None:
    """The point where the customer fetches the goods."""
    return {key: pickup.get(key) or "" for key in ("name", "address", "hours")} if pickup else None


def slugs_of(leads: Iterable[Lead]) -> dict[str, str]:
    """Slugs of the dealers who hold these leads, by id; one query at most."""
    ids = {lead.assignee_id for lead in leads if _is_held(lead)}
    return dict(db.session.execute(sa.select(Tenant.id, Tenant.slug).where(Tenant.id.in_(ids))).all()) if ids else {}


def parts(leads: Sequence[Lead], slugs: Mapping[str, str]) -> list[Item]:
    """Leads as parts of their order."""
    return [
        {
            "lead_id": lead.id, "number": lead.number, "part": lead.part, "state": lead.state,
            "dealer": slugs.get(lead.assignee_id or "") if _is_held(lead) else None,
            "value": {"minor": lead.value_minor, "currency": lead.currency},
        }
        for lead in leads
    ]


def _is_held(lead: Lead) -> bool:
    return lead.assignee_id is not None and lead.accepted_at is not None
