"""What a dealer tells routing himself: how many leads a day he takes, his pause, and where he delivers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Invalid
from app.kernel.identity import current_tenant
from app.kernel.words import _
from app.web.audit import audit
from blueprints.leads.models import LeadOffer
from blueprints.routing import rules
from tenants import registry
from tenants.models import Region, Tenant

LONGEST_PAUSE = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Reception:
    """As the dealer told it; `paused_until` is the day from which he takes leads again, days are those of HQ's office.

    Where he told nothing of delivery, `km` is None and `regions` empty.
    """

    capacity: int | None = None
    paused_until: date | None = None
    km: int | None = None
    regions: tuple[str, ...] = ()


def reception(at: datetime) -> Reception:
    """What the speaking dealer told; a pause that is over is none."""
    profile = db.session.scalar(sa.select(Tenant.profile).where(Tenant.id == current_tenant())) or {}
    delivery, until = profile.get("delivery") or {}, profile.get("paused_until")
    back = datetime.fromisoformat(until).astimezone(rules.OFFICE).date() if until else None
    return Reception(
        profile.get("capacity"), back if back and back > at.astimezone(rules.OFFICE).date() else None,
        delivery.get("km"), tuple(delivery.get("regions") or ()),
    )


def keep(told: Reception, *, at: datetime) -> None:
    """Keep what the speaking dealer tells; a pause has a day to end on, and it has not come yet."""
    today = at.astimezone(rules.OFFICE).date()
    if told.paused_until and told.paused_until <= today:
        raise Invalid(_("Choose a day to come, or leave it empty if you take leads."), field="paused_until")
    if told.paused_until and told.paused_until > today + LONGEST_PAUSE:
        raise Invalid(_("A pause may last half a year at most. Ask the manufacturer about a longer one."),
                      field="paused_until")
    tenant = db.session.get_one(Tenant, current_tenant(), with_for_update={"of": Tenant, "key_share": True})
    delivery = {"km": told.km, "regions": list(told.regions)} if told.km or told.regions else None
    tenant.profile = {
        **tenant.profile, "capacity": told.capacity, "delivery": delivery,
        "paused_until": midnight(told.paused_until).isoformat() if told.paused_until else None,
    }
    audit("settings.changed", "reception", capacity=told.capacity, paused=told.paused_until is not None)
    registry.forget()


def taken_today(at: datetime) -> int:
    """Leads offered to the speaking dealer since midnight at HQ's office, those he refused or missed left out."""
    return db.session.scalar(
        sa.select(sa.func.count()).select_from(LeadOffer).where(
            LeadOffer.dealer_id == current_tenant(), LeadOffer.state.in_(("offered", "accepted")),
            LeadOffer.offered_at >= midnight(at.astimezone(rules.OFFICE).date()),
        )
    ) or 0


def regions() -> Sequence[Region]:
    """Every region, by name."""
    return db.session.scalars(sa.select(Region).order_by(Region.name_ru)).all()


def midnight(day: date) -> datetime:
    """The beginning of a day at HQ's office."""
    return datetime.combine(day, time.min, rules.OFFICE)
