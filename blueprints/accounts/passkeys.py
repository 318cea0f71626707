"""Passkeys (WebAuthn): made and used at one host of the tenant, with the person proved on his own device.

A passkey is both factors at once: the device has it, and asks for finger, face or PIN. The challenge stands in the
browser's session, holds for minutes, and is noted as spent by the answer that fits it.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import webauthn
from flask import current_app, request, session
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.kernel.clock import now
from app.kernel.db import db
from app.kernel.words import _
from app.web.templating import site_view
from blueprints.accounts.errors import PasskeyRefused
from blueprints.accounts.models import Passkey, Staff
from blueprints.accounts.service import spend

CHALLENGE = "challenge"
CHALLENGE_AGE = timedelta(minutes=5)
MOST = 20
REQUIRED = UserVerificationRequirement.REQUIRED


def creation_options(staff: Staff) -> dict[str, Any]:
    """What the browser needs to make a passkey for him here."""
    options = webauthn.generate_registration_options(
        rp_id=_host(), rp_name=site_view().name, user_id=staff.id.bytes, user_name=staff.email,
        user_display_name=staff.name, exclude_credentials=_descriptors(list_passkeys(staff.id)),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=REQUIRED
        ),
    )
    return _challenged(options, options.challenge)


def request_options(staff_id: uuid.UUID | None = None) -> dict[str, Any]:
    """What the browser needs to show a passkey: one of his, or whichever it has for this host."""
    known = _descriptors(list_passkeys(staff_id)) if staff_id else None
    options = webauthn.generate_authentication_options(
        rp_id=_host(), allow_credentials=known, user_verification=REQUIRED
    )
    return _challenged(options, options.challenge)


def register(staff: Staff, answer: str, name: str, at: datetime) -> Passkey:
    """Keep the passkey a browser made; `PasskeyRefused` when it does not answer our challenge at this host."""
    if len(list_passkeys(staff.id)) >= MOST:
        raise PasskeyRefused(_("You have too many passkeys already. Remove one first."))
    try:
        made = webauthn.verify_registration_response(
            credential=_parsed(answer), expected_challenge=_spend_challenge(), expected_rp_id=_host(),
            expected_origin=_origin(), require_user_verification=True,
        )
    except WebAuthnException:
        raise _refused() from None
    passkey = Passkey(
        staff_id=staff.id, credential_id=made.credential_id, public_key=made.credential_public_key,
        sign_count=made.sign_count, host=_host(), name=name, created_at=at,
    )
    db.session.add(passkey)
    db.session.flush()
    return passkey


def whose(answer: str, at: datetime, staff_id: uuid.UUID | None = None) -> Staff:
    """The active member of staff who showed a passkey (of `staff_id`, if named), or `PasskeyRefused`."""
    credential = _parsed(answer)
    challenge = _spend_challenge()
    passkey = _locked(credential)
    staff = db.session.get(Staff, passkey.staff_id) if passkey else None
    if passkey is None or staff is None or not staff.is_active or staff_id not in (None, staff.id):
        raise _refused()
    try:
        shown = webauthn.verify_authentication_response(
            credential=credential, expected_challenge=challenge, expected_rp_id=_host(), expected_origin=_origin(),
            credential_public_key=passkey.public_key, credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except WebAuthnException:
        raise _refused() from None
    passkey.sign_count, passkey.used_at = shown.new_sign_count, at
    return staff


def list_passkeys(staff_id: uuid.UUID) -> Sequence[Passkey]:
    """His passkeys, the oldest first."""
    query = sa.select(Passkey).where(Passkey.staff_id == staff_id).order_by(Passkey.created_at, Passkey.id)
    return db.session.scalars(query.limit(MOST)).all()


def remove(staff: Staff, passkey_id: uuid.UUID) -> bool:
    """Forget one of his passkeys; False when he has no such one."""
    gone = db.session.execute(
        sa.delete(Passkey).where(Passkey.staff_id == staff.id, Passkey.id == passkey_id).returning(Passkey.id)
    )
    return gone.first() is not None


def _challenged(options: Any, challenge: bytes) -> dict[str, Any]:
    session[CHALLENGE] = {"value": bytes_to_base64url(challenge), "at": now().isoformat()}
    return json.loads(webauthn.options_to_json(options))


def _spend_challenge() -> bytes:
    """The challenge of this browser, for this one answer: an old cookie brings none back."""
    held = session.pop(CHALLENGE, None)
    if not held or datetime.fromisoformat(held["at"]) < now() - CHALLENGE_AGE or not spend("passkey", held["value"]):
        raise PasskeyRefused(_("That took too long. Try once more."))
    return base64url_to_bytes(held["value"])


def _locked(credential: dict[str, Any]) -> Passkey | None:
    """The passkey that is shown, under a lock: its counter only grows."""
    try:
        credential_id = base64url_to_bytes(str(credential.get("rawId", "")))
    except ValueError:
        return None
    query = sa.select(Passkey).where(Passkey.credential_id == credential_id, Passkey.host == _host())
    return db.session.scalar(query.with_for_update())


def _descriptors(passkeys: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=passkey.credential_id) for passkey in passkeys]


def _parsed(answer: str) -> dict[str, Any]:
    try:
        parsed = json.loads(answer)
    except ValueError:
        raise _refused() from None
    if not isinstance(parsed, dict):
        raise _refused()
    return parsed


def _refused() -> PasskeyRefused:
    return PasskeyRefused(_("This passkey does not fit here. Choose another one, or sign in with your password."))


def _host() -> str:
    """The host of this request, which the boundary found among the verified hosts of the tenant."""
    return request.host.rsplit(":", 1)[0].lower()


def _origin() -> str:
    return f"{current_app.config['ZVENO'].site_scheme}://{request.host.lower()}"
