"""Counting visits of every tenant's site: a number by day and source, and nothing about who came.

A browser counts once in half an hour; a cookie without any content remembers that. Programs do not count.
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import Response, current_app, g, request
from sqlalchemy.dialects.postgresql import insert

from app.kernel.clock import now
from app.kernel.db import db
from app.web.here import here
from blueprints.analytics.models import Visits
from blueprints.shop import attribution

COOKIE, AGE = "visit", 1800
BOTS = ("bot", "crawl", "spider", "preview", "monitor")
AUDIENCES = ("visitors", "brand")


def count_visit(response: Response) -> Response:
    """Count the visit this page opens, in the transaction of the request."""
    if _opens_a_visit(response):
        note_visit(owner_id=here().id, day=_today(now()), source=attribution.current()[0])
        response.set_cookie(COOKIE, "1", max_age=AGE, httponly=True, samesite="Lax", secure=request.is_secure)
    return response


def note_visit(*, owner_id: str, day: date, source: str) -> None:
    """One visit more of that site on that day."""
    row = insert(Visits).values(owner_id=owner_id, day=day, source=source, visits=1)
    key = [Visits.owner_id, Visits.day, Visits.source]
    db.session.execute(row.on_conflict_do_update(index_elements=key, set_={"visits": Visits.visits + 1}))


def _opens_a_visit(response: Response) -> bool:
    section = current_app.blueprints.get(request.blueprint or "")
    return (
        request.method == "GET" and response.status_code == 200 and response.mimetype == "text/html"
        and getattr(section, "audience", "") in AUDIENCES and COOKIE not in request.cookies
        and g.get("work") is not None and not g.work.failed and _is_person()
    )


def _is_person() -> bool:
    """Every browser calls itself Mozilla; a page fetched ahead or in part opens no visit."""
    agent = request.headers.get("User-Agent", "")
    is_ahead = "prefetch" in request.headers.get("Sec-Purpose", "") or "HX-Request" in request.headers
    return agent.startswith("Mozilla/") and not is_ahead and not any(word in agent.lower() for word in BOTS)


def _today(at: datetime) -> date:
    return at.astimezone(ZoneInfo(here().timezone)).date()
