"""Pages kept for strangers: a visitor without any cookie that means something gets what another got seconds ago.

What is kept bears the tenant that speaks, and without one nothing is kept or found. A page is kept only when it
says nothing of its reader: no session, no token, no cookie of its own. The nonce is made anew for each answer.
Why forms of such pages need no token stands in `docs/decisions/pages-for-strangers.md`.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from threading import Lock
from typing import Any

from flask import Response, current_app, g, make_response, request, session
from werkzeug.http import parse_cookie

from app.kernel.identity import current_tenant
from app.web.locale import wished
from tenants.registry import Cache

MOST_BYTES = 48 * 1024 * 1024
"""How much one process keeps; the pages nobody asked for longest go first."""
VISIT = "visit"
IMPERSONAL = frozenset({"lang", VISIT})
"""Cookies a page may ignore: the language stands in the key, visits are counted outside of the page."""

View = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A page of a route without its nonce: the pieces between which a new one is put."""

    born: float
    route: str
    pieces: tuple[bytes, ...]
    headers: tuple[tuple[str, str], ...]

    @property
    def size(self) -> int:
        """Bytes it takes, roughly."""
        return sum(map(len, self.pieces))

    def answer(self, nonce: str) -> Response:
        """The page as if it were made for this request."""
        return Response(nonce.encode().join(self.pieces), headers=list(self.headers))


class Pages(Cache):
    """Pages by tenant and key, bounded by what they weigh together; `registry.forget` empties it too."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        super().__init__()
        self._pages: OrderedDict[Any, KeptPage] = OrderedDict()
        self._bytes, self._most_bytes, self._lock = 0, most_bytes, Lock()

    def find(self, key: Any, life: float) -> KeptPage | None:
        """The page the speaking tenant keeps under a key, unless it is older than `life` seconds."""
        owned = (current_tenant(), key)
        with self._lock:
            page = self._pages.get(owned)
            if page is None or time.monotonic() - page.born > life:
                return None
            self._pages.move_to_end(owned)
            return page

    def keep(self, key: Any, page: KeptPage) -> None:
        """Keep a page of the speaking tenant."""
        owned = (current_tenant(), key)
        with self._lock:
            self._drop(owned)
            self._pages[owned] = page
            self._bytes += page.size
            while self._bytes > self._most_bytes:
                self._drop(next(iter(self._pages)))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._pages.clear()
            self._bytes = 0

    def _drop(self, owned: Any) -> None:
        page = self._pages.pop(owned, None)
        self._bytes -= page.size if page else 0


pages = Pages()


def kept_for_strangers(view: View) -> View:
    """Let a visitors' page that depends on nothing but its address be kept for those we know nothing of."""

    @wraps(view)
    def answer(*args: Any, **values: Any) -> Any:
        life = current_app.config["ZVENO"].keep_pages_seconds
        if not life or not _is_stranger():
            return view(*args, **values)
        key = key_of(request.environ)
        page = pages.find(key, life)
        if page is not None:
            return page.answer(g.csp_nonce)
        g.is_stranger = True
        response = make_response(view(*args, **values))
        response.headers["Cache-Control"] = "private, no-cache"
        if _may_be_kept(response):
            pages.keep(key, _kept(response))
        return response

    return answer


def _is_stranger() -> bool:
    """Nobody signed in, nothing remembered, and the address sets nothing either."""
    return (
        request.method == "GET" and IMPERSONAL.issuperset(request.cookies) and "lang" not in request.args
        and not session
    )


def _may_be_kept(response: Response) -> bool:
    return response.status_code == 200 and not session and "Set-Cookie" not in response.headers and (
        not response.is_streamed and "csp_extra" not in g
    )


def key_of(environ: Mapping[str, Any]) -> tuple[Any, ...]:
    """All that a stranger's page depends on besides the tenant; his city is that of the site."""
    cookies = parse_cookie(environ["HTTP_COOKIE"]) if "HTTP_COOKIE" in environ else {}
    return (
        environ["wsgi.url_scheme"], environ.get("HTTP_HOST"), environ["PATH_INFO"], environ.get("QUERY_STRING"),
        wished(cookies.get("lang"), environ.get("HTTP_ACCEPT_LANGUAGE", "")), environ.get("HTTP_HX_REQUEST"),
    )


def _kept(response: Response) -> KeptPage:
    headers = tuple((name, value) for name, value in response.headers if name != "Content-Length")
    route = request.url_rule.rule if request.url_rule else "-"
    return KeptPage(time.monotonic(), route, tuple(response.get_data().split(g.csp_nonce.encode())), headers)
