"""Errors as pages and as JSON: the only place that knows which status belongs to which family."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Flask, Response, g, jsonify, make_response, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.exceptions import HTTPException

from app.kernel import errors
from app.kernel.db import db, unit_of_work
from app.kernel.identity import speaking_as, tenant
from app.kernel.words import _
from app.web.here import find_here, here, mark_failed
from app.web.templating import render

log = structlog.get_logger()

STATUS: dict[type[errors.HouseError], int] = {
    errors.NotFound: 404,
    errors.Forbidden: 403,
    errors.Invalid: 422,
    errors.Refused: 409,
    errors.Unavailable: 503,
}


def install(app: Flask) -> None:
    """Fasten the error pages to the application."""
    app.register_error_handler(errors.HouseError, _house_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_away)
    for family in (DataError, UnicodeEncodeError):
        app.register_error_handler(family, _no_value)
    app.register_error_handler(Exception, _surprise)


def status_of(error: errors.HouseError) -> int:
    """HTTP status of an expected refusal."""
    return next((status for family, status in STATUS.items() if isinstance(error, family)), 400)


def _house_error(error: errors.HouseError) -> Response:
    return answer(status_of(error), error.sentence, field=error.field)


def _http_error(error: HTTPException) -> Response:
    code = error.code or 500
    if error.response is not None or code < 400:  # whoever aborted has said it all
        return make_response(error.get_response())
    sentence = _stale_form() if isinstance(error, CSRFError) else _sentence(code)
    response = answer(code, sentence if is_for_people() else _machine_sentence(code))
    if allowed := getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(sorted(allowed))
    if after := getattr(error, "retry_after", None):
        response.headers["Retry-After"] = str(after)
    return response


def _database_away(error: OperationalError) -> Response:
    log.error("database_unavailable", error=str(error.orig).splitlines()[0])
    return answer(503, _sentence(503), bare=True)


def _no_value(error: Exception) -> Response:
    """A value no column can hold: a NUL, half a character, a page number of thirty digits."""
    log.warning("value_refused", error=str(getattr(error, "orig", error)).splitlines()[0][:200])
    return answer(400, _sentence(400) if is_for_people() else _machine_sentence(400))


def _surprise(error: Exception) -> Response:
    log.exception("unexpected_error", error=type(error).__name__)
    return answer(500, _sentence(500))


def _stale_form() -> str:
    return _("This form came from an old page or from another site. Open the page anew and send it once more.")


def _sentence(code: int) -> str:
    return {
        400: _("The request could not be read. Go back and try once more."),
        401: _("Sign in first."),
        403: _("You may not do this. If you think you should, ask the owner of this site."),
        404: _("There is no such page. It may have moved, or the address was mistyped."),
        405: _("This page does not take such a request."),
        409: _("Somebody else was faster. Look at the page again."),
        413: _("The file is larger than 64 MB. Make it smaller, or send it in parts."),
        422: _("Something in the form needs mending."),
        429: _("Too many requests. Wait a minute and try again."),
        503: _("We are mending something. Try again in a minute; nothing you did is lost."),
    }.get(code, _("Something went wrong on our side. We have been told; try again in a minute."))


def _machine_sentence(code: int) -> str:
    """What a program's log should say: which call met what, in place of what a page would advise."""
    call = {"method": request.method, "path": request.path}
    return {
        400: _("The request could not be read. A body has to be valid JSON, sent as application/json."),
        401: _("Sign in first."),
        403: _("%(method)s %(path)s is not allowed to you.", **call),
        404: _("There is no resource at %(path)s.", **call),
        405: _("%(path)s does not take %(method)s; the header Allow names what it takes.", **call),
        413: _("The body is too large."),
        415: _("The body has to be sent as application/json."),
        429: _("Too many calls. Wait a minute, then go on."),
        503: _("The service is not available just now. Repeat the call in a minute."),
    }.get(code, _("The call could not be served.") if code < 500 else _("The call failed on our side; it is logged."))


def is_for_people() -> bool:
    """Whether somebody reads the answer as a page; machines get JSON, 1C its own plain words."""
    machine = request.path.startswith(("/api/", "/exchange/"))
    return not machine and request.accept_mimetypes.best != "application/json"


def answer(status: int, sentence: str, *, field: str | None = None, bare: bool = False) -> Response:
    """What happened, as a page, as JSON, or in plain words, whichever the caller reads."""
    mark_failed()
    if request.path.startswith("/exchange/"):
        return make_response((f"failure\n{sentence}", status, {"Content-Type": "text/plain; charset=utf-8"}))
    if not is_for_people():
        body = {"code": status, "message": str(sentence), **({"field": field} if field else {})}
        return make_response(jsonify(body), status)
    if bare or g.get("in_error_page") or find_here() is None:
        return make_response((str(sentence), status, {"Content-Type": "text/plain; charset=utf-8"}))
    return page("errors/error.html", status, code=status, sentence=str(sentence))


def page(template: str, status: int, **values: Any) -> Response:
    """A page about what went wrong, in the theme of the site; nothing the request did is kept."""
    mark_failed()
    g.in_error_page = True
    if "work" in g:
        db.session.rollback()
    with speaking_as(tenant(here().id)), unit_of_work():
        return make_response(render(template, **values), status)
