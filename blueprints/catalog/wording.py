"""How pages name the states, counts and columns of imports."""

from __future__ import annotations

from flask_babel.speaklater import LazyString

from app.kernel.words import _, _l, ngettext
from blueprints.catalog.importing.headers import ATTRIBUTE, IGNORE, PRICE
from blueprints.catalog.importing.perform import CATALOGUE
from blueprints.catalog.models import ImportRun

STATES: dict[str, tuple[LazyString, str]] = {
    "uploaded": (_l("Uploaded"), "info"),
    "mapping": (_l("Columns to be chosen"), "warn"),
    "queued": (_l("In the queue"), "info"),
    "running": (_l("In progress"), "info"),
    "done": (_l("Done"), "good"),
    "failed": (_l("Not taken"), "bad"),
}

FORMATS: dict[str, LazyString | str] = {
    "commerceml_classifier": "CommerceML", "commerceml_catalogue": "CommerceML", "commerceml_offers": "CommerceML",
    "commerceml_prices": "CommerceML", "commerceml_rests": "CommerceML", "yml": "YML", "xlsx": "XLSX", "csv": "CSV",
    "1c": _l("1C exchange"),
}  # fmt: skip

COUNTS: tuple[tuple[str, LazyString], ...] = (
    ("new", _l("New products")),
    ("changed", _l("Changed products")),
    ("unchanged", _l("Unchanged products")),
    ("hidden", _l("Hidden products")),
    ("drafts", _l("New products without a price, not on the sites")),
    ("matched", _l("Products found")),
    ("prices_changed", _l("Prices changed")),
    ("stock_reported", _l("Stock lines reported")),
    ("stock_changed", _l("Stock changed")),
    ("categories_new", _l("New categories")),
    ("categories_changed", _l("Changed categories")),
    ("attributes_new", _l("New properties")),
    ("pictures_new", _l("New pictures")),
    ("variants_folded", _l("Variants taken together")),
    ("price_types_left_out", _l("Price types left out")),
)
ALWAYS_SHOWN = {
    CATALOGUE: ("new", "changed", "unchanged", "hidden", "prices_changed", "stock_changed"),
    "stock": ("matched", "stock_changed"),
}

TARGETS: dict[str, LazyString] = {
    IGNORE: _l("Leave out"),
    "external_id": _l("Id in the accounting program"),
    "sku": _l("Article (SKU)"),
    "name": _l("Product name"),
    "name_en": _l("Name in English"),
    "description": _l("Description"),
    "category": _l("Category"),
    "brand": _l("Brand"),
    "unit": _l("Unit"),
    "barcode": _l("Barcode"),
    "vat_rate": _l("VAT rate"),
    "price": _l("Price"),
    "compare_at_price": _l("Old price, crossed out"),
    "currency": _l("Currency"),
    "quantity": _l("Stock"),
    "picture": _l("Picture"),
}
FIELDS: dict[str, LazyString] = {
    **TARGETS, "id": TARGETS["external_id"], "pictures": TARGETS["picture"], "prices": TARGETS["price"],
    "attributes": _l("Properties"), "file": _l("File"),
}  # fmt: skip
OF_STOCK = (IGNORE, "external_id", "sku", "barcode", "name", "quantity", "price", "compare_at_price", "currency")


def counts_of(run: ImportRun) -> list[tuple[str, int]]:
    """The numbers worth showing, the main ones even when they are zero."""
    shown = ALWAYS_SHOWN.get(run.purpose, ())
    return [(str(label), run.counts.get(key, 0)) for key, label in COUNTS if run.counts.get(key) or key in shown]


def choices_of(header: str, purpose: str) -> list[tuple[str, str]]:
    """What a column with that header may hold."""
    if purpose != CATALOGUE:
        return [(target, str(TARGETS[target])) for target in OF_STOCK]
    named = [(f"{ATTRIBUTE}{header}", _("Property “%(name)s”", name=header[:60]))] if header else []
    prices = [(f"{PRICE}{header}", _("Another price type"))] if header else []
    return [*((target, str(label)) for target, label in TARGETS.items()), *named, *prices]


def summary(run: ImportRun) -> str:
    """One line about a finished run."""
    if run.state == "failed":
        return run.error or ""
    if run.state != "done":
        return ""
    told = run.counts.get("errors", 0) + run.counts.get("warnings", 0)
    remarks = ngettext("%(num)s remark", "%(num)s remarks", told)
    return f"{_changes(run)}, {remarks}" if told else _changes(run)


def report_summary(run: ImportRun) -> str:
    """How many records were left out and how many only remarked on."""
    errors, warnings = run.counts.get("errors", 0), run.counts.get("warnings", 0)
    parts = [
        ngettext("%(num)s record was left out", "%(num)s records were left out", errors) if errors else "",
        ngettext("%(num)s remark", "%(num)s remarks", warnings) if warnings else "",
    ]
    return ", ".join(part for part in parts if part)


def field_of(field: str | None) -> str:
    """The field of a report line as people call it."""
    if not field:
        return ""
    named = field.removeprefix(ATTRIBUTE).removeprefix(PRICE)
    return str(FIELDS.get(field, named))


def place_of(place: str) -> str:
    """Where in the file: a row of a table, a cell, or an element with its id."""
    return _("Row %(number)s", number=place) if place.isdigit() else place


def _changes(run: ImportRun) -> str:
    counts = run.counts
    if run.purpose == CATALOGUE:
        return _(
            "products: %(new)s new, %(changed)s changed, %(hidden)s hidden; "
            "changed prices: %(prices)s, stock: %(stock)s",
            new=counts.get("new", 0), changed=counts.get("changed", 0), hidden=counts.get("hidden", 0),
            prices=counts.get("prices_changed", 0), stock=counts.get("stock_changed", 0),
        )
    return _("stock of %(stock)s, prices of %(prices)s changed", stock=counts.get("stock_changed", 0),
             prices=counts.get("prices_changed", 0))  # fmt: skip
