"""What is wrong in a file, kept as a code with its parameters and worded when someone reads it.

So one stored report reads in Russian and in English. Every sentence says what to mend.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from enum import StrEnum

from flask_babel.speaklater import LazyString

from app.kernel.words import _l

SHOWN = 60


class Level(StrEnum):
    """`ERROR`: the record is left out. `WARNING`: it is taken, the field is left out or mended."""

    ERROR = "error"
    WARNING = "warning"


@dataclasses.dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: at which `place` (an element with its id, a cell such as `C17`), in which field.

    `params` are JSON primitives, so a stored problem can be worded again.
    """

    code: str
    place: str = ""
    field: str = ""
    level: Level = Level.WARNING
    params: Mapping[str, str | int] = dataclasses.field(default_factory=dict)


SENTENCES: dict[str, LazyString] = {
    "missing_id": _l("The record has no id. Fill in the id («Ид») and export it again."),
    "missing_name": _l("The record has no name. Give it one."),
    "missing_key": _l("The row has neither an article nor an id. Fill in one of them."),
    "duplicate_id": _l("The id %(value)s was there before: only the first record is taken. Remove the second one."),
    "id_too_long": _l("The id %(value)s is too long. Shorten it to %(cap)s characters."),
    "text_too_long": _l("The text is cut to %(cap)s characters. Shorten it in the source."),
    "too_many": _l("There are more than %(cap)s values; the rest is left out. Leave the needed ones."),
    "unknown_category": _l("There is no category %(value)s in the file. Export it too or correct the reference."),
    "unknown_parent": _l("There is no parent category %(value)s: this one stands at the top. Correct the reference."),
    "unknown_attribute": _l("There is no property %(value)s in the file. Export it too or remove the value."),
    "unknown_price_type": _l("There is no price type %(value)s in the file. Export the price types too."),
    "unknown_warehouse": _l("There is no warehouse %(value)s in the file. Export the warehouses too."),
    "price_not_number": _l("“%(value)s” is no price. Write a number, for example 12 345,50."),
    "price_negative": _l("The price %(value)s is below zero. Correct it."),
    "price_zero": _l("The price is zero and is not taken. Set a price or leave it empty."),
    "price_too_big": _l("The price %(value)s is too big to be true. Check the decimal mark."),
    "price_rounded": _l("The price %(value)s is taken as %(read)s. Write it with two decimals."),
    "currency_unknown": _l("The currency %(value)s is not known. Use a code such as RUB, USD or EUR."),
    "quantity_not_number": _l("“%(value)s” is no quantity. Write a number, for example 12."),
    "quantity_negative": _l("The quantity %(value)s is below zero; zero is taken. Check the stock."),
    "quantity_too_big": _l("The quantity %(value)s is too big to be true. Correct it."),
    "vat_unknown": _l("The VAT rate %(value)s is not known. Write for example 22 %% or “without VAT”."),
    "picture_refused": _l("The picture name %(value)s is not accepted. Use a plain file name or an http address."),
    "date_in_cell": _l("The cell holds a date, which Excel may have made of a text. Format it as text, type it again."),
    "cell_error": _l("The cell holds the Excel error %(value)s. Correct the formula or type the value."),
    "sku_missing": _l("There is no article; the id stands in for it. Give the product an article."),
    "sku_taken": _l("The article %(value)s belongs to another product; the id stands in for it. Give it its own."),
    "vat_not_kept": _l("The VAT rate %(value)s %% is not in force; the standard rate is taken. Correct the rate."),
    "value_not_fitting": _l("“%(value)s” does not fit this property and is left out. Write it as in other products."),
    "picture_not_sent": _l("The picture %(value)s did not come with the file. Pack it into the same archive."),
    "picture_not_readable": _l("%(value)s is no picture we take. Save it as PNG, JPEG or WebP of at most 5 MB."),
    "draft_without_price": _l(
        "The new product %(value)s is not on the sites: it has no price. Mend the price and import it again."
    ),
    "price_foreign": _l("Prices are kept in roubles, this one is in %(value)s and is left out. Export it in roubles."),
    "unknown_product": _l("There is no product %(value)s in the catalogue. Check the article or the id."),
    "product_twice": _l("The product %(value)s was there before: only the first line is taken. Remove the second one."),
    "member_ignored": _l("The file %(value)s in the archive is neither a catalogue nor a picture and is left out."),
}


def sentence(code: str, params: Mapping[str, str | int]) -> str:
    """The problem in the reader's language."""
    words = SENTENCES.get(code)
    return str(words) % params if words is not None else code


def shown(value: object) -> str:
    """A value as a report may quote it: short and on one line."""
    text = "".join(letter if letter.isprintable() else " " for letter in str(value)[: SHOWN + 1]).strip()
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


class Notes:
    """Gathers the problems of one record while it is read; `place` may be narrowed to a cell on the way."""

    __slots__ = ("place", "problems")

    def __init__(self, place: str) -> None:
        self.place = place
        self.problems: list[Problem] = []

    def warn(self, code: str, field: str, value: object = "", **params: str | int) -> None:
        """Note something that costs the field, not the record."""
        self._add(code, field, Level.WARNING, value, params)

    def fail(self, code: str, field: str, value: object = "", **params: str | int) -> None:
        """Note something that costs the record."""
        self._add(code, field, Level.ERROR, value, params)

    def _add(self, code: str, field: str, level: Level, value: object, params: dict[str, str | int]) -> None:
        self.problems.append(Problem(code, self.place, field, level, {"value": shown(value), **params}))
