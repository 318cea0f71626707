"""Verbs on requests about personal data: register, answer with an export, destroy and leave the act, refuse."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.events import publish
from app.kernel.identity import current_tenant
from app.kernel.words import _
from app.web.audit import audit
from blueprints.accounts.models import Customer
from blueprints.privacy import exporting, rules
from blueprints.privacy.acts import make_act
from blueprints.privacy.errors import AlreadyAnswered, NotYet, WhoIsIt
from blueprints.privacy.events import PersonErased
from blueprints.privacy.exporting import operator
from blueprints.privacy.models import PersonalRequest
from blueprints.privacy.obstacles import obstacles
from blueprints.privacy.queries import prints_of
from blueprints.privacy.search import Found, erase, search
from tenants.personal_data import HOLDINGS


def register(
    *, kind: str, whose: str, identification: str, at: datetime, name: str | None = None, email: str | None = None,
    phone: str | None = None, origin: str = "desk",
) -> PersonalRequest:
    """Write a request down, with the day until which it has to be answered; `WhoIsIt` without a contact."""
    asked = rules.subject(whose=whose, email=email, phone=phone)
    if not asked.emails and not asked.phones:
        raise WhoIsIt
    request = PersonalRequest(
        number=_next_number(), kind=kind, whose=whose, origin=origin, identification=identification, name=name or None,
        email=email or None, phone=phone or None, received_at=at, due_on=rules.answer_until(at.date()), state="open",
    )
    db.session.add(request)
    db.session.flush()
    return request


def look(request: PersonalRequest) -> Found:
    """What is kept of the person who asks; of his account alone when he asked there, whatever phone stands in it."""
    asked = rules.subject(whose=request.whose, email=request.email, phone=request.phone)
    return search(asked)


def export(*, request: PersonalRequest, by: Mapping[str, str], at: datetime) -> dict[str, Any]:
    """Answer with everything that is kept; may be repeated."""
    document = exporting.document(look(request), at=at)
    if request.kind == "export" and request.state == "open":
        _close(request, "done", by, at)
    audit("data.exported", f"request:{request.id}", what="person")
    return document


def destroy(*, request: PersonalRequest, by: Mapping[str, str], at: datetime) -> PersonalRequest:
    """Erase the person for good and leave the act; `NotYet` names what has to be finished first."""
    _must_be_open(request)
    if request.kind != "erasure":
        raise AlreadyAnswered
    found = look(request)
    if why_not := obstacles(found):
        raise NotYet(" ".join(why_not))
    leads = exporting.dealers_of(found.known["leads"])
    processors = exporting.holders(found.known["leads"])
    prints = prints_of(found.subject)
    erased = erase(found.erasable(), pseudonym=_("Erased %(code)s", code=secrets.token_hex(3).upper()))
    kept = {name: len(rows) for name, rows in found.rows.items() if HOLDINGS[name].why and name not in erased}
    db.session.refresh(request)
    request.act = make_act(
        erased, numbers=found.known["numbers"], reason="asked", by=by, at=at, processors=processors, kept=kept,
    )
    request.fingerprints = prints
    _close(request, "done", by, at)
    for dealer, ids in leads.items():
        publish(PersonErased(tenant_id=current_tenant(), dealer_id=dealer, lead_ids=[str(one) for one in ids]))
    audit("data.erased", f"request:{request.id}", rows=sum(erased.values()))
    return request


def refuse(*, request: PersonalRequest, reason: str, by: Mapping[str, str], at: datetime) -> None:
    """Answer that it will not be done, and why."""
    _must_be_open(request)
    request.reason = reason
    _close(request, "refused", by, at)


def ask_by_account(*, customer: Customer, kind: str, at: datetime) -> PersonalRequest:
    """A customer who proved himself by his password asks: his mail address is proved, his phone is not.

    A wish that could not be fulfilled at once waits for staff, and is the same when it is repeated.
    """
    waiting = sa.select(PersonalRequest).where(
        PersonalRequest.kind == kind, PersonalRequest.origin == "account", PersonalRequest.state == "open",
        PersonalRequest.email == customer.email,
    )
    return db.session.scalar(waiting.limit(1)) or register(
        kind=kind, whose="customer", identification="password", origin="account", name=customer.name,
        email=customer.email, at=at,
    )


def leave_act(
    *, origin: str, erased: Mapping[str, int], numbers: list[str], by: Mapping[str, str], at: datetime, reason: str,
    operator_id: str | None = None,
) -> PersonalRequest:
    """The act of what was destroyed without a request of the person, by order of another operator if one is named."""
    request = PersonalRequest(
        number=_next_number(), kind="erasure", whose="customer", origin=origin, received_at=at, state="done",
        identification="operator" if origin == "network" else None, handled_at=at, handled_by=by["name"],
        act=make_act(erased, numbers=numbers, reason=reason, by=by, at=at, operator_id=operator_id,
                     processors=[operator()] if operator_id else ()),
    )
    db.session.add(request)
    db.session.flush()
    return request


def _close(request: PersonalRequest, state: str, by: Mapping[str, str], at: datetime) -> None:
    request.state, request.handled_by, request.handled_at = state, by["name"], at
    db.session.flush()


def _must_be_open(request: PersonalRequest) -> None:
    if request.state != "open":
        raise AlreadyAnswered


def _next_number() -> int:
    """Numbers without gaps, as papers have them; the lock holds until the transaction ends."""
    name = f"personal requests {current_tenant()}"
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(name, 0))))
    return (db.session.scalar(sa.select(sa.func.max(PersonalRequest.number))) or 0) + 1


def by_staff(person: Any) -> dict[str, str]:
    """Who destroyed, as the act names him: name and role."""
    return {"name": person.name, "post": person.role or "", "id": str(person.id)}


SYSTEM = {"name": "Zveno", "post": "system", "id": ""}
"""Who destroyed when no person did."""

