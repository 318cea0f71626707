"""The boundary: hosts, error pages, languages, health."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from app.kernel.db import db
from tenants import registry
from tests.house import HQ, KAZAN, House


def test_unknown_host_is_404(house: House) -> None:
    client = house.web.test_client()
    assert client.get("/", headers={"Host": "stranger.example"}).status_code == 404


@pytest.mark.parametrize(("host", "status"), [
    ("ochag.localhost:8000", 200), ("Ochag.Localhost:8000", 200), ("evil.localhost", 404), ("xochag.localhost", 404),
    ("ochag.localhost.evil.example", 404), ("[::1]", 404), ("ochag.localhost.", 404),
])
def test_a_host_is_matched_exactly(house: House, host: str, status: int) -> None:
    assert house.web.test_client().get("/robots.txt", headers={"Host": host}).status_code == status


@pytest.mark.parametrize(("language", "word"), [("ru", "страницы"), ("en", "page")])
def test_missing_page_says_so_in_the_readers_language(house: House, language: str, word: str) -> None:
    reply = house.visit(KAZAN).get(f"/no-such-thing?lang={language}")
    assert reply.status_code == 404
    assert word in reply.text
    assert f'lang="{language}"' in reply.text


def test_forwarded_host_is_not_believed(house: House) -> None:
    reply = house.visit(KAZAN).get("/no-such-thing", headers={"X-Forwarded-Host": "ochag.localhost"})
    assert "Тепло Казань" in reply.text


def test_a_siblings_form_is_refused(house: House) -> None:
    reply = house.visit(HQ).post("/media/x", headers={"Sec-Fetch-Site": "same-site"})
    assert reply.status_code in (403, 405)


def test_ready_names_its_parts(house: House) -> None:
    assert house.web.test_client().get("/readyz").json == {"status": "ok", "parts": {"database": True, "queue": True}}


@pytest.mark.parametrize("path", ["/", "/products", "/cart", "/account/sign-in", "/desk/sign-in", "/desk/leads"])
def test_a_request_holds_one_connection_at_a_time(house: House, path: str) -> None:
    """Whoever waits for a second one while he holds the first may wait for somebody who does the same."""
    at_once, most = 0, 0

    def out(*_: Any) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)

    def back(*_: Any) -> None:
        nonlocal at_once
        at_once -= 1

    with house.web.app_context():
        engine = db.engine
    event.listen(engine, "checkout", out)
    event.listen(engine, "checkin", back)
    try:
        registry.forget()
        house.visit(KAZAN).get(path)
    finally:
        event.remove(engine, "checkout", out)
        event.remove(engine, "checkin", back)
    assert most == 1
