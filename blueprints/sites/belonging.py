"""Which dealer a branch or sub-dealer belongs to. As HQ; the head may hand leads on to those who belong to him."""

from __future__ import annotations

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Invalid
from app.kernel.words import _
from app.web.audit import audit
from blueprints.sites.queries import get_dealer
from tenants import registry
from tenants.models import Tenant


def heads_for(dealer_id: str) -> list[tuple[str, str]]:
    """`(id, name)` of the dealers he may belong to, by name: none that belongs to him, over however many steps."""
    rows = db.session.execute(
        sa.select(Tenant.id, Tenant.name).where(
            Tenant.kind == "dealer", Tenant.state == "active", Tenant.id.not_in(sa.select(_below(dealer_id).c.id))
        ).order_by(Tenant.name)
    )
    return [(tenant_id, name) for tenant_id, name in rows]


def attach(*, dealer_id: str, head_id: str | None) -> None:
    """The dealer belongs to this one from now on, or to nobody; `Invalid` where that would be a circle."""
    dealer = get_dealer(dealer_id)
    if head_id is not None and head_id not in dict(heads_for(dealer_id)):
        raise Invalid(_("He cannot belong to this dealer: choose one who does not belong to him."), field="head_id")
    dealer.parent_id = head_id
    audit("network.attached", f"tenant:{dealer_id}", to=head_id or "")
    registry.forget()


def _below(dealer_id: str) -> sa.CTE:
    below = sa.select(Tenant.id).where(Tenant.id == dealer_id).cte("below", recursive=True)
    return below.union(sa.select(Tenant.id).where(Tenant.parent_id == below.c.id))
