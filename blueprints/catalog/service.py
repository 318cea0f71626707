"""Verbs of the desks: what HQ shows of its catalogue, and what a tenant says of its stock and prices by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.kernel.db import db
from app.kernel.events import publish as publish_event
from app.kernel.identity import current_tenant
from app.web.audit import audit
from blueprints.catalog import stock
from blueprints.catalog.events import OffersChanged
from blueprints.catalog.models import Offer, Product, Stock

BY_HAND = "-"
"""Content hash of a product no import knows; a full export does not bring back what HQ hid by hand."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a person wrote in one line: pieces (None: nothing said), own price in kopecks (None: HQ's), on the site."""

    product_id: int
    on_hand: int | None
    minor: int | None
    is_listed: bool


def hide(*, product: Product) -> None:
    """Take the product off all sites; imports leave it hidden."""
    product.state = "hidden"
    product.content_hash = product.content_hash or BY_HAND


def publish(*, product: Product) -> None:
    """Show the product on all sites."""
    product.state = "published"
    product.content_hash = product.content_hash or BY_HAND


def keep_lines(*, said: Iterable[Said], at: datetime) -> None:
    """Take over what the tenant says of its stock and prices."""
    lines = list(said)
    _note_prices(lines)
    levels = {line.product_id: line.on_hand for line in lines if line.on_hand is not None}
    stock.report(owner_id=current_tenant(), levels=levels, at=at)
    if lines:
        statement = insert(Offer).values([
            {"product_id": line.product_id, "minor": line.minor, "is_listed": line.is_listed, "updated_at": at}
            for line in lines
        ])  # fmt: skip
        told = statement.excluded
        db.session.execute(statement.on_conflict_do_update(
            index_elements=[Offer.product_id],
            set_={
                "minor": told.minor, "is_listed": told.is_listed, "updated_at": told.updated_at,
                "compare_at_minor": sa.case((Offer.minor == told.minor, Offer.compare_at_minor), else_=None),
            },
        ))
        publish_event(OffersChanged(tenant_id=current_tenant()))


def _note_prices(lines: list[Said]) -> None:
    """Into the journal with the prices that are other than before."""
    asked = [line.product_id for line in lines]
    before = dict(
        db.session.execute(sa.select(Offer.product_id, Offer.minor).where(Offer.product_id.in_(asked))).all()  # type: ignore[arg-type]
    )
    for line in lines:
        if line.minor != (was := before.get(line.product_id)):
            audit("prices.changed", f"product:{line.product_id}", before=was, now=line.minor)


def confirm_stock(*, at: datetime) -> int:
    """All the tenant's stock is as it was last reported; answers how many products."""
    confirmed = db.session.execute(
        sa.update(Stock).where(Stock.owner_id == current_tenant()).values(reported_at=at)
        .execution_options(synchronize_session=False)
    )
    return confirmed.rowcount
