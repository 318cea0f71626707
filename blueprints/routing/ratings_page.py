"""HQ's page of all dealers' ratings."""

from __future__ import annotations

from flask import Response, request

from app.kernel.clock import now
from app.web.access import Section
from app.web.audit import audit
from app.web.templating import render
from blueprints.routing import queries, ratings_table

hq_ratings = Section("hq_ratings", __name__)


@hq_ratings.get("", access="clerk")
def index() -> str:
    """Every dealer's rating with its parts, sorted by any of them."""
    sort, words = ratings_table.sort_of(request.args.get("sort")), request.args.get("q", "")[:100]
    page = ratings_table.page_of(ratings_table.rows_of(sort, words), request.args.get("page", 1, type=int))
    active = queries.find_active_profile()
    return render(
        "routing/ratings.html", page=page, sort=sort, q=words, table=ratings_table,
        version=active.profile.version if active else None,
    )


@hq_ratings.get("/ratings.<any(csv, xlsx):kind>", access="clerk")
def export(kind: str) -> Response:
    """The whole table as a file."""
    sort = ratings_table.sort_of(request.args.get("sort"))
    body, media_type = ratings_table.file_of(kind, ratings_table.rows_of(sort, request.args.get("q", "")[:100]))
    audit("data.exported", "ratings", kind=kind)
    name = f"ratings-{now():%Y-%m-%d}.{kind}"
    return Response(body, mimetype=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
