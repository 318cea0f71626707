"""Making the site of a confirmed dealer, and telling dealers what HQ decided."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import sqlalchemy as sa
from flask import current_app

from app.kernel.db import db
from app.kernel.events import publish, subscribe
from app.kernel.identity import current_tenant
from app.kernel.ids import HQ
from app.web.links import site_url
from app.web.mail import send_later
from blueprints.accounts.models import Staff
from blueprints.sites import queries
from blueprints.sites.events import (
    DealerApproved,
    DealerClosed,
    DealerConfirmed,
    DealerRefused,
    DealerResumed,
    DealerSuspended,
    SiteMade,
)
from blueprints.sites.models import DealerApplication
from tenants.models import City, Site
from tenants.owner import owner_engine

if TYPE_CHECKING:
    from tenants.provisioning import NewTenant


@subscribe(DealerConfirmed, speaks="provisioner")
def make_site(event: DealerConfirmed) -> None:
    """Make the tenant in one transaction of the owner; heard again, it finds the tenant made."""
    with owner_engine(current_app.config["ZVENO"].database_owner).begin() as connection:
        dealer_id = _make(connection, uuid.UUID(event.application_id))
    publish(SiteMade(tenant_id=dealer_id, dealer_id=dealer_id, application_id=event.application_id))


@subscribe(SiteMade, speaks="dealer_id")
def welcome(event: SiteMade) -> None:
    """Mail the owner where his site and desk are."""
    _tell_owners("mail/dealer_welcome", desk=site_url("/desk"))


@subscribe(DealerApproved, speaks="dealer_id")
def tell_approved(event: DealerApproved) -> None:
    """Tell the dealer that visitors see his site."""
    _tell_owners("mail/dealer_approved")


@subscribe(DealerRefused, speaks="dealer_id")
def tell_refused(event: DealerRefused) -> None:
    """Tell the dealer why not."""
    _tell_owners("mail/dealer_refused", reason=event.reason)


@subscribe(DealerSuspended, speaks="dealer_id")
def tell_suspended(event: DealerSuspended) -> None:
    """Tell the dealer why his site is closed."""
    _tell_owners("mail/dealer_suspended", reason=event.reason)


@subscribe(DealerClosed, speaks="dealer_id")
def tell_closed(event: DealerClosed) -> None:
    """Tell the dealer that the network has ended with him, and why."""
    _tell_owners("mail/dealer_closed", reason=event.reason)


@subscribe(DealerResumed, speaks="dealer_id")
def tell_resumed(event: DealerResumed) -> None:
    """Tell the dealer that his site is open again."""
    _tell_owners("mail/dealer_resumed")


def _make(connection: sa.Connection, application_id: uuid.UUID) -> str:
    from tenants.provisioning import provision  # brings Alembic along, which only the provisioner needs

    applications = DealerApplication.__table__
    mine = sa.and_(applications.c.owner_id == HQ, applications.c.id == application_id)
    row = connection.execute(sa.select(applications).where(mine).with_for_update()).one()
    if row.tenant_id:
        return row.tenant_id
    city = connection.execute(sa.select(City.__table__).where(City.id == row.city_id)).one()
    state = "pending" if queries.hq_site_setting(connection) else "active"
    dealer_id = provision(connection, _new_tenant(row, city, state))
    _furnish(connection, dealer_id, row)
    connection.execute(
        sa.update(applications).where(mine).values(state="live", tenant_id=dealer_id, live_at=sa.func.now())
    )
    return dealer_id


def _new_tenant(row: sa.Row, city: sa.Row, state: str) -> NewTenant:
    from tenants.provisioning import NewTenant

    weekly = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    return NewTenant(
        slug=row.slug, name=row.company, legal_name=row.company, inn=row.inn, hosts=(queries.host_of(row.slug),),
        state=state, city_id=city.id, timezone=city.timezone, territories=((city.region_code, "shared"),),
        profile={
            "phone": row.phone, "email": row.email, "lat": city.lat, "lon": city.lon,
            "hours": {"timezone": city.timezone, "weekly": weekly, "holidays": "RU"},
        },
    )


def _furnish(connection: sa.Connection, dealer_id: str, row: sa.Row) -> None:
    """The owner's account and the site's settings, in the schema just made.

    The owner's id is the application's, so that HQ's site can hand him over signed in without asking
    the new tenant anything.
    """
    staff = sa.Table("staff", sa.MetaData(), *_columns(Staff), schema=dealer_id)
    site = sa.Table("site", sa.MetaData(), *_columns(Site), schema=dealer_id)
    connection.execute(sa.insert(staff).values(
        id=row.id, email=row.email, name=row.contact_name, role="owner", password_hash=row.password_hash,
        locale=row.locale,
    ))
    connection.execute(sa.insert(site).values(id=1, default_locale=row.locale))


def _columns(model: type) -> list[sa.Column]:
    return [sa.Column(column.name, column.type) for column in model.__table__.columns]  # type: ignore[attr-defined]


def _tell_owners(template: str, **params: str) -> None:
    owners = db.session.scalars(sa.select(Staff).where(Staff.role == "owner", Staff.is_active)).all()
    for owner in owners:
        send_later(
            to=owner.email, template=template, locale=owner.locale, name=owner.name, tenant=current_tenant(), **params
        )
