"""Reads of orders and payments of the tenant that speaks."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.identity import current_tenant
from app.kernel.ids import HQ
from app.kernel.paging import Page, paginate
from app.web.links import read_link, sign
from blueprints.leads.models import OPEN_STATES, Lead
from blueprints.orders.errors import NoSuchOrder
from blueprints.orders.models import Order, Payment
from blueprints.orders.rules import UNDECIDED, may_cancel

PURPOSE = "order"
YEAR = 365 * 24 * 3600


def order_token(order: Order) -> str:
    """The signed name of the order in links; valid at this tenant only."""
    return sign(PURPOSE, str(order.id))


def get_linked_order(token: str) -> Order:
    """The order a signed link names; `LinkBroken`, `LinkExpired` or `NoSuchOrder` otherwise."""
    return get_order(uuid.UUID(read_link(PURPOSE, token, max_age=YEAR)))


def get_order(order_id: uuid.UUID, *, lock: bool = False) -> Order:
    """The order, locked and read anew if asked; `NoSuchOrder` otherwise."""
    query = sa.select(Order).where(Order.id == order_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    order = db.session.scalar(query)
    if order is None:
        raise NoSuchOrder
    return order


def find_order_of_cart(cart_id: uuid.UUID) -> Order | None:
    """The order a cart became, if it did."""
    return db.session.scalar(sa.select(Order).where(Order.cart_id == cart_id))


def find_order_of_lead(lead_id: uuid.UUID) -> Order | None:
    """The order a lead, or a part's lead, stands for, if any."""
    of_lead = sa.select(Lead.order_id).where(Lead.owner_id == current_tenant(), Lead.id == lead_id)
    return db.session.scalar(sa.select(Order).where(Order.id == of_lead.scalar_subquery()))


def lead_of(order: Order) -> Lead | None:
    """The order's lead, the first of its parts; None while it awaits its payment."""
    return db.session.get(Lead, (current_tenant(), order.lead_id)) if order.lead_id else None


def parts_of(order: Order) -> Sequence[Lead]:
    """The leads of all parts of the order, the first one first; none while it awaits its payment."""
    return db.session.scalars(
        sa.select(Lead).where(Lead.owner_id == current_tenant(), Lead.order_id == order.id).order_by(Lead.part)
    ).all()


def parts_of_orders(orders: Sequence[Order]) -> dict[uuid.UUID, list[Lead]]:
    """The same of several orders, by order, in one query."""
    found: dict[uuid.UUID, list[Lead]] = defaultdict(list)
    for part in db.session.scalars(
        sa.select(Lead)
        .where(Lead.owner_id == current_tenant(), Lead.order_id.in_([order.id for order in orders]))
        .order_by(Lead.part)
    ):
        if part.order_id:
            found[part.order_id].append(part)
    return found


def find_open_part(order: Order, but: Collection[uuid.UUID]) -> Lead | None:
    """A part of the order that has not come to its end, read anew, besides those named."""
    return db.session.scalar(
        sa.select(Lead)
        .where(
            Lead.owner_id == current_tenant(), Lead.order_id == order.id, Lead.state.in_(OPEN_STATES),
            Lead.id.not_in(but),
        )
        .order_by(Lead.part).limit(1).execution_options(populate_existing=True)
    )


def is_cancellable(order: Order, parts: Sequence[Lead]) -> bool:
    """Whether the customer may cancel by himself now: nothing of it was taken or shipped that must not be."""
    return may_cancel(
        state=order.state, is_own=current_tenant() != HQ,
        accepted_at=next((part.accepted_at for part in parts if part.accepted_at), None),
        shipped_at=next((part.shipped_at for part in parts if part.shipped_at), None),
    )


def payments_of(order_id: uuid.UUID) -> Sequence[Payment]:
    """All tries to charge an order, the oldest first."""
    return db.session.scalars(sa.select(Payment).where(Payment.order_id == order_id).order_by(Payment.id)).all()


def find_open_payment(order_id: uuid.UUID) -> Payment | None:
    """The try that is not decided yet, if any."""
    return db.session.scalar(
        sa.select(Payment).where(Payment.order_id == order_id, Payment.state.in_(UNDECIDED))
    )


def find_paid_payment(order_id: uuid.UUID) -> Payment | None:
    """The payment that paid the order, locked."""
    return db.session.scalar(
        sa.select(Payment).where(Payment.order_id == order_id, Payment.state == "paid").order_by(Payment.id).limit(1)
        .with_for_update().execution_options(populate_existing=True)
    )


def find_payment(reference: str) -> Payment | None:
    """The payment with the provider's reference, if it is ours."""
    return db.session.scalar(sa.select(Payment).where(Payment.reference == reference))


def list_orders(*, words: str = "", state: str = "", page: int = 1) -> Page[Order]:
    """Orders, the newest first; `words` are looked for in number, name, phone and mail address."""
    query = sa.select(Order).order_by(Order.placed_at.desc(), Order.id)
    if state:
        query = query.where(Order.state == state)
    if words.strip():
        looked_at = (Order.number, *(Order.contact[key].astext for key in ("name", "phone", "email")))
        query = query.where(sa.or_(*(column.icontains(words.strip(), autoescape=True) for column in looked_at)))
    return paginate(query, page=page, at_once=bool(words.strip()))


def orders_of_customer(customer_id: uuid.UUID, *, limit: int = 20) -> Sequence[Order]:
    """A customer's last orders, the newest first."""
    return db.session.scalars(
        sa.select(Order).where(Order.customer_id == customer_id).order_by(Order.placed_at.desc()).limit(limit)
    ).all()


def leads_of(orders: Sequence[Order]) -> dict[uuid.UUID, Lead]:
    """Leads of orders by lead id, in one query."""
    ids = [order.lead_id for order in orders if order.lead_id]
    leads = db.session.scalars(sa.select(Lead).where(Lead.owner_id == current_tenant(), Lead.id.in_(ids)))
    return {lead.id: lead for lead in leads}
