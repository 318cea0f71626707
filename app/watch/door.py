"""The operators' door: `/metrics` on a port of its own, which no tenant's host leads to.

Whoever comes with the wrong token learns no more than whoever asks for another page: nothing is there.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class Door:
    """WSGI application that answers `GET /metrics`, to whoever shows the token if there is one."""

    def __init__(self, registry: CollectorRegistry, token: str = "") -> None:
        self._metrics = make_wsgi_app(registry)
        self._token = token

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The metrics, or 404."""
        if (environ["REQUEST_METHOD"], environ["PATH_INFO"]) == ("GET", "/metrics") and self._may_see(environ):
            return self._metrics(environ, start_response)
        start_response("404 Not Found", [("Content-Type", "text/plain"), ("Content-Length", "0")])
        return [b""]

    def _may_see(self, environ: WSGIEnvironment) -> bool:
        shown = environ.get("HTTP_AUTHORIZATION", "").encode("latin-1")
        return not self._token or hmac.compare_digest(shown, f"Bearer {self._token}".encode())


class _Quiet(WSGIRequestHandler):
    timeout = 10

    def log_message(self, format: str, *args: object) -> None:
        """A scrape every few seconds is no news."""


def make(host: str, port: int, door: Door) -> WSGIServer:
    """A server at that address, to be told to serve."""
    return make_server(host, port, door, ThreadingWSGIServer, _Quiet)
