"""What routing knows when it decides: the lead, the dealers, their stock, load and rating. A fixed number of queries.

All but `explanation_for_me` run as the network's worker or as HQ.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.ids import HQ, ProductId, TenantId
from app.web.locale import localized
from blueprints.catalog.models import Product
from blueprints.leads.models import DealerRating, Lead, LeadOffer
from blueprints.leads.rules import FASTER, PICKUP
from blueprints.leads.service import lines_of
from blueprints.routing import rules
from blueprints.routing.abilities import categories_of
from blueprints.routing.models import RoutingRun, SourcingProfile
from tenants.models import City, Region, Tenant, Territory


class ActiveProfile(NamedTuple):
    """The profile in force and the row it stands in."""

    row_id: uuid.UUID
    profile: rules.Profile
    since: datetime | None = None


class MyExplanation(NamedTuple):
    """What a decision said of the dealer who asks."""

    at: datetime
    is_chosen: bool
    told: rules.Told


def is_active(dealer_id: str) -> bool:
    """Whether the dealer works at present."""
    return db.session.scalar(sa.select(Tenant.state).where(Tenant.id == dealer_id)) == "active"


def slower_dealers(owner_id: str, lead_id: uuid.UUID, winner_id: str) -> list[tuple[Lead, str]]:
    """The lead with each dealer whose offer ended because the winner, asked at the same time, was faster."""
    won = sa.select(sa.func.max(LeadOffer.round)).where(
        LeadOffer.owner_id == owner_id, LeadOffer.lead_id == lead_id, LeadOffer.dealer_id == winner_id
    )
    rows = db.session.execute(
        sa.select(Lead, LeadOffer.dealer_id).join(LeadOffer, _same_lead())
        .where(
            Lead.owner_id == owner_id, Lead.id == lead_id, LeadOffer.round == won.scalar_subquery(),
            LeadOffer.reason == FASTER,
        )
        .order_by(LeadOffer.dealer_id)
    )
    return [(lead, dealer_id) for lead, dealer_id in rows]


def lock_leads(keys: Iterable[tuple[str, uuid.UUID]]) -> Sequence[Lead]:
    """As `lock_lead`, in an order of their own, so that two who want the same leads never wait in a circle."""
    return db.session.scalars(
        sa.select(Lead).where(sa.tuple_(Lead.owner_id, Lead.id).in_(list(keys))).order_by(Lead.owner_id, Lead.id)
        .with_for_update(key_share=True).execution_options(populate_existing=True)
    ).all()


def take_turn() -> None:
    """Be the only one who gives leads to dealers until this transaction ends; whoever else wants to waits for it.

    So a dealer's room for the day is never counted by two at once, and two who keep the goods of several dealers
    never wait for each other in a circle. Comes before the lock of any lead.
    """
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended("routing", 0))))


def find_active_profile() -> ActiveProfile | None:
    """The sourcing profile in force."""
    row = db.session.execute(
        sa.select(SourcingProfile.id, SourcingProfile.activated_at)
        .where(SourcingProfile.owner_id == HQ, SourcingProfile.state == "active")
    ).first()
    return _in_force(row.id, row.activated_at) if row else None


@lru_cache(maxsize=16)
def _in_force(row_id: uuid.UUID, activated_at: datetime | None) -> ActiveProfile:
    """As read when it was put in force: it never changes from then on, and its criteria keep what they worked out."""
    definition, version = db.session.execute(
        sa.select(SourcingProfile.definition, SourcingProfile.version)
        .where(SourcingProfile.owner_id == HQ, SourcingProfile.id == row_id)
    ).one()
    profile = rules.Profile.from_dict({**definition, "id": str(row_id), "version": version})
    return ActiveProfile(row_id, profile, activated_at)


def demand_of(lead: Lead, at: datetime, *, profile: rules.Profile | None = None) -> rules.Demand:
    """The lead as the rules see it, with those who were asked before; a query each for what it has and rules ask."""
    lat, lon = _place_of(lead.city_id) if lead.city_id else (None, None)
    lines = tuple(rules.Line(ProductId(product_id), quantity) for product_id, quantity in lines_of(lead))
    is_by_goods = profile is None or profile.asks_goods
    return rules.Demand(
        lead_id=str(lead.id), owner_id=TenantId(lead.owner_id), at=at, source=lead.source, kind=lead.kind,
        lat=lat, lon=lon, region_code=lead.region_code, city_id=lead.city_id,
        lines=lines,
        value_minor=lead.value_minor, asked=_asked_before(lead),
        is_fetched=lead.delivery_method == PICKUP, categories=categories_of(lines) if is_by_goods else frozenset(),
        picked_id=TenantId(lead.preferred_id) if lead.preferred_id else None,
        own_dealer_id=TenantId(lead.own_dealer_id) if lead.own_dealer_id else None,
        line_minors=tuple(line.get("minor", 0) for line in lead.lines if line.get("product_id")),
        siblings=_siblings(lead), is_wish=any(line.get("is_wish") for line in lead.lines),
    )


@lru_cache(maxsize=4096)
def _place_of(city_id: int) -> tuple[float, float]:
    lat, lon = db.session.execute(sa.select(City.lat, City.lon).where(City.id == city_id)).one()
    return lat, lon


def _asked_before(lead: Lead) -> frozenset[TenantId]:
    if not lead.rounds:
        return frozenset()
    return frozenset(db.session.scalars(
        sa.select(LeadOffer.dealer_id).where(
            LeadOffer.owner_id == lead.owner_id, LeadOffer.lead_id == lead.id, LeadOffer.is_forgotten.is_(False)
        )
    ))


def _siblings(lead: Lead) -> int | None:
    """How many other parts the lead's order has; a lead nobody was offered yet is the first and only one."""
    if lead.order_id is None or (lead.part == 1 and not lead.rounds):
        return None if lead.order_id is None else 0
    return db.session.scalar(
        sa.select(sa.func.count()).where(
            Lead.owner_id == lead.owner_id, Lead.order_id == lead.order_id, Lead.id != lead.id
        )
    )


def runs_of(lead: Lead) -> Sequence[RoutingRun]:
    """Decisions about a lead in order."""
    return db.session.scalars(
        sa.select(RoutingRun).where(RoutingRun.owner_id == lead.owner_id, RoutingRun.lead_id == lead.id)
        .order_by(RoutingRun.at)
    ).all()


def explanation_for_me(lead_id: uuid.UUID) -> list[MyExplanation]:
    """What routing said of the tenant that speaks, each time it placed the lead."""
    rows = db.session.execute(
        sa.text("SELECT at, is_chosen, explanation FROM network.explain_to_me(:lead)"), {"lead": lead_id}
    )
    return [MyExplanation(row.at, row.is_chosen, _my_line(row.explanation)) for row in rows]


def rating_of(tenant_id: str) -> DealerRating | None:
    """A dealer's rating as last computed."""
    return db.session.get(DealerRating, tenant_id)


def names_of(dealer_ids: Iterable[str]) -> dict[str, str]:
    """Public names by tenant."""
    rows = db.session.execute(sa.select(Tenant.id, Tenant.name).where(Tenant.id.in_(list(dealer_ids))))
    return {row.id: row.name for row in rows}


def goods_of(runs: Iterable[RoutingRun]) -> dict[int, str]:
    """Names of the goods of orders that were split, in the reader's language; no query when none was."""
    splits = [run.split for run in runs if run.split]
    lines = [line for split in splits for part in (*split["parts"].values(), split["left"]) for line in part]
    if not lines:
        return {}
    rows = db.session.scalars(sa.select(Product).where(Product.id.in_({product for product, _pieces in lines})))
    return {product.id: localized(product) for product in rows}


def active_dealers() -> list[tuple[str, str]]:
    """`(id, name)` of dealers who may be given a lead, by name."""
    rows = db.session.execute(
        sa.select(Tenant.id, Tenant.name).where(Tenant.kind == "dealer", Tenant.state == "active").order_by(Tenant.name)
    )
    return [(tenant_id, name) for tenant_id, name in rows]


def regions() -> Sequence[Region]:
    """Regions where somebody serves or a lead was born, by name."""
    is_used = (sa.exists().where(column == Region.code) for column in (Territory.region_code, Lead.region_code))
    return db.session.scalars(sa.select(Region).where(sa.or_(*is_used)).order_by(Region.name_ru)).all()


def cities_of(city_ids: Iterable[int]) -> dict[int, City]:
    """Cities by id, in one query."""
    return {city.id: city for city in db.session.scalars(sa.select(City).where(City.id.in_(set(city_ids))))}


def _same_lead() -> sa.ColumnElement[bool]:
    return sa.and_(Lead.owner_id == LeadOffer.owner_id, Lead.id == LeadOffer.lead_id)


def _my_line(explanation: dict[str, Any]) -> rules.Told:
    (me,) = explanation["lines"]
    told = rules.told(explanation, me)
    assert told is not None
    return told
