"""CommerceML: the real files of 1C read whole, the shapes of each schema version, and what a broken export says."""

from __future__ import annotations

import io
import time
from decimal import Decimal
from pathlib import Path

import pytest

from app.kernel.money import Money
from blueprints.catalog.importing import commerceml
from blueprints.catalog.importing.commerceml import NotCommerceMl
from blueprints.catalog.importing.directory import Directory
from blueprints.catalog.importing.problems import Level, Problem
from blueprints.catalog.importing.records import (
    AttributeRecord,
    CategoryRecord,
    Characteristic,
    OfferRecord,
    PackageRecord,
    PriceTypeRecord,
    ProductRecord,
    Read,
    WarehouseRecord,
)

REAL = Path(__file__).parents[3] / "data" / "commerceml"
PLAIN = '<?xml version="1.0" encoding="UTF-8"?><КоммерческаяИнформация ВерсияСхемы="2.05">%s</КоммерческаяИнформация>'


def read(content: str | bytes, directory: Directory | None = None) -> list[Read]:
    data = (PLAIN % content).encode() if isinstance(content, str) else content
    return list(commerceml.read(io.BytesIO(data), directory))


def of_type(records: list[Read], kind: type) -> list[Read]:
    return [record for record in records if isinstance(record, kind)]


def codes(records: list[Read]) -> list[tuple[str, str]]:
    return [(record.code, record.field) for record in records if isinstance(record, Problem)]


def goods(*products: str) -> str:
    return f"<Каталог><Товары>{''.join(products)}</Товары></Каталог>"


def offers(*items: str, head: str = "") -> str:
    return f"<ПакетПредложений>{head}<Предложения>{''.join(items)}</Предложения></ПакетПредложений>"


def test_the_real_catalogue_is_read_whole() -> None:
    records = read((REAL / "import.xml").read_bytes())
    assert codes(records) == []
    assert len(of_type(records, CategoryRecord)) == 22
    assert len(of_type(records, AttributeRecord)) == 10
    boots, shoes = of_type(records, ProductRecord)
    assert isinstance(boots, ProductRecord) and isinstance(shoes, ProductRecord)
    assert (boots.sku, boots.name, boots.unit, boots.barcode) == (
        "Б-130001", "Женские ботфорты коричневые", "пар", "2000018987155",
    )  # fmt: skip
    assert boots.category_external_ids == ("e5a4c309-a659-11dd-acee-0015e9b8c48d",)
    assert boots.attributes["bb14a4b8-6b17-11e0-9819-e0cb4ed5eed4"] == "Обувной комбинат"
    assert boots.attributes["444bbea0-6b18-11e0-9819-e0cb4ed5eed4"] == "ООО Рога и копыта"
    assert len(boots.pictures) == 3
    assert boots.requisites["ВидНоменклатуры"] == "Обувь"
    assert shoes.sku == "Б- 130005"


def test_the_real_offers_are_read_whole() -> None:
    records = read((REAL / "offers.xml").read_bytes())
    assert codes(records) == []
    (price_type,) = of_type(records, PriceTypeRecord)
    assert price_type == PriceTypeRecord("bb14a3a4-6b17-11e0-9819-e0cb4ed5eed4", "Розничная", "RUB")
    assert len(of_type(records, WarehouseRecord)) == 5
    first = of_type(records, OfferRecord)[0]
    assert first == OfferRecord(
        product_external_id="bd72d910-55bc-11d9-848a-00112f43529a",
        sku="Б-130001",
        characteristic=Characteristic(
            "90c55447-d3a8-11e4-9423-e0cb4ed5eed4",
            {"Размер": "40", "Тип кожи": "натуральная кожа", "Цвет": "Коричневый"},
        ),
        prices={"bb14a3a4-6b17-11e0-9819-e0cb4ed5eed4": Money(171900)},
        quantity=Decimal(20),
        quantity_by_warehouse={"b6112590-41ba-11dd-ac9d-0015e9b8c48d": Decimal(20)},
        place="Предложение[1] bd72d910-55bc-11d9-848a-00112f43529a#90c55447-d3a8-11e4-9423-e0cb4ed5eed4",
    )


def test_windows_1251_without_namespace_reads_as_utf_8_with_it() -> None:
    real = (REAL / "import.xml").read_text("utf-8-sig")
    old = real.replace('xmlns="urn:1C.ru:commerceml_2"', "").replace('encoding="UTF-8"', 'encoding="windows-1251"')
    assert read(old.encode("cp1251")) == read((REAL / "import.xml").read_bytes())


def test_categories_come_after_their_parents() -> None:
    tree = "<Группа><Ид>1</Ид><Наименование>Котлы</Наименование><Группы><Группа><Ид>2</Ид>" \
        "<Наименование>Газовые</Наименование></Группа></Группы></Группа>"  # fmt: skip
    assert read(f"<Классификатор><Группы>{tree}</Группы></Классификатор>") == [
        CategoryRecord("1", "Котлы"),
        CategoryRecord("2", "Газовые", parent_external_id="1"),
    ]


@pytest.mark.parametrize(("flag", "only"), [("true", True), ("false", False), ("", False)])
def test_a_package_says_whether_it_holds_only_changes(flag: str, only: bool) -> None:
    (package,) = read(f'<Каталог СодержитТолькоИзменения="{flag}"/>')
    assert package == PackageRecord("catalogue", only_changes=only, schema_version="2.05")


def test_a_package_of_changes_holds_only_changes_whatever_it_says() -> None:
    (package,) = read("<ИзмененияПакетаПредложений/>")
    assert isinstance(package, PackageRecord) and package.only_changes


@pytest.mark.parametrize(
    "mark",
    ['<Товар Статус="Удален"><Ид>1</Ид></Товар>',
     "<Товар><Ид>1</Ид><Статус>Удален</Статус></Товар>",
     "<Товар><Ид>1</Ид><ПометкаУдаления>true</ПометкаУдаления></Товар>"],
)  # fmt: skip
def test_a_deleted_product_is_marked_and_needs_no_name(mark: str) -> None:
    product = read(goods(mark))[-1]
    assert isinstance(product, ProductRecord) and product.is_deleted


def test_vat_brand_and_requisites_are_read() -> None:
    product = read(goods(
        "<Товар><Ид>1</Ид><Наименование>Котёл</Наименование><Изготовитель><Ид>9</Ид>"
        "<Наименование>Очаг</Наименование></Изготовитель><СтавкиНалогов><СтавкаНалога><Наименование>НДС</Наименование>"
        "<Ставка>22</Ставка></СтавкаНалога></СтавкиНалогов><БазоваяЕдиница Код='796 '>шт</БазоваяЕдиница>"
        "<ЗначенияРеквизитов><ЗначениеРеквизита><Наименование>Вес</Наименование><Значение>31,5</Значение>"
        "</ЗначениеРеквизита></ЗначенияРеквизитов></Товар>"
    ))[-1]  # fmt: skip
    assert isinstance(product, ProductRecord)
    assert (product.vat_rate, product.brand, product.unit, product.requisites) == (
        Decimal(22), "Очаг", "шт", {"Вес": "31,5"},
    )  # fmt: skip


def test_a_characteristic_of_a_product_becomes_an_attribute_found_on_the_way() -> None:
    trait = "<ХарактеристикаТовара><Наименование>Цвет</Наименование><Значение>белый</Значение></ХарактеристикаТовара>"
    records = read(goods(
        f"<Товар><Ид>1#a</Ид><Наименование>Котёл</Наименование><ХарактеристикиТовара>{trait}</ХарактеристикиТовара></Товар>",
        "<Товар><Ид>1#b</Ид><Наименование>Котёл</Наименование></Товар>",
    ))  # fmt: skip
    assert codes(records) == []
    assert of_type(records, AttributeRecord) == [AttributeRecord("Цвет", "Цвет")]
    (product,) = of_type(records, ProductRecord)
    assert isinstance(product, ProductRecord) and product.attributes == {"Цвет": "белый"}


@pytest.mark.parametrize(
    ("stock", "total", "by_warehouse"),
    [("<Количество>5</Количество>", 5, {}),
     ("<Склад ИдСклада='w1' КоличествоНаСкладе='2'/><Склад ИдСклада='w2' КоличествоНаСкладе='3'/>", 5,
      {"w1": 2, "w2": 3}),
     ("<Остатки><Остаток><Склад><Ид>w1</Ид><Количество>7</Количество></Склад></Остаток></Остатки>", 7, {"w1": 7}),
     ("<Остатки><Остаток><Количество>4</Количество></Остаток></Остатки>", 4, {}),
     ("<КоличествоНаСкладах><КоличествоНаСкладе><ИдСклада>w1</ИдСклада><Количество>1</Количество></КоличествоНаСкладе>"
      "</КоличествоНаСкладах>", 1, {"w1": 1}),
     ("", None, {})],
)  # fmt: skip
def test_stock_is_read_in_the_shape_of_each_schema(stock: str, total: int | None, by_warehouse: dict[str, int]) -> None:
    offer = read(offers(f"<Предложение><Ид>1</Ид>{stock}</Предложение>"))[-1]
    assert isinstance(offer, OfferRecord)
    assert (offer.quantity, offer.quantity_by_warehouse) == (total, by_warehouse)


def test_prices_of_a_later_file_lean_on_the_types_of_an_earlier_one() -> None:
    directory = Directory()
    head = "<ТипыЦен><ТипЦены><Ид>p</Ид><Наименование>Розница</Наименование><Валюта>руб</Валюта></ТипЦены></ТипыЦен>"
    read(offers(head=head), directory)
    price = "<Цены><Цена><ИдТипаЦены>%s</ИдТипаЦены><ЦенаЗаЕдиницу>12 345,50</ЦенаЗаЕдиницу></Цена></Цены>"
    given = [f"<Предложение><Ид>{kind}</Ид>{price % kind}</Предложение>" for kind in ("p", "q")]
    records = read(offers(*given), directory)
    first, second = of_type(records, OfferRecord)
    assert isinstance(first, OfferRecord) and isinstance(second, OfferRecord)
    assert (first.prices, second.prices) == ({"p": Money(1_234_550)}, {})
    assert codes(records) == [("unknown_price_type", "prices")]


@pytest.mark.parametrize(
    ("given", "code"),
    [("-5", "price_negative"), ("0", "price_zero"), ("abc", "price_not_number"), ("9" * 400, "price_not_number"),
     ("NaN", "price_not_number"), ("inf", "price_not_number"), ("1e400", "price_not_number"), ("", "price_not_number"),
     ("99999999999", "price_too_big")],
)  # fmt: skip
def test_an_absurd_price_costs_the_price_not_the_offer(given: str, code: str) -> None:
    price = f"<Цены><Цена><ИдТипаЦены>p</ИдТипаЦены><ЦенаЗаЕдиницу>{given}</ЦенаЗаЕдиницу></Цена></Цены>"
    records = read(offers(f"<Предложение><Ид>1</Ид>{price}<Количество>2</Количество></Предложение>"))
    offer = of_type(records, OfferRecord)[0]
    assert isinstance(offer, OfferRecord) and offer.prices == {} and offer.quantity == 2
    assert codes(records) == [(code, "prices")]


@pytest.mark.parametrize(
    ("product", "code", "level"),
    [("<Товар><Наименование>Котёл</Наименование></Товар>", "missing_id", Level.ERROR),
     ("<Товар><Ид>1</Ид></Товар>", "missing_name", Level.ERROR),
     (f"<Товар><Ид>{'1' * 300}</Ид><Наименование>Котёл</Наименование></Товар>", "id_too_long", Level.ERROR),
     (f"<Товар><Ид>1</Ид><Наименование>{'К' * 600}</Наименование></Товар>", "text_too_long", Level.WARNING),
     ("<Товар><Ид>1</Ид><Наименование>К</Наименование><Картинка>../../etc/passwd</Картинка></Товар>",
      "picture_refused", Level.WARNING)],
)  # fmt: skip
def test_a_broken_product_is_told_with_its_level(product: str, code: str, level: Level) -> None:
    records = read(goods(product))
    (problem,) = of_type(records, Problem)
    assert isinstance(problem, Problem) and (problem.code, problem.level) == (code, level)
    assert len(of_type(records, ProductRecord)) == (0 if level is Level.ERROR else 1)


def test_of_two_products_with_one_id_the_first_is_taken() -> None:
    twice = "<Товар><Ид>1</Ид><Наименование>%s</Наименование></Товар>"
    records = read(goods(twice % "Первый", twice % "Второй"))
    (product,) = of_type(records, ProductRecord)
    assert isinstance(product, ProductRecord) and product.name == "Первый"
    assert of_type(records, Problem) == [
        Problem("duplicate_id", "Товар[2] 1", "id", Level.ERROR, {"value": "1"}),
    ]


@pytest.mark.parametrize("content", [b"<yml_catalog/>", '<КоммерческаяИнформация ВерсияСхемы="3.1"/>'.encode()])
def test_another_root_or_schema_is_refused(content: bytes) -> None:
    with pytest.raises(NotCommerceMl):
        read(content)


def test_ten_thousand_products_are_read_in_time() -> None:
    real = (REAL / "import.xml").read_text("utf-8-sig")
    start, end = real.index("<Товар>"), real.index("</Товар>") + len("</Товар>")
    one = real[start:end]
    many = "".join(one.replace("bd72d910-55bc", f"{number:08x}-55bc") for number in range(10_000))
    content = io.BytesIO((real[:start] + many + real[real.index("</Товары>") :]).encode())
    began = time.process_time()
    assert sum(isinstance(record, ProductRecord) for record in commerceml.read(content)) == 10_000
    assert time.process_time() - began < 8
