"""Leads from tables: columns guessed, rows checked, each taken once, hostile files refused with a sentence."""

from __future__ import annotations

import io
import re

import pytest
from flask.testing import FlaskClient

from blueprints.leads.importing.columns import propose, texts
from blueprints.leads.importing.drafts import read
from tests.blueprints.accounts.conftest import People
from tests.factories.leads import add_products
from tests.house import HQ, KAZAN, House

TABLE = """ФИО;Телефон;Почта;Город;Тип заявки;Артикул;Комментарий;Номер
Анна;8 (916) 123-45-67;anna@example.ru;г. Казань;расчёт;SKU-1 x 2;После шести;A-1
Борис;916 000 00 01;;Атлантида;монтаж;NO-SUCH;;A-2
Вера;нет;;;звонок;;;A-3
Глеб;;gleb@example.ru;;;;=HYPERLINK("http://evil");A-4
"""


def test_headers_in_two_languages_are_understood() -> None:
    assert propose(["ФИО", "Контактный телефон", "E-mail", "Город", "???", "Телефон"]) == (
        "name", "phone", "email", "city", "", "",
    )
    assert propose(["Customer", "Phone number", "External ID"]) == ("name", "phone", "external_id")


def test_row_says_what_is_wrong_with_it() -> None:
    draft = read(7, ("phone", "email", "kind", "name"), ("12", "a@", "танцы", "А\0нна"))
    assert [(flaw.code, flaw.field) for flaw in draft.flaws] == [
        ("kind_unknown", "kind"), ("phone_wrong", "phone"), ("email_wrong", "email"), ("no_contact", "phone"),
    ]
    assert (draft.is_whole, draft.kind, draft.said) == (False, "question", {"name": "А нна"})
    assert texts([79161234567.0, None, "  a "]) == ["79161234567", "", "a"]


def signed_in(house: House, at: str, role: str) -> FlaskClient:
    people = People(house)
    people.staff(f"{role}-{at.strip('t_0')}", role, at)
    browser = people.sign_in(f"{role}-{at.strip('t_0')}", at)
    browser.get("/desk?lang=ru")
    return browser


def upload(client: FlaskClient, content: bytes, name: str = "leads.csv") -> tuple[int, str]:
    answer = client.post(
        "/desk/leads/imports", data={"file": (io.BytesIO(content), name), "csrf_token": token(client)},
        content_type="multipart/form-data",
    )
    return answer.status_code, answer.location or answer.get_data(as_text=True)


def token(client: FlaskClient) -> str:
    page = client.get("/desk/leads/imports").get_data(as_text=True)
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]  # type: ignore[index]


def take(house: House, client: FlaskClient, content: bytes) -> str:
    """Upload, approve the guess, let the worker work; the report's page."""
    code, address = upload(client, content)
    assert code == 303, address
    page = client.get(address).get_data(as_text=True)
    columns = dict(re.findall(r'name="(column-\d+)">.*?<option value="(\w*)" selected', page, re.DOTALL))
    answer = client.post(address, data={"csrf_token": token(client), **columns})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    house.work()
    return client.get(answer.location).get_data(as_text=True)


@pytest.mark.parametrize("owner", [HQ, KAZAN])
def test_table_becomes_leads_once_however_often_it_comes(house: House, owner: str) -> None:
    add_products(house)
    client = signed_in(house, owner, "manager")
    page = take(house, client, TABLE.encode())
    assert "Присоединено к открытым" in page
    assert "Нет ни телефона, ни почты." in page and "Города «Атлантида» нет" in page
    found = house.rows("SELECT owner_id, kind, source, city_id, external_id, lines -> 0 ->> 'sku' FROM network.leads"
                       " ORDER BY external_id")
    assert found == [
        (owner, "quote", "import", 551487, "A-1", "SKU-1"), (owner, "installation", "import", None, "A-2", None),
        (owner, "question", "import", None, "A-4", None),
    ]
    take(house, client, TABLE.encode("cp1251"))
    assert house.scalar("SELECT count(*) FROM network.leads") == 3
    counts = house.rows(f"SELECT counts ->> 'new', counts ->> 'known' FROM {owner}.import_runs ORDER BY created_at")
    assert counts == [("3", None), (None, "3")]


def test_customer_is_written_to_in_the_language_his_row_names(house: House) -> None:
    client = signed_in(house, KAZAN, "owner")
    table = "Телефон;Язык\n89160000001;English\n89160000002;рус\n89160000003;\n89160000004;suomi\n89160000005;en-GB\n"
    page = take(house, client, table.encode())
    assert house.rows("SELECT locale FROM network.leads ORDER BY external_id") == [
        ("en",), ("ru",), ("ru",), ("ru",), ("en",),
    ]
    assert "«suomi» — не русский и не английский" in page


def test_rows_without_numbers_are_known_by_file_and_line(house: House) -> None:
    client = signed_in(house, KAZAN, "owner")
    table = "Имя;Телефон\nАнна;89160000001\nБорис;89160000002\nАнна опять;8 916 000-00-01\n".encode()
    for _time in range(2):
        take(house, client, table)
    assert house.rows("SELECT state, asked FROM network.leads ORDER BY created_at, number") == [
        ("accepted", 2), ("accepted", 1), ("invalid", 1),
    ]


def test_columns_without_anybody_to_call_are_refused_and_nothing_is_lost(house: House) -> None:
    client = signed_in(house, KAZAN, "manager")
    _code, address = upload(client, b"name;phone\nAnna;89160000001\n")
    values = {"csrf_token": token(client), "column-0": "name", "column-1": ""}
    answer = client.post(address, data=values)
    assert answer.status_code == 422
    assert client.post(address, data={**values, "column-1": "phone", "check": "1"}).status_code == 200
    assert house.scalar(f"SELECT state FROM {KAZAN}.import_runs") == "mapping"


@pytest.mark.parametrize("content", [
    b"", b"\0" * 500, b"PK\x03\x04broken", b"only a header\n", b"%PDF-1.7\n" + b"x" * 100, b'a;b\n"' + b"x" * 400_000,
    b"x" * (5 * 1024 * 1024 + 1),
])
def test_what_is_no_table_is_refused_with_a_sentence(house: House, content: bytes) -> None:
    code, page = upload(signed_in(house, KAZAN, "manager"), content)
    assert code == 422
    assert 'data-kind="bad"' in page
    assert house.scalar(f"SELECT count(*) FROM {KAZAN}.import_runs") == 0


def test_clerk_may_not_bring_tables_in_and_nobody_anothers(house: House) -> None:
    assert signed_in(house, KAZAN, "clerk").get("/desk/leads/imports").status_code == 403
    _code, address = upload(signed_in(house, KAZAN, "manager"), b"name;phone\nAnna;89160000001\n")
    assert signed_in(house, HQ, "manager").get(address).status_code == 404


@pytest.mark.parametrize(("told", "kind"), [
    ("Расчёт котла", "quote"), ("Обратный звонок, срочно", "callback"), ("Монтаж и расчёт", "installation"),
    ("КПД", "question"),
])
def test_kind_is_that_of_the_first_word_known(told: str, kind: str) -> None:
    draft = read(1, ("phone", "kind"), ("89160000001", told))
    assert (draft.kind, [flaw.code for flaw in draft.flaws]) == (kind, ["kind_unknown"] if told == "КПД" else [])


def test_preview_tells_of_the_unknown_city_and_the_report_where_a_row_went(house: House) -> None:
    client = signed_in(house, KAZAN, "manager")
    table = "Имя;Телефон;Город\nАнна;89160000001;г. Казань\nАнна;89160000001;Нигдеград\n".encode()
    _code, address = upload(client, table)
    page = client.get(address).get_data(as_text=True)
    assert page.count("нет в нашем списке") == 1 and "Города «Нигдеград» нет" in page
    report = take(house, client, table)
    number = house.scalar("SELECT number FROM network.leads WHERE joined_to IS NULL")
    assert f"уже открыта заявка № {number}: строка присоединена к ней" in report
