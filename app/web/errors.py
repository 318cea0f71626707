"""Errors as pages and as JSON: the only place that knows which status belongs to which family."""

from __future__ import annotations

import structlog
from flask import Flask, Response, g, jsonify, make_response, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from app.kernel import errors
from app.kernel.identity import speaking_as, tenant
from app.kernel.words import _
from tenants.registry import TenantFacts

log = structlog.get_logger()

STATUS: dict[type[errors.HouseError], int] = {
    errors.NotFound: 404,
    errors.Forbidden: 403,
    errors.Invalid: 422,
    errors.Refused: 409,
    errors.Unavailable: 503,
}


class Closed(Exception):
    """The site of a suspended or closed tenant was asked for."""

    def __init__(self, facts: TenantFacts) -> None:
        super().__init__(facts.id)
        self.facts = facts


def install(app: Flask) -> None:
    """Fasten the error pages to the application."""
    app.register_error_handler(errors.HouseError, _house_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Closed, _closed)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(Exception, _surprise)


def status_of(error: errors.HouseError) -> int:
    """HTTP status of an expected refusal."""
    return next((status for family, status in STATUS.items() if isinstance(error, family)), 400)


def _house_error(error: errors.HouseError) -> Response:
    return _answer(status_of(error), error.sentence, field=error.field)


def _http_error(error: HTTPException) -> Response:
    code = error.code or 500
    if code < 400:
        return make_response(error.get_response())
    response = _answer(code, _sentence(code))
    if allowed := getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(sorted(allowed))
    if after := getattr(error, "retry_after", None):
        response.headers["Retry-After"] = str(after)
    return response


def _closed(error: Closed) -> Response:
    if error.facts.state == "pending":
        return _answer(503, _("This shop is being prepared and will open soon. Look in again tomorrow."))
    return _answer(503, _("This site is closed for now. The manufacturer will name another dealer to you."))


def _database_away(error: OperationalError) -> Response:
    log.error("database_unavailable", error=str(error.orig).splitlines()[0])
    return _answer(503, _sentence(503), bare=True)


def _surprise(error: Exception) -> Response:
    log.exception("unexpected_error", error=type(error).__name__)
    return _answer(500, _sentence(500))


def _sentence(code: int) -> str:
    return {
        400: _("The request could not be read. Go back and try once more."),
        401: _("Sign in first."),
        403: _("You may not do this. If you think you should, ask the owner of this site."),
        404: _("There is no such page. It may have moved, or the address was mistyped."),
        405: _("This page does not take such a request."),
        409: _("Somebody else was faster. Look at the page again."),
        413: _("The file is too large."),
        422: _("Something in the form needs mending."),
        429: _("Too many requests. Wait a minute and try again."),
        503: _("We are mending something. Try again in a minute; nothing you did is lost."),
    }.get(code, _("Something went wrong on our side. We have been told; try again in a minute."))


def _answer(status: int, sentence: str, *, field: str | None = None, bare: bool = False) -> Response:
    from app.web.boundary import find_here, mark_failed

    mark_failed()
    if request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json":
        body = {"code": status, "message": str(sentence), **({"field": field} if field else {})}
        return make_response(jsonify(body), status)
    if request.path.startswith("/exchange/"):
        return make_response((f"failure\n{sentence}", status, {"Content-Type": "text/plain; charset=utf-8"}))
    if bare or g.get("in_error_page") or (facts := find_here()) is None:
        return make_response((str(sentence), status, {"Content-Type": "text/plain; charset=utf-8"}))
    g.in_error_page = True
    return _page(facts, status, str(sentence))


def _page(facts: TenantFacts, status: int, sentence: str) -> Response:
    from app.kernel.db import db, unit_of_work
    from app.web.templating import render

    if "work" in g:
        db.session.rollback()
    with speaking_as(tenant(facts.id)), unit_of_work():
        return make_response(render("errors/error.html", code=status, sentence=sentence), status)
