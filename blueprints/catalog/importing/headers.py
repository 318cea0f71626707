"""Guessing what the columns of a person's table mean, by the words people put over them in Russian and English."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.kernel.cells import Cell, Row

from .values import cell_text, line_of

IGNORE = ""
ATTRIBUTE, PRICE = "attribute:", "price:"
TARGETS = (
    "external_id",
    "sku",
    "name",
    "name_en",
    "description",
    "category",
    "brand",
    "unit",
    "barcode",
    "vat_rate",
    "price",
    "compare_at_price",
    "currency",
    "quantity",
    "picture",
)
SYNONYMS = {
    "external_id": "ид|id|guid|внешний код|external id|код 1с|идентификатор",
    "sku": "артикул|sku|код товара|код|арт|article|vendor code|part number|item|product code",
    "name": "наименование|название|name|товар|номенклатура|product|"
    "title|наименование товара|product name|название товара|name ru|полное наименование",
    "name_en": "name en|english name|название на английском|наименование en|название en|наименование англ",
    "description": "описание|description|подробное описание|описание товара",
    "category": "категория|category|группа|раздел|группа товаров|товарная группа|group|категория товара",
    "brand": "бренд|производитель|торговая марка|brand|vendor|manufacturer|марка",
    "unit": "ед|ед изм|единица|единица измерения|unit|еи|uom",
    "barcode": "штрихкод|штрих код|barcode|ean|ean13|gtin|шк|upc",
    "vat_rate": "ндс|ставка ндс|vat|vat rate|tax|ндс %",
    "price": "цена|price|стоимость|розничная цена|цена розничная|ррц|"
    "retail price|rrp|msrp|цена с ндс|розница|цена руб|цена продажи",
    "compare_at_price": "старая цена|цена до скидки|old price|oldprice|compare at price",
    "currency": "валюта|currency",
    "quantity": "остаток|остатки|количество|кол во|наличие|на складе|stock|"
    "qty|quantity|склад|в наличии|свободный остаток|available|on hand",
    "picture": "картинка|фото|изображение|изображения|picture|image|photo|ссылка на фото|images",
}
BY_WORD = {word: target for target, words in SYNONYMS.items() for word in words.split("|")}
PRICE_WORD = re.compile(r"\b(цена|price)\b")
LOOK = 20


def header_row(rows: Sequence[Row]) -> int:
    """Which of the first rows is the header: the first one with the most words known; the first if none."""
    scores = [len(set(propose([cell_text(cell) for cell in row.cells])) & set(TARGETS)) for row in rows[:LOOK]]
    return scores.index(max(scores)) if scores else 0


def propose(headers: Sequence[str]) -> tuple[str, ...]:
    """A target for each column; each target but attributes once, unknown columns become attributes."""
    taken: set[str] = set()
    return tuple(_target(header, taken) for header in headers)


def _target(header: str, taken: set[str]) -> str:
    target = _meaning(header, taken)
    if target in taken:
        return IGNORE
    taken.add(target)
    return target


def _meaning(header: str, taken: set[str]) -> str:
    words = re.sub(r"[^\w%]+", " ", line_of(header).lower().replace("ё", "е").replace("_", " ")).strip()
    if not words:
        return IGNORE
    target = BY_WORD.get(words) or BY_WORD.get(re.sub(r" (руб|р|rub|шт|pcs)$", "", words))
    if target and target not in taken:
        return target
    return (PRICE if PRICE_WORD.search(words) else ATTRIBUTE) + line_of(header)


def titles(cells: Sequence[Cell]) -> list[str]:
    """The header texts; a column without one stays empty."""
    return [line_of(cell_text(cell)) for cell in cells]
