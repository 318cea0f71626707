"""A `Товар` of CommerceML as a product record."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from app.kernel.xmlsafe import Node

from . import limits
from .directory import Directory
from .problems import Notes
from .records import AttributeRecord, AttributeValue, ProductRecord
from .values import clipped, line_of, picture, text_of, unit, vat

FILES = {"Файл", "ОписаниеФайла", "ОписаниеВФорматеHTML"}
TRUE = {"true", "1", "истина", "да"}


def split_id(text: str) -> tuple[str, str]:
    """Product and variant of an id `product#variant`; the variant may be empty."""
    product, _mark, variant = text.partition("#")
    return product.strip(), variant.strip()


def product_of(node: Node, directory: Directory, notes: Notes) -> ProductRecord | None:
    """The product, or `None` with the reason in `notes`. A deleted one needs no name."""
    external_id, _variant = split_id(line_of(node.text_of("Ид")))
    name = line_of(node.text_of("Наименование"))
    deleted = is_deleted(node)
    if not external_id:
        notes.fail("missing_id", "id", name)
        return None
    if not name and not deleted:
        notes.fail("missing_name", "name")
        return None
    if not limits.fits_id(external_id, notes):
        return None
    requisites = dict(_requisites(node))
    rate, exempt = _vat(node, notes)
    return ProductRecord(
        external_id=external_id,
        sku=clipped(line_of(node.text_of("Артикул")), limits.SKU, "sku", notes),
        name=limits.name(name, notes),
        description=clipped(text_of(node.text_of("Описание")), limits.DESCRIPTION, "description", notes),
        category_external_ids=_categories(node, directory, notes),
        brand=line_of(node.text_of("Изготовитель", "Наименование"))[: limits.NAME],
        unit=_unit(node, directory),
        barcode=clipped(line_of(node.text_of("Штрихкод")), limits.BARCODE, "barcode", notes),
        vat_rate=rate,
        is_vat_exempt=exempt,
        attributes=_attributes(node, directory, notes),
        requisites=requisites,
        pictures=_pictures(node, notes),
        is_deleted=deleted,
        place=notes.place,
    )


def is_deleted(node: Node) -> bool:
    """1C marks a deleted thing by an attribute or by a child, depending on the schema."""
    status = node.attributes.get("Статус") or node.text_of("Статус")
    return status.strip().lower() in {"удален", "удалён"} or is_true(node.text_of("ПометкаУдаления"))


def is_true(text: str) -> bool:
    """Whether a flag of 1C says yes."""
    return text.strip().lower() in TRUE


def _categories(node: Node, directory: Directory, notes: Notes) -> tuple[str, ...]:
    ids = [line_of(group.text) for group in node.all("Группы", "Ид")]
    for external_id in ids:
        # an export of changes may come without the classifier: then the caller knows the categories
        if directory.categories and external_id not in directory.categories:
            notes.warn("unknown_category", "category", external_id)
    known = [external_id for external_id in ids if not directory.categories or external_id in directory.categories]
    return tuple(limits.first(known, limits.CATEGORIES, "category", notes))


def _unit(node: Node, directory: Directory) -> str:
    base = node.child("БазоваяЕдиница")
    if base is None:
        return ""
    text = line_of(base.text)
    known = directory.units.get(text) or directory.units.get(base.attributes.get("Код", ""))
    word = text or base.attributes.get("НаименованиеКраткое", "") or base.attributes.get("НаименованиеПолное", "")
    return known or unit(word, base.attributes.get("Код", ""))


def _vat(node: Node, notes: Notes) -> tuple[Decimal | None, bool]:
    for rate in node.all("СтавкиНалогов", "СтавкаНалога"):
        if rate.text_of("Наименование").upper() in {"НДС", ""}:
            return vat(rate.text_of("Ставка"), "vat_rate", notes)
    return None, False


def _requisites(node: Node) -> Iterator[tuple[str, str]]:
    for requisite in node.all("ЗначенияРеквизитов", "ЗначениеРеквизита"):
        name, value = line_of(requisite.text_of("Наименование")), line_of(requisite.text_of("Значение"))
        if name and value and name not in FILES:
            yield name[: limits.NAME], value[: limits.VALUE]
    for name in ("Страна", "Вес"):
        if value := line_of(node.text_of(name)):
            yield name, value[: limits.VALUE]


def _attributes(node: Node, directory: Directory, notes: Notes) -> dict[str, AttributeValue]:
    values: dict[str, AttributeValue] = {}
    for given in node.all("ЗначенияСвойств", "ЗначенияСвойства"):
        external_id = line_of(given.text_of("Ид"))
        attribute = directory.attributes.get(external_id)
        if attribute is None and directory.attributes:
            notes.warn("unknown_attribute", "attributes", external_id)
            continue
        texts = [line_of(value.text)[: limits.VALUE] for value in given.all("Значение")]
        if external_id and any(texts):
            values[external_id] = _told([_choice(attribute, text) for text in texts if text])
    for name, external_id, text in traits(node):
        values[directory.attribute_named(external_id, name)] = text
    return dict(limits.first(list(values.items()), limits.ATTRIBUTES, "attributes", notes))


def _choice(attribute: AttributeRecord | None, text: str) -> str:
    return attribute.choices.get(text, text) if attribute else text


def _told(texts: list[str]) -> AttributeValue:
    return texts[0] if len(texts) == 1 else tuple(texts)


def traits(node: Node) -> Iterator[tuple[str, str, str]]:
    """Name, id (may be empty) and value of each `ХарактеристикаТовара`, e.g. the size of a shoe."""
    for trait in node.all("ХарактеристикиТовара", "ХарактеристикаТовара"):
        name, value = line_of(trait.text_of("Наименование")), line_of(trait.text_of("Значение"))
        external_id = line_of(trait.text_of("Ид"))
        if name and value and len(external_id or name) <= limits.ID:
            yield name[: limits.NAME], external_id, value[: limits.VALUE]


def _pictures(node: Node, notes: Notes) -> tuple[str, ...]:
    names = [picture(child.text, notes) for child in node.all("Картинка")]
    return tuple(limits.first(list(dict.fromkeys(filter(None, names))), limits.PICTURES, "pictures", notes))
