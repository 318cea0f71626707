"""A span around each request: it goes on from the caller's traceparent, and what it publishes goes on from it."""

from __future__ import annotations

import structlog
from flask import Flask, Response, g, request

from app.kernel import tracing


def install(app: Flask) -> None:
    """Fasten the spans to the application, before everything else; nothing while nothing is traced."""
    if not tracing.is_on():
        return
    app.before_request(_begin)
    app.after_request(_note)
    app.teardown_request(_end)


def _begin() -> None:
    route = request.url_rule.rule if request.url_rule else "-"
    facts = {"http.request.method": request.method, "http.route": route}
    g.span = tracing.span(
        f"{request.method} {route}", facts, kind="SERVER", parent=request.headers.get("traceparent") or None
    )
    g.span.__enter__()
    carried = tracing.carried()
    if carried:
        structlog.contextvars.bind_contextvars(trace_id=carried.split("-")[1])


def _note(response: Response) -> Response:
    facts = {"http.response.status_code": response.status_code, "zveno.request_id": g.get("request_id", "")}
    if g.get("here"):
        facts["zveno.tenant"] = g.here.id
    tracing.note(facts, str(response.status_code) if response.status_code >= 500 else None)
    return response


def _end(error: BaseException | None) -> None:
    span = g.pop("span", None)
    if span is not None:
        span.__exit__(type(error) if error else None, error, None)
