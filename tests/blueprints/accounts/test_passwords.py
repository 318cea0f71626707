"""New passwords: what everybody tries first is refused, on either keyboard, without asking anybody."""

from __future__ import annotations

import pytest

from app.kernel.errors import Invalid
from blueprints.accounts.passwords import check_new
from blueprints.accounts.rules import weakness
from tests.blueprints.accounts.conftest import People, post
from tests.house import KAZAN, House

OWN = ("olga.petrova@example.ru", "Ольга Петрова")


@pytest.mark.parametrize(("password", "why"), [
    ("короткий", "short"), ("а" * 129, "long"),
    ("password12345", "common"), ("1234567890", "common"), ("qwertyuiop", "common"), ("iloveyou123", "common"),
    ("P@ssw0rd2024", "common"), ("aaaaaaaaaaaaaaa", "common"),
    ("пароль12345", "common"), ("йцукен12345", "common"), ("gfhjkm12345", "common"), ("Наташа1990", "common"),
    ("olga.petrova1", "own"), ("Петрова2026", "own"), ("petrova!!1", "own"),
    ("кот ходит по крыше", None), ("correct horse battery", None), ("tihij ogon v pechi", None), ("x8#Lq2!vTz9k", None),
])
def test_weak_passwords_are_told_apart(password: str, why: str | None) -> None:
    assert weakness(password, OWN) == why


@pytest.mark.parametrize("password", ["teplokazan1", "Тепло Казань 1", "teplo-kazan-2026", "Казань2026!"])
def test_the_name_of_the_site_is_no_password(house: House, password: str) -> None:
    with house.speaking(KAZAN), house.web.test_request_context(), pytest.raises(Invalid):
        check_new(password, *OWN)


def test_control_it_is_the_name_that_makes_it_weak() -> None:
    assert weakness("teplokazan1", OWN) is None


def test_a_person_reads_why(people: People) -> None:
    browser = people.here("olga")
    answer = post(browser, "/desk/me/password", page="/desk/me", current="кот ходит по крыше", password="пароль12345")
    assert answer.status_code == 422
    assert "пробуют первыми" in answer.text
