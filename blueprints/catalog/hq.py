"""HQ's catalogue: products with price and the network's stock, hiding and publishing, imports."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.kernel.clock import now
from app.kernel.words import _
from app.web.access import Section
from app.web.templating import render
from blueprints.catalog import listing, service
from blueprints.catalog.import_pages import add_import_pages
from blueprints.catalog.importing import queries
from blueprints.catalog.importing.perform import CATALOGUE

hq_catalogue = Section("hq_catalogue", __name__)


@hq_catalogue.get("/catalogue", access="clerk")
def index() -> str:
    """Products with search and state."""
    state = request.args.get("state", "") if request.args.get("state") in listing.STATES else ""
    words = request.args.get("q", "")[:100]
    page = listing.list_products(words=words, state=state, page=request.args.get("page", 1, int), at=now())
    return render(
        "catalog/hq_products.html", page=page, state=state, words=words, counts=listing.count_states(),
        last=queries.last_runs(CATALOGUE, limit=1),
    )


@hq_catalogue.post("/catalogue/<int:product_id>/<any(hidden, published):state>", access="manager")
def set_state(product_id: int, state: str) -> Response:
    """Take a product off all sites, or show it again."""
    product = listing.get_product(product_id)
    (service.hide if state == "hidden" else service.publish)(product=product)
    flash(_("The product is hidden.") if state == "hidden" else _("The product is on the sites."), "success")
    return redirect(url_for("hq_catalogue.index", q=request.form.get("q") or None, page=request.form.get("page")), 303)


add_import_pages(hq_catalogue, "/catalogue/imports", purpose=CATALOGUE, access="manager")
