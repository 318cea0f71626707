"""Which dealer already serves a customer: he who won or holds his last lead. Asked where the contacts stand anyway."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.ids import HQ
from blueprints.leads import rules
from blueprints.leads.models import Lead, LeadContact
from blueprints.leads.queries import Contact

REMEMBERED = timedelta(days=3 * 365)
SERVED = ("won", *rules.HELD)


def own_dealer_of(contact: Contact, *, at: datetime) -> str | None:
    """The dealer of this customer among HQ's leads, for HQ, who owns the contacts; None if nobody served him lately.

    A phone tells people apart better than a mail address, which is asked only of who left no phone.
    """
    is_his = _same(contact)
    if is_his is None:
        return None
    return db.session.scalar(
        sa.select(Lead.assignee_id)
        .join(LeadContact, sa.and_(LeadContact.owner_id == Lead.owner_id, LeadContact.lead_id == Lead.id))
        .where(
            LeadContact.owner_id == HQ, is_his, Lead.state.in_(SERVED), Lead.accepted_at > at - REMEMBERED,
            Lead.assignee_id.is_not(None),
        )
        .order_by(Lead.accepted_at.desc()).limit(1)
    )


def _same(contact: Contact) -> sa.ColumnElement[Any] | None:
    if contact.phone:
        return LeadContact.phone == contact.phone
    return sa.func.lower(LeadContact.email) == contact.email.lower() if contact.email else None
