"""Signing in: who gets in, where, for how long, and what an answer must not tell."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.kernel.clock import frozen, now
from tests.blueprints.accounts.conftest import PASSWORD, People, post
from tests.house import HOSTS, HQ, KAZAN, SIBIR, House, token_of


def test_staff_sign_in_and_out(people: People) -> None:
    browser = people.here("olga")
    assert "olga@example.ru" in browser.get("/desk/me").text
    answer = post(browser, "/desk/sign-out", page="/desk/me")
    assert answer.status_code == 303
    assert browser.get("/desk/me").headers["Location"] == "/desk/sign-in?next=/desk/me"


def test_unknown_address_and_wrong_password_get_the_same_answer(people: People, house: House) -> None:
    people.staff("olga")
    answers = [
        post(house.visit(KAZAN), "/desk/sign-in", email=email, password="не тот пароль совсем")
        for email in ("olga@example.ru", "nobody@example.ru")
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert [answer.text.count("field__error") for answer in answers] == [1, 1]


@pytest.mark.parametrize("sibling", [SIBIR, HQ])
def test_cookie_of_one_tenant_means_nobody_at_another(people: People, house: House, sibling: str) -> None:
    browser = people.here("olga")
    cookie = browser.get_cookie("zveno", domain="teplo-kazan.localhost")
    assert cookie is not None
    other = house.visit(sibling)
    other.set_cookie("zveno", cookie.value, domain=HOSTS[sibling].partition(":")[0])
    assert other.get("/desk/me").status_code == 302


def test_revoked_session_is_signed_out(people: People, house: House) -> None:
    first = people.here("olga")
    second = people.sign_in("olga")
    post(second, "/desk/me/sessions/end", page="/desk/me", which="all")
    assert first.get("/desk/me").status_code == 302
    assert house.scalar("SELECT count(*) FROM t_000002.web_sessions") == 0


def test_expired_session_is_signed_out(people: People) -> None:
    browser = people.here("olga")
    with frozen(now() + timedelta(days=15)):
        assert browser.get("/desk/me").status_code == 302


def test_who_was_away_for_too_long_is_signed_out(people: People) -> None:
    browser, left_alone = people.here("olga"), people.sign_in("olga")
    for day in (2, 4, 6):
        with frozen(now() + timedelta(days=day)):
            assert browser.get("/desk/me").status_code == 200
    with frozen(now() + timedelta(days=6)):
        assert left_alone.get("/desk/me").status_code == 302
    with frozen(now() + timedelta(days=9, minutes=6)):
        assert browser.get("/desk/me").status_code == 302


def test_signing_out_has_the_browser_forget_pages(people: People) -> None:
    reply = post(people.here("olga"), "/desk/sign-out", page="/desk/me")
    assert reply.headers["Clear-Site-Data"] == '"cache"'


def test_session_notes_when_it_was_seen_at_most_every_five_minutes(people: People, house: House) -> None:
    browser = people.here("olga")
    seen = house.scalar("SELECT seen_at FROM t_000002.web_sessions")
    browser.get("/desk/me")
    assert house.scalar("SELECT seen_at FROM t_000002.web_sessions") == seen
    with frozen(now() + timedelta(minutes=6)) as later:
        browser.get("/desk/me")
    assert house.scalar("SELECT seen_at FROM t_000002.web_sessions") == later


def test_sign_in_leaves_nothing_of_the_session_before(people: People, house: House) -> None:
    people.staff("olga")
    browser = house.visit(KAZAN)
    with browser.session_transaction(base_url=browser.site) as planted:
        planted["planted"] = "yes"
    post(browser, "/desk/sign-in", email="olga@example.ru", password=PASSWORD)
    with browser.session_transaction(base_url=browser.site) as session:
        assert "planted" not in session
        assert session["_user_id"].startswith("t_000002:staff:")


@pytest.mark.parametrize(("asked", "led"), [
    ("/desk/people?page=2", "/desk/people?page=2"),
    ("//evil.example", None), ("https://evil.example/", None), ("/\\evil.example", None), ("javascript:alert(1)", None),
])
def test_sign_in_leads_to_a_path_of_this_host_only(people: People, house: House, asked: str, led: str | None) -> None:
    people.staff("olga")
    browser = house.visit(KAZAN)
    page = browser.get("/desk/sign-in", query_string={"next": asked}).text
    answer = browser.post(
        "/desk/sign-in", query_string={"next": asked},
        data={"csrf_token": token_of(page), "email": "OLGA@example.ru ", "password": PASSWORD},
    )
    assert answer.status_code == 303
    location = answer.headers["Location"]
    assert location == led if led else location.startswith("/desk")


def test_too_many_attempts_get_a_sentence(people: People, house: House) -> None:
    people.staff("olga")
    browser = house.visit(KAZAN)
    for _attempt in range(5):
        assert post(browser, "/desk/sign-in", email="olga@example.ru", password="не тот пароль").status_code == 422
    answer = post(browser, "/desk/sign-in", email="olga@example.ru", password=PASSWORD)
    assert answer.status_code == 429
    assert "Retry-After" in answer.headers
    colleague = post(browser, "/desk/sign-in", email="ivan@example.ru", password="не тот пароль")
    assert colleague.status_code == 422
