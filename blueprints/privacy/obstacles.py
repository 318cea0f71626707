"""What stands in the way of erasing a person: business with him that is not finished yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.identity import current_tenant
from app.kernel.words import _
from blueprints.accounts.models import Staff
from blueprints.leads.models import OPEN_STATES, Lead
from blueprints.orders.models import Order, Payment
from blueprints.orders.rules import UNDECIDED
from blueprints.privacy.search import Found


def obstacles(found: Found) -> list[str]:
    """Sentences that say what has to be finished first; none when the person may be erased now."""
    return [
        *_of_orders(found.known["orders"]), *_of_leads(found.known["leads"]), *_of_staff(found.known["staff"]),
        *_of_applications(found),
    ]


def _of_orders(ids: Iterable[object]) -> Iterator[str]:
    orders = Order.id.in_(list(ids))
    unpaid = _numbers(sa.select(Order.number).where(orders, Order.state == "awaiting_payment"))
    if unpaid:
        yield _("These orders wait for their payment: %(numbers)s. Let them be paid or cancel them.", numbers=unpaid)
    is_owed = sa.and_(Order.state == "cancelled", Payment.state == "paid")
    owed = _numbers(
        sa.select(Order.number).join(Payment, Payment.order_id == Order.id)
        .where(orders, sa.or_(Payment.state.in_(UNDECIDED), is_owed), Order.state != "awaiting_payment")
    )
    if owed:
        yield _("Money of these orders is still on its way: %(numbers)s. Wait until it has arrived.", numbers=owed)


def _of_leads(ids: Iterable[object]) -> Iterator[str]:
    numbers = _numbers(
        sa.select(Lead.number)
        .where(Lead.owner_id == current_tenant(), Lead.id.in_(list(ids)), Lead.state.in_(OPEN_STATES))
    )
    if numbers:
        yield _("These are not finished: %(numbers)s. They have to be delivered or closed first.", numbers=numbers)


def _of_staff(ids: Iterable[object]) -> Iterator[str]:
    active = db.session.scalars(sa.select(Staff.name).where(Staff.id.in_(list(ids)), Staff.is_active)).all()
    if active:
        yield _("%(names)s still works here. Withdraw the access first.", names=", ".join(active))


def _of_applications(found: Found) -> Iterator[str]:
    rows = found.rows.get("network.dealer_applications", ())
    if any(row["state"] == "confirmed" for row in rows):
        yield _("An application of this person is just being decided. Approve or refuse it first.")


def _numbers(query: sa.Select[tuple[str]]) -> str:
    return ", ".join(sorted(set(db.session.scalars(query))))
