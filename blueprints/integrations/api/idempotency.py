"""Calls that may be repeated: the same key and body get the same reply, and there is one effect."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

import sqlalchemy as sa
from flask import Response, g, jsonify, request

from app.kernel.db import db
from app.kernel.errors import Invalid, Refused
from app.kernel.identity import current_tenant
from app.kernel.words import _
from app.web.models import IdempotencyKey

HEADER = "Idempotency-Key"
LONGEST = 255


class StillWorking(Refused):
    """The same call is being worked on at this moment."""


class OtherBody(Invalid):
    """The key was used before for something else."""


def repeatable(view: Callable[..., Response]) -> Callable[..., Response]:
    """Answer a call that is repeated with the same `Idempotency-Key` as it was answered the first time."""

    @wraps(view)
    def once(*args: Any, **values: Any) -> Response:
        key = request.headers.get(HEADER, "").strip()
        return _once(key, lambda: view(*args, **values)) if key else view(*args, **values)

    return once


def _once(key: str, call: Callable[[], Response]) -> Response:
    if len(key) > LONGEST:
        raise Invalid(_("This key is too long."), field=HEADER)
    _take(key)
    known = db.session.get(IdempotencyKey, (g.actor, key))
    if known is not None:
        return _repeat(known)
    response = call()
    db.session.add(IdempotencyKey(
        actor=g.actor, key=key, request_hash=_digest(), status=response.status_code, reply=response.get_json(),
    ))
    return response


def _take(key: str) -> None:
    """Be the only one at work on the key until this transaction ends."""
    name = f"idempotency {current_tenant()} {g.actor} {key}"
    if not db.session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(sa.func.hashtextextended(name, 0)))):
        raise StillWorking(_("The same call is still being worked on. Ask again in a moment."))


def _repeat(known: IdempotencyKey) -> Response:
    if known.request_hash != _digest():
        raise OtherBody(_("This key was used for another call. Take a new one."), field=HEADER)
    response = jsonify(known.reply)
    response.status_code = known.status or 200
    response.headers["Idempotent-Replayed"] = "true"
    return response


def _digest() -> str:
    """What the call asks for: method, address and body."""
    asked = b"\n".join((request.method.encode(), request.full_path.encode(), request.get_data()))
    return hashlib.sha256(asked).hexdigest()
