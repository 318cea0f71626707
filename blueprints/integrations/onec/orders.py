"""Orders for 1C: which it has not confirmed as they now stand, and how CommerceML 2 writes them."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from lxml import etree

from app.kernel.db import db
from app.kernel.identity import current_tenant
from blueprints.catalog.importing.values import line_of, text_of
from blueprints.catalog.models import Offer, Product
from blueprints.leads.models import Lead, LeadEvent
from blueprints.orders.models import Order, OrderLine, Payment
from blueprints.orders.queries import parts_of_orders
from tenants.models import Tenant

MOST = 500
SCHEMA = "2.08"
DELIVERY = "ORDER_DELIVERY"
DIVIDED_LATELY = timedelta(days=14)
"""An order that goes to several dealers is divided soon after it is placed."""
PIECE = {"Код": "796", "НаименованиеПолное": "Штука", "МеждународноеСокращение": "PCE"}
DELIVERY_WORDS = {"courier": "Курьер", "pickup": "Самовывоз", "carrier": "Транспортная компания"}
NO_DEALER, NOT_SERVED = "дилер ещё не найден", "не выполнена"
PAYMENT_WORDS = {"card": "Банковская карта", "on_delivery": "При получении", "invoice": "По счёту"}


@dataclass(frozen=True, slots=True)
class Known:
    """What the tenant's program calls a product, and its unit."""

    external_id: str
    unit: str


def waiting_orders(at: datetime) -> Sequence[Order]:
    """Orders 1C has not confirmed, or that were cancelled or divided since; the oldest first, at most `MOST`."""
    divided = (
        sa.select(Lead.order_id)
        .join(LeadEvent, sa.and_(LeadEvent.owner_id == Lead.owner_id, LeadEvent.lead_id == Lead.id))
        .where(
            Lead.owner_id == current_tenant(), Lead.order_id == Order.id, LeadEvent.kind == "divided",
            LeadEvent.at > Order.exchanged_at,
        )
    )
    return db.session.scalars(
        sa.select(Order)
        .where(
            Order.state != "awaiting_payment",
            sa.or_(
                Order.exchanged_at.is_(None), Order.cancelled_at > Order.exchanged_at,
                sa.and_(Order.exchanged_at > at - DIVIDED_LATELY, divided.exists()),
            ),
            # cancelled before 1C ever heard of it
            sa.not_(sa.and_(Order.exchanged_at.is_(None), Order.state == "cancelled")),
        )
        .order_by(Order.placed_at, Order.id).limit(MOST)
    ).all()


def confirm(order_ids: Collection[uuid.UUID], at: datetime) -> None:
    """1C has these orders as they stood at an instant."""
    db.session.execute(
        sa.update(Order).where(Order.id.in_(order_ids)).values(exchanged_at=at)
        .execution_options(synchronize_session=False)
    )


def document(orders: Sequence[Order], *, at: datetime, zone: str) -> bytes:
    """The orders as a file of CommerceML 2."""
    known, paid, parts = _known(orders), _paid(orders), parts_of_orders(orders)
    dealers = _dealers(parts.values())
    root = etree.Element("КоммерческаяИнформация", ВерсияСхемы=SCHEMA, ДатаФормирования=_local(at, zone)[:19])
    for order in orders:
        node = etree.SubElement(root, "Документ")
        _write_order(node, order, known, zone)
        _write_requisites(node, _requisites(order, order.id in paid, parts.get(order.id, ()), dealers))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _known(orders: Sequence[Order]) -> dict[int, Known]:
    ids = {line.product_id for order in orders for line in order.lines}
    external_id = sa.func.coalesce(Offer.external_id, Product.external_id).label("external_id")
    rows = db.session.execute(
        sa.select(Product.id, external_id, Product.unit)
        .outerjoin(Offer, Offer.product_id == Product.id).where(Product.id.in_(ids))
    )
    return {row.id: Known(row.external_id, row.unit) for row in rows}


def _paid(orders: Sequence[Order]) -> set[uuid.UUID]:
    ids = [order.id for order in orders]
    query = sa.select(Payment.order_id).where(Payment.order_id.in_(ids), Payment.state == "paid")
    return set(db.session.scalars(query))


def _write_order(node: etree._Element, order: Order, known: dict[int, Known], zone: str) -> None:
    placed = _local(order.placed_at, zone)
    for name, value in (
        ("Ид", str(order.id)), ("Номер", order.number), ("Дата", placed[:10]), ("ХозОперация", "Заказ товара"),
        ("Роль", "Продавец"), ("Валюта", order.currency), ("Курс", "1"), ("Сумма", _money(order.total_minor)),
    ):
        _text(node, name, value)
    _write_buyer(etree.SubElement(etree.SubElement(node, "Контрагенты"), "Контрагент"), order)
    _text(node, "Время", placed[11:19])
    _text(node, "Комментарий", text_of(order.contact.get("comment") or ""))
    _write_vat(etree.SubElement(node, "Налоги"), order.vat_minor)
    goods = etree.SubElement(node, "Товары")
    for line in order.lines:
        _write_line(etree.SubElement(goods, "Товар"), line, known.get(line.product_id))
    if order.delivery_minor:
        _write_delivery(etree.SubElement(goods, "Товар"), order.delivery_minor)


def _requisites(order: Order, is_paid: bool, parts: Sequence[Lead], dealers: Mapping[str, str]) -> dict[str, str]:
    """Payment, delivery, state; the point of pick-up; and who serves what where several dealers serve the order."""
    told = {
        "Метод оплаты": PAYMENT_WORDS[order.payment_method], "Способ доставки": DELIVERY_WORDS[order.delivery_method],
        "Заказ оплачен": _flag(is_paid), "Отменен": _flag(order.state == "cancelled"),
        "Статус заказа": "Отменён" if order.state == "cancelled" else "Принят",
    }
    if order.pickup:
        told["Пункт самовывоза"] = ", ".join(filter(None, (order.pickup["name"], order.pickup["address"])))
    if len(parts) > 1:
        told["Частей заказа"] = str(len(parts))
        told |= {f"Часть {part.part}": _part(part, dealers) for part in parts}
    return {name: line_of(value) for name, value in told.items()}


def _part(part: Lead, dealers: Mapping[str, str]) -> str:
    """`1-1042/2: PLM-24D × 2, PUMP × 1; Новый Очаг`."""
    goods = ", ".join(f"{line.get('sku') or line['name_ru']} × {line['quantity']}" for line in part.lines)
    dealer = dealers.get(part.assignee_id or "") if part.accepted_at else None
    state = NOT_SERVED if part.state in ("lost", "invalid") else dealer or NO_DEALER
    return f"{part.number}: {goods}; {state}"


def _dealers(parts: Iterable[Sequence[Lead]]) -> dict[str, str]:
    ids = {part.assignee_id for found in parts if len(found) > 1 for part in found if part.assignee_id}
    return dict(db.session.execute(sa.select(Tenant.id, Tenant.name).where(Tenant.id.in_(ids))).all()) if ids else {}


def _write_buyer(node: etree._Element, order: Order) -> None:
    contact = order.contact
    name = line_of(contact.get("name") or "") or "Покупатель"
    address = line_of(contact.get("address") or "")
    _text(node, "Ид", str(order.customer_id or order.id))
    _text(node, "Наименование", name)
    _text(node, "Роль", "Покупатель")
    _text(node, "ПолноеНаименование", name)
    if address:
        _text(etree.SubElement(node, "АдресРегистрации"), "Представление", address)
    contacts = etree.SubElement(node, "Контакты")
    for kind, key in (("Телефон рабочий", "phone"), ("Почта", "email")):
        if contact.get(key):
            one = etree.SubElement(contacts, "Контакт")
            _text(one, "Тип", kind)
            _text(one, "Значение", line_of(contact[key]))


def _write_line(node: etree._Element, line: OrderLine, known: Known | None) -> None:
    _text(node, "Ид", known.external_id if known else line.sku)
    _text(node, "Артикул", line.sku)
    _text(node, "Наименование", line.name_ru)
    unit = known.unit if known else "шт"
    etree.SubElement(node, "БазоваяЕдиница", PIECE if unit == "шт" else {}).text = unit
    _text(node, "ЦенаЗаЕдиницу", _money(line.unit_minor))
    _text(node, "Количество", str(line.quantity))
    _text(node, "Сумма", _money(line.total_minor))
    rate = etree.SubElement(etree.SubElement(node, "СтавкиНалогов"), "СтавкаНалога")
    _text(rate, "Наименование", "НДС")
    _text(rate, "Ставка", f"{line.vat_rate.normalize():f}")
    _write_vat(etree.SubElement(node, "Налоги"), line.vat_minor)
    _write_requisites(node, {"ВидНоменклатуры": "Товар", "ТипНоменклатуры": "Товар"})


def _write_delivery(node: etree._Element, minor: int) -> None:
    _text(node, "Ид", DELIVERY)
    _text(node, "Наименование", "Доставка заказа")
    etree.SubElement(node, "БазоваяЕдиница", PIECE).text = "шт"
    for name in ("ЦенаЗаЕдиницу", "Сумма"):
        _text(node, name, _money(minor))
    _text(node, "Количество", "1")
    _write_requisites(node, {"ВидНоменклатуры": "Услуга", "ТипНоменклатуры": "Услуга"})


def _write_vat(node: etree._Element, minor: int) -> None:
    tax = etree.SubElement(node, "Налог")
    _text(tax, "Наименование", "НДС")
    _text(tax, "УчтеноВСумме", "true")
    _text(tax, "Сумма", _money(minor))


def _write_requisites(node: etree._Element, values: dict[str, str]) -> None:
    holder = etree.SubElement(node, "ЗначенияРеквизитов")
    for name, value in values.items():
        one = etree.SubElement(holder, "ЗначениеРеквизита")
        _text(one, "Наименование", name)
        _text(one, "Значение", value)


def _text(parent: etree._Element, name: str, value: str) -> None:
    etree.SubElement(parent, name).text = value


def _money(minor: int) -> str:
    return f"{Decimal(minor) / 100:.2f}"


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _local(at: datetime, zone: str) -> str:
    return at.astimezone(ZoneInfo(zone)).isoformat()
