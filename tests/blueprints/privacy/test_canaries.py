"""A hundred canaries are planted by people who use the sites as everybody does; of whom was erased none is left."""

from __future__ import annotations

import io
import re
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from app.kernel.clock import now
from app.kernel.db import db
from blueprints.accounts.keys import make_key
from blueprints.accounts.passwords import hash_password
from blueprints.accounts.service import create_staff
from blueprints.leads import service as leads
from blueprints.leads.letters import feedback_link
from blueprints.leads.models import Lead
from blueprints.leads.queries import contact_of
from blueprints.privacy import search, service
from tests.blueprints.orders.shelf import fill_shelf, put_stock
from tests.blueprints.shop.test_cart import put
from tests.blueprints.shop.test_checkout import filled
from tests.house import HQ, KAZAN, Browser, House, sa, token_of
from tests.trust.street import Postbox

PASSWORD = "кот ходит по крыше"
CLERK = {"name": "Ольга", "post": "owner", "id": ""}
PLANTED = 100


class Bird:
    """A person, and every word that is only his."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.email = f"canary{number}@nest{number}.example.ru"
        self.phone = f"8 916 55{number} {number}5-{number}7"
        self.words = [self.email, f"91655{number}{number}5{number}7"]

    def say(self, about: str) -> str:
        """A word nobody else says."""
        word = f"{about}-птица-{self.number}-{len(self.words)}"
        self.words.append(word)
        return word

    def contact(self) -> dict[str, str]:
        """What a form asks."""
        return {
            "name": f"{self.say('имя')} {self.say('фамилия')}", "phone": self.phone, "email": self.email,
            "address": f"{self.say('улица')}, {self.say('дом')}",
        }

    def browser(self, house: House, tenant_id: str) -> Browser:
        """His browser, which tells of itself what only his does."""
        browser = house.visit(tenant_id)
        browser.environ_base["HTTP_USER_AGENT"] = self.say("браузер").encode().hex()
        self.words[-1] = browser.environ_base["HTTP_USER_AGENT"]
        return browser


@pytest.fixture
def birds() -> list[Bird]:
    """Seven people; two digits each, so that their phones are numbers of the same length."""
    return [Bird(number) for number in range(11, 18)]


@pytest.fixture
def boiler(house: House) -> int:
    boiler, _pump = fill_shelf(house)
    put_stock(house, KAZAN, {boiler: 50})
    with house.speaking(KAZAN):
        hashed = hash_password(PASSWORD)
        create_staff(email="olga@example.ru", name="Ольга", role="clerk", password_hash=hashed, at=now())
        create_staff(email="boss@example.ru", name="Пётр", role="owner", at=now())
    return boiler


@pytest.fixture
def post_office(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Letters leave."""
    with Postbox() as postbox:
        monkeypatch.setitem(house.worker.config, "ZVENO", replace(house.settings, smtp=postbox.address))
        yield


@pytest.fixture
def planted(house: House, birds: list[Bird], boiler: int, post_office: None) -> list[Bird]:
    """Everybody has bought, asked, written and judged, and all of it is over."""
    guest, customer, brands, asker, caller, machine, registered = birds
    order(house, guest, KAZAN, boiler)
    register(house, registered, registered.browser(house, KAZAN))
    order(house, customer, KAZAN, boiler, is_registered=True)
    order(house, brands, HQ, boiler)
    ask(house, asker)
    call(house, caller, machine)
    house.work()
    take_all(house)
    house.work()
    for bird in (guest, customer, brands):
        judge(house, bird)
    house.work()
    while sum(len(bird.words) for bird in birds) < PLANTED:
        write(house, guest)
    house.work()
    return birds


def test_of_who_was_erased_nothing_is_left(house: House, planted: list[Bird], capfd: Any) -> None:
    words = [word for bird in planted for word in bird.words]
    assert len(words) >= PLANTED
    before = everything(house)
    assert [bird.number for bird in planted if not seen(bird.words[:2], before)] == [], "all were planted"
    erase_all(house, planted)
    house.work()
    assert seen(words, everything(house) + "".join(capfd.readouterr())) == []


def test_whoever_was_not_erased_is_left_alone(house: House, planted: list[Bird]) -> None:
    guest, *others = planted
    erase_all(house, [guest])
    house.work()
    left = everything(house)
    assert seen(guest.words, left) == []
    assert [bird.number for bird in others if not seen(bird.words[:2], left)] == []


@pytest.mark.parametrize("forgotten", [("orders", "customers"), ("mails",), ("network.lead_messages",)])
def test_an_eraser_that_forgets_a_table_is_found_out(
    house: House, planted: list[Bird], monkeypatch: pytest.MonkeyPatch, forgotten: tuple[str, ...]
) -> None:
    """The control: the same search sees what a forgotten table still holds."""
    whole = search._erase_rows
    monkeypatch.setattr(search, "_erase_rows", lambda name, *rest: 0 if name in forgotten else whole(name, *rest))
    erase_all(house, planted)
    assert seen([word for bird in planted for word in bird.words], everything(house)) != []


def erase_all(house: House, birds: list[Bird]) -> None:
    for tenant_id in (KAZAN, HQ):
        for bird in birds:
            with house.speaking(tenant_id):
                request = service.register(
                    kind="erasure", whose="customer", identification="passport", email=bird.email, phone=bird.phone,
                    name=bird.words[2] if len(bird.words) > 2 else None, at=now(),
                )
                service.destroy(request=request, by=CLERK, at=now())


def everything(house: House) -> str:
    """All rows of all tables of all schemas as text, all of Valkey, and all files."""
    out = io.BytesIO()
    with psycopg.connect(house.superuser, dbname="zveno") as connection:
        tables = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = 'network' OR schemaname LIKE 't\\_%'"
        ).fetchall()
        for schema, table in tables:
            with connection.cursor().copy(f'COPY "{schema}"."{table}" TO STDOUT') as copy:
                for chunk in copy:
                    out.write(bytes(chunk))
    store = redis.Redis.from_url(house.settings.queue)
    for key in store.scan_iter():
        out.write(key + b"\n" + (store.dump(key) or b""))
    for path in Path(house.settings.data_dir).rglob("*"):
        if path.is_file():
            out.write(path.read_bytes())
    return out.getvalue().decode("utf-8", "replace")


def seen(words: list[str], text: str) -> list[str]:
    digits = re.sub(r"[ ()-]", "", text)
    return [word for word in words if word in text or (word.isdigit() and word in digits)]


def post(browser: Browser, path: str, page: str | None = None, **values: Any) -> Any:
    token = token_of(browser.get(page or path).text)
    answer = browser.post(path, data={"csrf_token": token, **values})
    assert answer.status_code in (201, 302, 303), answer.text[:3000]
    return answer


def order(house: House, bird: Bird, tenant_id: str, boiler: int, is_registered: bool = False) -> None:
    browser = bird.browser(house, tenant_id)
    if tenant_id == HQ:
        post(browser, "/city", city_id="551487")
    put(browser, boiler, 1)
    if is_registered:
        register(house, bird, browser)
    answer = browser.post("/checkout", data=filled(browser, **bird.contact(), comment=bird.say("пожелание")))
    assert answer.status_code == 302, answer.text[:3000]
    page = answer.location
    post(browser, f"{page}/messages", page, body=bird.say("вопрос"))


def register(house: House, bird: Bird, browser: Browser) -> None:
    post(browser, "/account/register", email=bird.email)
    link = str(house.scalar(
        f"SELECT params->>'link' FROM {KAZAN}.mails WHERE to_address = %(mail)s AND template LIKE '%%confirm%%'",
        mail=bird.email,
    ))
    path = re.sub(r"^https?://[^/]+", "", link)
    post(browser, path, name=bird.say("имя"), phone=bird.phone, password=PASSWORD, consent="y")


def ask(house: House, bird: Bird) -> None:
    browser = bird.browser(house, KAZAN)
    values = bird.contact()
    values.pop("address")
    bird.words = [word for word in bird.words if not word.startswith(("улица", "дом"))]
    post(browser, "/ask", question=f"{bird.say('вопрос')} {bird.say('котёл')}", consent="y", **values)


def call(house: House, caller: Bird, machine: Bird) -> None:
    """One is written down at the desk, one comes from another program that repeats its call."""
    clerk = house.visit(KAZAN)
    post(clerk, "/desk/sign-in", email="olga@example.ru", password=PASSWORD)
    post(
        clerk, "/desk/leads/new", source="phone", kind="callback", city_id="551487", lines="",
        comment=caller.say("заметка"), **caller.contact(),
    )
    with house.speaking(KAZAN):
        _key, secret = make_key(name="1C", scopes=["leads:write", "leads:read"], at=now())
    body = {
        "kind": "callback", "customer": {**machine.contact(), "comment": machine.say("заметка")}, "lines": [],
    }
    answer = house.visit(KAZAN).post(
        "/api/v1/leads", json=body, headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": str(uuid.uuid4())},
    )
    assert answer.status_code == 201, answer.text


def take_all(house: House) -> None:
    """Kazan takes what it was offered, writes to everybody, and brings every lead to its end."""
    with house.speaking(KAZAN):
        for lead in the_leads():
            if lead.state == "offered":
                leads.accept(lead=lead, at=now(), actor="staff:1")
            leads.write(lead=lead, author="dealer", body="Здравствуйте!", at=now())
            if lead.kind == "order":
                leads.ship(lead=lead, at=now(), actor="staff:1")
                leads.deliver(lead=lead, at=now(), actor="staff:1")
            else:
                leads.lose(lead=lead, reason="no_answer", at=now(), actor="staff:1")


def judge(house: House, bird: Bird) -> None:
    """The customer follows the link of his mail and says how it went."""
    for tenant_id in (KAZAN, HQ):
        with house.speaking(tenant_id):
            links = [feedback_link(lead) for lead in the_leads() if is_of(lead, bird) and lead.owner_id == tenant_id]
        for link in links:
            path = re.sub(r"^https?://[^/]+", "", link)
            post(house.visit(tenant_id), path, received="yes", stars="5", comment=bird.say("отзыв"))


def write(house: House, bird: Bird) -> None:
    with house.speaking(KAZAN):
        (lead,) = (lead for lead in the_leads() if is_of(lead, bird))
        leads.write(lead=lead, author="customer", body=bird.say("слово"), at=now())


def the_leads() -> list[Lead]:
    return list(db.session.scalars(sa.select(Lead).order_by(Lead.id)))


def is_of(lead: Lead, bird: Bird) -> bool:
    contact = contact_of(lead)
    return contact is not None and contact.email == bird.email
