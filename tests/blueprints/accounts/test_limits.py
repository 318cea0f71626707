"""Limits on guessing: per person, per address and over all, and nobody is locked out by others' guesses."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from blueprints.accounts import limits
from blueprints.accounts.limits import wait_sentence
from tests.blueprints.accounts.conftest import PASSWORD, People, post
from tests.house import KAZAN, SIBIR, Browser, House

DOOR = "/desk/sign-in"
WRONG = "не тот пароль совсем"


def guess(browser: Browser, email: str = "olga@example.ru", password: str = WRONG) -> int:
    return post(browser, DOOR, email=email, password=password).status_code


def hammer(house: House, email: str = "olga@example.ru") -> None:
    """A stranger guesses until he is told to wait."""
    stranger = house.visit(KAZAN)
    assert [guess(stranger, email) for _try in range(6)] == [422] * 5 + [429]


def test_who_guesses_is_told_how_long_to_wait_and_what_else_helps(people: People, house: House) -> None:
    people.staff("olga")
    hammer(house)
    answer = post(house.visit(KAZAN), DOOR, email="olga@example.ru", password=PASSWORD)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert 'href="/desk/password"' in answer.text


def test_the_owners_own_device_is_not_locked_by_a_stranger(people: People, house: House) -> None:
    browser = people.here("olga")
    post(browser, "/desk/sign-out", page="/desk/me")
    hammer(house)
    assert guess(browser, password=PASSWORD) == 303


def test_control_without_the_device_cookie_the_owner_has_to_wait(people: People, house: House) -> None:
    browser = people.here("olga")
    post(browser, "/desk/sign-out", page="/desk/me")
    browser.delete_cookie("known", domain="teplo-kazan.localhost")
    hammer(house)
    assert guess(browser, password=PASSWORD) == 429


def test_a_link_from_the_mailbox_opens_while_the_person_has_to_wait(people: People, house: House) -> None:
    people.staff("olga")
    hammer(house)
    assert post(house.visit(KAZAN), "/desk/password", email="olga@example.ru").status_code == 303


def test_a_known_device_guesses_no_faster_than_others(people: People, house: House) -> None:
    browser = people.here("olga")
    post(browser, "/desk/sign-out", page="/desk/me")
    assert [guess(browser) for _try in range(6)] == [422] * 5 + [429]
    other = people.sign_in("olga")
    assert other.get("/desk/me").status_code == 200


def test_a_device_is_known_to_its_own_accounts_only(people: People, house: House) -> None:
    browser = people.here("olga")
    post(browser, "/desk/sign-out", page="/desk/me")
    people.staff("ivan")
    hammer(house, "ivan@example.ru")
    assert guess(browser, "ivan@example.ru", PASSWORD) == 429


def test_a_device_of_one_tenant_is_unknown_to_another(people: People, house: House) -> None:
    browser = people.here("olga")
    cookie = browser.get_cookie("known", domain="teplo-kazan.localhost")
    assert cookie is not None
    assert "olga" not in cookie.value
    people.staff("olga", tenant_id=SIBIR)
    other, stranger = house.visit(SIBIR), house.visit(SIBIR)
    other.set_cookie("known", cookie.value, domain="sibir.localhost")
    assert [guess(stranger) for _try in range(6)][-1] == 429
    assert guess(other, password=PASSWORD) == 429


def test_one_address_may_not_try_many_people(people: People, house: House) -> None:
    people.staff("olga")
    stranger = house.visit(KAZAN)
    assert {guess(stranger, f"person{number}@example.ru") for number in range(20)} == {422}
    assert guess(stranger, "one-more@example.ru") == 429


def test_all_addresses_together_are_limited_and_known_devices_are_not(people: People, house: House) -> None:
    browser = people.here("olga")
    post(browser, "/desk/sign-out", page="/desk/me")
    with patch.object(limits.limiter.limiter, "test", side_effect=lambda item, *keys, **_more: "all" not in str(keys)):
        assert guess(house.visit(KAZAN)) == 429
        assert guess(browser, password=PASSWORD) == 303


def test_people_who_change_passwords_do_not_hinder_each_other(people: People) -> None:
    olga, ivan = people.here("olga"), people.here("ivan")
    tries = [
        post(olga, "/desk/me/password", page="/desk/me", current=WRONG, password="лес стоит за рекой").status_code
        for _try in range(6)
    ]
    assert tries == [422] * 5 + [429]
    answer = post(ivan, "/desk/me/password", page="/desk/me", current=PASSWORD, password="лес стоит за рекой")
    assert answer.status_code == 303


@pytest.mark.parametrize(("seconds", "told"), [
    (1, "1 second."), (59, "59 seconds."), (60, "1 minute."), (61, "2 minutes."),
])
def test_the_wait_is_told_in_words(house: House, seconds: int, told: str) -> None:
    with house.web.test_request_context(headers={"Accept-Language": "en"}):
        assert wait_sentence(seconds).endswith(told)
