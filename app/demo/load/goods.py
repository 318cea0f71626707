"""The catalogue of the demo: categories, attributes, products, prices, pictures, and what each owner has."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from app.config import Settings
from app.demo.data.catalogue import Catalogue, Product
from app.demo.data.dealers import Dealer
from app.demo.data.pictures import draw
from app.demo.load.bulk import Copier
from app.kernel.ids import HQ, TenantId

UNITS = {"piece": "шт", "metre": "м", "set": "компл."}
PRICED_SINCE = timedelta(days=250)
Held = Mapping[tuple[str, int], int]
"""Pieces reserved for open leads, by owner and product."""


def load_catalogue(copy: Copier, catalogue: Catalogue, until: datetime) -> Mapping[str, int]:
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
    _load_products(copy, catalogue)
    numbers = dict(copy.execute("SELECT sku, id FROM network.products"))
    copy.rows(
        "network.prices", ("product_id", "valid_from", "owner_id", "minor", "compare_at_minor"),
        _prices(catalogue, numbers, until),
    )
    return numbers


def draw_pictures(settings: Settings, catalogue: Catalogue) -> None:
    """Draw each product once; pictures that stand already are kept."""
    folder = settings.media_dir / HQ / "catalogue"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [product for product in catalogue.products if not (folder / picture_of(product)).exists()]
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        for _done in pool.map(partial(_draw, folder), wanted, chunksize=8):
            pass


def picture_of(product: Product) -> str:
    """File name of a product's picture."""
    return f"{product.sku.lower()}.webp"


def load_stock(
    copy: Copier, catalogue: Catalogue, numbers: Mapping[str, int], who: Sequence[Dealer], ids: Mapping[int, TenantId],
    held: Held, *, seed: int, until: datetime,
) -> None:
    """What HQ and each dealer have, as broad and as fresh as the dealer is, and dealers' own prices."""
    random = Random(f"stock {seed}")
    columns = ("owner_id", "product_id", "on_hand", "reserved", "lead_time_days", "reported_at")
    copy.rows("network.stock", columns, _stock(catalogue, numbers, who, ids, held, random, until))
    for dealer in who:
        copy.rows(
            f"{ids[dealer.number]}.offers", ("product_id", "minor"),
            (
                (numbers[product.sku], _rounded(product.price_minor * random.uniform(0.95, 1.04)))
                for product in catalogue.products if random.random() < 0.15
            ),
        )


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


def _load_products(copy: Copier, catalogue: Catalogue) -> None:
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
            dict(product.attributes), f'["{picture_of(product)}"]', len(catalogue.products) - place,
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
    catalogue: Catalogue, numbers: Mapping[str, int], who: Sequence[Dealer], ids: Mapping[int, TenantId], held: Held,
    random: Random, until: datetime,
) -> Iterator[tuple[Any, ...]]:
    for product in catalogue.products:
        yield HQ, numbers[product.sku], random.randint(20, 400), 0, 3, until
    for dealer in who:
        owner = ids[dealer.number]
        reported = until - timedelta(hours=dealer.behaviour.freshness_hours * random.uniform(0.2, 1.2))
        for product in catalogue.products:
            number = numbers[product.sku]
            reserved = held.get((owner, number), 0)
            if reserved or random.random() < dealer.behaviour.stock_breadth:
                free = random.randint(1, 60 if product.price_minor < 1_000_000 else 12)
                yield owner, number, reserved + free, reserved, random.choice((0, 1, 1, 2)), reported


def _rounded(minor: float) -> int:
    """A price as shops write it: whole tens of roubles, of cheap things whole roubles."""
    step = 1000 if minor > 50_000 else 100
    return max(step, round(minor / step) * step)


def _draw(folder: Path, product: Product) -> None:
    (folder / picture_of(product)).write_bytes(draw(product))
