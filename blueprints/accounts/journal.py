"""Reads of the journal: its lines with the names of those who acted, filtered."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.identity import current_tenant
from app.kernel.money import Money
from app.kernel.paging import Page, paginate
from app.kernel.words import _, _l
from app.web.locale import format_money
from app.web.models import AuditEntry
from blueprints.accounts.forms import ROLE_WORDS
from blueprints.accounts.models import ApiKey, Authenticator, Passkey, Staff
from tenants.registry import get_tenant

DETAILS = {
    "way": _l("way"), "role": _l("role"), "before": _l("before"), "now": _l("now"), "asked": _l("required"),
    "count": _l("how many"), "scopes": _l("rights"), "minor": _l("sum"), "currency": _l("currency"),
    "purpose": _l("what for"), "kind": _l("format"), "theme": _l("theme"),
}
"""What details are called."""

VALUES = {
    **ROLE_WORDS, "password": _l("password"), "passkey": _l("passkey"), "app": _l("code of the app"),
    "paper": _l("recovery code"), "catalogue": _l("catalogue"), "stock": _l("stock"),
}
"""Values that are words of ours."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to see: actions of one group, one actor's, from one day to another, both included."""

    group: str = ""
    actor: str = ""
    since: str = ""
    until: str = ""


def entries(asked: Asked, page: int = 1) -> Page[AuditEntry]:
    """Lines of the journal, the latest first."""
    query = sa.select(AuditEntry).order_by(AuditEntry.number.desc())
    if asked.group:
        query = query.where(AuditEntry.action.startswith(f"{asked.group}.", autoescape=True))
    if asked.actor:
        query = query.where(AuditEntry.actor == asked.actor)
    if since := _midnight(asked.since):
        query = query.where(AuditEntry.at >= since)
    if until := _midnight(asked.until):
        query = query.where(AuditEntry.at < until + timedelta(days=1))
    return paginate(query, page=page, per_page=50)


def names(lines: Iterable[AuditEntry]) -> dict[str, str]:
    """Names of the people and keys that lines speak of, by `staff:<id>` and `key:<id>`."""
    spoken = {text for line in lines for text in (line.actor, line.subject or "")}
    found: dict[str, str] = {}
    for kind, model in (("staff", Staff), ("key", ApiKey)):
        ids = [uuid.UUID(text.partition(":")[2]) for text in spoken if text.startswith(f"{kind}:")]
        rows = db.session.execute(sa.select(model.id, model.name).where(model.id.in_(ids))) if ids else ()
        found |= {f"{kind}:{row.id}": row.name for row in rows}
    return found


def actors() -> Sequence[tuple[str, str]]:
    """Staff to choose from: what the journal calls them, and their names."""
    rows = db.session.execute(sa.select(Staff.id, Staff.name).order_by(Staff.name).limit(200))
    return [(f"staff:{row.id}", row.name) for row in rows]


def without_factor() -> Sequence[tuple[Staff, bool]]:
    """Active staff, and whether each has a second factor, those without first."""
    has_app = sa.select(Authenticator.staff_id).where(
        Authenticator.staff_id == Staff.id, Authenticator.confirmed_at.is_not(None)
    ).exists()
    has_key = sa.select(Passkey.id).where(Passkey.staff_id == Staff.id).exists()
    protected = (has_app | has_key).label("protected")
    query = sa.select(Staff, protected).where(Staff.is_active, Staff.password_hash.is_not(None))
    return [(row[0], row[1]) for row in db.session.execute(query.order_by(protected, Staff.name).limit(200))]


def details_told(line: AuditEntry) -> str:
    """The details of a line as a reader takes them in: `before: Manager, now: Owner`."""
    is_money = line.action.partition(".")[0] in ("prices", "money")
    told = ((DETAILS.get(key, key), _value(value, is_money)) for key, value in sorted(line.details.items()))
    return ", ".join(f"{label}: {value}" for label, value in told)


def _value(value: Any, is_money: bool) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return format_money(Money(value)) if is_money else str(value)
    return "—" if value is None else str(VALUES.get(value, value))


def _midnight(day: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(day), time(), ZoneInfo(get_tenant(current_tenant()).timezone))
    except ValueError:
        return None
