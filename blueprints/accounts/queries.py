"""Reads about people, their sessions and the keys of machines; always of the tenant that speaks."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.paging import Page, paginate
from app.kernel.words import _
from blueprints.accounts.errors import NoSuchPerson
from blueprints.accounts.models import ApiKey, Authenticator, Customer, Passkey, Staff, WebSession
from blueprints.accounts.sessions import MODELS, Account, Person, stands

BY_ROLE = sa.case({"owner": 0, "manager": 1}, value=Staff.role, else_=2)


def find_account(kind: str, email: str) -> Account | None:
    """The account with that mail address, in any spelling of its letters."""
    model = MODELS[kind]
    return db.session.scalar(sa.select(model).where(model.email == email.strip().lower()))


def find_customer(email: str) -> Customer | None:
    """The customer with that mail address."""
    return db.session.scalar(sa.select(Customer).where(Customer.email == email.strip().lower()))


def get_account(person: Person) -> Account:
    """The row of somebody signed in."""
    account = db.session.get(MODELS[person.kind], person.id)
    if account is None:
        raise NoSuchPerson(_("This person is no longer here."))
    return account


def get_staff(staff_id: uuid.UUID) -> Staff:
    """A member of staff, or `NoSuchPerson`."""
    staff = db.session.get(Staff, staff_id)
    if staff is None:
        raise NoSuchPerson(_("This person is no longer here."))
    return staff


def list_staff(page: int = 1) -> Page[tuple[Staff, datetime | None]]:
    """Staff with the last time they were seen; the active first, owners before managers before clerks."""
    seen = (
        sa.select(sa.func.max(WebSession.seen_at)).where(WebSession.staff_id == Staff.id)
        .correlate(Staff).scalar_subquery()
    )
    query = sa.select(Staff, seen).order_by(Staff.is_active.desc(), BY_ROLE, Staff.name, Staff.id)
    return paginate(query, page=page, scalars=False)


def has_factor(staff_id: uuid.UUID) -> bool:
    """Whether a member of staff has an authenticator app in use or a passkey."""
    app = sa.select(Authenticator.staff_id).where(
        Authenticator.staff_id == staff_id, Authenticator.confirmed_at.is_not(None)
    )
    passkey = sa.select(Passkey.id).where(Passkey.staff_id == staff_id)
    return bool(db.session.scalar(sa.select(app.exists() | passkey.exists())))


def list_sessions(person: Person, at: datetime) -> list[WebSession]:
    """Sessions of a person that stand at `at`, the latest seen first."""
    column = WebSession.staff_id if person.kind == "staff" else WebSession.customer_id
    query = sa.select(WebSession).where(column == person.id, stands(person.kind, at))
    return list(db.session.scalars(query.order_by(WebSession.seen_at.desc()).limit(50)))


def list_keys() -> list[ApiKey]:
    """API keys, those in force first, the newest before the older."""
    return list(db.session.scalars(
        sa.select(ApiKey).order_by(ApiKey.revoked_at.is_not(None), ApiKey.created_at.desc()).limit(200)
    ))
