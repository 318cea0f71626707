"""Placing an order: its rows, its stock and its lead stand in one transaction, or none of them does.

To be paid on delivery, the order is placed at once. To be paid by card, a dealer's own stock is kept for
it until `place` opens its lead. The lead bears the order's id, and so does what is reserved.
"""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import lazyload
from sqlalchemy.orm.attributes import set_committed_value

from app.kernel.db import db
from app.kernel.events import publish
from app.kernel.identity import current_tenant
from app.kernel.ids import HQ, new_id, tenant_number
from app.kernel.money import Money
from blueprints.catalog import stock
from blueprints.leads.models import Lead
from blueprints.leads.service import Contact, Wish, open_lead, record
from blueprints.orders import mails
from blueprints.orders.availability import shortages
from blueprints.orders.errors import NoStock
from blueprints.orders.events import OrderAwaitsPayment, OrderPlaced
from blueprints.orders.models import Order, OrderLine
from blueprints.orders.page import promised_on
from blueprints.orders.queries import find_order_of_cart
from blueprints.orders.rules import PricedLine, payable_until, totals

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Everything an order is made of; prices were looked up at the moment of placing."""

    cart_id: uuid.UUID
    lines: tuple[PricedLine, ...]
    contact: Contact
    city_id: int
    delivery_method: str
    payment_method: str
    source: str
    customer_id: uuid.UUID | None = None
    pickup: dict[str, Any] | None = None
    promise: dict[str, Any] = field(default_factory=dict)
    campaign: str | None = None
    locale: str = "ru"


def place_order(*, draft: Draft, at: datetime) -> Order:
    """The order of this cart, made now or before; `NoStock` when it cannot be served.

    However often and wherever it is called at once, one cart becomes one order.
    """
    order = _write(draft, at)
    if order is None:
        known = find_order_of_cart(draft.cart_id)
        assert known is not None
        return known
    _begin(order, at)
    return order


def place(order: Order, *, is_paid: bool, at: datetime) -> Lead:
    """Open the order's lead and keep stock for it.

    An unpaid order without stock is `NoStock`; a paid one is placed all the same, and its shortfall recorded.
    """
    kept = stock.keep(owner_id=current_tenant(), lead_id=order.id)
    missing = {} if kept else _reserve(order)
    if missing and not is_paid:
        raise NoStock(missing)
    return _open_lead(order, missing, is_paid=is_paid, at=at)


def give_back_stock(order: Order) -> None:
    """Release what was kept for an order that has no lead yet."""
    stock.release(owner_id=current_tenant(), lead_id=order.id)


def _open_lead(order: Order, missing: dict[int, int], *, is_paid: bool, at: datetime) -> Lead:
    lead = open_lead(
        kind="order", source=order.source, campaign=order.campaign, city_id=order.city_id,
        lines=[_lead_line(line) for line in order.lines], value=Money(order.total_minor, order.currency),
        contact=Contact(**order.contact), delivery_method=order.delivery_method,
        payment_method=order.payment_method, is_paid=is_paid, order_id=order.id, number=order.number, lead_id=order.id,
        is_short=bool(missing), locale=order.locale, at=at, pickup=order.pickup, wish=_wish(order),
        promised_on=promised_on(order),
    )
    order.lead_id, order.state, order.cancelled_at, order.cancel_reason = lead.id, "placed", None, None
    if missing:
        _note_shortfall(lead, missing, at)
    publish(OrderPlaced(tenant_id=current_tenant(), order_id=str(order.id), source=order.source))
    return lead


def _wish(order: Order) -> Wish:
    """Of HQ's dealers the one at whose point the customer fetches the goods."""
    is_chosen = order.pickup is not None and current_tenant() == HQ
    return Wish(preferred_id=order.pickup["dealer_id"]) if is_chosen else Wish()


def _write(draft: Draft, at: datetime) -> Order | None:
    """The order's rows; None when its cart has become one already."""
    order_id, lines = new_id(), [_line(position, line) for position, line in enumerate(draft.lines, 1)]
    order = db.session.scalar(
        insert(Order).values(id=order_id, **_values(draft, order_id), placed_at=at)
        .on_conflict_do_nothing(index_elements=[Order.cart_id]).returning(Order).options(lazyload(Order.lines))
    )
    if order is not None:
        set_committed_value(order, "lines", lines)
        for line in lines:
            line.order_id = order_id
        db.session.add_all(lines)
    return order


def _values(draft: Draft, order_id: uuid.UUID) -> dict[str, Any]:
    """Columns of a new order; one that needs no card is placed at once, its lead bears its id."""
    sums, is_placed = totals(draft.lines), draft.payment_method != "card"
    counted = sa.literal_column("nextval('order_number')")
    return {
        "number": sa.func.concat(f"{tenant_number(current_tenant())}-", counted),
        "cart_id": draft.cart_id, "customer_id": draft.customer_id, "lead_id": order_id if is_placed else None,
        "state": "placed" if is_placed else "awaiting_payment", "contact": asdict(draft.contact),
        "city_id": draft.city_id, "delivery_method": draft.delivery_method, "pickup": draft.pickup,
        "payment_method": draft.payment_method,
        "goods_minor": sums.goods.minor, "delivery_minor": sums.delivery.minor, "total_minor": sums.total.minor,
        "vat_minor": sums.vat.minor, "currency": sums.total.currency, "source": draft.source,
        "campaign": draft.campaign, "promise": draft.promise, "locale": draft.locale,
    }


def _begin(order: Order, at: datetime) -> None:
    if order.payment_method == "card":
        _await_payment(order)
        return
    missing = _reserve(order)
    if missing:
        raise NoStock(missing)
    _open_lead(order, {}, is_paid=False, at=at)
    mails.order_placed(order)


def _await_payment(order: Order) -> None:
    missing = _reserve(order, expires_at=payable_until(order.placed_at))
    if missing:
        raise NoStock(missing)
    publish(OrderAwaitsPayment(tenant_id=current_tenant(), order_id=str(order.id)))
    mails.payment_awaited(order)


def _reserve(order: Order, *, expires_at: datetime | None = None) -> dict[int, int]:
    """Let the order have what there is now; answers what is missing."""
    wanted = {line.product_id: line.quantity for line in order.lines}
    if current_tenant() == HQ:  # routing reserves at the dealer it finds
        return shortages(wanted, city_id=order.city_id)
    owner, lines = current_tenant(), wanted.items()
    if stock.reserve(owner_id=owner, lead_id=order.id, lines=lines, expires_at=expires_at, may_order=True):
        return {}
    return shortages(wanted, city_id=order.city_id) or wanted


def _note_shortfall(lead: Lead, missing: dict[int, int], at: datetime) -> None:
    lines = [{"product_id": product_id, "left": there} for product_id, there in missing.items()]
    record(lead, "shortfall", at=at, actor="system", data={"lines": lines})
    log.error("paid_order_without_stock", lead_id=str(lead.id), missing=missing)


def _line(position: int, line: PricedLine) -> OrderLine:
    return OrderLine(
        position=position, product_id=line.product_id, sku=line.sku, name_ru=line.name_ru, name_en=line.name_en,
        quantity=line.quantity, unit_minor=line.unit.minor, total_minor=line.total.minor, vat_rate=line.vat_rate,
        vat_minor=line.vat.minor,
    )


def _lead_line(line: OrderLine) -> dict[str, Any]:
    return {
        "product_id": line.product_id, "sku": line.sku, "name_ru": line.name_ru, "name_en": line.name_en,
        "quantity": line.quantity, "minor": line.total_minor,
    }
