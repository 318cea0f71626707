"""Security headers: a strict policy with a nonce for the one style block that carries the tenant's colours."""

from __future__ import annotations

import secrets

from flask import Flask, Response, g, request


def install(app: Flask) -> None:
    """Fasten the headers to the application."""
    app.before_request(_make_nonce)
    app.after_request(_set_headers)


def allow(directive: str, source: str) -> None:
    """Let this one response also use `source` for a directive, e.g. the payment provider's script."""
    g.setdefault("csp_extra", {}).setdefault(directive, []).append(source)


def _make_nonce() -> None:
    g.csp_nonce = secrets.token_urlsafe(16)


def _policy() -> str:
    nonce = f"'nonce-{g.get('csp_nonce', '')}'"
    sources = {
        "default-src": ["'self'"],
        "script-src": ["'self'", nonce],
        "style-src": ["'self'", nonce],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
    for directive, extra in g.get("csp_extra", {}).items():
        sources.setdefault(directive, ["'self'"]).extend(extra)
    return "; ".join(f"{directive} {' '.join(values)}" for directive, values in sources.items())


def _set_headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", _policy())
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if response.mimetype == "text/html":
        headers.setdefault("Cache-Control", "private, no-store" if g.get("_login_user") else "private, no-cache")
    return response
