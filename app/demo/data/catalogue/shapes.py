"""The shapes a catalogue is made of: what a shop needs to know about a product."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

Value: TypeAlias = int | float | bool | str


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in both languages of the network."""

    ru: str
    en: str


@dataclass(frozen=True, slots=True)
class Category:
    """A branch of the tree; `parent` is the slug of the branch above it."""

    slug: str
    parent: str | None
    name: Text
    position: int


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a choice attribute."""

    code: str
    name: Text


@dataclass(frozen=True, slots=True)
class Attribute:
    """What may be said of a product; `unit` is empty where there is none."""

    code: str
    name: Text
    kind: Literal["number", "choice", "bool", "text"]
    unit: Text
    is_facet: bool
    position: int
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class VatRate:
    """A rate of value added tax, in force from a day on."""

    code: Literal["standard", "reduced", "zero"]
    percent: Decimal
    starts_on: date


@dataclass(frozen=True, slots=True)
class Product:
    """One article; money in kopecks, weight in grams, `picture` names its drawing."""

    sku: str
    slug: str
    family: str
    category: str
    series: Text
    name: Text
    summary: Text
    description: Text
    attributes: Mapping[str, Value]
    unit: Literal["piece", "metre", "set"]
    weight_g: int
    price_minor: int
    vat_code: str
    ean: str
    picture: str
    accessories: tuple[str, ...] = ()
    related: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything a manufacturer publishes, parents before children."""

    categories: tuple[Category, ...]
    attributes: tuple[Attribute, ...]
    vat_rates: tuple[VatRate, ...]
    products: tuple[Product, ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """A size of a family: the end of its SKU, its name, roubles, kilograms and facts."""

    key: str
    name: Text
    price: float
    weight: float
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Family:
    """A series and the sizes it is made in.

    `text` may name attributes in braces. The first `core` variants are what a
    small catalogue carries; `goes_with` names families sold beside this one.
    """

    code: str
    category: str
    picture: str
    series: Text
    summary: Text
    text: Text
    core: int
    variants: Callable[[], Iterable[Variant]]
    common: Mapping[str, Value]
    goes_with: tuple[str, ...] = ()
    unit: Literal["piece", "metre", "set"] = "piece"


def variant(key: str, ru: str, en: str, price: float, weight: float, **values: Value) -> Variant:
    """A size in one line of a table."""
    return Variant(key, Text(ru, en), price, weight, values)
