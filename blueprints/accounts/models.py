"""Staff, customers, their sign-ins, and the keys of machines. All private to the tenant."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import db
from app.kernel.ids import new_id

INSTANT = sa.TIMESTAMP(timezone=True)


class Staff(db.Model):
    """A person who works for the tenant: `owner`, `manager` or `clerk`.

    An invited person has no password yet; `email` is stored in lower case.
    """

    __tablename__ = "staff"
    __table_args__ = (sa.CheckConstraint("role IN ('owner', 'manager', 'clerk')", name="role"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(sa.Text, unique=True)
    name: Mapped[str] = mapped_column(sa.Text)
    role: Mapped[str] = mapped_column(sa.Text)
    password_hash: Mapped[str | None] = mapped_column(sa.Text)
    locale: Mapped[str] = mapped_column(sa.Text, server_default="ru")
    is_active: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.true())
    created_at: Mapped[datetime] = mapped_column(INSTANT, server_default=sa.func.now())


class Customer(db.Model):
    """A consumer with an account at this tenant's site."""

    __tablename__ = "customers"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(sa.Text, unique=True)
    name: Mapped[str] = mapped_column(sa.Text)
    phone: Mapped[str | None] = mapped_column(sa.Text)
    password_hash: Mapped[str | None] = mapped_column(sa.Text)
    locale: Mapped[str] = mapped_column(sa.Text, server_default="ru")
    consent_at: Mapped[datetime | None] = mapped_column(INSTANT)
    created_at: Mapped[datetime] = mapped_column(INSTANT, server_default=sa.func.now())


class WebSession(db.Model):
    """A sign-in: the cookie's secret as a hash, whose it is, until when.

    A limited one leads its person to nothing but the set-up of a second factor.
    """

    __tablename__ = "web_sessions"
    __table_args__ = (sa.CheckConstraint("num_nonnulls(staff_id, customer_id) = 1", name="whose"),)

    secret_hash: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    staff_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    customer_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("customers.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(INSTANT, server_default=sa.func.now())
    seen_at: Mapped[datetime] = mapped_column(INSTANT, server_default=sa.func.now())
    expires_at: Mapped[datetime] = mapped_column(INSTANT)
    address: Mapped[str | None] = mapped_column(sa.Text)
    agent: Mapped[str | None] = mapped_column(sa.Text)
    is_limited: Mapped[bool] = mapped_column(sa.Boolean, server_default=sa.false())


class Authenticator(db.Model):
    """The app of a member of staff that shows codes: its secret, sealed, and the last step whose code was used.

    `confirmed_at` is empty until the person has shown a first code.
    """

    __tablename__ = "authenticators"

    staff_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    sealed_secret: Mapped[str] = mapped_column(sa.Text)
    last_step: Mapped[int] = mapped_column(sa.BigInteger, server_default="0")
    created_at: Mapped[datetime] = mapped_column(INSTANT, server_default=sa.func.now())
    confirmed_at: Mapped[datetime | None] = mapped_column(INSTANT)


class RecoveryCode(db.Model):
    """A code on paper, as a hash, for the day the telephone is gone; each works once."""

    __tablename__ = "recovery_codes"

    staff_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    used_at: Mapped[datetime | None] = mapped_column(INSTANT)


class Passkey(db.Model):
    """A public key whose private half never leaves a person's device; `host` is where it was made and works."""

    __tablename__ = "passkeys"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    staff_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(sa.LargeBinary)
    sign_count: Mapped[int] = mapped_column(sa.BigInteger, server_default="0")
    host: Mapped[str] = mapped_column(sa.Text)
    name: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(INSTANT, server_default=sa.func.now())
    used_at: Mapped[datetime | None] = mapped_column(INSTANT)


class ApiKey(db.Model):
    """A machine's key: its hash, what it may do (`catalogue stock orders leads`, each `:read` or `:write`)."""

    __tablename__ = "api_keys"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(sa.Text)
    secret_hash: Mapped[str] = mapped_column(sa.Text, unique=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(sa.Text))
    created_at: Mapped[datetime] = mapped_column(INSTANT, server_default=sa.func.now())
    used_at: Mapped[datetime | None] = mapped_column(INSTANT)
    revoked_at: Mapped[datetime | None] = mapped_column(INSTANT)
