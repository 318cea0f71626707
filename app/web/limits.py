"""Limits on how often: counted in Valkey per tenant and address, in memory while Valkey is away."""

from __future__ import annotations

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from app.web.here import find_here


def tenant_and_address() -> str:
    """Who is counted: one address at one tenant."""
    facts = find_here()
    return f"{facts.id if facts else '-'}:{get_remote_address()}"


limiter = Limiter(
    key_func=tenant_and_address, in_memory_fallback_enabled=True, swallow_errors=True, strategy="moving-window",
    key_prefix="limit",
)


def install(app: Flask) -> None:
    """Fasten the limits to the application."""
    app.config.setdefault("RATELIMIT_STORAGE_URI", app.config["ZVENO"].queue)
    app.config.setdefault("RATELIMIT_HEADERS_ENABLED", True)
    app.config.setdefault("RATELIMIT_IN_MEMORY_FALLBACK", ["1000 per minute"])
    limiter.init_app(app)
