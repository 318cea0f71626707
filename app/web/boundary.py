"""The boundary of a request: host → tenant, audience → identity, one unit of work around it all."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, Response, abort, current_app, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from app.kernel.db import close_unit, commit_request, open_unit
from app.kernel.identity import Identity, hq, speaking_as, tenant
from app.web.closing import refuse_closed
from app.web.here import here
from tenants.registry import TenantFacts

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(slots=True)
class _Work:
    """What has to be undone when the request ends."""

    speaking: object
    unit: object
    failed: bool = False


def install(app: Flask) -> None:
    """Fasten the boundary to the application."""
    proxies = app.config["ZVENO"].trusted_proxies
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=0)  # type: ignore[method-assign]
    app.before_request(_begin)
    app.after_request(_end)
    app.teardown_request(_clean)


def _begin() -> None:
    audience = _audience()
    if audience == "house":
        return
    facts = here()
    _check_audience(facts, audience)
    speaking = speaking_as(_identity(facts, audience))
    speaking.__enter__()
    g.work = _Work(speaking, open_unit())
    _refuse_siblings()
    refuse_closed(facts, audience)


def _end(response: Response) -> Response:
    work: _Work | None = g.get("work")
    if work is not None and not work.failed:
        work.failed = True  # whatever the commit says, it is tried once
        commit_request()
    return response


def _clean(_error: BaseException | None) -> None:
    work: _Work | None = g.pop("work", None)
    if work is not None:
        close_unit(work.unit)
        work.speaking.__exit__(None, None, None)  # type: ignore[attr-defined]


def _audience() -> str:
    section = current_app.blueprints.get(request.blueprint or "")
    return getattr(section, "audience", "visitors")


def _check_audience(facts: TenantFacts, audience: str) -> None:
    if audience in ("hq", "brand") and not facts.is_hq:
        abort(404)


def _identity(facts: TenantFacts, audience: str) -> Identity:
    return hq() if audience == "hq" else tenant(facts.id)


def _refuse_siblings() -> None:
    """A page of a sibling host may not act here, whatever cookies the browser sends along."""
    if request.method not in SAFE and request.headers.get("Sec-Fetch-Site") in ("same-site", "cross-site"):
        abort(403)
