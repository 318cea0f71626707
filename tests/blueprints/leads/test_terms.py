"""HQ sets when wishes are joined and who is asked when; what it leaves alone is as the deployment is set."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from psycopg.types.json import Json

from app.kernel.clock import frozen, now
from app.kernel.identity import network_worker
from app.kernel.money import Money
from blueprints.leads import asking, rules, service, terms
from blueprints.routing.following import follow_up
from tenants import registry
from tests.blueprints.accounts.conftest import People
from tests.blueprints.leads.test_outcome import pump, taken  # noqa: F401 (fixtures)
from tests.factories.leads import CUSTOMER, KAZAN_CITY, MORNING
from tests.house import HQ, KAZAN, Browser, House, token_of

PATH = "/hq/leads/settings"
CHANGED = {"duplicate_days": "30", "ask_dealer_days": "1", "ask_dealer_most": "1", "ask_customer_days": "9"}


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    """It is Tuesday, ten in the morning."""
    with frozen(MORNING + timedelta(minutes=5)):
        yield


@pytest.fixture
def boss(house: House) -> Browser:
    """HQ's manager, who reads Russian."""
    people = People(house)
    people.staff("vera", "manager", HQ)
    browser = people.sign_in("vera", HQ)
    browser.get(f"{PATH}?lang=ru")
    return browser


def send(browser: Browser, **changed: str) -> Any:
    page = browser.get(PATH).text
    stand = {name: value_of(page, name) for name in terms.BOUNDS}
    return browser.post(PATH, data={"csrf_token": token_of(page), **stand, **changed})


def value_of(page: str, name: str) -> str:
    return page.split(f'name="{name}"')[1].split('value="')[1].split('"')[0]


def days(number: float) -> datetime:
    return MORNING + timedelta(days=number)


def test_what_hq_sets_holds_for_dealers_customers_and_repeats(house: House, boss: Browser, pump: int) -> None:  # noqa: F811
    assert send(boss, **CHANGED).status_code == 302
    page = boss.get(PATH).text
    assert {name: value_of(page, name) for name in CHANGED} == CHANGED
    with house.speaking(HQ):
        assert terms.duplicate_days() == 30
    with house.speaking(KAZAN):
        assert terms.duplicate_days() == terms.USUAL_DAYS
    taken(house, pump)
    house.work()
    asked = []
    for number in range(20):
        with frozen(days(number)), house.speaking(network_worker()):
            asked.append((follow_up(at=now()), asking.ask_customers(at=now())))
    assert [n for n, (dealers, _customers) in enumerate(asked) if dealers] == [1]
    assert [n for n, (_dealers, customers) in enumerate(asked) if customers] == [10, 17]
    journal = "SELECT details FROM t_000001.audit_log WHERE subject = 'lead_terms'"
    assert house.rows(journal) == [({"days": 30, "ask_dealer_days": 1, "ask_dealer_most": 1, "ask_customer_days": 9},)]


def test_what_hq_leaves_alone_follows_the_deployment(house: House, boss: Browser) -> None:
    send(boss, ask_customer_days="9")
    assert house.scalar(f"SELECT profile -> 'lead_terms' FROM network.tenants WHERE id = '{HQ}'") == {
        "ask_customer_days": 9
    }
    send(boss, ask_customer_days="5")
    assert house.scalar(f"SELECT profile -> 'lead_terms' FROM network.tenants WHERE id = '{HQ}'") == {}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"duplicate_days": "366"}, "Напишите целое число от 0 до 365."),
        ({"ask_dealer_days": "0"}, "Напишите целое число от 1 до 60."),
        ({"ask_customer_days": "-1"}, "Напишите целое число от 1 до 90."),
        ({"ask_customer_days": ""}, "Напишите число."),
        ({"digest_above": "много"}, "<span>Напишите целое число от 1 до"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_lost(
    house: House, boss: Browser, wrong: dict[str, str], said: str
) -> None:
    answer = send(boss, **{"ask_dealer_most": "7"} | wrong)
    assert answer.status_code == 422 and said in answer.text and "Неверное целое" not in answer.text
    assert value_of(answer.text, "ask_dealer_most") == "7"
    assert house.scalar(f"SELECT profile ? 'lead_terms' FROM network.tenants WHERE id = '{HQ}'") is False


@pytest.mark.parametrize("told", [7, [1], {"ask_customer_days": "x"}, {"ask_customer_days": True}, {"x": 1}, None])
def test_what_else_may_stand_in_the_profile_is_no_term(house: House, told: object) -> None:
    with house.speaking(HQ):
        usual = terms.terms()
    house.rows(
        "UPDATE network.tenants SET profile = profile || %(told)s::jsonb WHERE id = %(hq)s RETURNING 1",
        told=Json({"lead_terms": told}), hq=HQ,
    )
    registry.forget()
    with house.speaking(HQ):
        assert terms.terms() == usual


def test_clerk_and_dealer_do_not_set_terms(house: House) -> None:
    people = People(house)
    people.staff("ivan", "clerk", HQ)
    assert people.sign_in("ivan", HQ).get(PATH).status_code == 403
    assert house.visit(KAZAN).get(PATH).status_code == 404


@pytest.mark.parametrize(("promised", "asked"), [(None, 15), (2, 5), (20, 23), (0, 4)])
def test_customer_of_an_order_is_asked_after_the_promised_day(house: House, promised: int | None, asked: int) -> None:
    """Kazan takes it a day later; three days after the promised day, but of its taking at the least."""
    day = None if promised is None else days(promised).date()
    with house.speaking(HQ):
        lead = service.open_lead(
            kind=rules.ORDER, source="form", campaign=None, city_id=KAZAN_CITY, lines=[], locale="ru", at=MORNING,
            value=Money(0), contact=CUSTOMER, promised_on=day, order_id=uuid.uuid4(),
        )
        assert asking.first_question(lead.kind, days(1), lead.promised_on) == days(asked)
