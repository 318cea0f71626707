"""Passkeys in a real Chromium with its virtual authenticator: made, used as second step and instead of a password."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect
from webauthn.helpers import base64url_to_bytes
from werkzeug.serving import make_server

from app.kernel.clock import now
from blueprints.accounts.passkeys import CHALLENGE
from tests.blueprints.accounts.conftest import PASSWORD, People, post
from tests.house import HOSTS, KAZAN, SIBIR, House

AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}


@dataclass
class Device:
    """A browser with an authenticator built in."""

    page: Page
    devtools: CDPSession
    authenticator: str
    port: int

    def open(self, path: str, tenant_id: str = KAZAN) -> None:
        self.page.goto(f"http://{HOSTS[tenant_id].partition(':')[0]}:{self.port}{path}")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).click()

    def sign_in(self) -> None:
        self.open("/desk/sign-in")
        self.page.locator("[name=email]").fill("olga@example.ru")
        self.page.locator("[name=password]").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        self.page.wait_for_load_state()

    def is_in(self) -> None:
        """Wait until the door is behind us."""
        expect(self.page).not_to_have_url(re.compile("/sign-in"))

    def sign_out(self) -> None:
        self.page.context.clear_cookies(name="zveno")

    def add_passkey(self) -> None:
        self.open("/desk/security")
        self.press("Add a passkey")
        expect(self.page.get_by_role("heading", name="Recovery codes")).to_be_visible()

    def verifies(self, is_verified: bool) -> None:
        """Whether the device recognises its owner."""
        self.devtools.send(
            "WebAuthn.setUserVerified", {"authenticatorId": self.authenticator, "isUserVerified": is_verified}
        )

    def credentials(self) -> list[dict[str, object]]:
        answer = self.devtools.send("WebAuthn.getCredentials", {"authenticatorId": self.authenticator})
        return list(answer["credentials"])


@pytest.fixture
def device(house: House, browser: Browser) -> Iterator[Device]:
    """A browser of its own at the sites of the house."""
    server = make_server("127.0.0.1", 0, house.web, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    yield Device(page, devtools, made["authenticatorId"], server.port)
    context.close()
    server.shutdown()


@pytest.mark.browser
def test_a_passkey_is_made_and_signs_in_alone_and_as_second_step(
    people: People, house: House, device: Device, unlimited: None
) -> None:
    people.staff("olga")
    device.sign_in()
    device.add_passkey()
    assert [one["rpId"] for one in device.credentials()] == ["teplo-kazan.localhost"]

    device.sign_out()
    device.open("/desk/sign-in?next=/desk/people")
    device.press("Sign in with a passkey")
    expect(device.page.get_by_role("heading", name="People", exact=True)).to_be_visible()
    assert house.scalar("SELECT details->>'way' FROM t_000002.audit_log ORDER BY number DESC LIMIT 1") == "passkey"

    device.sign_out()
    device.sign_in()
    expect(device.page.get_by_role("heading", name="One more step")).to_be_visible()
    device.press("Use a passkey")
    device.is_in()
    device.open("/desk/security")
    expect(device.page.get_by_text("Last used on")).to_be_visible()

    device.page.get_by_role("button", name="Remove").click()
    device.page.locator("dialog[open] button[value=yes]").click()
    expect(device.page.get_by_text("The passkey is forgotten here")).to_be_visible()
    device.sign_out()
    device.open("/desk/sign-in")
    device.press("Sign in with a passkey")
    expect(device.page.get_by_text("This passkey does not fit here.")).to_be_visible()


@pytest.mark.browser
def test_a_device_that_does_not_know_its_owner_opens_nothing(
    people: People, house: House, device: Device, unlimited: None
) -> None:
    people.staff("olga")
    people.staff("olga", tenant_id=SIBIR)
    device.sign_in()
    device.add_passkey()
    device.sign_out()
    device.verifies(False)
    device.open("/desk/sign-in")
    device.press("Sign in with a passkey")
    expect(device.page.get_by_text("Nothing was chosen.")).to_be_visible(timeout=70_000)
    device.verifies(True)
    house.rows("UPDATE t_000002.passkeys SET host = 'sibir.localhost' RETURNING 1")  # of another host of the tenant
    device.press("Sign in with a passkey")
    expect(device.page.get_by_text("This passkey does not fit here.")).to_be_visible()


@pytest.mark.browser
def test_an_answer_that_was_sent_once_opens_nothing_again(
    people: People, house: House, device: Device, unlimited: None
) -> None:
    people.staff("olga")
    device.sign_in()
    device.add_passkey()
    device.sign_out()
    device.open("/desk/sign-in")
    page = device.page
    with page.expect_request("**/sign-in/passkey") as sent:
        device.press("Sign in with a passkey")
    device.is_in()
    answer = parse_qs(str(sent.value.post_data))["answer"][0]
    told = base64url_to_bytes(json.loads(answer)["response"]["clientDataJSON"])
    challenge = json.loads(told)["challenge"]
    thief = house.visit(KAZAN)
    thief.get("/desk/sign-in")
    with thief.session_transaction(base_url=thief.site) as session:
        session[CHALLENGE] = {"value": challenge, "at": now().isoformat()}
    assert post(thief, "/desk/sign-in/passkey", page="/desk/sign-in", answer=answer).status_code == 422
    assert thief.get("/desk/me").status_code == 302


@pytest.mark.parametrize("answer", ["", "nonsense", "[]", "{}", '{"rawId": "AAAA", "id": "AAAA", "response": {}}'])
def test_what_is_no_passkey_is_refused(people: People, house: House, unlimited: None, answer: str) -> None:
    people.staff("olga")
    browser = house.visit(KAZAN)
    assert post(browser, "/desk/sign-in/passkey", page="/desk/sign-in", answer=answer).status_code == 422
