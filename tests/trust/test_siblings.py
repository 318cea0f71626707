"""Two hosts under one domain in Chromium: what a dealer's own page can do to a visitor of his neighbour.

The neighbour's site is served as it is; the attacker's host serves whatever page he likes. Both are the same site
in the browser's sense, so that SameSite parts nothing. Each attack is made once more with its guard switched off.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import psycopg
import pytest
from flask import g
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from app.factory import create_app
from app.kernel.clock import now
from app.web import boundary, forms, headers
from app.web.limits import limiter
from blueprints.accounts import service
from blueprints.accounts.passwords import hash_password
from tenants import registry
from tests.house import KAZAN, SIBIR, House

pytestmark = pytest.mark.browser

VICTIM, ATTACKER = "kazan.dealers.localhost", "sibir.dealers.localhost"
PASSWORD = "a long word for siblings"


class Street:
    """Both sites on one port, and the pages the attacker put on his."""

    def __init__(self, house: House) -> None:
        self.house, self.evil = house, ""
        self.server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self.port = self.server.server_port

    def at(self, host: str, path: str) -> str:
        """Address."""
        return f"http://{host}:{self.port}{path}"

    def _answer(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        if request.host.startswith(ATTACKER) and request.path == "/evil":
            return Response(self.evil, mimetype="text/html")(environ, start)
        return self.house.web(environ, start)


@pytest.fixture
def street(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Street]:
    monkeypatch.setattr(limiter, "enabled", False)
    _name(house, "INSERT INTO network.hosts (host, tenant_id, is_primary) VALUES (%s, %s, false)",
          (VICTIM, KAZAN), (ATTACKER, SIBIR))
    for tenant_id, name in ((KAZAN, "Казимир"), (SIBIR, "Сибирка")):
        with house.speaking(tenant_id):
            hashed = hash_password(PASSWORD)
            service.create_staff(email="m@example.ru", name=name, role="manager", password_hash=hashed, at=now())
    street = Street(house)
    thread = threading.Thread(target=street.server.serve_forever, daemon=True)
    thread.start()
    yield street
    street.server.shutdown()
    thread.join()
    _name(house, "DELETE FROM network.hosts WHERE host = %s", (VICTIM,), (ATTACKER,))


@pytest.fixture
def page(street: Street, browser: Browser) -> Iterator[Page]:
    """A manager of Kazan's, signed in."""
    context = browser.new_context()
    page = context.new_page()
    _sign_in(page, street, VICTIM)
    yield page
    context.close()


@pytest.mark.parametrize("is_guarded", [True, False])
@pytest.mark.parametrize("way", ["form", "fetch"])
def test_a_siblings_form_changes_nothing(street: Street, page: Page, way: str, is_guarded: bool) -> None:
    target = street.at(VICTIM, "/desk/me")
    street.evil = {
        "form": f"<form id=f method=post action='{target}'><input name=name value=Gekapert><input name=locale value=ru>"
        "</form><script>document.getElementById('f').submit()</script>",
        "fetch": f"<script>fetch('{target}', {{method: 'POST', mode: 'no-cors', credentials: 'include',"
        "body: new URLSearchParams({name: 'Gekapert', locale: 'ru'})}).finally(() => document.title = 'done')</script>",
    }[way]
    with believing_forms() if not is_guarded else ExitStack():
        page.goto(street.at(ATTACKER, "/evil"))
        arrived = f"location.host.startsWith('{VICTIM}')" if way == "form" else "document.title === 'done'"
        page.wait_for_function(arrived)
        page.wait_for_load_state("networkidle")
    name = street.house.scalar("SELECT name FROM t_000002.staff")
    assert name == ("Казимир" if is_guarded else "Gekapert")


@pytest.mark.parametrize("is_guarded", [True, False])
@pytest.mark.parametrize("path", ["/desk/me", "/"])
def test_a_sibling_frames_nothing(street: Street, page: Page, path: str, is_guarded: bool) -> None:
    street.evil = f"<iframe src='{street.at(VICTIM, path)}'></iframe>"
    loose = patch.object(headers, "_policy", lambda: "default-src 'self'")
    with loose if not is_guarded else ExitStack():
        page.goto(street.at(ATTACKER, "/evil"))
        page.wait_for_load_state("networkidle")
    inside = page.frames[1].url
    assert inside.startswith("chrome-error:") == is_guarded, inside


def test_a_sibling_reads_nothing(street: Street, page: Page) -> None:
    street.evil = "<p>evil</p>"
    page.goto(street.at(ATTACKER, "/evil"))
    read = "address => fetch(address, {credentials: 'include'}).then(reply => reply.text(), () => 'refused')"
    for path in ("/desk/me", "/", "/api/v1/openapi.json"):
        assert page.evaluate(read, street.at(VICTIM, path)) == "refused"
    with_opener = "address => { const w = window.open(address); return new Promise(done => setTimeout(() => {"
    with_opener += "try { done(String(w.document.body.innerText)) } catch { done('refused') } }, 800)) }"
    assert page.evaluate(with_opener, street.at(VICTIM, "/desk/me")) in ("refused", "")


def test_a_tossed_cookie_makes_nobody_of_the_sibling(street: Street, page: Page, browser: Browser) -> None:
    other = browser.new_context()
    _sign_in(other.new_page(), street, ATTACKER)
    stolen = next(one["value"] for one in other.cookies() if one["name"] == "zveno")
    other.close()
    street.evil = (
        f"<script>for (const path of ['/', '/desk', '/desk/me'])"
        f" document.cookie = 'zveno={stolen}; domain=dealers.localhost; path=' + path</script>"
    )
    page.goto(street.at(ATTACKER, "/evil"))
    assert any(one["domain"] == ".dealers.localhost" for one in page.context.cookies()), "nothing was tossed"
    shown = page.goto(street.at(VICTIM, "/desk/me"))
    assert shown is not None and shown.status == 200
    assert "Сибирка" not in page.content()


def test_where_there_is_tls_a_cookie_cannot_be_tossed(house: House) -> None:
    assert house.web.config["SESSION_COOKIE_DOMAIN"] in (None, False)
    secure = create_app(replace(house.settings, site_scheme="https", database_owner=""), login="web")
    assert secure.config["SESSION_COOKIE_NAME"].startswith("__Host-") and secure.config["SESSION_COOKIE_SECURE"]


@contextmanager
def believing_forms() -> Iterator[None]:
    """Forms believed because the cookie came along."""

    def believe(**_options: object) -> None:
        g.csrf_valid = True

    with patch.object(boundary, "_refuse_siblings", lambda: None), patch.object(forms.csrf, "protect", believe):
        yield


def _sign_in(page: Page, street: Street, host: str) -> None:
    page.goto(street.at(host, "/desk/sign-in"))
    page.fill("input[name=email]", "m@example.ru")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda address: "sign-in" not in address)


def _name(house: House, statement: str, *rows: tuple[str, ...]) -> None:
    with psycopg.connect(house.superuser, dbname="zveno", autocommit=True) as connection:
        for row in rows:
            connection.execute(statement, row)
    registry.forget()
