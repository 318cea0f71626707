"""The tables of the overview as files; what a spreadsheet program would run as a formula is neutralised."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

from app.kernel.clock import now
from app.kernel.spreadsheets import write_csv, write_xlsx
from app.kernel.words import _
from app.web.locale import localized
from blueprints.analytics import dealers, figures, queries, wording
from blueprints.analytics.overview import by_code
from blueprints.analytics.rules import Filters

Table = tuple[list[str], list[Sequence[Any]]]
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def file_of(name: str, kind: str, filters: Filters) -> tuple[bytes, str]:
    """Bytes and media type of one of `TABLES` as `csv` or `xlsx`."""
    headers, rows = TABLES[name](filters)
    target = BytesIO()
    if kind == "csv":
        write_csv(target, headers, rows)
    else:
        write_xlsx(target, headers, rows)
    return target.getvalue(), TYPES[kind]


def _dealers(filters: Filters) -> Table:
    stock, found = dealers.stock_facts(None), figures.read(filters, now())
    known = dealers.figures(dealers.everybody(), filters, found, dealers.medians(filters))
    headers = [
        _("Dealer"), _("City"), _("Leads"), _("Offers made"), _("Offers accepted, %"), _("Typical response, min"),
        _("Delivered"), _("Delivered for, ₽"), _("Mark"), _("Stock reported"),
    ]
    rows = [
        (
            row.name, localized(row.city), row.leads, row.offers, _percent(row.acceptance), _minutes(row.median),
            row.delivered, row.minor / 100, _rounded(row.stars), _day(stock.get(row.id)),
        )
        for row in dealers.arranged(known, "-leads")
    ]
    return headers, rows


def _regions(filters: Filters) -> Table:
    names = by_code(queries.region_names())
    rows = queries.groups(figures.read(filters, now())).regions
    return [_("Region"), *_group_headers()], [(names.get(row.key, ""), *_group(row)) for row in rows]


def _sources(filters: Filters) -> Table:
    found = figures.read(filters, now())
    visits, _before = queries.visits(found)
    return [_("Source"), _("Visits"), *_group_headers()], [
        (wording.source_word(row.key), visits.get(row.key), *_group(row)) for row in queries.groups(found).sources
    ]


TABLES: dict[str, Callable[[Filters], Table]] = {"dealers": _dealers, "regions": _regions, "sources": _sources}


def _group_headers() -> list[str]:
    return [
        _("Leads"), _("With a dealer"), _("Accepted in the end"), _("Delivered"), _("Value, ₽"),
        _("Delivered for, ₽"), _("Mark"),
    ]


def _group(row: Any) -> tuple[Any, ...]:
    money = int(row.minor) / 100, int(row.delivered_minor) / 100
    return row.leads, row.offered, row.accepted, row.delivered, *money, _rounded(row.stars)


def _percent(part: float | None) -> float | None:
    return None if part is None else round(100 * part, 1)


def _minutes(seconds: float | None) -> int | None:
    return None if seconds is None else round(float(seconds) / 60)


def _rounded(stars: float | None) -> float | None:
    return None if stars is None else round(float(stars), 2)


def _day(facts: dealers.StockFacts | None) -> Any:
    return facts.newest.date() if facts and facts.newest else None
