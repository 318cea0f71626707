"""Customers: an account only for a proved mail address, with consent."""

from __future__ import annotations

import re

from blueprints.accounts import service
from tests.blueprints.accounts.conftest import PASSWORD, links_in_mails, post
from tests.house import KAZAN, Browser, House


def registered(house: House, email: str = "anna@example.ru") -> Browser:
    """A browser whose owner just made an account."""
    browser = house.visit(KAZAN)
    post(browser, "/account/register", email=email)
    link = links_in_mails(house, "mail/confirm_address")[-1]
    values = {"name": "Анна", "phone": "8 916 123-45-67", "password": PASSWORD}
    assert post(browser, link, **values).status_code == 422, "without consent"
    assert post(browser, link, consent="y", **values).headers["Location"] == "/account"
    return browser


def test_a_customer_registers_and_is_in(house: House) -> None:
    browser = registered(house)
    assert "anna@example.ru" in browser.get("/account").text
    assert house.rows("SELECT email, phone, consent_at IS NOT NULL FROM t_000002.customers") == [
        ("anna@example.ru", "+79161234567", True)
    ]


def test_the_link_of_a_registration_makes_one_account(house: House) -> None:
    registered(house)
    link = links_in_mails(house, "mail/confirm_address")[0]
    assert house.visit(KAZAN).get(link).headers["Location"] == "/account/sign-in"


def test_a_known_address_gets_the_same_answer_and_another_mail(house: House) -> None:
    registered(house)
    answer = post(house.visit(KAZAN), "/account/register", email="Anna@example.ru")
    assert answer.headers["Location"] == "/account/sign-in"
    assert len(links_in_mails(house, "mail/already_registered")) == 1


def test_a_customer_signs_in_out_and_changes_his_profile(house: House) -> None:
    registered(house)
    browser = house.visit(KAZAN)
    post(browser, "/account/sign-in", email="anna@example.ru", password=PASSWORD)
    saved = post(browser, "/account/profile", page="/account", name="Анна Белова", phone="", locale="en")
    assert saved.status_code == 303
    assert "Анна Белова" in browser.get("/account").text
    post(browser, "/account/sign-out", page="/account")
    assert browser.get("/account").headers["Location"] == "/account/sign-in?next=/account"


def test_a_customer_is_no_staff(house: House) -> None:
    browser = registered(house)
    assert browser.get("/desk/me").status_code == 302
    assert post(browser, "/desk/sign-in", email="anna@example.ru", password=PASSWORD).status_code == 422


def test_what_others_add_is_shown_and_told_of_a_sign_in(house: House) -> None:
    heard: list[tuple[str, dict[str, object]]] = []
    service.signed_in.append(lambda person, before: heard.append((person.kind, dict(before))))
    service.account_parts.append(lambda person: ("errors/error.html", {"code": 404, "sentence": f"for {person.name}"}))
    try:
        browser = house.visit(KAZAN)
        with browser.session_transaction(base_url=browser.site) as session:
            session["cart"] = "secret"
        post(browser, "/account/register", email="anna@example.ru")
        link = links_in_mails(house, "mail/confirm_address")[0]
        post(browser, link, name="Анна", password=PASSWORD, consent="y")
        assert re.search("for Анна", browser.get("/account").text)
    finally:
        service.signed_in.pop()
        service.account_parts.pop()
    assert [(kind, before["cart"]) for kind, before in heard] == [("customer", "secret")]
