"""YML, the feed of Yandex Market: simplified and `vendor.model` offers with params, pictures, prices and stock.

Each offer is a product and an offer of the price type `retail`. A feed is always the whole assortment.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import BinaryIO

from app.kernel.errors import Invalid
from app.kernel.money import Money
from app.kernel.words import _
from app.kernel.xmlsafe import Node, stream

from . import limits
from .directory import Directory
from .problems import Notes
from .records import AttributeValue, CategoryRecord, OfferRecord, PackageRecord, ProductRecord, Read
from .values import clipped, currency_code, line_of, picture, price, quantity, text_of, vat

ROOT = "yml_catalog"
RETAIL = "retail"
# Yandex also numbers the rates
VAT_NUMBERS = {"1": "20", "2": "10", "3": "20/120", "4": "10/110", "5": "0", "6": "NO_VAT"}
REQUISITES = ("country_of_origin", "weight", "dimensions", "manufacturer_warranty", "sales_notes")


class NotYml(Invalid):
    """XML, but not a YML feed."""


def read(source: BinaryIO) -> Iterator[Read]:
    """Records and problems of one feed."""
    directory = Directory()
    seen: set[str] = set()
    count = 0
    for path, node in stream(source, {"shop/categories", "shop/offers/offer"}):
        if path == "":
            check_root(node)
            yield PackageRecord("catalogue", only_changes=False, made_at=node.attributes.get("date", ""))
        elif path == "shop/categories":
            yield from _categories(node, directory)
        else:
            count += 1
            yield from _offer(node, count, directory, seen)


def check_root(node: Node) -> None:
    """Raise `NotYml` unless this is the root of a feed."""
    if node.name != ROOT:
        raise NotYml(_("The file is not YML: its root is %(name)s.", name=node.name[:60]))


def _categories(node: Node, directory: Directory) -> Iterator[Read]:
    """The categories, each after its parent; one whose parent is missing or is itself stands at the top."""
    waiting: dict[str, tuple[str, str]] = {}
    for category in node.all("category"):
        external_id, name = line_of(category.attributes.get("id", "")), line_of(category.text)
        notes = Notes(f"category {external_id or name}")
        if not external_id or not name:
            notes.fail("missing_name" if external_id else "missing_id", "id", name)
        elif external_id in waiting:
            notes.fail("duplicate_id", "id", external_id)
        elif limits.fits_id(external_id, notes):
            waiting[external_id] = (limits.name(name, notes), line_of(category.attributes.get("parentId", "")))
        yield from notes.problems
    for external_id in waiting:
        yield from _with_parents(external_id, waiting, directory.categories)


def _with_parents(external_id: str, waiting: dict[str, tuple[str, str]], done: set[str]) -> Iterator[Read]:
    chain: list[str] = []
    while external_id not in done and external_id not in chain and external_id in waiting:
        chain.append(external_id)
        external_id = waiting[external_id][1]
    for child in reversed(chain):
        name, parent = waiting[child]
        if parent and parent not in done:
            notes = Notes(f"category {child}")
            notes.warn("unknown_parent", "category", parent)
            yield from notes.problems
        done.add(child)
        yield CategoryRecord(child, name, parent_external_id=parent if parent in done and parent != child else None)


def _offer(node: Node, count: int, directory: Directory, seen: set[str]) -> Iterator[Read]:
    external_id = line_of(node.attributes.get("id", ""))
    notes = Notes(f"offer[{count}] {external_id}".rstrip())
    name = _name(node)
    if not external_id or not name:
        notes.fail("missing_name" if external_id else "missing_id", "id", name)
    elif external_id in seen:
        notes.fail("duplicate_id", "id", external_id)
    elif limits.fits_id(external_id, notes):
        seen.add(external_id)
        product = _product(node, external_id, name, directory, notes)
        yield from directory.take_found()
        yield product
        yield _terms(node, product, notes)
    yield from notes.problems


def _name(node: Node) -> str:
    """`name`, or what `vendor.model` offers are called by: type, vendor and model."""
    parts = (node.text_of(part) for part in ("typePrefix", "vendor", "model"))
    return line_of(node.text_of("name") or " ".join(part for part in parts if part))


def _product(node: Node, external_id: str, name: str, directory: Directory, notes: Notes) -> ProductRecord:
    said = node.text_of("vat")
    rate, exempt = vat(VAT_NUMBERS.get(said, said), "vat_rate", notes)
    return ProductRecord(
        external_id=external_id,
        sku=clipped(line_of(node.text_of("vendorCode")), limits.SKU, "sku", notes),
        name=limits.name(name, notes),
        description=clipped(text_of(node.text_of("description")), limits.DESCRIPTION, "description", notes),
        category_external_ids=tuple(_category_ids(node, directory, notes)),
        brand=line_of(node.text_of("vendor"))[: limits.NAME],
        barcode=clipped(line_of(node.text_of("barcode")), limits.BARCODE, "barcode", notes),
        vat_rate=rate,
        is_vat_exempt=exempt,
        attributes=_params(node, directory, notes),
        requisites={key: line_of(node.text_of(key))[: limits.VALUE] for key in REQUISITES if node.text_of(key)},
        pictures=_pictures(node, notes),
        is_deleted=node.attributes.get("deleted") == "true",
        place=notes.place,
    )


def _category_ids(node: Node, directory: Directory, notes: Notes) -> Iterator[str]:
    for category in list(node.all("categoryId"))[: limits.CATEGORIES]:
        external_id = line_of(category.text)
        if external_id in directory.categories:
            yield external_id
        else:
            notes.warn("unknown_category", "category", external_id)


def _params(node: Node, directory: Directory, notes: Notes) -> dict[str, AttributeValue]:
    values: dict[str, AttributeValue] = {}
    for param in limits.first(list(node.all("param")), limits.ATTRIBUTES, "attributes", notes):
        name, text = line_of(param.attributes.get("name", "")), line_of(param.text)[: limits.VALUE]
        unit = line_of(param.attributes.get("unit", ""))
        if name and text and len(name) + len(unit) < limits.ID:
            key = directory.attribute_named("", name, unit)
            before = values.get(key)
            values[key] = text if before is None else ((before,) if isinstance(before, str) else before) + (text,)
    return values


def _pictures(node: Node, notes: Notes) -> tuple[str, ...]:
    names = [picture(child.text, notes) for child in node.all("picture")]
    return tuple(limits.first(list(dict.fromkeys(filter(None, names))), limits.PICTURES, "pictures", notes))


def _terms(node: Node, product: ProductRecord, notes: Notes) -> OfferRecord:
    money, old = _price(node, "price", notes), None
    if node.text_of("oldprice"):
        old = _price(node, "oldprice", notes)
    available = node.attributes.get("available", "")
    return OfferRecord(
        product_external_id=product.external_id,
        sku=product.sku,
        prices={RETAIL: money} if money else {},
        compare_at_price=old,
        quantity=_quantity(node, notes),
        is_available=available == "true" if available in {"true", "false"} else None,
        place=notes.place,
    )


def _price(node: Node, field: str, notes: Notes) -> Money | None:
    currency = currency_code(node.text_of("currencyId"), field, notes)
    return price(node.text_of(field), currency, field, notes) if currency else None


def _quantity(node: Node, notes: Notes) -> Decimal | None:
    """What `count` says, else what the outlets hold together."""
    if said := node.text_of("count"):
        return quantity(said, "quantity", notes)
    outlets = [outlet.attributes.get("instock") for outlet in node.all("outlets", "outlet")]
    pieces = [quantity(said, "quantity", notes) for said in outlets if said]
    return sum((piece for piece in pieces if piece is not None), Decimal(0)) if pieces else None
