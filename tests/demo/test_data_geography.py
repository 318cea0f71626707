"""Reference data of regions and cities: complete, Russian, unique."""

import re

from tenants.geography import cities, english_name, regions, russian_name

BY_SLUG = {city.slug: city for city in cities()}


def test_every_city_lies_in_a_known_region() -> None:
    codes = {region.code for region in regions()}
    assert len(codes) == len(regions()) == 83
    assert {city.region_code for city in cities()} == codes


def test_cities_are_towns_not_their_districts() -> None:
    assert 950 < len(cities()) < 1000
    assert all(city.population >= 15_000 for city in cities())
    assert len([city for city in cities() if city.region_code == "48"]) == 5


def test_slugs_and_ids_are_unique() -> None:
    assert len(BY_SLUG) == len(cities()) == len({city.id for city in cities()})
    assert all(re.fullmatch(r"[a-z0-9-]+", slug) for slug in BY_SLUG)


def test_names_are_russian_and_english() -> None:
    for city in cities():
        assert re.fullmatch(r"[А-ЯЁ][а-яё]+([ -][А-ЯЁа-яё]+)*", city.name_ru), city
        assert re.fullmatch(r"[A-Z][A-Za-z -]+", city.name_en), city


def test_large_cities_are_spelt_as_russians_spell_them() -> None:
    largest = [city.name_ru for city in cities()[:16]]
    assert largest == [
        "Москва", "Санкт-Петербург", "Новосибирск", "Екатеринбург", "Нижний Новгород", "Казань",
        "Челябинск", "Омск", "Самара", "Ростов-на-Дону", "Уфа", "Красноярск", "Воронеж",
        "Волгоград", "Пермь", "Краснодар",
    ]  # fmt: skip


def test_namesakes_are_told_apart_by_region() -> None:
    assert BY_SLUG["kirov"].region_code == "33"
    assert BY_SLUG["kirov-kaluga"].name_ru == "Киров"


def test_russian_name_is_chosen_among_other_cyrillic_languages() -> None:
    assert russian_name("Kursk", ["Курськ", "Курск", "Къурскъ"]) == "Курск"
    assert russian_name("Orël", ["Орел", "Орёл"]) == "Орёл"
    assert english_name("Arkhangel’sk") == "Arkhangelsk"
    assert english_name("Nizhniy Novgorod") == "Nizhny Novgorod"
