"""What the address of a list asks for: `q`, `sort`, `page`, `stock`, and facets as `f.power.from=12&f.fuel=gas`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from blueprints.catalog.facets import PRICE, Filters, Range
from blueprints.catalog.queries import SORTS, Wish
from blueprints.catalog.tree import Definition, Node

LARGEST = Decimal(10) ** 9
MOST_VALUES = 30


def read_wish(arguments: MultiDict[str, str], known: Mapping[str, Definition], category: Node | None) -> Wish:
    """The wish an address stands for; what it says wrongly is not heard."""
    named = {name[2:].removesuffix(".from").removesuffix(".to") for name in arguments if name.startswith("f.")}
    facets = {code: one for code, one in known.items() if one.is_facet and code in named}
    ranged = [PRICE, *(code for code, one in facets.items() if one.kind == "number")]
    ranges = {code: _range(arguments, code) for code in ranged}
    choices = {
        code: tuple(dict.fromkeys(arguments.getlist(f"f.{code}")))[:MOST_VALUES]
        for code, one in facets.items() if one.kind in ("choice", "bool")
    }
    return Wish(
        category=category, words=arguments.get("q", "").replace("\0", "")[:200],
        filters=Filters(
            choices={code: values for code, values in choices.items() if values},
            ranges={code: pair for code, pair in ranges.items() if pair != (None, None)},
            in_stock=arguments.get("stock") == "1",
        ),
        sort=arguments["sort"] if arguments.get("sort") in SORTS else "",
        page=max(1, min(arguments.get("page", 1, type=int), 100_000)),
    )


def address(arguments: MultiDict[str, str], *but: str, value: str | None = None, **more: str) -> str:
    """The address of the same list from its first page, without some arguments (or one value of them), with others."""
    kept = {name: values for name, values in arguments.to_dict(flat=False).items() if any(values)}
    for name in (*but, "page", "lang"):
        left = [one for one in kept.pop(name, []) if value is not None and one != value and name in but]
        kept |= {name: left} if left else {}
    return "?" + urlencode({**kept, **{name: one for name, one in more.items() if one}}, doseq=True)


def _range(arguments: MultiDict[str, str], code: str) -> Range:
    return _number(arguments.get(f"f.{code}.from")), _number(arguments.get(f"f.{code}.to"))


def _number(text: str | None) -> Decimal | None:
    try:
        value = Decimal((text or "").replace(",", ".").replace("\u00a0", "").replace(" ", ""))
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value) <= LARGEST else None
