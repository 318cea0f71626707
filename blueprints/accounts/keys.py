"""Keys of machines: made once, shown once, kept as a hash, judged on each call."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.kernel.clock import now
from app.kernel.db import db
from app.kernel.words import _
from app.web.access import use_key_check
from app.web.audit import audit
from blueprints.accounts.errors import KeyTooNarrow, NoSuchKey
from blueprints.accounts.models import ApiKey
from blueprints.accounts.sessions import fingerprint

PREFIX = "zv_"
USED_EVERY = timedelta(minutes=1)


def make_key(*, name: str, scopes: Iterable[str], at: datetime) -> tuple[ApiKey, str]:
    """A new key and its secret, which nobody can read later."""
    secret = PREFIX + secrets.token_urlsafe(32)
    key = ApiKey(name=name, secret_hash=fingerprint(secret), scopes=sorted(scopes), created_at=at)
    db.session.add(key)
    db.session.flush()
    audit("keys.made", f"key:{key.id}", scopes=" ".join(key.scopes))
    return key, secret


def revoke_key(*, key_id: uuid.UUID, at: datetime) -> None:
    """Let the key do nothing from now on."""
    done = db.session.execute(
        sa.update(ApiKey).where(ApiKey.id == key_id).values(revoked_at=sa.func.coalesce(ApiKey.revoked_at, at))
        .returning(ApiKey.id)
    )
    if done.first() is None:
        raise NoSuchKey(_("There is no such key."))
    audit("keys.revoked", f"key:{key_id}")


def check_key(secret: str, scope: str) -> str | None:
    """Id of the key in force that has this secret, None when there is none; `KeyTooNarrow` when it lacks the scope."""
    at = now()
    key = db.session.execute(
        sa.select(ApiKey.id, ApiKey.used_at, ApiKey.scopes).where(
            ApiKey.secret_hash == fingerprint(secret), ApiKey.revoked_at.is_(None)
        )
    ).first()
    if key is None:
        return None
    if scope not in key.scopes:
        raise KeyTooNarrow(_("This key may not do this: it lacks the scope %(scope)s.", scope=scope))
    if key.used_at is None or key.used_at < at - USED_EVERY:
        db.session.execute(sa.update(ApiKey).where(ApiKey.id == key.id).values(used_at=at))
    return str(key.id)


use_key_check(check_key)
