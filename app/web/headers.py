"""Security headers: a strict policy with a nonce for the one style block that carries the tenant's colours."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

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


def page_headers(nonce: str, *, extra: Mapping[str, list[str]] | None = None, is_secure: bool) -> dict[str, str]:
    """The headers of a page; one that says nothing of its reader bears a milder `Cache-Control` of its own."""
    return {
        **_ALWAYS, **({"Strict-Transport-Security": "max-age=31536000; includeSubDomains"} if is_secure else {}),
        "Content-Security-Policy": _policy(nonce, extra or {}),
        "Cache-Control": "private, no-store",
    }


_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def _policy(nonce: str, extra: Mapping[str, list[str]]) -> str:
    sources = {
        "default-src": ["'self'"],
        "script-src": ["'self'", f"'nonce-{nonce}'"],
        "style-src": ["'self'", f"'nonce-{nonce}'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
    for directive, more in extra.items():
        sources.setdefault(directive, ["'self'"]).extend(more)
    return "; ".join(f"{directive} {' '.join(values)}" for directive, values in sources.items())


def _set_headers(response: Response) -> Response:
    told = page_headers(g.get("csp_nonce", ""), extra=g.get("csp_extra"), is_secure=request.is_secure)
    if response.mimetype != "text/html":
        del told["Cache-Control"]
    for name, value in told.items():
        response.headers.setdefault(name, value)
    return response
