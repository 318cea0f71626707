"""Sign-ins that live on the server: the cookie holds a secret, `web_sessions` its hash, and each request asks.

The cookie also says tenant, kind and person (`t_000042:staff:<uuid>`); a cookie that reached another
tenant's host means nobody there, even if it could be read.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

import sqlalchemy as sa
from flask import request, session
from flask_login import login_user, logout_user

from app.kernel.clock import now
from app.kernel.db import db
from app.kernel.metrics import SIGN_INS
from app.web.access import login_manager
from app.web.here import here
from blueprints.accounts.devices import remember
from blueprints.accounts.models import Customer, Staff, WebSession

LIFETIME = {"staff": timedelta(days=14), "customer": timedelta(days=30)}
IDLE = {"staff": timedelta(days=3), "customer": timedelta(days=14)}
"""Who was not seen for so long is signed out; staff stay signed in over a weekend."""
SEEN_EVERY = timedelta(minutes=5)
AGENT_LENGTH = 300
MARK_LENGTH = 20
SECRET = "s"

Account = Staff | Customer
MODELS: dict[str, type[Account]] = {"staff": Staff, "customer": Customer}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody signed in: `staff` with a role, or `customer` without one."""

    is_authenticated: ClassVar[bool] = True
    is_active: ClassVar[bool] = True
    is_anonymous: ClassVar[bool] = False

    tenant_id: str
    kind: str
    id: uuid.UUID
    name: str
    email: str
    locale: str
    role: str | None = None
    is_limited: bool = False
    """He may only set up the second factor that is asked of him."""

    def get_id(self) -> str:
        """What the cookie says: tenant, kind and person."""
        return f"{self.tenant_id}:{self.kind}:{self.id}"


SignedIn = Callable[[Person, Mapping[str, Any]], None]
signed_in: list[SignedIn] = []
"""Called after a sign-in with the person and what the guest's session held, e.g. to merge his cart."""


def kind_of(account: Account) -> str:
    """`staff` or `customer`."""
    return "staff" if isinstance(account, Staff) else "customer"


def person_of(account: Account, is_limited: bool = False) -> Person:
    """The account as the rest of the house sees it."""
    return Person(
        tenant_id=here().id, kind=kind_of(account), id=account.id, name=account.name, email=account.email,
        locale=account.locale, role=getattr(account, "role", None), is_limited=is_limited,
    )


def sign_in(account: Account, at: datetime, *, is_limited: bool = False) -> Person:
    """Start a session of this browser; whatever it held before is gone, so nobody can plant one."""
    person, before, secret = person_of(account, is_limited), dict(session), secrets.token_urlsafe(32)
    if SECRET in before:
        end_session(before[SECRET])
    session.clear()
    session.permanent = True
    session[SECRET] = secret
    _forget_expired(account, at)
    db.session.add(WebSession(
        secret_hash=fingerprint(secret), created_at=at, seen_at=at, expires_at=at + LIFETIME[person.kind],
        address=request.remote_addr, agent=request.user_agent.string[:AGENT_LENGTH], is_limited=is_limited,
        **_whose(account),
    ))
    db.session.flush()
    login_user(person)
    SIGN_INS.labels(person.kind, "in").inc()
    remember(person.kind, person.email)
    for hook in signed_in:
        hook(person, before)
    return person


def sign_out() -> None:
    """End the session of this browser, in the database and in the cookie."""
    if SECRET in session:
        end_session(session[SECRET])
    logout_user()
    session.clear()


def end_session(secret: str) -> None:
    """Revoke one session by its secret."""
    db.session.execute(sa.delete(WebSession).where(WebSession.secret_hash == fingerprint(secret)))


def end_all_sessions(account: Account) -> int:
    """Revoke every session of an account, everywhere; answers how many."""
    return _end(account, sa.true())


def end_other_sessions(account: Account) -> int:
    """Revoke every session of an account but that of this browser; answers how many."""
    return _end(account, WebSession.secret_hash != _current_hash())


def end_session_marked(account: Account, mark: str) -> int:
    """Revoke the session of an account that bears the mark; answers how many that was."""
    return _end(account, sa.func.left(WebSession.secret_hash, MARK_LENGTH) == mark)


def limit(account: Account) -> None:
    """All his sessions lead to the set-up of a second factor from now on."""
    _set_limited(account, True)


def lift_limits(account: Account) -> None:
    """All his sessions may go where his role goes."""
    _set_limited(account, False)


def stands(kind: str, at: datetime) -> sa.ColumnElement[bool]:
    """Whether a session of this kind of person is neither at its end nor left alone for too long."""
    return sa.and_(WebSession.expires_at > at, WebSession.seen_at > at - IDLE[kind])


def mark_of(row: WebSession) -> str:
    """What a page calls a session: enough of its hash to tell it from the others, of no use to anybody."""
    return row.secret_hash[:MARK_LENGTH]


def is_current(row: WebSession) -> bool:
    """Whether this is the session of the running request."""
    return row.secret_hash == _current_hash()


def fingerprint(secret: str) -> str:
    """Hash under which a random secret is kept; long random ones need no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


@login_manager.user_loader
def load_person(user_id: str) -> Person | None:
    """Flask-Login's question on each request: the person while his session stands, else None."""
    tenant_id, _colon, rest = user_id.partition(":")
    kind, _colon, person_id = rest.partition(":")
    secret = session.get(SECRET)
    is_ours = secret and tenant_id == here().id and kind in MODELS
    person = _find(kind, person_id, secret, now()) if is_ours else None
    if person is None:
        session.pop("_user_id", None)
        session.pop(SECRET, None)
    return person


def _find(kind: str, person_id: str, secret: str, at: datetime) -> Person | None:
    model, hashed = MODELS[kind], fingerprint(secret)
    query = (
        sa.select(model, WebSession.seen_at, WebSession.is_limited).join(WebSession, _column(kind) == model.id)
        .where(WebSession.secret_hash == hashed, stands(kind, at), model.id == uuid.UUID(person_id))
    )
    row = db.session.execute(query.where(Staff.is_active) if model is Staff else query).first()
    if row is None:
        return None
    if row.seen_at < at - SEEN_EVERY:
        db.session.execute(sa.update(WebSession).where(WebSession.secret_hash == hashed).values(seen_at=at))
    return person_of(row[0], row.is_limited)


def _forget_expired(account: Account, at: datetime) -> None:
    kind = kind_of(account)
    db.session.execute(sa.delete(WebSession).where(_column(kind) == account.id, ~stands(kind, at)))


def _set_limited(account: Account, is_limited: bool) -> None:
    column = _column(kind_of(account))
    db.session.execute(sa.update(WebSession).where(column == account.id).values(is_limited=is_limited))


def _current_hash() -> str:
    return fingerprint(session[SECRET]) if SECRET in session else ""


def _end(account: Account, which: sa.ColumnElement[bool]) -> int:
    his = _column(kind_of(account)) == account.id
    ended = db.session.execute(sa.delete(WebSession).where(his, which).returning(WebSession.created_at))
    return len(ended.all())


def _column(kind: str) -> Any:
    return WebSession.staff_id if kind == "staff" else WebSession.customer_id


def _whose(account: Account) -> dict[str, uuid.UUID]:
    return {f"{kind_of(account)}_id": account.id}
