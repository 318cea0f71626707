"""A `Предложение` of CommerceML as an offer record: prices by type, stock in total and by warehouse."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from app.kernel.money import Money
from app.kernel.xmlsafe import Node

from . import limits
from .commerceml_goods import is_deleted, split_id, traits
from .directory import Directory
from .problems import Notes
from .records import Characteristic, OfferRecord
from .values import clipped, currency_code, line_of, price, quantity


def offer_of(node: Node, directory: Directory, notes: Notes) -> OfferRecord | None:
    """The offer, or `None` with the reason in `notes`."""
    product, variant = split_id(line_of(node.text_of("Ид")))
    if not product:
        notes.fail("missing_id", "id", node.text_of("Наименование"))
        return None
    if not limits.fits_id(product, notes) or not limits.fits_id(variant, notes):
        return None
    by_warehouse = dict(_by_warehouse(node, directory, notes))
    return OfferRecord(
        product_external_id=product,
        sku=clipped(line_of(node.text_of("Артикул")), limits.SKU, "sku", notes),
        characteristic=_characteristic(node, variant),
        prices=dict(_prices(node, directory, notes)),
        quantity=_total(node, by_warehouse, notes),
        quantity_by_warehouse=by_warehouse,
        is_deleted=is_deleted(node),
        place=notes.place,
    )


def _characteristic(node: Node, variant: str) -> Characteristic | None:
    values = {name: value for name, _id, value in traits(node)}
    return Characteristic(variant, values) if variant or values else None


def _prices(node: Node, directory: Directory, notes: Notes) -> Iterator[tuple[str, Money]]:
    for given in node.all("Цены", "Цена"):
        external_id = line_of(given.text_of("ИдТипаЦены"))
        price_type = directory.price_types.get(external_id)
        if price_type is None and directory.price_types:
            notes.warn("unknown_price_type", "prices", external_id)
            continue
        said = line_of(given.text_of("Валюта")) or (price_type.currency if price_type else "")
        currency = currency_code(said, "prices", notes)
        money = price(given.text_of("ЦенаЗаЕдиницу"), currency, "prices", notes) if currency else None
        if money:
            yield external_id, money


def _by_warehouse(node: Node, directory: Directory, notes: Notes) -> Iterator[tuple[str, Decimal]]:
    for external_id, text in _said_by_warehouse(node):
        if directory.warehouses and external_id not in directory.warehouses:
            notes.warn("unknown_warehouse", "quantity", external_id)
        pieces = quantity(text, "quantity", notes)
        if external_id and pieces is not None:
            yield external_id, pieces


def _said_by_warehouse(node: Node) -> Iterator[tuple[str, str]]:
    """Warehouse and quantity as the schemas say it: 2.04 to 2.07, 2.08 and later, and by old exporters."""
    for store in node.all("Склад"):
        yield line_of(store.attributes.get("ИдСклада", "")), store.attributes.get("КоличествоНаСкладе", "")
    for store in node.all("Остатки", "Остаток", "Склад"):
        yield line_of(store.text_of("Ид")), store.text_of("Количество")
    for store in node.all("КоличествоНаСкладах", "КоличествоНаСкладе"):
        yield line_of(store.text_of("ИдСклада")), store.text_of("Количество")


def _total(node: Node, by_warehouse: dict[str, Decimal], notes: Notes) -> Decimal | None:
    """The total the file gives, else the sum of the warehouses; `None` if the file does not speak of stock."""
    said = node.text_of("Количество") or node.text_of("Остатки", "Остаток", "Количество")
    if said:
        return quantity(said, "quantity", notes)
    return sum(by_warehouse.values(), Decimal(0)) if by_warehouse else None
