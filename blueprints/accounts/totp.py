"""Codes of an authenticator app (RFC 6238) and codes on paper for the day the app is gone.

The secret is sealed at rest. A code holds for its half minute and one on either side, and only once: the last step
whose code was taken is kept, and no earlier or equal one is taken again.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from datetime import datetime

import pyotp
import segno
import sqlalchemy as sa

from app.kernel.db import db
from app.web.sealing import CannotOpen, seal, unseal
from blueprints.accounts.models import Authenticator, RecoveryCode

STEP = 30
DRIFT = (-1, 0, 1)
PURPOSE = "totp"

CODES = 10
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
GROUPS, GROUP = 3, 4


def begin(staff_id: uuid.UUID, at: datetime) -> str:
    """The secret of an app that is being set up, a new one unless one waits already for its first code."""
    waiting = db.session.get(Authenticator, staff_id)
    secret = _secret(waiting) if waiting and waiting.confirmed_at is None else None
    if secret:
        return secret
    secret = pyotp.random_base32()
    remove(staff_id)
    db.session.add(Authenticator(staff_id=staff_id, sealed_secret=seal(PURPOSE, secret), last_step=0, created_at=at))
    db.session.flush()
    return secret


def confirm(staff_id: uuid.UUID, code: str, at: datetime) -> bool:
    """Put the app to use by a first code; False when it does not fit."""
    app = _locked(staff_id)
    if app is None or app.confirmed_at is not None or not _take(app, code, at):
        return False
    app.confirmed_at = at
    return True


def accepts(staff_id: uuid.UUID, code: str, at: datetime) -> bool:
    """Whether the code is the app's for now and was not used before; it is used up thereby."""
    app = _locked(staff_id)
    return app is not None and app.confirmed_at is not None and _take(app, code, at)


def in_use(staff_id: uuid.UUID) -> Authenticator | None:
    """The app a person signs in with, if any."""
    app = db.session.get(Authenticator, staff_id)
    return app if app and app.confirmed_at else None


def remove(staff_id: uuid.UUID) -> None:
    """Forget the app."""
    app = db.session.get(Authenticator, staff_id)
    if app is not None:
        db.session.delete(app)
        db.session.flush()


def address(secret: str, email: str, site_name: str) -> str:
    """What the picture says: `otpauth://...`."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=site_name)


def picture(uri: str) -> str:
    """The address as a QR code, an SVG element to stand in a page."""
    return segno.make(uri, error="m").svg_inline(omitsize=True, border=3, light="#fff", dark="#000")


def new_codes(staff_id: uuid.UUID) -> list[str]:
    """Ten codes on paper in place of those before; the only time anybody can read them."""
    codes = ["-".join(_group() for _turn in range(GROUPS)) for _code in range(CODES)]
    db.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    db.session.add_all(RecoveryCode(staff_id=staff_id, code_hash=_hash(staff_id, code)) for code in codes)
    db.session.flush()
    return codes


def codes_left(staff_id: uuid.UUID) -> int:
    """How many codes on paper still work."""
    query = sa.select(sa.func.count()).where(RecoveryCode.staff_id == staff_id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(query) or 0


def spend_code(staff_id: uuid.UUID, code: str, at: datetime) -> bool:
    """Whether this is a code on paper that was not used before; it is used up thereby."""
    used = db.session.execute(
        sa.update(RecoveryCode)
        .where(
            RecoveryCode.staff_id == staff_id, RecoveryCode.code_hash == _hash(staff_id, code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=at).returning(RecoveryCode.staff_id)
    )
    return used.first() is not None


def _take(app: Authenticator, code: str, at: datetime) -> bool:
    secret = _secret(app)
    if secret is None:
        return False
    totp, current, given = pyotp.TOTP(secret), int(at.timestamp()) // STEP, "".join(code.split())
    for step in (current + drift for drift in DRIFT):
        if step > app.last_step and hmac.compare_digest(totp.generate_otp(step).encode(), given.encode()):
            app.last_step = step
            return True
    return False


def _locked(staff_id: uuid.UUID) -> Authenticator | None:
    """The row under a lock, so that two requests cannot use one code."""
    return db.session.scalar(
        sa.select(Authenticator).where(Authenticator.staff_id == staff_id).with_for_update()
        .execution_options(populate_existing=True)
    )


def _secret(app: Authenticator) -> str | None:
    """The secret, or None when its key is gone: then only paper, a passkey or a colleague helps."""
    try:
        return unseal(PURPOSE, app.sealed_secret)
    except CannotOpen:
        return None


def _hash(staff_id: uuid.UUID, code: str) -> str:
    plain = "".join(sign for sign in code.lower() if sign in ALPHABET)
    return hashlib.sha256(f"{staff_id}:{plain}".encode()).hexdigest()


def _group() -> str:
    return "".join(secrets.choice(ALPHABET) for _sign in range(GROUP))
