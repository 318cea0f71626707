"""Catalogues of any size as 1C exports them, packed as it sends them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

HEAD = '<?xml version="1.0" encoding="UTF-8"?><КоммерческаяИнформация ВерсияСхемы="2.07">'
FOOT = "</КоммерческаяИнформация>"
PROPERTIES, GROUPS, SECTIONS = 8, 20, 10
FUELS = ("газ", "электричество", "твёрдое топливо", "дизель")
STORY = "Надёжный котёл с закрытой камерой сгорания и встроенным насосом. " * 4


def package(products: int) -> bytes:
    """A ZIP of goods and offers: eight properties, two price types, stock, 220 categories."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("import.xml", "".join(_goods(products)))
        archive.writestr("offers.xml", "".join(_offers(products)))
    return body.getvalue()


def _goods(products: int) -> Iterator[str]:
    yield f"{HEAD}<Классификатор><Группы>"
    for group in range(GROUPS):
        sections = "".join(_named("Группа", f"g{group}_{n}", f"Раздел {group} {n}") for n in range(SECTIONS))
        yield _named("Группа", f"g{group}", f"Группа {group}", f"<Группы>{sections}</Группы>")
    yield "</Группы><Свойства>"
    yield from (_named("Свойство", f"p{n}", f"Свойство {n}") for n in range(PROPERTIES))
    yield '</Свойства></Классификатор><Каталог СодержитТолькоИзменения="false"><Товары>'
    yield from (_product(number) for number in range(products))
    yield f"</Товары></Каталог>{FOOT}"


def _product(number: int) -> str:
    values = "".join(
        f"<ЗначенияСвойства><Ид>p{n}</Ид><Значение>{_value(n, number)}</Значение></ЗначенияСвойства>"
        for n in range(PROPERTIES)
    )
    rest = (
        f"<Артикул>АРТ-{number:06d}</Артикул><Штрихкод>46{number:011d}</Штрихкод><Описание>{STORY}</Описание>"
        f'<БазоваяЕдиница Код="796">шт</БазоваяЕдиница><ЗначенияСвойств>{values}</ЗначенияСвойств>'
        f"<Группы><Ид>g{number % GROUPS}_{number % SECTIONS}</Ид></Группы><СтавкиНалогов><СтавкаНалога>"
        "<Наименование>НДС</Наименование><Ставка>22</Ставка></СтавкаНалога></СтавкиНалогов>"
    )
    return _named("Товар", f"id-{number}", f"Котёл газовый настенный Очаг {number} двухконтурный", rest)


def _value(place: int, number: int) -> str:
    if place < 3:
        return str(1 + number * (place + 3) % 20)
    return FUELS[number % len(FUELS)] if place < 6 else f"текст {number}"


def _offers(products: int) -> Iterator[str]:
    yield f'{HEAD}<ПакетПредложений СодержитТолькоИзменения="false"><ТипыЦен>'
    yield _named("ТипЦены", "t1", "Закупочная", "<Валюта>RUB</Валюта>")
    yield _named("ТипЦены", "t2", "Розничная", "<Валюта>RUB</Валюта>")
    yield "</ТипыЦен><Предложения>"
    for number in range(products):
        prices = "".join(_price(kind, amount) for kind, amount in (("t1", 1), ("t2", 10_000 + number)))
        rest = f"<Цены>{prices}</Цены><Количество>{number % 50}</Количество>"
        yield _named("Предложение", f"id-{number}", f"Котёл {number}", rest)
    yield f"</Предложения></ПакетПредложений>{FOOT}"


def _price(kind: str, amount: int) -> str:
    return f"<Цена><ИдТипаЦены>{kind}</ИдТипаЦены><ЦенаЗаЕдиницу>{amount}</ЦенаЗаЕдиницу><Валюта>RUB</Валюта></Цена>"


def _named(element: str, external_id: str, name: str, rest: str = "") -> str:
    return f"<{element}><Ид>{external_id}</Ид><Наименование>{name}</Наименование>{rest}</{element}>"
