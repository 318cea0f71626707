"""When dealers and customers are asked about leads: what HQ wrote at its desk, else what the deployment is set to.

It stands in HQ's profile, which every tenant and every worker may read.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from flask import current_app

from app.kernel.db import db
from app.kernel.identity import current_tenant
from app.kernel.ids import HQ
from app.web.audit import audit
from tenants import registry
from tenants.models import Tenant

KEY = "lead_terms"
DAYS = "duplicate_days"
"""What a tenant's profile calls the days in which the same person asking again is joined; each tenant has his own."""
USUAL_DAYS = 14
BOUNDS = {
    DAYS: (0, 365), "ask_dealer_days": (1, 60), "ask_dealer_again_days": (1, 60), "ask_dealer_most": (0, 10),
    "digest_above": (1, 100), "ask_customer_days": (1, 90), "ask_customer_of_order_days": (1, 180),
    "ask_customer_after_promise_days": (0, 60), "ask_customer_again_days": (1, 60),
}
"""The least and the most of each."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Days, but for `ask_dealer_most` and `digest_above`, which count; each as the setting of the same name."""

    ask_dealer_days: int
    ask_dealer_again_days: int
    ask_dealer_most: int
    digest_above: int
    ask_customer_days: int
    ask_customer_of_order_days: int
    ask_customer_after_promise_days: int
    ask_customer_again_days: int


def terms() -> Terms:
    """The terms of the network as they stand; one query, in the transaction that is open."""
    told = db.session.scalar(sa.select(Tenant.profile[KEY]).where(Tenant.id == HQ))
    settings, known = current_app.config["ZVENO"], told if isinstance(told, dict) else {}
    return Terms(**{name: _within(known, name, getattr(settings, name)) for name in Terms.__dataclass_fields__})


def duplicate_days(tenant_id: str | None = None) -> int:
    """So many days a tenant, the one who speaks unless named, joins what the same person asks; 0 joins nothing."""
    return _within(registry.get_tenant(tenant_id or current_tenant()).profile, DAYS, USUAL_DAYS)


def keep(*, days: int, wanted: Terms) -> None:
    """Write both into HQ's profile; what does not differ from the deployment's settings is left to these."""
    settings = current_app.config["ZVENO"]
    own = {name: value for name, value in asdict(wanted).items() if value != getattr(settings, name)}
    tenant = db.session.get_one(Tenant, HQ, with_for_update={"of": Tenant, "key_share": True})
    tenant.profile = {**tenant.profile, DAYS: days, KEY: own}
    registry.forget()
    audit("settings.changed", "lead_terms", days=days, **own)


def _within(told: dict[str, Any], name: str, usual: int) -> int:
    value, (least, most) = told.get(name), BOUNDS[name]
    return value if type(value) is int and least <= value <= most else usual
