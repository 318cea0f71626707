"""The exchange driven over HTTP as 1C does it: order of calls, cookie, chunks, archives; orders fetched once."""

from __future__ import annotations

import base64
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from app.kernel.clock import now
from blueprints.accounts.keys import make_key
from blueprints.accounts.passwords import hash_password
from blueprints.accounts.service import create_staff
from blueprints.orders.queries import get_order
from blueprints.orders.service import place_order
from tests.blueprints.orders.shelf import NOON, draft, fill_shelf, put_stock
from tests.house import HQ, KAZAN, House

REAL = Path(__file__).parents[3] / "data" / "commerceml"
PASSWORD = "кот ходит по крыше"


@dataclass
class OneC:
    """1C at a tenant's host."""

    house: House
    tenant_id: str = HQ
    user: str = "owner@example.ru"
    password: str = PASSWORD
    cookie: str = ""

    def call(self, kind: str, mode: str, body: bytes | None = None, **arguments: str) -> Any:
        browser = self.house.visit(self.tenant_id)
        if self.cookie:
            name, _sign, value = self.cookie.partition("=")
            browser.set_cookie(name, value, domain=browser.site.removeprefix("http://").partition(":")[0])
        credentials = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        options: dict[str, Any] = {"query_string": {"type": kind, "mode": mode, **arguments}}
        if mode == "checkauth":
            options["headers"] = {"Authorization": f"Basic {credentials}"}
        if body is None:
            return browser.get("/exchange/1c", **options)
        return browser.post("/exchange/1c", data=body, content_type="application/octet-stream", **options)

    def begin(self, kind: str = "catalog") -> None:
        answer = self.call(kind, "checkauth")
        word, name, value = answer.text.split("\n")[:3]
        assert word == "success"
        self.cookie = f"{name}={value}"
        assert self.call(kind, "init").text.startswith("zip=yes\nfile_limit=")

    def send(self, name: str, body: bytes, chunk: int) -> None:
        for start in range(0, len(body), chunk):
            assert self.call("catalog", "file", body[start : start + chunk], filename=name).text == "success\n"

    def take_in(self, name: str) -> str:
        first = self.call("catalog", "import", filename=name).text
        if first.startswith("progress"):
            self.house.work()
            first = self.call("catalog", "import", filename=name).text
        return first


@pytest.fixture
def onec(house: House) -> OneC:
    """1C of HQ."""
    staff(house, HQ)
    return OneC(house)


def staff(house: House, tenant_id: str, role: str = "owner") -> None:
    with house.speaking(tenant_id):
        create_staff(
            email=f"{role}@example.ru", name="Анна", role=role, password_hash=hash_password(PASSWORD), at=now()
        )


def packed(**files: bytes) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return body.getvalue()


def real(name: str) -> bytes:
    return (REAL / name).read_bytes()


def test_files_one_by_one(house: House, onec: OneC) -> None:
    onec.begin()
    onec.send("import.xml", real("import.xml"), 20_000)
    onec.send("offers.xml", real("offers.xml"), 20_000)
    assert onec.take_in("import.xml").startswith("success\nтовары: новых 2,")
    assert onec.take_in("offers.xml").startswith("success\n")
    assert onec.take_in("offers.xml").startswith("success\n")
    assert house.scalar("SELECT count(*) FROM network.products") == 2
    assert house.scalar("SELECT count(*) FROM network.prices") == 2
    assert house.scalar("SELECT count(*) FROM t_000001.import_runs") == 2
    assert onec.call("catalog", "complete").text == "success\n"


def test_an_archive_in_chunks(house: House, onec: OneC) -> None:
    onec.begin()
    onec.send("v8_1.zip", packed(import0_1__xml=real("import.xml"), offers0_1__xml=real("offers.xml")), 3_000)
    assert onec.take_in("import0_1.xml").startswith("success")
    assert onec.take_in("offers0_1.xml").startswith("success")
    assert house.scalar("SELECT sum(on_hand) FROM network.stock WHERE owner_id = 't_000001'") == 219


def test_broken_file_is_a_failure_with_a_sentence_and_changes_nothing(house: House, onec: OneC) -> None:
    onec.begin()
    onec.send("import.xml", real("import.xml")[:40_000], 20_000)
    answer = onec.take_in("import.xml")
    assert answer.startswith("failure\n") and len(answer) > 20
    assert house.scalar("SELECT count(*) FROM network.products") == 0
    assert house.scalar("SELECT count(*) FROM network.categories") == 0


def test_a_file_that_never_came(onec: OneC) -> None:
    onec.begin()
    assert onec.call("catalog", "import", filename="import.xml").text.startswith("failure\n")


@pytest.mark.parametrize("name", ["../x.xml", "/etc/passwd", "a/../../b.xml", "", ".hidden", "a\x00b", "C:\\x.xml"])
def test_names_that_climb_are_refused(onec: OneC, name: str) -> None:
    onec.begin()
    assert onec.call("catalog", "file", b"x", filename=name).text.startswith("failure\n")


def test_strangers_are_kept_out(house: House, onec: OneC) -> None:
    staff(house, HQ, "clerk")
    for user, password in (("owner@example.ru", "wrong"), ("nobody@example.ru", PASSWORD), ("", ""),
                           ("clerk@example.ru", PASSWORD), ("key", "zv_nothing")):
        answer = OneC(house, user=user, password=password).call("catalog", "checkauth")
        assert (answer.status_code, answer.text.split("\n")[0]) == (401, "failure")
    assert OneC(house).call("catalog", "init").text.startswith("failure\n")
    assert OneC(house, cookie="zveno_exchange=forged").call("catalog", "init").text.startswith("failure\n")


def test_a_session_of_one_tenant_means_nothing_at_another(house: House, onec: OneC) -> None:
    onec.begin()
    elsewhere = OneC(house, KAZAN, cookie=onec.cookie)
    assert elsewhere.call("catalog", "init").text.startswith("failure\n")


def test_a_dealers_1c_reports_his_stock_and_prices_by_his_own_ids(house: House, onec: OneC) -> None:
    onec.begin()
    onec.send("import.xml", real("import.xml"), 1 << 20)
    onec.take_in("import.xml")
    with house.speaking(KAZAN):
        _key, secret = make_key(name="1C", scopes=["stock:write"], at=now())
    dealer = OneC(house, KAZAN, user="key", password=secret)
    dealer.begin()
    own = {b"bd72d910-55bc-11d9-848a-00112f43529a": b"my-own-boots"}
    for name in ("import.xml", "offers.xml"):
        body = real(name)
        for theirs, mine in own.items():
            body = body.replace(theirs, mine)
        dealer.send(name, body, 1 << 20)
        assert dealer.take_in(name).startswith("success"), name
    assert house.scalar("SELECT count(*) FROM network.stock WHERE owner_id = 't_000002'") == 2
    assert house.scalar("SELECT count(*) FROM t_000002.offers WHERE minor > 0") == 2
    assert house.scalar("SELECT count(*) FROM t_000002.offers WHERE external_id = 'my-own-boots'") == 1
    assert house.scalar("SELECT count(*) FROM network.products") == 2
    assert house.scalar("SELECT count(*) FROM network.prices") == 0
    assert dealer.call("sale", "query").text.startswith("failure\n")


def test_orders_are_fetched_once_and_again_when_cancelled(house: House) -> None:
    staff(house, KAZAN)
    boiler, _pump = fill_shelf(house)
    put_stock(house, KAZAN, {boiler: 5})
    with house.speaking(KAZAN):
        order_id = place_order(draft=draft((boiler, 2)), at=NOON).id
    onec = OneC(house, KAZAN)
    onec.begin("sale")
    found = documents(onec)
    assert [one.findtext("Ид") for one in found] == [str(order_id)]
    assert found[0].findtext("ХозОперация") == "Заказ товара"
    assert found[0].findtext("Контрагенты/Контрагент/Наименование") == "Анна Петрова"
    assert found[0].findtext("Товары/Товар/Ид") == "boiler"
    assert found[0].findtext("Сумма") == "91980.00"
    assert [one.findtext("Ид") for one in documents(onec)] == [str(order_id)], "not confirmed yet"
    assert onec.call("sale", "success").text == "success\n"
    assert documents(onec) == []
    with house.speaking(KAZAN):
        order = get_order(order_id)
        order.state, order.cancelled_at, order.cancel_reason = "cancelled", now(), "staff"
    again = documents(onec)
    assert "Отменен" in etree.tostring(again[0], encoding="unicode")
    assert onec.call("sale", "success").text == "success\n"
    assert documents(onec) == []


def documents(onec: OneC) -> list[Any]:
    return etree.fromstring(onec.call("sale", "query").data).findall("Документ")
