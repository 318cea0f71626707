"""What routing knows of dealers beside the lead: place, hours, tier, rating, areas. Kept while nothing of it changes.

Reading it for a thousand dealers takes longer than deciding among them, and it changes seldom. So each process keeps
what it read, and each decision asks, in its own transaction, whether a row it was read from is another than then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import current_app

from app.kernel.db import db
from app.kernel.ids import TenantId
from blueprints.leads.models import DealerRating
from blueprints.routing import rules
from blueprints.routing.hours import read_hours
from tenants.models import City, Tenant, Territory

KEPT = "routing.network"
MANY_PLACES = 10_000


class Dealer(NamedTuple):
    """A dealer as read, in the words and the order of `rules.Candidate`; the rest of that is counted for each lead."""

    dealer_id: TenantId
    name: str
    is_suspended: bool
    tier: str
    lat: float | None
    lon: float | None
    hours: rules.WorkingHours | None
    capacity: int | None
    rating: float | None
    rating_count: float
    response_minutes: float | None
    paused_until: datetime | None
    delivers_km: float | None
    delivers_to: frozenset[str] | None


class Place(NamedTuple):
    """Where a customer is, as far as it is known."""

    city_id: int | None
    region_code: str | None
    lat: float | None
    lon: float | None


class _AreaAt(NamedTuple):
    """An area that holds a place; `goods` are the categories it is for, none where it is for all."""

    owner_id: str
    kind: rules.TerritoryKind
    number: int
    goods: frozenset[int]

    def is_for(self, goods: frozenset[int]) -> bool:
        """Whether it is for goods of one of these categories."""
        return not self.goods or not self.goods.isdisjoint(goods)


class _AreasAt(NamedTuple):
    areas: Sequence[_AreaAt]
    goods: frozenset[int]


class Network:
    """All dealers, and whose areas hold a place, as they were at that version of the rows."""

    def __init__(self, version: tuple[int | None, ...]) -> None:
        self.version = version
        self.dealers = tuple(_dealer(row) for row in db.session.execute(_ROWS))
        self.active = frozenset(each.dealer_id for each in self.dealers if not each.is_suspended)
        self._areas: dict[Place, _AreasAt] = {}
        self._grounds: dict[tuple[Place, frozenset[int]], dict[str, rules.Ground]] = {}

    def goods_at(self, place: Place) -> frozenset[int]:
        """The categories on which it depends whose the place is; none where all areas are for all goods."""
        return self._at(place).goods

    def grounds(self, place: Place, goods: frozenset[int] = frozenset()) -> dict[str, rules.Ground]:
        """By dealer, his area of the best kind that holds the place, the one drawn last if there are several.

        One for other goods counts after all that are for `goods`, which are among those of `goods_at`.
        """
        if (place, goods) not in self._grounds:
            if len(self._grounds) >= MANY_PLACES:
                self._grounds.clear()
            areas = sorted(self._at(place).areas, key=lambda one: one.is_for(goods))
            self._grounds[place, goods] = {
                one.owner_id: rules.Ground(one.kind, one.number, one.is_for(goods)) for one in areas
            }
        return self._grounds[place, goods]

    def _at(self, place: Place) -> _AreasAt:
        if place not in self._areas:
            if len(self._areas) >= MANY_PLACES:
                self._areas.clear()
            rows = db.session.execute(_AREAS_AT, place._asdict())
            areas = [_AreaAt(owner_id, kind, number, frozenset(goods)) for owner_id, kind, number, goods in rows]
            self._areas[place] = _AreasAt(areas, frozenset().union(*(one.goods for one in areas)))
        return self._areas[place]


def known_network() -> Network:
    """The network as it stands when this is asked: every dealer who is active or suspended, and their areas."""
    # The version is asked for before the rows are read: it may be older than they are, and is never newer.
    version = tuple(db.session.execute(_VERSION).one())
    kept: Network | None = current_app.extensions.get(KEPT)
    if kept is None or kept.version != version:
        kept = current_app.extensions[KEPT] = Network(version)
    return kept


def _version_of(table: type[Any]) -> sa.ScalarSelect[int]:
    """A number that is another one once any row of the table is: a row's place and the transaction that wrote it."""
    row = sa.func.concat(sa.literal_column("ctid"), " ", sa.literal_column("xmin"))
    return sa.select(sa.func.bit_xor(sa.func.hashtextextended(row, 0))).select_from(table).scalar_subquery()


def _number_in(json: sa.ColumnElement[Any], path: str) -> sa.ColumnElement[float]:
    """The number at that place; none for whatever else a dealer may have written there."""
    only = sa.literal_column(f"'{path} ? (@ > -1000000 && @ < 1000000)'", sa.Text)
    return sa.cast(sa.func.jsonb_path_query_first(json, only), sa.Float)


def _dealer(row: Any) -> Dealer:
    return Dealer(
        dealer_id=TenantId(row.id), name=row.name, is_suspended=row.state != "active", tier=row.tier,
        lat=row.city_lat if row.lat is None else row.lat, lon=row.city_lon if row.lon is None else row.lon,
        hours=read_hours(row.hours, row.timezone), capacity=None if row.capacity is None else int(row.capacity),
        rating=row.score, rating_count=row.rated or 0, response_minutes=row.response,
        paused_until=_instant(row.paused_until), delivers_km=row.delivers_km, delivers_to=_words(row.delivers_to),
    )


def _instant(text: str | None) -> datetime | None:
    """The aware instant that a text means, if it means one."""
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return at if at.tzinfo else None


def _words(told: Any) -> frozenset[str] | None:
    return frozenset(one for one in told if isinstance(one, str)) if isinstance(told, list) else None


_VERSION = sa.select(_version_of(Tenant), _version_of(DealerRating), _version_of(Territory))
_AREAS_AT = sa.text(  # kinds sort as they rank
    "SELECT owner_id, kind, id, category_ids FROM network.areas_at(:city_id, :region_code, :lat, :lon)"
    " ORDER BY kind DESC, id"
)
_ROWS = (
    sa.select(
        Tenant.id, Tenant.name, Tenant.state, Tenant.tier, Tenant.timezone,
        _number_in(Tenant.profile, "$.lat").label("lat"), _number_in(Tenant.profile, "$.lon").label("lon"),
        City.lat.label("city_lat"), City.lon.label("city_lon"), Tenant.profile["hours"].astext.label("hours"),
        _number_in(Tenant.profile, "$.capacity").label("capacity"),
        Tenant.profile["paused_until"].astext.label("paused_until"),
        _number_in(Tenant.profile, "$.delivery.km").label("delivers_km"),
        Tenant.profile["delivery"]["regions"].label("delivers_to"),
        DealerRating.score, _number_in(DealerRating.parts, "$.count").label("rated"),
        _number_in(DealerRating.parts, '$.parts[*] ? (@.code == "response").value').label("response"),
    )
    .outerjoin(City, City.id == Tenant.city_id).outerjoin(DealerRating, DealerRating.tenant_id == Tenant.id)
    .where(Tenant.kind == "dealer", Tenant.state.in_(("active", "suspended"))).order_by(Tenant.id)
)
