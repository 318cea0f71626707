"""Replies kept for calls that may be repeated are thrown away when nobody will repeat them any more."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from flask import current_app

from app.kernel.clock import now
from app.kernel.db import db, unit_of_work
from app.kernel.identity import speaking_as, tenant
from app.kernel.jobs import every
from app.web.models import IdempotencyKey
from tenants.models import Tenant

log = structlog.get_logger()

BATCH = 1000
BATCHES = 20
"""So many transactions a tenant in one run; the next one takes what is left over, so that others need not wait."""


@every(seconds=6 * 3600)
def forget_replies() -> None:
    """In every tenant's schema, each as that tenant; one that cannot be reached keeps nobody else from it."""
    before = now() - timedelta(days=current_app.config["ZVENO"].keep_replies_days)
    with_schema = sa.select(Tenant.id).where(Tenant.state != "dropped").order_by(Tenant.number)
    for tenant_id in db.session.scalars(with_schema).all():
        try:
            with speaking_as(tenant(tenant_id)):
                _forget(before)
        except sa.exc.SQLAlchemyError as error:
            log.warning("replies_not_forgotten", tenant=tenant_id, error=type(error).__name__)


def _forget(before: datetime) -> None:
    for _batch in range(BATCHES):
        with unit_of_work():
            gone = db.session.execute(_oldest(before)).rowcount  # type: ignore[attr-defined]
        if gone < BATCH:
            return


def _oldest(before: datetime) -> sa.Delete:
    """A batch that locks few rows, the oldest first."""
    keys = (
        sa.select(IdempotencyKey.actor, IdempotencyKey.key).where(IdempotencyKey.created_at < before)
        .order_by(IdempotencyKey.created_at).limit(BATCH)
    )
    return (
        sa.delete(IdempotencyKey).where(sa.tuple_(IdempotencyKey.actor, IdempotencyKey.key).in_(keys))
        .execution_options(synchronize_session=False)
    )
