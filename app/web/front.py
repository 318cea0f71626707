"""The front door: a stranger whose page is kept gets it before the application is asked.

It stands between the proxy's headers and Flask, and knows the tenant by what the registry has at hand; whatever it
is not sure of goes on to Flask. What it sends is what Flask would: the same page, headers and line in the log.
"""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.http import parse_cookie

from app.kernel import metrics
from app.kernel.identity import speaking_as, tenant
from app.web.cache import IMPERSONAL, VISIT, KeptPage, key_of, pages
from app.web.headers import page_headers
from app.web.here import host_name
from tenants.registry import known_host

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


Note = Callable[..., None]


def install(app: Flask, note: Note) -> None:
    """Put the door before the application, unless no page is kept; `note` writes the line of a request."""
    life = app.config["ZVENO"].keep_pages_seconds
    if life:
        app.wsgi_app = Front(app.wsgi_app, life, note)  # type: ignore[method-assign]


class Front:
    """WSGI middleware that answers with kept pages of at most `life` seconds."""

    def __init__(self, inner: WSGIApplication, life: float, note: Note) -> None:
        self._inner = inner
        self._life = life
        self._note = note

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The kept page, or what the application says."""
        started = time.perf_counter()
        facts = known_host(host_name(environ.get("HTTP_HOST", ""))) if _is_stranger(environ) else None
        if facts is not None and facts.state == "active":
            with speaking_as(tenant(facts.id)):
                page = pages.find(key_of(environ), self._life)
                if page is not None:
                    return self._send(page, environ, start_response, started)
        return self._inner(environ, start_response)

    def _send(
        self, page: KeptPage, environ: WSGIEnvironment, start_response: StartResponse, started: float
    ) -> Iterable[bytes]:
        nonce, request_id = secrets.token_urlsafe(16), uuid.uuid4().hex
        body = nonce.encode().join(page.pieces)
        is_secure = environ["wsgi.url_scheme"] == "https"
        headers = {
            **page_headers(nonce, is_secure=is_secure), **dict(page.headers),
            "X-Request-Id": request_id, "Content-Length": str(len(body)),
        }
        start_response("200 OK", list(headers.items()))
        self._note("GET", page.route, 200, started, request_id=request_id)
        metrics.KEPT_PAGES.inc()
        return [body]


def _is_stranger(environ: WSGIEnvironment) -> bool:
    """Somebody of whom we know nothing, and whose visit need not be counted any more."""
    if environ["REQUEST_METHOD"] != "GET" or "lang=" in environ.get("QUERY_STRING", ""):
        return False
    cookies = parse_cookie(environ["HTTP_COOKIE"]) if "HTTP_COOKIE" in environ else {}
    is_counted = VISIT in cookies or not environ.get("HTTP_USER_AGENT", "").startswith("Mozilla/")
    return is_counted and IMPERSONAL.issuperset(cookies)
