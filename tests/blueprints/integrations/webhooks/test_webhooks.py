"""Webhooks: who is told of what, signed, tried again, given up; and what nobody is told."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import threading
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from app.kernel.clock import frozen, now
from app.kernel.db import db
from app.kernel.errors import Refused
from app.kernel.identity import hq, network_worker
from app.kernel.money import Money
from blueprints.integrations.webhooks import listening, rules, service
from blueprints.integrations.webhooks.models import Webhook
from blueprints.leads import outcome
from tests.blueprints.leads.test_desk_and_links import staff_browser
from tests.blueprints.leads.test_outcome import pump, taken, wish  # noqa: F401 (fixtures)
from tests.factories.leads import MORNING, hire, the_lead
from tests.house import HQ, KAZAN, SIBIR, House, sa, token_of


class Receiver:
    """Somebody's system that writes down what it is told."""

    def __init__(self) -> None:
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self.status = 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.calls.append((dict(self.headers), body))
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def told(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _headers, body in self.calls]


@pytest.fixture
def receiver(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver on this machine, which the settings allow here."""
    for app in (house.web, house.worker):
        monkeypatch.setitem(app.config, "ZVENO", replace(app.config["ZVENO"], webhooks_private=True))
    listening.forget()
    receiver = Receiver()
    with frozen(MORNING + timedelta(minutes=5)):
        yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()
    listening.forget()


def register(house: House, who: str, receiver: Receiver, *events: str) -> tuple[uuid.UUID, str]:
    with house.speaking(who):
        hook, secret = service.register(url=receiver.url, events=events or tuple(rules.EVENT_WORDS), at=now())
        return hook.id, secret


def test_the_dealer_is_told_signed_and_without_personal_data(
    house: House, pump: int, receiver: Receiver  # noqa: F811
) -> None:
    _hook, secret = register(house, KAZAN, receiver)
    lead_id = taken(house, pump)
    with house.speaking(KAZAN):
        outcome.win(lead=the_lead(HQ, lead_id), value=Money(5_000_000), at=now(), actor="link")
    house.work()
    assert sorted(one["event"] for one in receiver.told()) == ["lead.accepted", "lead.offered", "lead.won"]
    (won,) = [one for one in receiver.told() if one["event"] == "lead.won"]
    assert won["lead"] == {
        "id": str(lead_id), "number": won["lead"]["number"], "kind": "quote", "state": "won", "source": "form",
        "value": {"minor": 5_000_000, "currency": "RUB"}, "is_own": False, "is_held": True,
    }
    for headers, body in receiver.calls:
        assert "Ковал" not in body.decode() and "7916" not in body.decode() and "example" not in body.decode()
        moment, digest = (part.partition("=")[2] for part in headers["Zveno-Signature"].split(","))
        expected = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
        assert hmac.compare_digest(digest, expected)


def test_only_what_was_chosen_is_told_and_only_to_whom_it_concerns(
    house: House, pump: int, receiver: Receiver  # noqa: F811
) -> None:
    register(house, KAZAN, receiver, "lead.won")
    register(house, SIBIR, receiver)
    wish(house, KAZAN, "question")
    taken(house, pump)
    house.work()
    assert receiver.told() == []
    register(house, HQ, receiver, "lead.opened")
    wish(house, HQ, "question")
    house.work()
    assert [one["event"] for one in receiver.told()] == ["lead.opened"]


def test_nobody_who_listens_costs_no_delivery(house: House, pump: int) -> None:  # noqa: F811
    listening.forget()
    with frozen(MORNING + timedelta(minutes=5)):
        taken(house, pump)
        house.work()
    assert house.scalar("SELECT count(*) FROM network.deliveries WHERE handler LIKE '%%webhooks%%'") == 0


def failing(house: House, receiver: Receiver, status: int = 500) -> uuid.UUID:
    receiver.status = status
    hook_id, _secret = register(house, KAZAN, receiver, "lead.opened")
    wish(house, KAZAN, "question")
    house.work()
    return hook_id


CALLS = "SELECT state, attempts, status, error FROM network.webhook_calls"


@pytest.mark.parametrize("status", [500, 404, 301])
def test_what_is_not_taken_is_told_again_later(house: House, receiver: Receiver, status: int) -> None:
    failing(house, receiver, status)
    assert house.rows(CALLS) == [("waiting", 1, status, "refused")]
    receiver.status = 200
    house.scalar("UPDATE network.deliveries SET next_at = now() - interval '1 s' RETURNING 1")
    with frozen(now() + timedelta(seconds=40)):
        house.work()
    assert house.rows(CALLS) == [("done", 2, 200, None)]
    assert house.scalar("SELECT failing_since FROM network.webhooks") is None


def test_an_address_that_fails_for_days_is_turned_off_with_a_letter(house: House, receiver: Receiver) -> None:
    hire(house)
    hook_id = failing(house, receiver)
    with frozen(now() + timedelta(days=3, minutes=1)):
        house.scalar("UPDATE network.deliveries SET next_at = now() - interval '1 s' RETURNING 1")
        house.work()
        assert house.rows(CALLS) == [("given_up", 2, 500, "refused")]
        assert house.scalar("SELECT disabled_at IS NOT NULL FROM network.webhooks")
        assert house.scalar("SELECT count(*) FROM t_000002.mails WHERE template = 'mail/webhook_disabled'") == 1
        wish(house, KAZAN, "question")
        house.work()
        assert len(receiver.calls) == 2
        receiver.status = 200
        with house.speaking(KAZAN):
            hook = service.get_webhook(hook_id)
            service.turn(hook=hook, is_on=True, at=now())
            (call_id,) = [row[0] for row in house.rows("SELECT id FROM network.webhook_calls")]
            service.replay(hook=hook, call_id=call_id, at=now())
        house.work()
    assert house.rows(CALLS) == [("done", 1, 200, None)]


def test_the_desk_registers_shows_the_secret_once_and_tells_again(house: House, receiver: Receiver) -> None:
    browser = staff_browser(house)
    page = browser.get("/desk/webhooks").text
    form = {"csrf_token": token_of(page), "url": receiver.url, "events": ["lead.opened", "lead.won"]}
    assert not re.search(r"<input[^>]*(checkbox[^>]* required|required[^>]*checkbox)", page)  # nobody has to want all
    long = browser.post("/desk/webhooks", data={**form, "url": f"https://example.ru/{'a' * 3000}"})
    assert long.status_code == 422 and "500" in long.text.partition('id="url-error"')[2] and "a" * 3000 in long.text
    refused = browser.post("/desk/webhooks", data={**form, "events": []})
    assert refused.status_code == 422 and receiver.url in refused.text
    made = browser.post("/desk/webhooks", data=form)
    assert made.status_code == 201 and "whsec_" in made.text
    assert "whsec_" not in browser.get("/desk/webhooks").text
    (hook_id,) = [row[0] for row in house.rows("SELECT id FROM network.webhooks")]
    own = f"/desk/webhooks/{hook_id}"
    assert browser.post(f"{own}/trial", data={"csrf_token": token_of(browser.get(own).text)}).status_code == 303
    house.work()
    assert [one["event"] for one in receiver.told()] == ["ping"]
    (call_id,) = [row[0] for row in house.rows("SELECT id FROM network.webhook_calls")]
    token = token_of(browser.get(own).text)
    assert browser.post(f"{own}/calls/{call_id}/replay", data={"csrf_token": token}).status_code == 303
    house.work()
    assert len(receiver.calls) == 2
    assert browser.post(f"{own}/removal", data={"csrf_token": token}).status_code == 303
    assert house.scalar("SELECT count(*) FROM network.webhook_calls") == 0


def test_another_dealer_sees_and_touches_nothing(house: House, receiver: Receiver) -> None:
    hook_id, _secret = register(house, KAZAN, receiver)
    with house.speaking(SIBIR):
        assert db.session.scalars(sa.select(Webhook.url)).all() == []
        with pytest.raises(service.NoSuchWebhook):
            service.get_webhook(hook_id)
    with house.speaking(network_worker()), pytest.raises(sa.exc.ProgrammingError):
        db.session.scalars(sa.select(Webhook.sealed_secret)).all()
    with house.speaking(hq()), pytest.raises(sa.exc.ProgrammingError):
        db.session.scalars(sa.select(Webhook.url)).all()


def test_a_tenant_has_only_so_many(house: House, receiver: Receiver) -> None:
    for _each in range(service.MOST):
        register(house, KAZAN, receiver)
    with pytest.raises(Refused):
        register(house, KAZAN, receiver)


def test_waiting_grows_and_ends() -> None:
    waits = [rules.wait(attempts) for attempts in range(1, rules.MOST_ATTEMPTS + 1)]
    known = [wait for wait in waits if wait]
    assert waits[-1] is None and len(known) == rules.MOST_ATTEMPTS - 1
    assert known == sorted(known) and known[0] == timedelta(seconds=30)
    assert max(known) <= rules.LONGEST_WAIT
