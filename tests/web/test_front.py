"""The front door: what it sends is what the application would, and only strangers get it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.web import cache
from app.web.front import Front
from tenants import registry
from tests.factories.shelf import fill_catalogue
from tests.house import HOSTS, KAZAN, SIBIR, Browser, House

LIST = "/catalogue"
PERSON = "Mozilla/5.0 (X11; Linux x86_64)"
VARYING = {"X-Request-Id", "Content-Security-Policy", "Set-Cookie", "Vary"}


@pytest.fixture
def sent(house: House) -> Iterator[list[dict]]:
    """Requests the front door answered by itself; pages are kept as the application is run."""
    settings, inner, seen = house.web.config["ZVENO"], house.web.wsgi_app, []

    def note(*_told: object, **more: object) -> None:
        seen.append(more)

    house.web.config["ZVENO"] = replace(settings, keep_pages_seconds=10)
    house.web.wsgi_app = Front(inner, 10, note)  # type: ignore[method-assign]
    yield seen
    house.web.wsgi_app = inner  # type: ignore[method-assign]
    house.web.config["ZVENO"] = settings
    cache.pages.clear()


def bare(page: str) -> str:
    return re.sub(r'nonce="[^"]+"', "", page)


def test_a_page_from_the_door_is_the_application_s_own(house: House, sent: list[dict]) -> None:
    fill_catalogue(house)
    first, second, third = (house.visit(KAZAN).get(LIST) for _time in range(3))
    assert len(sent) == 2
    assert bare(first.text) == bare(second.text) == bare(third.text)
    assert {name: value for name, value in first.headers.items() if name not in VARYING} == {
        name: value for name, value in second.headers.items() if name not in VARYING
    }
    policies = [one.headers["Content-Security-Policy"] for one in (first, second, third)]
    nonces = [re.findall("'nonce-([^']+)'", policy)[0] for policy in policies]
    assert len(set(nonces)) == 3
    assert all(f'nonce="{nonce}"' in one.text for nonce, one in zip(nonces, (first, second, third), strict=True))
    shapes = {re.sub("nonce-[^']+", "", one) for one in policies}
    assert len(shapes) == 1
    assert second.headers["X-Request-Id"] == sent[0]["request_id"] != third.headers["X-Request-Id"]


@pytest.mark.parametrize(("headers", "cookie"), [
    ({"User-Agent": PERSON}, None),
    ({}, "zveno=anything"),
    ({}, "visit=1; cart=x"),
    ({}, "remember_token=1"),
])
def test_who_is_not_a_counted_stranger_goes_on_to_the_application(
    house: House, sent: list[dict], headers: dict[str, str], cookie: str | None
) -> None:
    fill_catalogue(house)
    house.visit(KAZAN).get(LIST)
    visitor = house.visit(KAZAN)
    for pair in cookie.split("; ") if cookie else ():
        visitor.set_cookie(*pair.split("="), domain=HOSTS[KAZAN])
    assert visitor.get(LIST, headers=headers).status_code == 200
    assert house.visit(KAZAN).get(f"{LIST}?lang=en").status_code == 200
    assert sent == []


def test_a_visit_is_counted_before_the_door_answers(house: House, sent: list[dict]) -> None:
    fill_catalogue(house)
    person: Browser = house.visit(KAZAN)
    agent = {"User-Agent": PERSON}
    assert "visit=1" in person.get(LIST, headers=agent).headers["Set-Cookie"]
    again = person.get(LIST, headers=agent)
    assert len(sent) == 1 and "Set-Cookie" not in again.headers


def test_languages_hosts_and_states_are_told_apart(house: House, sent: list[dict]) -> None:
    fill_catalogue(house)
    russian = house.visit(KAZAN).get(LIST, headers={"Accept-Language": "ru"}).text
    english = house.visit(KAZAN).get(LIST, headers={"Accept-Language": "en-GB,en;q=0.9"}).text
    other = house.visit(SIBIR).get(LIST, headers={"Accept-Language": "ru"}).text
    assert sent == []
    assert 'lang="ru"' in russian and 'lang="en"' in english and bare(other) != bare(russian)
    house.rows("UPDATE network.tenants SET state = 'suspended' WHERE id = 't_000002' RETURNING id")
    registry._by_host.clear()
    assert house.visit(KAZAN).get(LIST, headers={"Accept-Language": "ru"}).status_code == 503
    assert house.visit(KAZAN).get(LIST, headers={"Accept-Language": "ru"}).status_code == 503
    assert sent == []
