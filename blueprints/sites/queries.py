"""Reads about dealers and those who want to be."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import undefer

from app.kernel.db import db
from app.kernel.ids import HQ
from app.kernel.paging import Page, paginate
from app.kernel.words import _
from blueprints.sites.errors import NoApplication
from blueprints.sites.models import DealerApplication
from tenants.models import City, Region, Site, Tenant
from tenants.registry import TenantFacts, find_by_host

HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")


def slugs_in_use() -> set[str]:
    """Slugs of all tenants and of applications on their way."""
    applied = sa.select(DealerApplication.slug).where(DealerApplication.state.in_(("confirmed", "live")))
    return {slug for slug in db.session.scalars(sa.union(sa.select(Tenant.slug), applied)) if slug}


def is_inn_known(inn: str) -> bool:
    """Whether a tenant that is not closed has this taxpayer number."""
    known = sa.select(Tenant.id).where(Tenant.inn == inn, Tenant.state != "closed")
    return bool(db.session.scalar(sa.select(sa.exists(known))))


def get_city(city_id: int) -> City:
    """The city, or `NoApplication` when the form named none we know."""
    city = db.session.get(City, city_id)
    if city is None:
        raise NoApplication(_("Choose the city from the list."), field="city")
    return city


def find_city(words: str) -> City | None:
    """The largest city written so, in either language, with or without its region: `Казань`, `Kirov (Kaluga)`."""
    name, _bracket, region = words.strip().rstrip(")").partition(" (")
    folded = name.strip().lower().replace("ё", "е")
    russian = sa.func.translate(sa.func.lower(City.name_ru), "ё", "е")
    query = sa.select(City).join(Region, Region.code == City.region_code).where(
        sa.or_(russian == folded, sa.func.lower(City.name_en) == folded)
    )
    if region:
        query = query.where(sa.or_(Region.name_ru == region.strip(), Region.name_en == region.strip()))
    return db.session.scalar(query.order_by(City.population.desc()).limit(1))


def cities_of(city_ids: Iterable[int | None]) -> dict[int | None, City]:
    """Cities by id, in one query."""
    found = db.session.scalars(sa.select(City).where(City.id.in_([one for one in city_ids if one])))
    return {city.id: city for city in found}


def largest_cities(limit: int = 300) -> list[City]:
    """Cities to offer while typing, largest first."""
    return list(db.session.scalars(sa.select(City).order_by(City.population.desc()).limit(limit)))


def host_of(slug: str) -> str:
    """Full host name of a slug, without port."""
    return f"{slug}.{current_app.config['ZVENO'].site_domain}"


def find_site(words: str) -> TenantFacts | None:
    """The tenant whose site somebody wrote down, as a slug, a host or a whole address; hosts are no secret."""
    host = re.sub(r"^\w+://", "", words.strip().lower()).partition("/")[0].partition(":")[0]
    return find_by_host(host if "." in host else host_of(host)) if HOST.fullmatch(host) else None


def dealers(*, page: int, state: str | None, words: str | None) -> Page[Any]:
    """Dealers with their city, newest first; rows of (Tenant, City)."""
    query = (
        sa.select(Tenant, City).outerjoin(City, City.id == Tenant.city_id)
        .where(Tenant.kind == "dealer", Tenant.state != "dropped")
        .options(undefer(Tenant.state_reason))
    )
    if state:
        query = query.where(Tenant.state == state)
    if words:
        like = f"%{words.strip().lower()}%"
        query = query.where(sa.or_(
            sa.func.lower(Tenant.name).like(like), Tenant.inn.like(like), Tenant.slug.like(like),
            sa.func.lower(City.name_ru).like(like),
        ))
    return paginate(query.order_by(Tenant.number.desc()), page=page, scalars=False)


def dealer_counts() -> dict[str, int]:
    """Number of dealers by state."""
    counts = (
        sa.select(Tenant.state, sa.func.count()).where(Tenant.kind == "dealer", Tenant.state != "dropped")
        .group_by(Tenant.state)
    )
    return dict(db.session.execute(counts).tuples().all())


def waiting_applications() -> list[DealerApplication]:
    """Applications whose mail is not confirmed yet, and open invitations, newest first."""
    return list(db.session.scalars(
        sa.select(DealerApplication).where(DealerApplication.state.in_(("invited", "new")))
        .order_by(DealerApplication.created_at.desc()).limit(100)
    ))


def approval_is_asked() -> bool:
    """Whether HQ wants to approve sites before visitors see them; HQ's own setting, else the deployment's."""
    texts = db.session.scalar(sa.select(Site.texts).where(sa.literal(True)))
    return bool((texts or {}).get("approve_dealers", current_app.config["ZVENO"].approve_dealers))


def hq_site_setting(connection: sa.Connection) -> bool:
    """The same, read by the provisioner with the owner's login."""
    row = connection.execute(sa.text(f"SELECT texts -> 'approve_dealers' FROM {HQ}.site")).first()
    return bool(current_app.config["ZVENO"].approve_dealers if row is None or row[0] is None else row[0])


def get_dealer(dealer_id: str) -> Tenant:
    """The dealer, or `NoApplication`."""
    dealer = db.session.get(Tenant, dealer_id)
    if dealer is None or dealer.kind != "dealer":
        raise NoApplication(_("There is no such dealer."))
    return dealer
