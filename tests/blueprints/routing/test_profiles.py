"""The life of a sourcing profile at HQ's desk: drafted, edited without a script, tried, put in force, compared."""

from __future__ import annotations

import re
from typing import Any

import psycopg
import pytest

from app.kernel.clock import now
from app.kernel.identity import hq
from blueprints.routing import profile_sheet as sheets
from blueprints.routing import profile_words, profiles, service
from blueprints.routing.rules import CRITERIA, DEFAULT_PROFILE, Profile
from blueprints.routing.rules.differences import differences
from blueprints.routing.rules.parameters import parameters
from blueprints.routing.rules.presets import PRESETS, definition_of
from tests.blueprints.accounts.conftest import People
from tests.factories.leads import MORNING, add_products, give_stock, open_lead
from tests.house import HQ, KAZAN, SIBIR, Browser, House, token_of

ALL = "SELECT version, state FROM network.sourcing_profiles ORDER BY version"


@pytest.fixture
def boss(house: House) -> Browser:
    """HQ's manager at the rules, version 1 in force."""
    people = People(house)
    people.staff("vera", "manager", HQ)
    browser = people.sign_in("vera", HQ)
    assert browser.get("/hq/routing?lang=ru").status_code == 200
    return browser


def post(browser: Browser, path: str, **form: Any) -> Any:
    token = token_of(browser.get("/hq/routing").text)
    return browser.post(path, data={"csrf_token": token, **form})


def sheet(version: int, house: House) -> dict[str, Any]:
    """What the form of that version sends."""
    with house.speaking(hq()):
        row = profiles.get_profile(version)
        return dict(sheets.fields_of(row.definition, row.note).lists())


def test_every_definition_survives_the_form(house: House) -> None:
    for definition in [DEFAULT_PROFILE.to_dict(), *(definition_of(code, "Проба") for code in PRESETS)]:
        whole = Profile.from_dict(definition).to_dict()
        reading = sheets.read(sheets.fields_of(whole))
        assert reading.problems == {}
        assert differences(whole, Profile.from_dict(reading.definition).to_dict()) == []


def test_every_parameter_has_a_word() -> None:
    named = {name for kind in CRITERIA.values() for name, *_about in parameters(kind)}
    assert named <= profile_words.PARAMETERS.keys()
    told = {about.unit for kind in CRITERIA.values() for _name, about, _default in parameters(kind) if about.unit}
    assert told <= profile_words.UNITS.keys()


def test_a_draft_is_made_moved_saved_and_put_in_force(house: House, boss: Browser) -> None:
    assert post(boss, "/hq/routing", begin="1").headers["Location"] == "/hq/routing/2"
    moved = post(boss, "/hq/routing/2", **sheet(2, house), do="up:0:distance")
    order = re.findall(r'name="s0.criterion" value="(\w+)"', moved.text)
    assert order == ["territory", "stock_now", "distance", "freshness", "rating"]
    assert house.rows(ALL) == [(1, "active"), (2, "draft")]
    changed = sheet(2, house) | {"s0.criterion": order, "s0.distance.limit_km": "300", "note": "Не дальше 300 км"}
    assert post(boss, "/hq/routing/2", **changed, do="save").status_code == 302
    page = boss.get("/hq/routing/comparison?before=1&after=2&lang=ru").text
    assert "→ 300" in page and "территория, остатки, расстояние" in page.lower()
    assert post(boss, "/hq/routing/2/activation").status_code == 302
    assert house.rows(ALL) == [(1, "retired"), (2, "active")]
    actions = house.rows(f"SELECT action FROM {HQ}.audit_log WHERE action LIKE 'routing.%%' ORDER BY number")
    assert [action for (action,) in actions] == ["routing.drafted", "routing.changed", "routing.activated"]


def test_what_was_in_force_never_changes(house: House, boss: Browser) -> None:
    page = post(boss, "/hq/routing/1", **sheet(1, house) | {"name": "Другое"}, do="save")
    assert page.status_code == 422 and "не меня" in page.text
    for statement in (
        "UPDATE network.sourcing_profiles SET definition = '{}'", "DELETE FROM network.sourcing_profiles",
        "UPDATE network.sourcing_profiles SET state = 'draft'",
    ):
        with pytest.raises(psycopg.errors.RestrictViolation):
            house.rows(f"{statement} WHERE version = 1 RETURNING 1")


def test_wrong_numbers_are_told_at_their_fields_and_nothing_is_lost(house: House, boss: Browser) -> None:
    post(boss, "/hq/routing", begin="nearest_with_stock")
    wrong = sheet(2, house) | {"s0.distance.scale_km": "далеко", "s0.value_from_minor": "-5", "max_rounds": "0"}
    page = post(boss, "/hq/routing/2", **wrong, do="save")
    assert page.status_code == 422 and 'value="далеко"' in page.text
    assert set(re.findall(r'id="([\w.]+)-error"', page.text)) == {
        "s0.distance.scale_km", "s0.value_from_minor", "max_rounds"
    }


def test_a_version_without_a_name_is_refused_at_the_field(house: House, boss: Browser) -> None:
    post(boss, "/hq/routing", begin="geography")
    page = post(boss, "/hq/routing/2", **sheet(2, house) | {"name": "  "}, do="save")
    assert page.status_code == 422 and 'id="name-error"' in page.text and "Дайте версии название." in page.text


def test_the_trial_names_each_field_that_is_wrong(house: House, boss: Browser) -> None:
    post(boss, "/hq/routing", begin="geography")
    wrong = {"window_minutes": "0", "max_rounds": "много", "s0.hour_from": "30", "rating.goal": "7"}
    page = post(boss, "/hq/routing/2/trial", **sheet(2, house) | wrong).text
    told = re.findall(r"<li>«(.+?)»: ", page)
    assert told == [
        "Время на ответ, рабочих минут", "Кругов предложений, не больше", "Цель для каждой части, от 0 до 1",
        "С какого часа",
    ]


def test_what_is_asked_before_a_version_is_put_in_force(house: House, boss: Browser) -> None:
    post(boss, "/hq/routing", begin="1")
    asked = re.compile(r'activation" data-confirm="([^"]+)"')
    (same,) = asked.findall(boss.get("/hq/routing/2").text)
    assert "по версии 2 «" in same and "то же, что действующая версия 1" in same and "Репетиции" in same
    post(boss, "/hq/routing/2", **sheet(2, house) | {"name": "Осень", "max_rounds": "7"}, do="save")
    (other,) = asked.findall(boss.get("/hq/routing/2").text)
    assert "по версии 2 «Осень»?" in other and "От действующей версии 1 её отличают 2 изменения." in other
    house.rows(
        "INSERT INTO network.rehearsals (owner_id, id, version, definition, since, until, state, started_by, asked_at)"
        f" SELECT '{HQ}', gen_random_uuid(), 2, definition, now(), now(), 'done', 'x', now()"
        " FROM network.sourcing_profiles WHERE version = 2 RETURNING 1"
    )
    assert "Репетиции" not in asked.findall(boss.get("/hq/routing/2").text)[0]


def test_rules_that_run_in_a_circle_are_refused_with_the_circle(house: House, boss: Browser) -> None:
    post(boss, "/hq/routing", begin="geography")
    fields = sheet(2, house)
    fields |= {
        "strategy": ["0", "1"], "s0.fallback": "second", "s1.name": "second", "s1.priority": "0",
        "s1.criterion": ["distance"], "s1.fallback": "orders",
    }
    page = post(boss, "/hq/routing/2", **fields, do="save")
    assert page.status_code == 422 and "second → orders → second" in page.text


def test_the_trial_says_who_would_get_a_lead_and_why_not_the_others(house: House, boss: Browser) -> None:
    (pump,) = add_products(house, 1)
    give_stock(house, KAZAN, {pump: 5}, now())
    give_stock(house, SIBIR, {pump: 0}, now())
    lead_id = open_lead(house, HQ, {pump: 2}, MORNING)
    post(boss, "/hq/routing", begin="nearest_with_stock")
    page = post(boss, "/hq/routing/2/trial", **sheet(2, house), sample=str(lead_id)).text
    assert "Тепло Казань" in page and "Исключ" in page
    assert house.rows("SELECT 1 FROM network.lead_offers") == []
    strict = sheet(2, house) | {"s0.stock_now.missing": "exclude"}
    house.rows("UPDATE network.stock SET on_hand = 0 RETURNING 1")
    assert "Тепло Казань would get it" not in post(boss, "/hq/routing/2/trial", **strict).text


def test_rules_that_choose_nobody_are_not_put_in_force(house: House, boss: Browser) -> None:
    (pump,) = add_products(house, 1)
    open_lead(house, HQ, {pump: 2}, MORNING)
    post(boss, "/hq/routing", begin="nearest_with_stock")
    page = post(boss, "/hq/routing/2/activation")
    assert page.status_code == 422 and "ни одна" in page.text
    assert house.rows(ALL) == [(1, "active"), (2, "draft")]


def test_two_put_drafts_in_force_at_once_and_one_is_in_force(house: House, boss: Browser) -> None:
    for _draft in range(2):
        post(boss, "/hq/routing", begin="geography")
    for version in (2, 3):
        with house.speaking(hq()):
            profiles.activate(version=version, at=now())
    assert house.rows(ALL) == [(1, "retired"), (2, "retired"), (3, "active")]
    with house.speaking(hq()):
        assert service.ensure_profile(at=now()).profile.version == 3


def test_a_draft_is_thrown_away(house: House, boss: Browser) -> None:
    post(boss, "/hq/routing", begin="fair_share")
    assert post(boss, "/hq/routing/2/discarded").status_code == 302
    assert house.rows(ALL) == [(1, "active")]
