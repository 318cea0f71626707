"""Shapes of the catalogue, of stock and prices, and what all lists share."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from app.kernel.words import _l
from blueprints.integrations.api.cursors import MOST, PER_PAGE
from blueprints.integrations.api.fields import (
    MOST_MINOR,
    Choice,
    EachRow,
    Flag,
    Instant,
    Link,
    Rows,
    Shape,
    Text,
    Whole,
)

BATCH = 1000


def told(words: Any) -> dict[str, Any]:
    """What the description says of a field."""
    return {"description": words}


class Listed(Shape):
    """What every list may be asked for."""

    cursor = Text(longest=300, metadata=told(_l("`next` of the page before; left out for the first page.")))
    limit = Whole(1, MOST, strict=False, load_default=PER_PAGE, metadata=told(_l("How many items a page has.")))


class Error(Shape):
    """A refusal: the status again, one sentence a person can act on, and the field it is about, if it is about one."""

    code = Whole(400, 599, required=True)
    message = Text(longest=2000, required=True)
    field = Text(longest=200)


class Words(Shape):
    """The same in two languages; English may be missing."""

    ru = Text(longest=20_000, required=True)
    en = Text(longest=20_000, required=True, allow_none=True)


class Amount(Shape):
    """Money: an integer in minor units (kopecks) and its currency."""

    minor = Whole(0, MOST_MINOR, required=True)
    currency = Text(longest=3, shortest=3, required=True)


class PriceInForce(Amount):
    """What a product costs on this site now, VAT included."""

    compare_at_minor = Whole(0, MOST_MINOR, required=True, allow_none=True, metadata=told(_l("The price before.")))
    vat_rate = Text(longest=8, required=True, metadata=told(_l("Percent, for example `22.00`.")))
    source = Choice(
        ("hq", "own"), required=True, metadata=told(_l("Whose price it is: the manufacturer's or your own.")),
    )


class CategoryShape(Shape):
    """A node of the category tree."""

    id = Text(longest=20, required=True)
    parent_id = Text(longest=20, required=True, allow_none=True)
    slug = Text(required=True)
    name = Link(Words, required=True)
    products = Whole(required=True, metadata=told(_l("How many products this site lists in it and below.")))


class CategoryList(Shape):
    """All categories."""

    items = Rows(Link(CategoryShape), most=100_000, required=True)
    next = Text(longest=300, required=True, allow_none=True)


class ProductShape(Shape):
    """A product as this site shows it."""

    id = Text(longest=20, required=True)
    sku = Text(required=True)
    barcode = Text(required=True, allow_none=True)
    name = Link(Words, required=True)
    description = Link(Words, required=True, allow_none=True)
    category_id = Text(longest=20, required=True, allow_none=True)
    unit = Text(required=True)
    attributes = fields.Dict(required=True, metadata=told(_l("Values by the attribute's code.")))
    images = Rows(Text(longest=2000), required=True)
    price = Link(PriceInForce, required=True, allow_none=True)
    updated_at = Instant(required=True)


class ProductList(Shape):
    """A page of products."""

    items = Rows(Link(ProductShape), most=MOST, required=True)
    next = Text(longest=300, required=True, allow_none=True)


class ProductsAsked(Listed):
    """Which products."""

    search = Text(metadata=told(_l("Words of the name, an article number or a barcode.")))
    category = Text(metadata=told(_l("Slug of a category; what is below it belongs to it.")))
    updated_since = Instant(metadata=told(_l("Only what changed at this instant or later.")))


class CityShape(Shape):
    """A city; the id is its GeoNames number."""

    id = Text(longest=20, required=True)
    name = Link(Words, required=True)
    region_code = Text(required=True)


class CityList(Shape):
    """Cities, the largest first."""

    items = Rows(Link(CityShape), most=MOST, required=True)
    next = Text(longest=300, required=True, allow_none=True)


class CitiesAsked(Shape):
    """Which cities."""

    search = Text(required=True, shortest=1, metadata=told(_l("How the name begins, in Russian or English.")))


class StockShape(Shape):
    """What there is of a product; `available` is what nobody has reserved."""

    sku = Text(required=True)
    on_hand = Whole(required=True)
    reserved = Whole(required=True)
    available = Whole(required=True)
    lead_time_days = Whole(0, 3650, required=True)
    reported_at = Instant(required=True)


class StockList(Shape):
    """A page of stock."""

    items = Rows(Link(StockShape), most=MOST, required=True)
    next = Text(longest=300, required=True, allow_none=True)


class StockAsked(Listed):
    """Which stock."""

    updated_since = Instant(metadata=told(_l("Only what was reported at this instant or later.")))


class Level(Shape):
    """What is on hand of one product."""

    on_hand = Whole(required=True, metadata=told(_l("Pieces on hand, those reserved for customers included.")))


class StockLine(Level):
    """What is on hand of the product with this article number."""

    sku = Text(shortest=1, required=True)


class StockReport(Shape):
    """Up to a thousand lines; what is not named stays as it is."""

    items = EachRow(Link(StockLine), most=BATCH, least=1, required=True)


class StockAnswer(Shape):
    """What became of one line, in the order of the lines."""

    line = Whole(0, BATCH, required=True, metadata=told(_l("Place of the line, counted from 0.")))
    sku = Text(longest=2000, required=True, allow_none=True)
    state = Choice(("taken", "refused"), required=True)
    available = Whole(required=True, allow_none=True)
    field = Text(required=True, allow_none=True)
    message = Text(longest=2000, required=True, allow_none=True)


class StockReceipt(Shape):
    """Every line answered."""

    items = Rows(Link(StockAnswer), most=BATCH, required=True)
    taken = Whole(0, BATCH, required=True)
    refused = Whole(0, BATCH, required=True)


class OwnPrice(Shape):
    """Your own word on a product, and the price that follows from it."""

    sku = Text(required=True)
    minor = Whole(0, MOST_MINOR, required=True, allow_none=True)
    compare_at_minor = Whole(0, MOST_MINOR, required=True, allow_none=True)
    currency = Text(longest=3, required=True)
    is_listed = Flag(required=True)
    updated_at = Instant(required=True, allow_none=True)
    in_force = Link(PriceInForce, required=True, allow_none=True)


class OwnPriceList(Shape):
    """A page of own prices."""

    items = Rows(Link(OwnPrice), most=MOST, required=True)
    next = Text(longest=300, required=True, allow_none=True)


class NewPrice(Shape):
    """Your own price with VAT, `null` to follow the manufacturer's; whether your site shows the product."""

    minor = Whole(0, MOST_MINOR, required=True, allow_none=True)
    compare_at_minor = Whole(0, MOST_MINOR, load_default=None, allow_none=True)
    is_listed = Flag(load_default=True)
