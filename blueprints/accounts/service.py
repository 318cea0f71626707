"""Verbs about accounts that other rooms and the pages of this one use.

Mail addresses are kept in lower case. Links in mails are signed for one tenant and purpose, and bound to
the password hash they are about to replace, so each works once.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.kernel.db import db
from app.kernel.metrics import SIGN_INS
from app.kernel.words import _
from app.web.audit import audit
from app.web.links import read_link, sign, site_url
from app.web.mail import send_later
from app.web.models import IdempotencyKey
from blueprints.accounts.errors import LinkSpent, WrongPassword
from blueprints.accounts.models import Staff
from blueprints.accounts.passwords import check_new, hash_password, is_outdated, verify
from blueprints.accounts.queries import find_account
from blueprints.accounts.sessions import MODELS, Account, Person, end_all_sessions, kind_of, signed_in

AccountPart = Callable[[Person], tuple[str, dict[str, Any]]]
account_parts: list[AccountPart] = []
"""What other subsystems show on a customer's account page: each answers a template and its values."""

RESET_AGE = 3600
INVITATION_AGE = 7 * 24 * 3600
ENTRY_AGE = 600
PLACE = {"staff": "/desk", "customer": "/account"}


def authenticate(*, kind: str, email: str, password: str) -> Account:
    """The account that mail address and password belong to, its hash brought up to date; else `WrongPassword`."""
    account = find_account(kind, email)
    usable = account is not None and getattr(account, "is_active", True)
    fits = verify(account.password_hash if account is not None and usable else None, password)
    if account is None or not fits:
        SIGN_INS.labels(kind, "password").inc()
        raise WrongPassword(_("Mail address and password do not fit together."), field="password")
    if is_outdated(account.password_hash or ""):
        account.password_hash = hash_password(password)
    return account


def create_staff(
    *, email: str, name: str, role: str, password_hash: str | None = None, locale: str = "ru", at: datetime
) -> Staff:
    """A new member of staff of the tenant that speaks; without a hash he cannot sign in yet."""
    staff = Staff(
        email=email.strip().lower(), name=name.strip(), role=role, password_hash=password_hash, locale=locale,
        is_active=True, created_at=at,
    )
    db.session.add(staff)
    db.session.flush()
    return staff


def request_reset(*, kind: str, email: str) -> None:
    """Mail a link to set a new password, if somebody has that address; the caller's answer is always the same."""
    account = find_account(kind, email)
    if account is None or not getattr(account, "is_active", True):
        return
    link = password_link(account, "reset")
    send_later(to=account.email, template="mail/password_reset", locale=account.locale, name=account.name, link=link)


def password_link(account: Account, purpose: str) -> str:
    """Address where this person sets his password once; `purpose` is `reset` or `invite`."""
    kind = kind_of(account)
    token = sign(f"{purpose}:{kind}", f"{account.id}:{_print_of(account)}")
    return site_url(f"{PLACE[kind]}/{'welcome' if purpose == 'invite' else 'password'}/{token}")


def read_password_link(*, kind: str, purpose: str, token: str) -> Account:
    """The account whose password the link may set, locked; `LinkSpent` when it has changed since."""
    subject = read_link(f"{purpose}:{kind}", token, INVITATION_AGE if purpose == "invite" else RESET_AGE)
    account_id, _colon, print_then = subject.partition(":")
    model = MODELS[kind]
    account = db.session.scalar(
        sa.select(model).where(model.id == uuid.UUID(account_id)).with_for_update()
        .execution_options(populate_existing=True)
    )
    if account is None or not getattr(account, "is_active", True) or _print_of(account) != print_then:
        raise LinkSpent(_("This link has been used already. Sign in, or ask for a new one."))
    return account


def set_password(*, account: Account, password: str, deed: str = "access.password_reset") -> None:
    """Give a new password, end every session and tell the person by mail."""
    check_new(password, account.email, account.name)
    is_first = account.password_hash is None
    account.password_hash = hash_password(password)
    end_all_sessions(account)
    if isinstance(account, Staff):
        audit(deed, f"staff:{account.id}", actor=f"staff:{account.id}")
    if not is_first:
        link = site_url(f"{PLACE[kind_of(account)]}/password")
        send_later(
            to=account.email, template="mail/password_changed", locale=account.locale, name=account.name, link=link
        )


def accept_invitation(*, account: Account, name: str, password: str, locale: str) -> None:
    """The first password of an invited person, with the name and language he prefers."""
    check_new(password, account.email, name)
    set_password(account=account, password=password)
    rename(account=account, name=name, locale=locale)


def change_password(*, account: Account, current: str, password: str) -> None:
    """As `set_password`, for somebody who knows the current one."""
    if not verify(account.password_hash, current):
        raise WrongPassword(_("This is not your current password."), field="current")
    set_password(account=account, password=password, deed="access.password_changed")


def rename(*, account: Account, name: str, locale: str, **others: Any) -> None:
    """Change what a person may change about himself: name, language of his mails, a customer's phone."""
    account.name, account.locale = name.strip(), locale
    for field, value in others.items():
        setattr(account, field, value)


def entry_token(staff_id: uuid.UUID | str, tenant_id: str | None = None) -> str:
    """A token for `/desk/enter/<token>` at that tenant's host: signs this person in once, within ten minutes."""
    return sign("enter", f"{staff_id}:{secrets.token_hex(8)}", tenant_id)


def enter(*, token: str) -> Staff:
    """The person an entry token lets in; `LinkSpent` the second time."""
    staff_id = uuid.UUID(read_link("enter", token, ENTRY_AGE).partition(":")[0])
    staff = db.session.get(Staff, staff_id)
    if staff is None or not staff.is_active or not spend(f"staff:{staff_id}", token):
        raise LinkSpent(_("This link has been used already. Sign in, or ask for a new one."))
    return staff


def spend(actor: str, token: str) -> bool:
    """Note that a token that works once was used; False when it was before."""
    digest = hashlib.sha256(token.encode()).hexdigest()
    done = db.session.execute(
        insert(IdempotencyKey).values(actor=actor, key=f"enter:{digest}", request_hash=digest, status=303)
        .on_conflict_do_nothing().returning(IdempotencyKey.key)
    )
    return done.first() is not None


def _print_of(account: Account) -> str:
    return hashlib.sha256((account.password_hash or "").encode()).hexdigest()[:16]


__all__ = ["Person", "account_parts", "authenticate", "create_staff", "entry_token", "signed_in"]
