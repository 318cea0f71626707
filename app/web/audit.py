"""The journal: what staff did that matters, written in the transaction of the deed and chained by hashes.

`audit("prices.changed", "product:42", minor=129900)` notes a line; it is written when the unit of work commits, as
the last thing before, so the lock that keeps the chain in order is held for a moment and taken after all others.
What rolls back leaves no line. Details are identifiers, states and sums, never names or addresses of people.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from flask import g, has_request_context, request
from sqlalchemy import event

from app.kernel.clock import now
from app.kernel.db import BoundSession, db
from app.kernel.identity import current_tenant
from app.kernel.words import _l
from app.web.access import speaker
from app.web.models import AuditEntry

Detail = str | int | bool | None

ACTIONS = {
    "access.signed_in": _l("Signed in"),
    "access.code_refused": _l("Second factor refused"),
    "access.password_changed": _l("Password changed"),
    "access.password_reset": _l("Password set by a link"),
    "access.sessions_ended": _l("Devices signed out"),
    "access.app_added": _l("Authenticator app added"),
    "access.app_removed": _l("Authenticator app removed"),
    "access.passkey_added": _l("Passkey added"),
    "access.passkey_removed": _l("Passkey removed"),
    "access.codes_renewed": _l("Recovery codes made"),
    "access.code_used": _l("Recovery code used"),
    "people.invited": _l("Person invited"),
    "people.role_changed": _l("Role changed"),
    "people.deactivated": _l("Access withdrawn"),
    "people.sessions_ended": _l("Signed out on all devices by a colleague"),
    "people.activated": _l("Access given again"),
    "people.factor_reset": _l("Second factor taken off"),
    "keys.made": _l("API key made"),
    "keys.revoked": _l("API key revoked"),
    "webhooks.made": _l("Webhook registered"),
    "webhooks.turned": _l("Webhook turned on or off"),
    "webhooks.removed": _l("Webhook removed"),
    "settings.changed": _l("Settings changed"),
    "prices.changed": _l("Price changed"),
    "money.refunded": _l("Money paid back"),
    "data.imported": _l("Import started"),
    "data.exported": _l("Data exported"),
    "data.erased": _l("Personal data destroyed"),
    "routing.drafted": _l("Routing rules drafted"),
    "routing.changed": _l("Draft of routing rules changed"),
    "routing.activated": _l("Routing rules put in force"),
    "routing.rehearsed": _l("Rehearsal of routing rules begun"),
    "routing.decided": _l("Decided after a rehearsal"),
    "routing.discarded": _l("Draft of routing rules thrown away"),
    "leads.questioned": _l("Dealer asked about a contradiction"),
    "leads.settled": _l("Contradiction decided"),
    "network.certified": _l("Certificate of a dealer recorded"),
    "network.certificate_revoked": _l("Certificate of a dealer revoked"),
    "network.invited": _l("Dealer invited"),
    "network.approved": _l("Dealer approved"),
    "network.refused": _l("Dealer refused"),
    "network.suspended": _l("Dealer suspended"),
    "network.closed": _l("Dealer closed"),
    "network.resumed": _l("Dealer opened again"),
    "network.attached": _l("Dealer's head changed"),
    "network.area_drawn": _l("Area given to a dealer"),
    "network.area_changed": _l("Dealer's area changed"),
    "network.area_ended": _l("Area taken from a dealer"),
}
"""What is noted, and how it is called; anything else is a mistake of the caller."""

GROUPS = {
    "access": _l("Signing in"), "people": _l("People"), "keys": _l("API keys"), "settings": _l("Settings"),
    "prices": _l("Prices"), "money": _l("Money"), "data": _l("Imports and exports"), "network": _l("Dealers"),
    "routing": _l("Routing"), "leads": _l("Leads"), "webhooks": _l("Webhooks"),
}

CHAIN_LOCK = 0x5A77
FIRST = "0" * 64
PENDING = "audit"


@dataclass(frozen=True, slots=True)
class Broken:
    """The first link that does not hold: `missing` before this number, or `changed` at it."""

    number: int
    why: str
    action: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many lines hold, the hash of the last of them, and where the chain breaks, if it does."""

    lines: int
    head: str
    broken: Broken | None = None


def audit(action: str, subject: str | None = None, *, actor: str | None = None, **details: Detail) -> None:
    """Note what the speaker does to `subject` (`staff:<id>`, `product:42`); written when the unit commits."""
    if action not in ACTIONS:
        raise LookupError(f"{action} is not in app.web.audit.ACTIONS")
    session = db.session()
    line = {
        "at": now().astimezone(UTC), "actor": actor or _actor(), "action": action, "subject": subject,
        "address": request.remote_addr if has_request_context() else None,
        "request_id": g.get("request_id") if has_request_context() else None, "details": details,
    }
    session.info.setdefault(PENDING, []).append((session.get_nested_transaction(), line))


def fingerprint(line: Mapping[str, Any], prev_hash: str) -> str:
    """Hash of a line and of the one before it."""
    told = [
        prev_hash, line["number"], line["at"].astimezone(UTC).isoformat(), line["actor"], line["action"],
        line["subject"], line["address"], line["request_id"], line["details"],
    ]
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def verify() -> Verdict:
    """Walk the chain of the tenant that speaks, from its first line, until it ends or breaks."""
    lines = db.session.execute(
        sa.select(AuditEntry.__table__).order_by(AuditEntry.number).execution_options(yield_per=1000)
    )
    return judge(row._mapping for row in lines)


def judge(lines: Iterable[Mapping[str, Any]]) -> Verdict:
    """Whether lines in the order of their numbers hold together."""
    number, head = 0, FIRST
    for line in lines:
        why = _fault(line, number, head)
        if why:
            return Verdict(number, head, Broken(line["number"], why, line["action"], line["at"]))
        number, head = line["number"], line["hash"]
    return Verdict(number, head)


def _fault(line: Mapping[str, Any], number: int, head: str) -> str | None:
    if line["number"] != number + 1:
        return "missing"
    whole = line["prev_hash"] == head and line["hash"] == fingerprint(line, head)
    return None if whole else "changed"


def _actor() -> str:
    if not has_request_context():
        return "console"
    person = speaker()
    return f"{person.kind}:{person.id}" if person else g.get("actor", "nobody")


@event.listens_for(BoundSession, "before_commit")
def _write(session: BoundSession) -> None:
    """Chain what was noted; from here to the commit nobody else of this tenant writes a line."""
    noted = [line for _nested, line in session.info.pop(PENDING, ())]
    if not noted:
        return
    number = int(current_tenant().removeprefix("t_"))
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(CHAIN_LOCK, number)))
    session.execute(sa.insert(AuditEntry), list(_chained(noted, session)))


def _chained(noted: Iterable[dict[str, Any]], session: BoundSession) -> Iterator[dict[str, Any]]:
    last = session.execute(
        sa.select(AuditEntry.number, AuditEntry.hash).order_by(AuditEntry.number.desc()).limit(1)
    ).first()
    number, head = last or (0, FIRST)
    for line in noted:
        number += 1
        numbered = {**line, "number": number}
        prev_hash, head = head, fingerprint(numbered, head)
        yield {**numbered, "prev_hash": prev_hash, "hash": head}


@event.listens_for(BoundSession, "after_soft_rollback")
def _forget(session: BoundSession, ended: Any) -> None:
    """Drop what was noted inside a transaction, or part of one, that did not happen."""
    noted = session.info.get(PENDING)
    if noted:
        session.info[PENDING] = [entry for entry in noted if ended.nested and not _is_within(entry[0], ended)]


def _is_within(transaction: Any, outer: Any) -> bool:
    while transaction is not None:
        if transaction is outer:
            return True
        transaction = transaction.parent
    return False
