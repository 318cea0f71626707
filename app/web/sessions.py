"""Cookies that mean something at one host only: signed with a key of that tenant, carrying its id."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import URLSafeTimedSerializer

from app.web.here import find_here


def tenant_key(secret: str, tenant_id: str, purpose: str) -> bytes:
    """A signing key for one tenant and purpose, derived from the house's secret."""
    return hmac.new(secret.encode(), f"{tenant_id}|{purpose}".encode(), hashlib.sha256).digest()


class TenantSessions(SecureCookieSessionInterface):
    """Flask's signed cookie, with the tenant's own key; a sibling's cookie does not verify here."""

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Serializer of the tenant this request is for; None at a host nobody owns."""
        facts = find_here()
        if facts is None:
            return None
        key = tenant_key(app.config["ZVENO"].secret_key, facts.id, "session")
        return URLSafeTimedSerializer(
            key, salt="zveno-session", serializer=self.serializer,
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def open_session(self, app: Flask, request: Request) -> SessionMixin | None:
        """The session, emptied when it claims another tenant."""
        if self.get_cookie_name(app) not in request.cookies:
            return SecureCookieSession() if find_here() else None
        session: Any = super().open_session(app, request)
        facts = find_here()
        if session is not None and facts is not None and session.get("t") not in (None, facts.id):
            return SecureCookieSession()
        return session

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Save it with the tenant's id inside; an empty one sets no cookie."""
        facts = find_here()
        if facts is None:
            return
        if session and session.modified:
            session["t"] = facts.id
        super().save_session(app, session, response)
