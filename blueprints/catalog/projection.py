"""What the network may know of a tenant's own offers: his prices, which stand on his site anyway."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.kernel.db import db
from blueprints.catalog.models import DealerPrice, Offer, Product


def show_prices(*, owner_id: str) -> None:
    """Make the tenant's rows of `dealer_prices` say what his offers say; only what differs is written."""
    listed = (
        sa.select(sa.literal(owner_id), Offer.product_id, Offer.minor, Offer.updated_at)
        .join(Product, Product.id == Offer.product_id)
        .where(Offer.minor.is_not(None), Offer.is_listed.is_(True))
    )
    statement = insert(DealerPrice).from_select(["owner_id", "product_id", "minor", "updated_at"], listed)
    told = statement.excluded
    db.session.execute(statement.on_conflict_do_update(
        index_elements=[DealerPrice.owner_id, DealerPrice.product_id],
        set_={"minor": told.minor, "updated_at": told.updated_at}, where=DealerPrice.minor != told.minor,
    ))
    is_named = sa.exists().where(
        Offer.product_id == DealerPrice.product_id, Offer.minor.is_not(None), Offer.is_listed.is_(True)
    )
    db.session.execute(
        sa.delete(DealerPrice).where(DealerPrice.owner_id == owner_id, ~is_named)
        .execution_options(synchronize_session=False)
    )
