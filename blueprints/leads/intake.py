"""Leads from wherever they come: forms, the desk, another system, a table, a mail. One verb takes them all.

The same wish brought twice under one `external_id` is one lead. The same person asking again about an open lead is
joined to it (`joining`): nobody is offered the same customer twice, and who serves him reads the new words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.identity import current_tenant
from app.kernel.ids import HQ
from app.kernel.money import Money
from blueprints.leads import joining
from blueprints.leads.models import Lead
from blueprints.leads.queries import Contact
from blueprints.leads.service import Wish, open_lead
from tenants.models import Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What somebody wants, and who he is; `kind` as of leads, `lines` as `open_lead` takes them."""

    kind: str
    source: str
    contact: Contact
    campaign: str | None = None
    city_id: int | None = None
    lines: Sequence[Mapping[str, Any]] = ()
    value: Money = field(default_factory=lambda: Money(0))
    locale: str = "ru"
    wish: Wish = Wish()
    actor: str = "customer"


class Taken(NamedTuple):
    """The lead that serves the wish; `is_new` unless it was there before, `is_known` when it was brought before.

    `written` is the lead that holds this very wish: the same one, or the one joined to it.
    """

    lead: Lead
    is_new: bool
    written: Lead
    is_known: bool = False


def take(asking: Asking, *, at: datetime) -> Taken:
    """Take a wish of the speaking tenant's customer in: a new lead, or the open one it belongs to.

    An order said by telephone is a lead of its own; whatever else the same person asks is joined.
    """
    joining.queue(asking.contact)
    if known := find_external(asking.wish.external_id):
        return Taken(joining.head_of(known), is_new=False, written=known, is_known=True)
    wish = replace(asking.wish, preferred_id=_dealer(asking.wish.preferred_id))
    is_order = asking.kind == "order"
    earlier = None if is_order else joining.find_open(asking.contact, preferred_id=wish.preferred_id, at=at)
    lead = open_lead(
        kind=asking.kind, source=asking.source, campaign=asking.campaign, city_id=asking.city_id, lines=asking.lines,
        value=asking.value, contact=asking.contact, locale=asking.locale, at=at, actor=asking.actor, wish=wish,
        joins=earlier,
    )
    if earlier is None:
        return Taken(lead, is_new=True, written=lead)
    joining.tell_again(earlier, lead, asking.contact, at=at)
    return Taken(earlier, is_new=False, written=lead)


def find_external(external_id: str | None) -> Lead | None:
    """The speaker's lead that another system calls so."""
    if not external_id:
        return None
    return db.session.scalar(
        sa.select(Lead).where(Lead.owner_id == current_tenant(), Lead.external_id == external_id)
    )


def _dealer(preferred_id: str | None) -> str | None:
    """The dealer a customer of HQ's may pick; a dealer's own leads know no other."""
    if preferred_id is None or current_tenant() != HQ:
        return None
    return db.session.scalar(
        sa.select(Tenant.id).where(Tenant.id == preferred_id, Tenant.kind == "dealer", Tenant.state == "active")
    )
