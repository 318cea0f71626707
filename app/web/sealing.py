"""Secrets at rest: sealed with a key of the tenant and purpose, so a stolen table, or a sibling's, says nothing.

Sealing takes the newest of `ZVENO_DATA_KEYS`; opening tries all of them, so keys can be changed one after another.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import current_app

from app.kernel.identity import current_tenant
from app.web.sessions import tenant_key


class CannotOpen(RuntimeError):
    """No key of the settings opens it: it was sealed for another tenant or purpose, or its key is gone."""


def seal(purpose: str, text: str) -> str:
    """The text, sealed for the tenant that speaks and for one purpose."""
    return _keys(purpose).encrypt(text.encode()).decode()


def unseal(purpose: str, sealed: str) -> str:
    """The text that was sealed, or `CannotOpen`."""
    try:
        return _keys(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise CannotOpen(f"a secret for {purpose} of {current_tenant()}") from None


def _keys(purpose: str) -> MultiFernet:
    settings = current_app.config["ZVENO"]
    derived = (tenant_key(key, current_tenant(), f"seal:{purpose}") for key in settings.sealing_keys)
    return MultiFernet([Fernet(urlsafe_b64encode(key)) for key in derived])
