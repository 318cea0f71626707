"""Addresses that leave the house: absolute ones from the tenant's record, and signed ones."""

from __future__ import annotations

import hashlib

from flask import current_app
from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer

from app.kernel.errors import Forbidden, Refused
from app.kernel.identity import current_tenant
from app.kernel.words import _
from app.web.sessions import tenant_key
from tenants.registry import get_tenant

MONTH = 30 * 24 * 3600


class LinkExpired(Refused):
    """The link was right once."""


class LinkBroken(Forbidden):
    """The link was cut, changed, or made for another site."""


def site_url(path: str = "/", tenant_id: str | None = None) -> str:
    """Absolute address at a tenant's primary host (the speaker's own when none is named)."""
    settings = current_app.config["ZVENO"]
    host = get_tenant(tenant_id or current_tenant()).host
    return f"{settings.site_scheme}://{host}{settings.site_authority}{path}"


def sign(purpose: str, subject: str, tenant_id: str | None = None) -> str:
    """A token that says `subject` for one purpose, valid at one tenant only."""
    return _serializer(purpose, tenant_id or current_tenant()).dumps(subject)


def read_link(purpose: str, token: str, max_age: int = MONTH) -> str:
    """The subject of a token of the speaking tenant; `LinkExpired` or `LinkBroken` otherwise."""
    try:
        return str(_serializer(purpose, current_tenant()).loads(token, max_age=max_age))
    except SignatureExpired:
        raise LinkExpired(_("This link has expired. Ask for a new one.")) from None
    except BadData:
        raise LinkBroken(_("This link is not complete. Copy it whole from the mail.")) from None


def _serializer(purpose: str, tenant_id: str) -> URLSafeTimedSerializer:
    key = tenant_key(current_app.config["ZVENO"].secret_key, tenant_id, f"link:{purpose}")
    return URLSafeTimedSerializer(key, salt=purpose, signer_kwargs={"digest_method": hashlib.sha256})
