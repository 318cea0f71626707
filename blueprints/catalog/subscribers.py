"""What the catalogue does in a worker: takes files in, and throws old ones away."""

from __future__ import annotations

import uuid

from app.kernel.clock import now
from app.kernel.events import subscribe
from app.kernel.jobs import every
from blueprints.catalog import projection, stock_history
from blueprints.catalog.events import ImportQueued, OffersChanged
from blueprints.catalog.importing import service, storage


@subscribe(ImportQueued, speaks="tenant_id")
def take_in(event: ImportQueued) -> None:
    """Run the import; a crash leaves nothing behind, and the delivery comes again."""
    service.execute(run_id=uuid.UUID(event.run_id), at=now())


@subscribe(OffersChanged, speaks="tenant_id")
def show_prices(event: OffersChanged) -> None:
    """Let routing know the tenant's own prices."""
    projection.show_prices(owner_id=event.tenant_id)


@every(seconds=3600)
def forget_files() -> None:
    """Uploaded files are of no use once their import is over."""
    storage.forget_old(now())


@every(seconds=6 * 3600)
def fold_stock_history() -> None:
    """Days of stock beyond what any rehearsal asks for become one."""
    stock_history.fold(now())
