"""Structured logs: one JSON line an event, with tenant, request or event id, never personal data."""

from __future__ import annotations

import logging
import time
import uuid
from typing import Any

import structlog
from flask import Flask, Response, g, request

from app.kernel import metrics
from app.kernel.identity import current_or_none
from app.kernel.masking import masked, masked_value

_requests = structlog.get_logger("request")


def configure(*, pretty: bool = False) -> None:
    """Set up structlog for this process; pretty lines for a terminal, JSON otherwise."""
    renderer = structlog.dev.ConsoleRenderer() if pretty else structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _add_tenant,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            _mask,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    logging.setLogRecordFactory(_masked_record)


def install(app: Flask) -> None:
    """Log one line a request, with an id that is also sent back."""
    @app.before_request
    def begin() -> None:
        g.started = time.perf_counter()
        g.request_id = uuid.uuid4().hex
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.get("request_id", "")
        route = request.url_rule.rule if request.url_rule else "-"
        note_request(request.method, route, response.status_code, g.get("started", time.perf_counter()))
        return response

    @app.teardown_request
    def clear(_error: BaseException | None) -> None:
        structlog.contextvars.clear_contextvars()


def note_request(method: str, route: str, status: int, started: float, **more: str) -> None:
    """The line of one request that began at that count of seconds, and its place in the metrics."""
    seconds = time.perf_counter() - started
    metrics.count_request(method, route, status, seconds)
    _requests.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1), **more)


def _mask(_logger: object, _name: str, line: dict[str, object]) -> dict[str, object]:
    return {key: value if key.endswith("_id") else masked_value(value) for key, value in line.items()}


def _masked_record(*args: Any, **values: Any) -> logging.LogRecord:
    """A record of Python's own logging, which libraries use, worded at once and masked as ours are."""
    record = logging.LogRecord(*args, **values)
    record.msg, record.args = masked(record.getMessage()), ()
    if record.exc_info:
        record.exc_text = masked(logging.Formatter().formatException(record.exc_info))
    return record


def _add_tenant(_logger: object, _name: str, line: dict[str, object]) -> dict[str, object]:
    identity = current_or_none()
    if identity is not None:
        line["tenant"] = identity.tenant_id or identity.role
    return line
