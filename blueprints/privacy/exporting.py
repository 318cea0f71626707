"""What a person is handed out: everything kept of him, why, on what ground and until when."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask import current_app

from app.kernel.db import db
from app.kernel.identity import current_tenant
from app.kernel.privacy import Holding
from app.kernel.words import _
from blueprints.leads.models import Lead
from blueprints.privacy import wording
from blueprints.privacy.rules import TERMS
from blueprints.privacy.search import Found
from tenants.models import Tenant
from tenants.personal_data import HOLDINGS
from tenants.registry import get_tenant

ADDRESSED = {"mails": "to_address"}
"""Letters that quote the person but went to somebody else are erased with him, yet not handed out to him."""
UNREADABLE = "credential"


def document(found: Found, *, at: datetime) -> dict[str, Any]:
    """The export as JSON holds it; the page shows the same."""
    return {
        "operator": operator(),
        "made_at": at.isoformat(timespec="seconds"),
        "asked_for": {"email": list(found.subject.emails), "phone": list(found.subject.phones)},
        "kept": [_part(name, holding, found) for name, holding in HOLDINGS.items() if _rows(name, found)],
        "handed_to": holders(found.known["leads"]),
    }


def operator(tenant_id: str | None = None) -> dict[str, str]:
    """Name, tax number and address of a tenant, by default of the one that speaks, as acts want them."""
    facts = get_tenant(tenant_id or current_tenant())
    return {"name": facts.legal_name or facts.name, "inn": facts.inn, "address": facts.profile.get("address") or ""}


def holders(lead_ids: Iterable[uuid.UUID]) -> list[dict[str, str]]:
    """Dealers who were given these leads, by name and address."""
    ids = sorted(set(dealers_of(lead_ids)))
    rows = db.session.execute(
        sa.select(Tenant.legal_name, Tenant.profile).where(Tenant.id.in_(ids)).order_by(Tenant.number)
    )
    return [{"name": name, "address": profile.get("address") or ""} for name, profile in rows]


def dealers_of(lead_ids: Iterable[uuid.UUID]) -> dict[str, list[uuid.UUID]]:
    """Leads by the dealers who may hold copies of them, without the speaker himself."""
    rows = db.session.execute(
        sa.select(Lead.id, Lead.assignee_id, Lead.visible_to)
        .where(Lead.owner_id == current_tenant(), Lead.id.in_(list(lead_ids))).order_by(Lead.id)
    )
    by_dealer: dict[str, list[uuid.UUID]] = {}
    for lead_id, assignee, visible_to in rows:
        for dealer in sorted({*visible_to, assignee} - {None, current_tenant()}):
            by_dealer.setdefault(dealer, []).append(lead_id)
    return by_dealer


def lines(value: Any) -> list[str]:
    """A value in lines that can be read."""
    if value is None or value in ({}, []):
        return []
    if isinstance(value, Mapping):
        return [f"{label(str(key))}: {', '.join(lines(one))}" for key, one in value.items() if lines(one)]
    if isinstance(value, (list, tuple)):
        return [", ".join(lines(one)) for one in value]
    return [str(value)]


def label(column: str) -> str:
    """What a column is called on the page."""
    return str(wording.COLUMN_WORDS.get(column, column))


def _part(name: str, holding: Holding, found: Found) -> dict[str, Any]:
    return {
        "table": name,
        "title": str(wording.TABLE_WORDS[name]),
        "purpose": str(wording.PURPOSE_WORDS[holding.purpose]),
        "ground": str(wording.BASIS_WORDS[holding.basis]),
        "until": _until(holding),
        "rows": [_row(holding, row) for row in _rows(name, found)],
    }


def _rows(name: str, found: Found) -> list[Mapping[str, Any]]:
    column = ADDRESSED.get(name)
    rows = found.rows.get(name, ())
    return [row for row in rows if column is None or row[column].lower() in found.subject.emails]


def _row(holding: Holding, row: Mapping[str, Any]) -> dict[str, Any]:
    return {column: _plain(row[column]) for column in _columns(holding)}


def _columns(holding: Holding) -> Iterator[str]:
    yield from holding.shown.split()
    for column, facts in holding.personal.items():
        if facts.kind != UNREADABLE and column not in holding.shown.split():
            yield column


def _until(holding: Holding) -> str:
    settings = current_app.config["ZVENO"]
    told = [
        _("%(days)s days: %(what)s", days=getattr(settings, TERMS[term]), what=wording.TERM_WORDS[term])
        for term in holding.ends
    ]
    if holding.why:
        told.append(str(wording.WHY_WORDS[holding.why]))
    return "; ".join(told) or _("until you ask to destroy it")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, (date, uuid.UUID)):
        return str(value)
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).hex()
    return value
