"""Where somebody is signed in: the list, and ending one session, all others, or all."""

from __future__ import annotations

import re

import pytest

from blueprints.accounts.rules import device, short_address
from tests.blueprints.accounts.conftest import PASSWORD, People, post
from tests.house import House

PAGE, END = "/desk/me/sessions", "/desk/me/sessions/end"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile Safari/604.1"


def marks(page: str) -> list[str]:
    found = re.findall(r'name="which" value="([^"]+)"', page)
    return [mark for mark in found if mark not in ("others", "all")]


def test_the_list_names_device_time_and_a_short_address(people: People) -> None:
    people.staff("olga")
    phone = people.house.visit("t_000002")
    post(phone, "/desk/sign-in", email="olga@example.ru", password=PASSWORD)
    page = phone.get(PAGE, headers={"User-Agent": PHONE}).text
    assert "127.0.0.*" in page
    assert "127.0.0.1" not in page
    assert marks(page) == []  # the one we look at is ended by signing out


def test_one_session_of_many_is_ended(people: People) -> None:
    first = people.here("olga")
    second, third = people.sign_in("olga"), people.sign_in("olga")
    there = marks(third.get(PAGE).text)
    assert len(there) == 2
    assert post(third, END, page=PAGE, which=there[0]).status_code == 303
    assert sorted(browser.get("/desk/me").status_code for browser in (first, second, third)) == [200, 200, 302]
    assert third.get("/desk/me").status_code == 200


def test_all_others_are_ended(people: People, house: House) -> None:
    first, second = people.here("olga"), people.sign_in("olga")
    post(second, END, page=PAGE, which="others")
    assert (first.get("/desk/me").status_code, second.get("/desk/me").status_code) == (302, 200)
    assert house.scalar("SELECT action FROM t_000002.audit_log ORDER BY number DESC LIMIT 1") == "access.sessions_ended"


def test_nobody_ends_a_colleagues_session(people: People) -> None:
    olga = people.here("olga")
    people.sign_in("olga")
    mark = marks(olga.get(PAGE).text)[0]
    ivan = people.here("ivan")
    post(ivan, END, page=PAGE, which=mark)
    assert len(marks(olga.get(PAGE).text)) == 1


def test_a_new_password_ends_all_other_sessions(people: People) -> None:
    first, second = people.here("olga"), people.sign_in("olga")
    post(second, "/desk/me/password", page="/desk/me", current=PASSWORD, password="лес стоит за рекой")
    assert (first.get("/desk/me").status_code, second.get("/desk/me").status_code) == (302, 200)


@pytest.mark.parametrize(("agent", "told"), [
    (PHONE, "Safari, iPhone"),
    ("Mozilla/5.0 (Windows NT 10.0) Chrome/140 YaBrowser/25 Safari/537", "Yandex Browser, Windows"),
    ("curl/8", ""), (None, ""),
])
def test_a_device_is_told_as_its_owner_knows_it(agent: str | None, told: str) -> None:
    assert device(agent) == told


@pytest.mark.parametrize(("address", "told"), [
    ("203.0.113.77", "203.0.113.*"), ("2001:db8:1:2::9", "2001:0db8:0001:*"), ("nonsense", ""), (None, ""),
])
def test_an_address_is_shortened(address: str | None, told: str) -> None:
    assert short_address(address) == told
