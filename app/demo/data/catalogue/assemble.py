"""Puts families, prices, codes and words together into a catalogue of a wanted size."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import groupby, islice, zip_longest
from random import Random

from slugify import slugify
from stdnum import ean

from app.demo.data.catalogue import (
    accessories,
    automation,
    boilers,
    chimneys,
    heat_pumps,
    pipes,
    pumps,
    radiators,
    tanks,
    underfloor,
)
from app.demo.data.catalogue.attributes import attributes
from app.demo.data.catalogue.shapes import (
    Catalogue,
    Family,
    Product,
    Text,
    Value,
    Variant,
    VatRate,
)
from app.demo.data.catalogue.tree import categories

MODULES = (boilers, heat_pumps, radiators, underfloor, pumps, pipes, tanks, automation, chimneys, accessories)
FAMILIES: tuple[Family, ...] = tuple(family for module in MODULES for family in module.FAMILIES)

VAT_RATES = (
    VatRate("standard", Decimal(20), date(2019, 1, 1)),
    VatRate("standard", Decimal(22), date(2026, 1, 1)),
    VatRate("reduced", Decimal(10), date(2019, 1, 1)),
    VatRate("zero", Decimal(0), date(2019, 1, 1)),
)


@lru_cache(maxsize=4)
def catalogue(products: int = 300, seed: int = 7) -> Catalogue:
    """The catalogue of «Очаг» with so many products; `seed` moves prices a little.

    A product keeps its SKU and EAN whatever the size of the catalogue. Raises
    ValueError when more is asked for than all series are made in.
    """
    chosen = sorted(islice(_by_demand(), products))
    if len(chosen) < products:
        raise ValueError(f"«Очаг» makes {len(chosen)} products, not {products}")
    random = Random(f"prices {seed}")
    levels = {family.code: random.uniform(0.97, 1.03) for family in FAMILIES}
    rows = [_product(*place, levels) for place in chosen]
    return Catalogue(categories(), attributes(), VAT_RATES, tuple(_with_neighbours(rows)))


@lru_cache(maxsize=1)
def _sizes() -> tuple[tuple[Variant, ...], ...]:
    """Every size of every family, in the order of FAMILIES."""
    return tuple(tuple(family.variants()) for family in FAMILIES)


def _by_demand() -> Iterator[tuple[int, int]]:
    """Family and size of each product: what sells first, each family in turn."""
    sizes = _sizes()
    ranges = [range(family.core) for family in FAMILIES]
    rest = [range(family.core, len(sizes[index])) for index, family in enumerate(FAMILIES)]
    for batch in (ranges, rest):
        for numbers in zip_longest(*batch):
            yield from ((index, number) for index, number in enumerate(numbers) if number is not None)


def _product(index: int, number: int, levels: Mapping[str, float]) -> Product:
    family, size = FAMILIES[index], _sizes()[index][number]
    values = {**family.common, **size.values}
    return Product(
        sku=f"{family.code}-{size.key}",
        slug=slugify(size.name.en.replace("×", "x")),
        family=family.code,
        category=family.category,
        series=family.series,
        name=size.name,
        summary=in_words(family.summary, values),
        description=in_words(family.text, values),
        attributes=values,
        unit=family.unit,
        weight_g=max(10, round(size.weight * 100) * 10),
        price_minor=shop_price(size.price * levels[family.code]) * 100,
        vat_code="standard",
        ean=article_number(index, number),
        picture=family.picture,
    )


def shop_price(roubles: float) -> int:
    """Whole roubles as a price list rounds them: 57, 645, 1 390, 48 790."""
    if roubles < 100:
        return max(1, round(roubles))
    if roubles < 1000:
        return round(roubles / 5) * 5
    return round(roubles / 100) * 100 - 10


def article_number(index: int, number: int) -> str:
    """EAN-13 out of the range 200, which is kept for use inside one company."""
    body = f"200{index:03d}{number:06d}"
    return body + ean.calc_check_digit(body)


OPTION_NAMES = {
    (attribute.code, option.code): option.name for attribute in attributes() for option in attribute.options
}
COUNTED = {
    "sections": ("секция", "секции", "секций"),
    "columns": ("колонка", "колонки", "колонок"),
    "outlets": ("контур", "контура", "контуров"),
}


def in_words(text: Text, values: Mapping[str, Value]) -> Text:
    """The text with its facts filled in, as each language writes them."""
    russian = {code: _shown(code, value, "ru") for code, value in values.items()}
    english = {code: _shown(code, value, "en") for code, value in values.items()}
    counted = {f"{code}_ru": _counted(int(values[code]), forms) for code, forms in COUNTED.items() if code in values}
    return Text(text.ru.format_map({**russian, **counted}), text.en.format_map(english))


def _shown(code: str, value: Value, language: str) -> str:
    if isinstance(value, str):
        name = OPTION_NAMES.get((code, value))
        return value if name is None else str(getattr(name, language))
    number = f"{value:g}".replace("-", "\u2212")
    return number.replace(".", ",") if language == "ru" else number


def _counted(number: int, forms: tuple[str, str, str]) -> str:
    if number % 10 == 1 and number % 100 != 11:
        return f"{number} {forms[0]}"
    if number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14):
        return f"{number} {forms[1]}"
    return f"{number} {forms[2]}"


def _with_neighbours(rows: list[Product]) -> Iterator[Product]:
    """Each product with what is bought beside it, and the next sizes of its series."""
    by_family = {code: list(group) for code, group in groupby(rows, key=lambda row: row.family)}
    goes_with = {family.code: family.goes_with for family in FAMILIES}
    places = ((place, row) for siblings in by_family.values() for place, row in enumerate(siblings))
    for place, row in places:
        siblings = by_family[row.family]
        near = siblings[max(0, place - 2) : place] + siblings[place + 1 : place + 3]
        beside = [by_family[code] for code in goes_with[row.family] if code in by_family]
        yield replace(
            row,
            related=tuple(one.sku for one in near),
            accessories=tuple(others[place % min(3, len(others))].sku for others in beside),
        )
