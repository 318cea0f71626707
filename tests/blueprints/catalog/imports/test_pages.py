"""The pages of imports and of stock: upload, columns, progress, report, lines filled in by hand."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.kernel.clock import now
from blueprints.accounts.passwords import hash_password
from blueprints.accounts.service import create_staff
from tests.blueprints.catalog.imports.conftest import Files, real
from tests.house import HQ, KAZAN, House, token_of

PASSWORD = "кот ходит по крыше"


def staff(house: House, tenant_id: str) -> FlaskClient:
    with house.speaking(tenant_id):
        create_staff(
            email="a@example.ru", name="Анна", role="owner", password_hash=hash_password(PASSWORD), at=now()
        )
    browser = house.visit(tenant_id)
    token = token_of(browser.get("/desk/sign-in").text)
    sent = {"csrf_token": token, "email": "a@example.ru", "password": PASSWORD}
    assert browser.post("/desk/sign-in", data=sent).status_code == 303
    return browser


def send(browser: FlaskClient, base: str, body: bytes, name: str) -> Any:
    token = token_of(browser.get(base).text)
    return browser.post(base, data={"csrf_token": token, "file": (io.BytesIO(body), name)})


def test_hq_uploads_and_reads_the_report(house: House) -> None:
    browser = staff(house, HQ)
    assert "Каталог пуст" in browser.get("/hq/catalogue").text
    answer = send(browser, "/hq/catalogue/imports", real("import.xml"), "import.xml")
    assert answer.status_code == 303, answer.text
    page = browser.get(answer.location)
    assert "hx-get" in page.text and page.status_code == 200
    assert "hx-get" in browser.get(answer.location + "/progress").text
    house.work()
    assert browser.get(answer.location + "/progress").headers["HX-Refresh"] == "true"
    assert "Новых товаров" in browser.get(answer.location).text
    report = browser.get(answer.location + "/report.csv")
    assert report.mimetype == "text/csv" and "import_files" in report.text
    assert "Женские ботфорты" in browser.get("/hq/catalogue").text


def test_a_table_asks_for_its_columns_and_remembers_them(house: House) -> None:
    browser = staff(house, HQ)
    table = "Код;Что это;Почём\nА-1;Котёл;100,50\n".encode()
    answer = send(browser, "/hq/catalogue/imports", table, "t.csv")
    columns = browser.get(answer.location).location
    page = browser.get(columns).text
    assert "Что это" in page and 'value="sku" selected' in page
    wanted = {"column-0": "sku", "column-1": "name", "column-2": "price"}
    wrong = browser.post(columns, data={"csrf_token": token_of(page), **wanted, "column-2": "name"})
    assert wrong.status_code == 422
    assert browser.post(columns, data={"csrf_token": token_of(page), **wanted}).status_code == 303
    house.work()
    assert house.rows("SELECT sku, name_ru, minor FROM network.products JOIN network.prices ON product_id = id") == [
        ("А-1", "Котёл", 10050)
    ]
    again = send(browser, "/hq/catalogue/imports", table, "t.csv")
    assert 'value="name" selected' in browser.get(browser.get(again.location).location).text


def test_lines_by_hand(house: House, files: Files) -> None:
    files.take(real("import.xml"))
    files.take(real("offers.xml"))
    browser = staff(house, KAZAN)
    page = browser.get("/desk/stock").text
    assert "Женские ботфорты" in page
    one, two = (int(str(number)) for (number,) in house.rows("SELECT id FROM network.products ORDER BY id"))
    sent = {
        "csrf_token": token_of(page), "product": [str(one), str(two)], f"on_hand-{one}": "5",
        f"price-{one}": "1 234,50", f"listed-{one}": "on",
    }
    bad = browser.post("/desk/stock", data={**sent, f"on_hand-{one}": "пять"})
    assert bad.status_code == 422 and "пять" in bad.text
    assert browser.post("/desk/stock", data=sent).status_code == 303
    assert house.rows("SELECT product_id, on_hand FROM network.stock WHERE owner_id = 't_000002'") == [(one, 5)]
    assert house.rows("SELECT product_id, minor, is_listed FROM t_000002.offers ORDER BY 1") == [
        (one, 123450, True), (two, None, False)
    ]
    assert browser.get("/desk/stock/table.xlsx").status_code == 200
    assert browser.get("/desk/stock/imports").status_code == 200


HOSTILE = {
    "empty": b"",
    "entities.xml": '<!DOCTYPE a [<!ENTITY b "bb">]><КоммерческаяИнформация>&b;</КоммерческаяИнформация>'.encode(),
    "picture.png": b"\x89PNG\r\n\x1a\n" + b"\0" * 64,
    "page.html": b"<html><body>no</body></html>",
    "old.xls": b"\xd0\xcf\x11\xe0" + b"\0" * 512,
    "broken.zip": b"PK\x03\x04" + b"x" * 100,
    "orders.xml": real("orders.xml"),
    "noise": bytes(range(256)) * 8,
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_upload_ends_in_a_sentence_and_leaves_nothing(house: House, name: str) -> None:
    browser, before = staff(house, HQ), kept(house)
    answer = send(browser, "/hq/catalogue/imports", HOSTILE[name], name)
    assert answer.status_code == 422
    assert 'class="alert" data-kind="bad"' in answer.text
    assert house.scalar("SELECT count(*) FROM t_000001.import_runs") == 0
    assert kept(house) == before


def kept(house: House) -> list[Path]:
    return sorted(path for path in (Path(house.settings.data_dir) / "imports" / HQ).glob("*") if path.is_file())


def test_a_file_that_turns_bad_later_fails_with_its_sentence(house: House) -> None:
    browser = staff(house, HQ)
    answer = send(browser, "/hq/catalogue/imports", real("import.xml")[:59_000], "import.xml")
    house.work()
    page = browser.get(answer.location).text
    assert "Ничего не изменено" in page and 'data-tone="bad"' in page
    assert house.scalar("SELECT count(*) FROM network.categories") == 0
