"""The desk's stock and prices: a page of lines to fill in, a table to download and upload, imports."""

from __future__ import annotations

import io

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.kernel.clock import now
from app.kernel.spreadsheets import write_xlsx
from app.kernel.words import _, ngettext
from app.web.access import Section
from app.web.locale import localized
from app.web.templating import render
from blueprints.catalog import listing, service, stock_lines
from blueprints.catalog.import_pages import add_import_pages
from blueprints.catalog.importing.perform import STOCK
from blueprints.catalog.listing import PER_PAGE, OwnLine
from blueprints.catalog.stock_lines import Line

stock_desk = Section("stock_desk", __name__)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILTERS = ("", "stocked", "unlisted")
Page = str | tuple[str, int] | BaseResponse


@stock_desk.get("/stock", access="clerk")
def index() -> Page:
    """Own stock, own prices, and what is on the site."""
    page = listing.list_own(
        words=_words(), only=_filter(), page=request.args.get("page", 1, int), at=now()
    )
    return _index(page, [stock_lines.shown(own) for own in page.items])


@stock_desk.post("/stock", access="clerk")
def save() -> Page:
    """Take over the lines of the page that were changed."""
    ids = [int(text) for text in request.form.getlist("product")[:PER_PAGE] if text.isdigit()]
    page = listing.list_own(product_ids=ids, at=now())
    lines = [stock_lines.typed(own, request.form) for own in page.items]
    if not all(line.is_good for line in lines):
        return _index(page, lines), 422
    changed = [stock_lines.said(line) for line in lines if stock_lines.is_changed(line)]
    service.keep_lines(said=changed, at=now())
    flash(ngettext("%(num)s line saved.", "%(num)s lines saved.", len(changed)), "success")
    place = {"q": _words() or None, "only": _filter() or None, "page": request.args.get("page")}
    return redirect(url_for("stock_desk.index", **place), 303)


@stock_desk.post("/stock/confirmation", access="clerk")
def confirm() -> Page:
    """All is as last reported: it counts as fresh again."""
    fresh = service.confirm_stock(at=now())
    sentence = ngettext("The stock of %(num)s product is fresh.", "The stock of %(num)s products is fresh.", fresh)
    flash(sentence, "success")
    return redirect(url_for("stock_desk.index"), 303)


@stock_desk.get("/stock/table.xlsx", access="clerk")
def table() -> Page:
    """All products with own numbers, to be filled in and uploaded again."""
    file = io.BytesIO()
    headers = [_("Article"), _("Product name"), _("Stock"), _("Price")]
    write_xlsx(file, headers, (
        (own.sku, localized(own), own.on_hand, None if own.minor is None else own.minor / 100)
        for own in listing.every_own()
    ))  # fmt: skip
    answer = Response(file.getvalue(), mimetype=XLSX)
    answer.headers.set("Content-Disposition", "attachment", filename=f"stock-{now():%Y-%m-%d}.xlsx")
    return answer


add_import_pages(stock_desk, "/stock/imports", purpose=STOCK, access="clerk")


def _index(page: listing.Page[OwnLine], lines: list[Line]) -> str:
    return render(
        "catalog/stock.html", page=page, lines=lines, words=_words(), only=_filter(), filters=FILTERS,
        reported_at=listing.last_report(),
    )


def _words() -> str:
    return request.args.get("q", "")[:100]


def _filter() -> str:
    only = request.args.get("only", "")
    return only if only in FILTERS else ""
