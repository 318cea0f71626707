"""What every reader yields, whatever the format: frozen, neutral, already cleaned.

Ids are those of the file. Prices are in minor units by `Money`, quantities are exact decimals, texts carry no
control characters; attribute values are texts, a tuple where the source gives several.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from app.kernel.money import Money

from .problems import Problem

AttributeValue = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PackageRecord:
    """What the file says of itself; `only_changes` False means: what is not in it is no longer there."""

    kind: str
    external_id: str = ""
    only_changes: bool = True
    schema_version: str = ""
    made_at: str = ""


@dataclass(frozen=True, slots=True)
class CategoryRecord:
    """A category; its parent, if any, was yielded before."""

    external_id: str
    name: str
    name_en: str = ""
    parent_external_id: str | None = None
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class AttributeRecord:
    """A property products may have; `kind` is text, number, choice or bool, `choices` id → text."""

    external_id: str
    name: str
    kind: str = "text"
    unit: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PriceTypeRecord:
    """A kind of price, e.g. retail."""

    external_id: str
    name: str
    currency: str = "RUB"
    includes_vat: bool = True


@dataclass(frozen=True, slots=True)
class WarehouseRecord:
    """A place that holds stock."""

    external_id: str
    name: str


@dataclass(frozen=True, slots=True)
class ProductRecord:
    """A product. `vat_rate` in percent, `None` if the file does not say or the goods are exempt."""

    external_id: str
    sku: str = ""
    name: str = ""
    name_en: str = ""
    description: str = ""
    category_external_ids: tuple[str, ...] = ()
    brand: str = ""
    unit: str = ""
    barcode: str = ""
    vat_rate: Decimal | None = None
    is_vat_exempt: bool = False
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    requisites: Mapping[str, str] = field(default_factory=dict)
    pictures: tuple[str, ...] = ()
    is_deleted: bool = False
    place: str = ""


@dataclass(frozen=True, slots=True)
class Characteristic:
    """The variant of a product an offer is for, e.g. size 40."""

    external_id: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OfferRecord:
    """Prices and stock of a product or of one variant; `None` quantity means the file does not speak of stock."""

    product_external_id: str
    sku: str = ""
    characteristic: Characteristic | None = None
    prices: Mapping[str, Money] = field(default_factory=dict)
    compare_at_price: Money | None = None
    quantity: Decimal | None = None
    quantity_by_warehouse: Mapping[str, Decimal] = field(default_factory=dict)
    is_available: bool | None = None
    is_deleted: bool = False
    place: str = ""


Record = (
    PackageRecord | CategoryRecord | AttributeRecord | PriceTypeRecord | WarehouseRecord | ProductRecord | OfferRecord
)
Read = Record | Problem
