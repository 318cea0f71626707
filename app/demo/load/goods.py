"""The catalogue of the demo: categories, attributes, products, prices, pictures, and what each owner has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from app.config import Settings
from app.demo.data.catalogue import Catalogue, Product
from app.demo.data.dealers import Dealer
from app.demo.data.pictures import Pictures, draw
from app.demo.load.bulk import Copier
from app.demo.load.studio import Studio
from app.kernel.ids import HQ, TenantId

UNITS = {"piece": "шт", "metre": "м", "set": "компл."}
PRICED_SINCE = timedelta(days=250)
SHELF = 300
"""Of a small catalogue a dealer stocks any product as likely; of a large one, what sells worse than this is rarer."""
OWN_PRICES = 0.15
Held = Mapping[tuple[str, int], int]
"""Pieces reserved for open leads, by owner and product."""


def load_catalogue(copy: Copier, catalogue: Catalogue, pictures: Pictures, until: datetime) -> Mapping[str, int]:
    """Categories, attributes, products and two generations of prices; answers product ids by SKU."""
    _load_categories(copy, catalogue)
    copy.rows(
        "network.attributes",
        ("owner_id", "code", "name_ru", "name_en", "kind", "unit_ru", "unit_en", "choices", "is_facet", "position"),
        (
            (
                HQ, each.code, each.name.ru, each.name.en, each.kind, each.unit.ru or None, each.unit.en or None,
                {option.code: {"ru": option.name.ru, "en": option.name.en} for option in each.options},
                each.is_facet, each.position,
            )
            for each in catalogue.attributes
        ),
    )
    _load_products(copy, catalogue, pictures)
    numbers = dict(copy.execute("SELECT sku, id FROM network.products"))
    copy.rows(
        "network.prices", ("product_id", "valid_from", "owner_id", "minor", "compare_at_minor"),
        _prices(catalogue, numbers, until),
    )
    return numbers


def order_pictures(studio: Studio, settings: Settings, pictures: Pictures) -> None:
    """Have the pictures of the catalogue drawn."""
    for name, product in pictures.drawn_from.items():
        studio.order(settings.media_dir / HQ / "catalogue" / name, draw, product)


def load_stock(
    copy: Copier, catalogue: Catalogue, numbers: Mapping[str, int], who: Sequence[Dealer], ids: Mapping[int, TenantId],
    held: Held, *, seed: int, until: datetime,
) -> None:
    """What HQ and each dealer have, as broad and as fresh as the dealer is, and dealers' own prices.

    A dealer's shelf does not grow with the catalogue: of 300 products he has some 180, of 5,000 some 600.
    """
    random = Random(f"stock {seed}")
    columns = ("owner_id", "product_id", "on_hand", "reserved", "lead_time_days", "reported_at")
    common = _common(copy)
    copy.rows("network.stock", columns, _stock(catalogue, numbers, common, who, ids, held, random, until))
    for dealer in who:
        own = [
            (numbers[product.sku], _rounded(product.price_minor * random.uniform(0.95, 1.04)))
            for product in catalogue.products if random.random() < OWN_PRICES * common[numbers[product.sku]]
        ]
        owner = ids[dealer.number]
        copy.rows(f"{owner}.offers", ("product_id", "minor"), own)
        copy.rows("network.dealer_prices", ("owner_id", "product_id", "minor"), [(owner, *price) for price in own])


def _common(copy: Copier) -> Mapping[int, float]:
    """How likely each product is on a shelf against the best-selling ones."""
    ranked = copy.execute("SELECT id FROM network.products ORDER BY popularity DESC, id")
    return {number: min(1.0, SHELF / place) for place, (number,) in enumerate(ranked, start=1)}


def _load_categories(copy: Copier, catalogue: Catalogue) -> None:
    paths: dict[str, tuple[int, str]] = {}
    for category in catalogue.categories:
        parent = paths.get(category.parent or "")
        ((number,),) = copy.execute("SELECT nextval(pg_get_serial_sequence('network.categories', 'id'))")
        path = f"{parent[1] if parent else ''}{number}."
        paths[category.slug] = (number, path)
        copy.execute(
            "INSERT INTO network.categories"
            " (id, owner_id, parent_id, external_id, slug, name_ru, name_en, path, position)"
            " OVERRIDING SYSTEM VALUE VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (number, HQ, parent[0] if parent else None, category.slug, category.slug, category.name.ru,
             category.name.en, path, category.position),
        )


def _load_products(copy: Copier, catalogue: Catalogue, pictures: Pictures) -> None:
    categories = dict(copy.execute("SELECT slug, id FROM network.categories"))
    columns = (
        "owner_id", "external_id", "sku", "slug", "barcode", "category_id", "name_ru", "name_en", "description_ru",
        "description_en", "unit", "vat_code", "attributes", "images", "popularity",
    )

    def row(place: int, product: Product) -> tuple[Any, ...]:
        return (
            HQ, product.sku, product.sku, product.slug, product.ean, categories[product.category], product.name.ru,
            product.name.en, f"{product.summary.ru}\n\n{product.description.ru}",
            f"{product.summary.en}\n\n{product.description.en}", UNITS[product.unit], product.vat_code,
            dict(product.attributes), f'["{pictures.by_sku[product.sku]}"]', len(catalogue.products) - place,
        )

    copy.rows("network.products", columns, (row(place, each) for place, each in enumerate(catalogue.products)))


def _prices(catalogue: Catalogue, numbers: Mapping[str, int], until: datetime) -> Iterator[tuple[Any, ...]]:
    random = Random("prices")
    raised = datetime(2026, 1, 1, tzinfo=UTC)
    for product in catalogue.products:
        old = _rounded(product.price_minor * random.uniform(0.88, 0.96))
        sale = _rounded(product.price_minor * random.uniform(1.08, 1.18)) if random.random() < 0.09 else None
        yield numbers[product.sku], min(raised, until) - PRICED_SINCE, HQ, old, None
        yield numbers[product.sku], min(raised, until - PRICED_SINCE), HQ, product.price_minor, sale


def _stock(
    catalogue: Catalogue, numbers: Mapping[str, int], common: Mapping[int, float], who: Sequence[Dealer],
    ids: Mapping[int, TenantId], held: Held, random: Random, until: datetime,
) -> Iterator[tuple[Any, ...]]:
    for product in catalogue.products:
        yield HQ, numbers[product.sku], random.randint(20, 400), 0, 3, until
    rows = [(product, number, common[number]) for product in catalogue.products for number in [numbers[product.sku]]]
    for dealer in who:
        owner = ids[dealer.number]
        reported = until - timedelta(hours=dealer.behaviour.freshness_hours * random.uniform(0.2, 1.2))
        for product, number, likely in rows:
            reserved = held.get((owner, number), 0)
            if reserved or random.random() < dealer.behaviour.stock_breadth * likely:
                free = random.randint(1, 60 if product.price_minor < 1_000_000 else 12)
                yield owner, number, reserved + free, reserved, random.choice((0, 1, 1, 2)), reported


def _rounded(minor: float) -> int:
    """A price as shops write it: whole tens of roubles, of cheap things whole roubles."""
    step = 1000 if minor > 50_000 else 100
    return max(step, round(minor / step) * step)
