"""HQ's overview and the cards of dealers. Everything comes from `network`; no dealer's schema is in reach."""

from __future__ import annotations

from flask import Response, request

from app.kernel.clock import now
from app.web.access import Section
from app.web.audit import audit
from app.web.here import here
from app.web.templating import render
from blueprints.analytics import attention, dealers, exports, overview, queries, wording
from blueprints.analytics.rules import Filters, read_filters, share
from blueprints.analytics.visiting import count_visit
from blueprints.leads import rules as lead_rules
from blueprints.routing.rules import sentence
from blueprints.routing.territories.queries import areas_of
from blueprints.routing.territories.wording import KINDS

hq_overview = Section("hq_overview", __name__)
hq_overview.after_app_request(count_visit)

WORDS = {
    "words": wording, "share": share, "leads_href": overview.leads_href, "card_href": overview.card_href,
}


@hq_overview.get("/", access="clerk")
def index() -> str:
    """What HQ looks at every morning."""
    filters, at = _filters(), now()
    view, regions = overview.load(filters, at), queries.region_names()
    sort, known = dealers.sort_of(request.args.get("sort")), dealers.everybody()
    medians = dealers.medians(filters) if "response" in sort else {}  # else only those of the page are looked for
    rows = dealers.figures(known, filters, view.figures, medians)
    page = dealers.page_of(dealers.arranged(rows, sort), request.args.get("page", 1, type=int))
    page = page if medians else dealers.timed(page, filters)
    return render(
        "analytics/overview.html", filters=filters, view=view, waiting=attention.attention(at),
        comments=queries.comments(filters), points=overview.points(rows, filters), page=page, sort=sort,
        stock=dealers.stock_facts([row.id for row in page.items]), regions=regions,
        region_names=overview.by_code(regions), choices=dealers.names(known), overview=overview, turned=dealers.turned,
        at=at, **WORDS,
    )


@hq_overview.get("/dealers/<dealer_id>/card", access="clerk")
def card(dealer_id: str) -> str:
    """A dealer in figures: how he answers, sells and pleases, and what would raise his rating."""
    dealer, city, rating = dealers.get_dealer(dealer_id)
    filters, at = _filters().of_dealer(dealer_id), now()
    return render(
        "analytics/card.html", dealer=dealer, city=city, rating=rating, filters=filters,
        view=overview.load(filters, at), stock=dealers.stock_facts([dealer_id]).get(dealer_id),
        territories=areas_of(dealer_id), kinds=KINDS, leads=dealers.latest_leads(filters), sentence=sentence,
        overview=overview, rules=lead_rules, at=at, **WORDS,
    )


@hq_overview.get("/overview/<any(dealers, regions, sources):table>.<any(csv, xlsx):kind>", access="clerk")
def export(table: str, kind: str) -> Response:
    """A table of the overview as a file."""
    filters = _filters()
    body, media_type = exports.file_of(table, kind, filters)
    audit("data.exported", f"overview:{table}", kind=kind)
    name = f"{table}-{filters.period.first:%Y-%m-%d}-{filters.period.last:%Y-%m-%d}.{kind}"
    return Response(body, mimetype=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _filters() -> Filters:
    return read_filters(request.args, at=now(), zone=here().timezone)
