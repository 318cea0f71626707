"""HQ gives, changes and takes areas; what is refused says why and loses nothing; the dealer reads his own."""

from __future__ import annotations

from typing import Any

import pytest

from tenants import registry
from tests.blueprints.accounts.conftest import People
from tests.house import HQ, KAZAN, SIBIR, Browser, House, token_of

STAND = "SELECT owner_id, shape, kind, name FROM network.territories WHERE ended_at IS NULL ORDER BY id"
FIRST = [(KAZAN, "region", "primary", ""), (SIBIR, "region", "exclusive", "")]
"""Kazan has its region as primary, Siberia another as exclusive."""
SQUARE = "55.2, 48.2\n55.2, 50\n56.3, 50\n56.3, 48.2"
BOW = "55.2, 48.2\n56.3, 50\n55.2, 50\n56.3, 48.2"
CIRCLE = {"dealer": KAZAN, "kind": "primary", "shape": "circle", "city": "Самара", "radius": "50"}
OUTLINE = {"dealer": SIBIR, "kind": "shared", "shape": "polygon", "points": SQUARE, "name": "Вокруг Казани"}


@pytest.fixture
def boss(house: House) -> Browser:
    """HQ's manager, who reads Russian."""
    return _signed_in(house, "manager", HQ)


def _signed_in(house: House, role: str, at: str) -> Browser:
    people = People(house)
    people.staff("vera", role, at)
    browser = people.sign_in("vera", at)
    assert browser.get(("/hq/territories" if at == HQ else "/desk/territory") + "?lang=ru").status_code == 200
    return browser


def post(browser: Browser, path: str, **form: Any) -> Any:
    token = token_of(browser.get("/hq/territories/new").text)
    return browser.post(f"/hq/territories{path}", data={"csrf_token": token, **form})


def drawn(house: House) -> list[tuple[object, ...]]:
    return [row for row in house.rows(STAND) if row not in FIRST]


def number_of(house: House) -> int:
    return int(str(house.scalar("SELECT max(id) FROM network.territories")))


def test_area_is_drawn_changed_and_taken_and_the_journal_tells(house: House, boss: Browser) -> None:
    assert post(boss, "/new", **CIRCLE).status_code == 302
    assert drawn(house) == [(KAZAN, "circle", "primary", "")]
    first = number_of(house)
    page = boss.get(f"/hq/territories/{first}").text
    assert "Самара и 50 км вокруг" in page and 'value="Самара"' in page
    assert post(boss, f"/{first}", **CIRCLE | {"radius": "80", "note": "По договору"}).status_code == 302
    second = number_of(house)
    assert second > first and house.scalar(f"SELECT ended_at FROM network.territories WHERE id = {first}")
    assert post(boss, f"/{second}/ending").status_code == 302
    assert drawn(house) == []
    journal = "SELECT action FROM t_000001.audit_log WHERE starts_with(action, 'network.') ORDER BY number"
    assert house.rows(journal) == [
        ("network.area_drawn",), ("network.area_changed",), ("network.area_ended",),
    ]
    assert post(boss, f"/{second}/ending").status_code == 404


def test_the_same_again_changes_nothing(house: House, boss: Browser) -> None:
    post(boss, "/new", **OUTLINE)
    number = number_of(house)
    post(boss, f"/{number}", **OUTLINE)
    assert (drawn(house), number_of(house)) == ([(SIBIR, "polygon", "shared", "Вокруг Казани")], number)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (OUTLINE | {"points": BOW}, "Контур пересекает сам себя в точке"),
        (OUTLINE | {"points": "55, 49\n56, 50"}, "нужны хотя бы три точки, а здесь 2"),
        (OUTLINE | {"points": ""}, "нужны хотя бы три точки, а здесь 0"),
        (OUTLINE | {"points": "95, 49\n56, 50\n57, 51"}, "Такого места на земле нет: 95, 49"),
        (OUTLINE | {"points": "55, 49\nгде-то здесь\n57, 51"}, "Строка 2 — не точка"),
        (OUTLINE | {"points": "1, 1\n2, 2\n3, 3"}, "лежат на одной прямой"),
        (OUTLINE | {"points": '{"type": "Point", "coordinates": [1, 2]}'}, "Это не контур в GeoJSON"),
        (OUTLINE | {"points": "\n".join(f"{n / 10}, {n * n / 9000}" for n in range(1, 503))}, "не больше 500 точек"),
        (CIRCLE | {"city": "Китеж"}, "Города «Китеж» нет"),
        (CIRCLE | {"city": ""}, "Выберите город"),
        (CIRCLE | {"radius": "5000"}, "Напишите целое число километров от 1 до 1000"),
        (CIRCLE | {"lat": "91", "lon": "10"}, "Напишите градусы от -90 до 90"),
        (CIRCLE | {"shape": "region", "region": "999"}, "Выберите регион"),
        (CIRCLE | {"shape": "region", "region": "73"}, "уже есть у дилера"),
        (CIRCLE | {"dealer": "t_000999"}, "Not a valid choice"),
    ],
)
def test_what_cannot_be_says_why_and_keeps_what_was_typed(
    house: House, boss: Browser, form: dict[str, str], said: str
) -> None:
    answer = post(boss, "/new", **form | {"note": "Не потерять"})
    assert answer.status_code == 422
    assert said in answer.text or "Неверный вариант" in answer.text
    assert "Не потерять" in answer.text
    assert drawn(house) == []


def test_two_dealers_are_not_exclusive_in_one_town(house: House, boss: Browser) -> None:
    assert post(boss, "/new", **OUTLINE | {"kind": "exclusive"}).status_code == 302
    answer = post(boss, "/new", **CIRCLE | {"kind": "exclusive", "city": "Казань", "radius": "30"})
    assert answer.status_code == 422
    assert "где уже исключителен дилер Сибирь Тепло" in answer.text
    assert post(boss, "/new", **CIRCLE | {"kind": "exclusive", "city": "Самара", "radius": "30"}).status_code == 302


def group(house: House, name: str) -> int:
    """A group of goods HQ sells."""
    made = house.scalar(
        "INSERT INTO network.categories (owner_id, external_id, slug, name_ru, path)"
        " VALUES (%(hq)s, %(name)s, %(name)s, %(name)s, '') RETURNING id", hq=HQ, name=name,
    )
    number = int(str(made))
    house.rows("UPDATE network.categories SET path = id || '.' WHERE id = %(id)s RETURNING 1", id=number)
    registry.forget()
    return number


def test_area_is_kept_for_some_goods_and_two_are_exclusive_with_different_ones(house: House, boss: Browser) -> None:
    boilers, pumps = group(house, "Котлы"), group(house, "Насосы")
    post(boss, "/new", **OUTLINE | {"kind": "exclusive", "goods": str(boilers)})
    in_kazan = CIRCLE | {"kind": "exclusive", "city": "Казань", "radius": "30"}
    assert post(boss, "/new", **in_kazan | {"goods": str(pumps)}).status_code == 302
    for goods in ({"goods": str(boilers)}, {}):
        assert "где уже исключителен дилер Сибирь Тепло" in post(boss, "/new", **in_kazan | goods).text
    page = boss.get("/hq/territories").text
    assert "только для товаров: Котлы" in page and "только для товаров: Насосы" in page
    assert "Исключительная дважды" not in page
    page = boss.get(f"/hq/territories/{number_of(house)}").text
    assert f'checked id="goods-1" name="goods" type="checkbox" value="{pumps}"' in page


def test_region_may_be_given_once_more_for_other_goods(house: House, boss: Browser) -> None:
    region = {"dealer": KAZAN, "kind": "exclusive", "shape": "region", "region": "73"}
    assert post(boss, "/new", **region).status_code == 422
    again = region | {"goods": str(group(house, "Котлы"))}
    assert post(boss, "/new", **again).status_code == 302
    assert "уже есть у дилера" in post(boss, "/new", **again).text


def test_white_spots_and_overlaps_are_those_of_a_group(house: House, boss: Browser) -> None:
    boilers, pumps = group(house, "Котлы"), group(house, "Насосы")
    post(boss, "/new", **OUTLINE | {"goods": str(boilers)})
    moscow = CIRCLE | {"shape": "city", "city": "Москва"}
    post(boss, "/new", **moscow | {"goods": str(pumps)})
    shared = {asked: "Сибирь Тепло — общая (Котлы)" in boss.get(f"/hq/territories?view=shared&group={asked}").text
              for asked in ("", boilers, pumps, "999", "x")}
    assert shared == {"": True, boilers: True, pumps: False, "999": True, "x": True}
    bare = {asked: "Отдать дилеру: Москва" in boss.get(f"/hq/territories?view=bare&by=people&group={asked}").text
            for asked in ("", boilers, pumps)}
    assert bare == {"": False, boilers: True, pumps: False}


def test_contradiction_that_stands_already_is_shown(house: House, boss: Browser) -> None:
    house.rows(
        "INSERT INTO network.territories (owner_id, shape, kind, city_id)"
        f" VALUES ('{KAZAN}', 'city', 'exclusive', 1496747) RETURNING 1"
    )
    page = boss.get("/hq/territories").text
    assert "Исключительная дважды" in page and "Новосибирск" in page
    house.rows(f"UPDATE network.tenants SET state = 'suspended' WHERE id = '{SIBIR}' RETURNING 1")
    assert "Это территории дилеров, которые сейчас не получают заявок" in boss.get("/hq/territories").text


def test_preview_tells_towns_people_and_whom_the_area_meets(house: House, boss: Browser) -> None:
    form = OUTLINE | {"do": "preview"}
    answer = post(boss, "/new", **form)
    assert answer.status_code == 200 and drawn(house) == []
    for said in ("Казань", "Зеленодольск", "Тепло Казань", "Вокруг Казани"):
        assert said in answer.text
    piece = post(boss, "/preview", **form)
    assert piece.text.startswith('<div id="area-preview"') and "Тепло Казань" in piece.text
    assert "Контур пересекает сам себя" in post(boss, "/preview", **form | {"points": BOW}).text


def test_white_spots_and_overlaps_are_listed(house: House, boss: Browser) -> None:
    post(boss, "/new", **OUTLINE)
    bare = boss.get("/hq/territories?view=bare&by=people").text
    assert "Москва" in bare and "Отдать дилеру: Москва" in bare
    assert "Сибирь Тепло — общая" in boss.get("/hq/territories?view=shared").text
    assert 'value="Москва"' in boss.get("/hq/territories/new?city=Москва").text


def test_clerk_looks_and_does_not_draw(house: House) -> None:
    clerk = _signed_in(house, "clerk", HQ)
    assert clerk.get("/hq/territories").status_code == 200
    assert clerk.get("/hq/territories/new").status_code == 403


def test_dealer_reads_his_own_territory_and_no_other(house: House, boss: Browser) -> None:
    post(boss, "/new", **CIRCLE | {"note": "По договору"})
    post(boss, "/new", **OUTLINE)
    page = _signed_in(house, "clerk", KAZAN).get("/desk/territory").text
    assert "Самара и 50 км вокруг" in page and "По договору" in page and "Новокуйбышевск" in page
    assert "Вокруг Казани" not in page


def test_kept_reason_names_the_area(house: House, boss: Browser) -> None:
    from blueprints.routing.rules import sentence
    from blueprints.routing.territories.queries import area_names

    post(boss, "/new", **CIRCLE)
    number = number_of(house)
    post(boss, f"/{number}/ending")
    with house.speaking(KAZAN):
        told = sentence("territory.primary", (number,), "dealer", area_names({number}))
    assert told == "«Самара и 50 км вокруг» — ваша основная территория"
