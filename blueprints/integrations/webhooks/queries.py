"""Reads of webhooks: the addresses of the tenant that speaks, and what each was told."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.paging import Page, paginate
from blueprints.integrations.webhooks.models import Webhook, WebhookCall


def webhooks() -> Sequence[Webhook]:
    """Addresses in the order in which they were registered."""
    return db.session.scalars(sa.select(Webhook).order_by(Webhook.created_at)).all()


def calls_of(hook: Webhook, *, page: int) -> Page[WebhookCall]:
    """What was told to one address, the newest first, thirty a page."""
    calls = sa.select(WebhookCall).where(WebhookCall.webhook_id == hook.id)
    return paginate(calls.order_by(WebhookCall.created_at.desc(), WebhookCall.id), page=page, per_page=30)
