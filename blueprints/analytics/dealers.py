"""Figures by dealer, and the card of one of them. As HQ, who sees `network` alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.paging import Page
from app.kernel.words import _
from blueprints.analytics.figures import Figure, Figures
from blueprints.analytics.queries import RESPONSE, WAS_ASKED, matching
from blueprints.analytics.rules import Filters, share, tone_of
from blueprints.catalog.models import Stock
from blueprints.leads.models import DealerRating, Lead
from tenants.models import City, Tenant

NOTHING = Figure()
PER_PAGE = 15
ON_MAP = 300
"""Points a map of the country can still be read with; the busiest dealers are shown."""


@dataclass(frozen=True, slots=True)
class DealerFigures:
    """A dealer in a period: leads that are his now, offers made to him and how they ended, money and stars."""

    id: str
    name: str
    state: str
    city: Any
    lat: float | None
    lon: float | None
    leads: int
    delivered: int
    minor: int
    median: float | None
    stars: float | None
    offers: int
    accepted: int
    declined: int
    expired: int

    @property
    def acceptance(self) -> float | None:
        """Share of the ended offers he took."""
        return share(self.accepted, self.accepted + self.declined + self.expired)

    @property
    def tone(self) -> str | None:
        """How he does, for a map."""
        ended = self.accepted + self.declined + self.expired
        return tone_of(self.stars, share(self.accepted + self.declined, ended))


@dataclass(frozen=True, slots=True)
class StockFacts:
    """What a dealer told of his stock: products, those to be had, the oldest and the newest report."""

    products: int
    available: int
    oldest: datetime | None
    newest: datetime | None


SORTS: dict[str, Callable[[DealerFigures], Any]] = {
    "leads": lambda row: row.leads,
    "offers": lambda row: row.offers,
    "accepted": lambda row: row.acceptance,
    "response": lambda row: row.median,
    "delivered": lambda row: row.delivered,
    "money": lambda row: row.minor,
    "stars": lambda row: row.stars,
}
FROM_LEAST = ("name", "response")
"""Columns that are read from the least on."""


def everybody() -> Sequence[Any]:
    """Every dealer there ever was, by name: `(id, name, state, name_ru, name_en, lat, lon)`, of his city or his own."""
    lat, lon = (sa.cast(Tenant.profile[name].astext, sa.Double) for name in ("lat", "lon"))
    return db.session.execute(
        sa.select(
            Tenant.id, Tenant.name, Tenant.state, City.name_ru, City.name_en, sa.func.coalesce(lat, City.lat),
            sa.func.coalesce(lon, City.lon),
        )
        .outerjoin(City, City.id == Tenant.city_id).where(Tenant.kind == "dealer").order_by(Tenant.name)
    ).all()


def names(known: Iterable[Any]) -> list[tuple[str, str]]:
    """`(id, name)` of all that ever worked, as `everybody` knows them."""
    return [(row[0], row[1]) for row in known if row[2] != "pending"]


def figures(
    known: Iterable[Any], filters: Filters, found: Figures, medians: Mapping[str, float] = MappingProxyType({})
) -> list[DealerFigures]:
    """Every dealer of the network, or only those the narrower filters touch, as `everybody` knows them."""
    rows = (_figures(row, found, medians) for row in known)
    return [row for row in rows if _belongs(row, filters)]


def medians(filters: Filters, dealer_ids: Iterable[str] | None = None) -> dict[str, float]:
    """Typical seconds until a dealer takes an offer, of these dealers or of all."""
    dealer = Lead.assignee_id.collate("C")  # medians want rows sorted, and ids need no alphabet of any language
    query = sa.select(dealer, sa.func.percentile_cont(0.5).within_group(RESPONSE)).group_by(dealer)
    if dealer_ids is not None:
        query = query.where(Lead.assignee_id.in_(dealer_ids))
    rows = db.session.execute(query.where(*matching(filters), WAS_ASKED))
    return {key: median for key, median in rows if key}


def timed(page: Page[DealerFigures], filters: Filters) -> Page[DealerFigures]:
    """The page with the medians of its dealers alone."""
    of_page = medians(filters, [row.id for row in page.items])
    return replace(page, items=[replace(row, median=of_page.get(row.id)) for row in page.items])


def arranged(rows: Iterable[DealerFigures], sort: str) -> list[DealerFigures]:
    """Rows by a column, `-leads` from the greatest; who has no figure there comes last, equals by name."""
    name, is_down = sort.removeprefix("-"), sort.startswith("-")
    by_name = sorted(rows, key=lambda row: row.name.casefold(), reverse=is_down and name == "name")
    measure = SORTS.get(name)
    if measure is None:
        return by_name
    known = [row for row in by_name if measure(row) is not None]
    return sorted(known, key=lambda row: float(measure(row)), reverse=is_down) + [
        row for row in by_name if measure(row) is None
    ]


def sort_of(asked: str | None) -> str:
    """The order an address asks for, or by leads."""
    return asked if asked and asked.removeprefix("-") in ("name", *SORTS) else "-leads"


def turned(sort: str, name: str) -> str:
    """What a click on a column's heading asks for: the other way round, or its natural way first."""
    natural = name if name in FROM_LEAST else f"-{name}"
    other = f"-{name}" if name in FROM_LEAST else name
    return other if sort == natural else natural


def page_of(rows: Sequence[DealerFigures], number: int) -> Page[DealerFigures]:
    """One page of rows that are at hand already."""
    number = max(1, min(number, 100_000))
    first = (number - 1) * PER_PAGE
    return Page(list(rows[first : first + PER_PAGE]), number, PER_PAGE, len(rows))


def stock_facts(dealer_ids: Sequence[str] | None) -> dict[str, StockFacts]:
    """What these dealers told of their stock, or all of them, by dealer; who told nothing is not there."""
    query = sa.select(
        Stock.owner_id, sa.func.count(), sa.func.count().filter(Stock.on_hand > Stock.reserved),
        sa.func.min(Stock.reported_at), sa.func.max(Stock.reported_at),
    ).group_by(Stock.owner_id)
    if dealer_ids is not None:
        query = query.where(Stock.owner_id.in_(dealer_ids))
    return {owner: StockFacts(*values) for owner, *values in db.session.execute(query)}


def get_dealer(dealer_id: str) -> tuple[Tenant, City | None, DealerRating | None]:
    """A dealer's public facts, his city and rating, or `NotFound`."""
    row = db.session.execute(
        sa.select(Tenant, City, DealerRating).outerjoin(City, City.id == Tenant.city_id)
        .outerjoin(DealerRating, DealerRating.tenant_id == Tenant.id)
        .where(Tenant.id == dealer_id, Tenant.kind == "dealer")
    ).first()
    if row is None:
        raise NotFound(_("There is no such dealer."))
    return row[0], row[1], row[2]


def latest_leads(filters: Filters, limit: int = 10) -> Sequence[Lead]:
    """The newest leads the filters mean."""
    return db.session.scalars(
        sa.select(Lead).where(*matching(filters)).order_by(Lead.created_at.desc()).limit(limit)
    ).all()


def _belongs(row: DealerFigures, filters: Filters) -> bool:
    if filters.dealer:
        return row.id == filters.dealer
    return row.leads > 0 or row.offers > 0 or (row.state == "active" and not filters.is_narrow)


def _figures(row: Any, found: Figures, medians: Mapping[str, float]) -> DealerFigures:
    key, name, state, name_ru, name_en, lat, lon = row
    mine = found.parts["dealer"].get(key, NOTHING)
    asked = found.parts["asked"].get(key, NOTHING)
    return DealerFigures(
        key, name, state, {"name_ru": name_ru, "name_en": name_en}, lat, lon, mine.leads, mine.delivered,
        mine.delivered_minor, medians.get(key), mine.stars, asked.offers, asked.offers_accepted,
        asked.offers_declined, asked.offers_expired,
    )
