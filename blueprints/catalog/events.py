"""Facts of the catalogue that others may hear."""

from __future__ import annotations

from app.kernel.events import event


@event
class OffersChanged:
    """The tenant's own prices are other than before."""

    tenant_id: str


@event
class ImportQueued:
    """A file waits to be taken into the tenant's catalogue or stock."""

    tenant_id: str
    run_id: str
