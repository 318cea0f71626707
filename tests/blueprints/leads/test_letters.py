"""Leads by mail: a real conversation, forwarded forms, hostile letters, machines' answers, each letter once."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from blueprints.leads.mailbox.door import controller, deliver
from blueprints.leads.mailbox.letter import Letter, Refused, as_text, read
from blueprints.leads.mailbox.service import owner_of
from blueprints.leads.mailbox.understanding import understand
from tests.blueprints.accounts.conftest import People
from tests.factories.leads import add_products
from tests.house import HQ, KAZAN, House

FORM = """Имя: Анна Ковалёва
Телефон: 8 (916) 123-45-67
E-mail: anna@example.ru
Город: Казань
Комментарий: нужен SKU-1 x 2, посчитайте
"""


def letter(text: str = FORM, **headers: str) -> EmailMessage:
    message = EmailMessage()
    values = {"From": "Форма сайта <form@shop.example.ru>", "To": "leads@ochag.localhost", "Subject": "Заявка",
              "Message-ID": "<1@shop.example.ru>",
              **{name.replace("_", "-"): value for name, value in headers.items()}}
    for name, value in values.items():
        message[name] = value
    message.set_content(text)
    return message


@pytest.fixture
def door(house: House) -> Iterator[int]:
    """The port of an open door."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    listening = controller(house.web, "127.0.0.1", port)
    listening.start()
    yield port
    listening.stop()


def test_letter_sent_by_smtp_is_a_lead_once(house: House, door: int) -> None:
    add_products(house)
    for _time in range(2):
        with smtplib.SMTP("127.0.0.1", door) as smtp:
            smtp.send_message(letter(), to_addrs=["leads@ochag.localhost"])
    assert house.rows("SELECT owner_id, kind, source, city_id, lines -> 0 ->> 'sku', lines -> 0 ->> 'quantity', state"
                      " FROM network.leads") == [(HQ, "quote", "mail", 551487, "SKU-1", "2", "new")]
    assert house.rows("SELECT name, phone, email FROM network.lead_contacts") == [
        ("Анна Ковалёва", "+79161234567", "anna@example.ru")
    ]
    assert house.rows("SELECT state, reason FROM t_000001.incoming_mail") == [("lead", None)]


def test_address_alone_decides_whose_the_lead_is(house: House, door: int) -> None:
    with smtplib.SMTP("127.0.0.1", door) as smtp:
        smtp.send_message(letter(To="leads@ochag.localhost"), to_addrs=["leads+teplo-kazan@ochag.localhost"])
        for address in ("sales@ochag.localhost", "leads@evil.example", "leads+nobody@ochag.localhost", "leads"):
            with pytest.raises(smtplib.SMTPRecipientsRefused):
                smtp.send_message(letter(), to_addrs=[address])
    assert house.rows("SELECT owner_id, state FROM network.leads") == [(KAZAN, "accepted")]
    with house.web.app_context():
        assert owner_of("LEADS@Sibir.localhost").id == "t_000003"  # type: ignore[union-attr]
        assert owner_of("leads+sibir@teplo-kazan.localhost") is None


def test_too_large_a_letter_is_refused_at_the_door(house: House, door: int) -> None:
    with smtplib.SMTP("127.0.0.1", door) as smtp, pytest.raises(smtplib.SMTPException):
        smtp.send_message(letter("x\n" * 700_000), to_addrs=["leads@ochag.localhost"])
    assert house.scalar("SELECT count(*) FROM network.leads") == 0


@pytest.mark.parametrize(("headers", "reason"), [
    ({"Auto_Submitted": "auto-replied"}, "automatic"), ({"Precedence": "bulk"}, "bulk"), ({"List_Id": "<a.b>"}, "bulk"),
    ({"Return_Path": "<>"}, "automatic"), ({"From": "no-reply@localhost"}, "loop"),
    ({"X_Autoreply": "yes"}, "automatic"),
])
def test_machines_and_mass_mails_are_no_leads_and_hq_reads_why(
    house: House, headers: dict[str, str], reason: str
) -> None:
    raw = letter(**headers).as_bytes()
    assert deliver(house.web, "leads@ochag.localhost", raw) == ("rejected", reason)
    assert deliver(house.web, "leads@ochag.localhost", raw) == ("rejected", reason)
    assert house.scalar("SELECT count(*) FROM network.leads") == 0
    people = People(house)
    people.staff("olga", "manager", HQ)
    page = people.sign_in("olga", HQ).get("/desk/leads/mail").get_data(as_text=True)
    assert "leads@ochag.localhost" in page and "Не заявка" in page


@pytest.mark.parametrize("raw", [
    b"", b"\0" * 1000, b"Subject: =?utf-8?b?////?=\n\nhi 8 916 123 45 67",
    b"From: a@b.c\nContent-Type: text/plain; charset=no-such\n\n\xff\xfe",
    b"Content-Type: multipart/mixed; boundary=a\n\n" + b"".join(
        b"--%c\nContent-Type: multipart/mixed; boundary=%c\n\n" % (97 + n % 26, 98 + n % 25) for n in range(3000)
    ),
    b"From: " + b"a" * 200_000 + b"\n\nhi", b"Content-Transfer-Encoding: base64\nFrom: x@y.ru\n\n!!!!",
    b"From: x@y.ru\nContent-Type: text/html\n\n" + b"<div>" * 50_000 + b"hello",
    b"From: x@y.ru\nSubject: " + b"A" * 50_000 + b"\n\n" + b"AB" * 100_000,
])
def test_hostile_letter_is_read_or_refused_and_never_breaks(raw: bytes) -> None:
    try:
        said, _kind = understand(read(raw))
    except Refused as refused:
        assert refused.reason in ("broken", "empty", "too_large")
    else:
        assert len(said["comment"]) <= 2000 and "\0" not in said["comment"]


def test_words_of_a_page_are_read_and_nothing_else() -> None:
    page = "<style>p{}</style><p>Здравствуйте&nbsp;!</p><script>alert(1)</script>Перезвоните<br>+7 916 123-45-67"
    assert as_text(page).split("\n") == ["", "Здравствуйте !Перезвоните", "+7 916 123-45-67"]


def test_free_words_give_phone_city_goods_and_kind() -> None:
    words = "Добрый день, я из Казани, г. Самара тоже. Нужен монтаж PLM-24D x 2 и OC-24-K. Тел. 8-916-123-45-67. Иван"
    said, kind = understand(Letter("m", "ivan@example.ru", "Иван", "Вопрос", words))
    assert (said["phone"], said["email"], said["name"], kind) == (
        "+79161234567", "ivan@example.ru", "Иван", "installation",
    )
    assert said["goods"] == "PLM-24D x 2; OC-24-K"


@pytest.mark.parametrize(
    ("subject", "text", "language"),
    [
        ("Request", "Please call me back: +7 916 123-45-67", "en"), ("Заявка", "+7 916 123-45-67", "ru"),
        ("Re:", "Перезвоните +7 916 123-45-67", "ru"), ("", "+7 916 123-45-67", "en"),
    ],
)
def test_who_writes_cyrillic_is_answered_in_russian(house: House, subject: str, text: str, language: str) -> None:
    deliver(house.web, "leads@ochag.localhost", letter(text, Subject=subject).as_bytes())
    assert house.rows("SELECT locale FROM network.leads") == [(language,)]


def test_second_letter_of_one_person_is_joined(house: House) -> None:
    deliver(house.web, "leads@ochag.localhost", letter().as_bytes())
    again = letter("Когда позвоните?", Message_ID="<2@x>", From="anna@example.ru").as_bytes()
    assert deliver(house.web, "leads@ochag.localhost", again) == ("joined", None)
    assert house.rows("SELECT max(asked) FROM network.leads") == [(2,)]
