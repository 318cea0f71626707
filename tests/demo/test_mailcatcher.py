"""The mail catcher keeps what real SMTP brings, and shows it without trusting it."""

import smtplib
import socket
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
import requests
from flask.testing import FlaskClient

from app.demo.mailcatcher import SIZE_LIMIT, Mailbox, create_app
from app.demo.supervisor import Process, tcp


@pytest.fixture
def mailbox(tmp_path: Path) -> Mailbox:
    return Mailbox(tmp_path / "mails", keep=3)


@pytest.fixture
def client(mailbox: Mailbox) -> FlaskClient:
    return create_app(mailbox).test_client()


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int]]:
    home = tmp_path_factory.mktemp("mailcatcher")
    smtp, http = free_port(), free_port()
    command = [sys.executable, "-m", "app.demo.mailcatcher", "--dir", str(home / "mails")]
    command += ["--smtp-port", str(smtp), "--http-port", str(http)]
    process = Process("mail", command, home, ready=lambda: tcp(smtp)() and tcp(http)())
    process.start()
    yield smtp, http
    process.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def letter(to: str = "anna@example.ru", subject: str = "Заказ № 7 принят") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Очаг Тверь <shop@tver.example.ru>"
    message["To"] = to
    message["Subject"] = subject
    message.set_content("Спасибо! http://tver.localhost:8000/o/7")
    message.add_alternative(
        '<html><head></head><body><a href="http://tver.localhost:8000/o/7">Заказ</a>'
        '<img src="cid:logo"><script>alert(1)</script></body></html>',
        subtype="html",
    )
    html = message.get_payload()[1]
    html.add_related(b"<svg/>", "image", "svg+xml", cid="<logo>")
    return message


def kept(mailbox: Mailbox, to: str = "anna@example.ru", subject: str = "Заказ") -> str:
    return mailbox.put(letter(to, subject).as_bytes(), "shop@tver.example.ru", [to])


def test_mail_comes_by_smtp_and_is_read_as_json(ports: tuple[int, int]) -> None:
    smtp, http = ports
    with smtplib.SMTP("127.0.0.1", smtp) as server:
        server.send_message(letter(), to_addrs=["anna@example.ru", "boris@example.ru"])
    api = f"http://127.0.0.1:{http}/api/messages"
    found = requests.get(api, params={"to": "ANNA"}, timeout=5).json()["messages"]
    assert [(m["to"], m["subject"], m["site"]) for m in found] == [
        ("anna@example.ru", "Заказ № 7 принят", "Очаг Тверь")
    ]
    whole = requests.get(f"{api}/{found[0]['id']}", timeout=5).json()
    assert whole["text"].strip() == "Спасибо! http://tver.localhost:8000/o/7"
    assert ["X-Envelope-To", "anna@example.ru"] in whole["headers"]
    assert requests.delete(api, timeout=5).status_code == 204
    assert requests.get(api, timeout=5).json() == {"messages": []}


def test_mail_over_the_limit_is_refused(ports: tuple[int, int]) -> None:
    with smtplib.SMTP("127.0.0.1", ports[0]) as server, pytest.raises(smtplib.SMTPException):
        server.sendmail("a@example.ru", ["b@example.ru"], "x" * (SIZE_LIMIT + 1))


def test_oldest_mails_go(mailbox: Mailbox) -> None:
    for number in range(5):
        kept(mailbox, subject=str(number))
    assert [mail.subject for mail in mailbox.find()] == ["4", "3", "2"]


def test_inbox_speaks_the_readers_language(mailbox: Mailbox, client: FlaskClient) -> None:
    kept(mailbox)
    for language, words in (("ru", "Почта демонстрации"), ("en", "Mail of the demo")):
        page = client.get("/", headers={"Accept-Language": language}).text
        assert words in page
        assert "Очаг Тверь" in page


def test_search_by_recipient(mailbox: Mailbox, client: FlaskClient) -> None:
    kept(mailbox, "anna@example.ru", "for Anna")
    kept(mailbox, "boris@example.ru", "for Boris")
    page = client.get("/?to=bor", headers={"Accept-Language": "en"}).text
    assert "for Boris" in page
    assert "for Anna" not in page
    assert "No mail to nobody." in client.get("/?to=nobody", headers={"Accept-Language": "en"}).text


def test_html_part_is_sandboxed_and_keeps_its_picture(mailbox: Mailbox, client: FlaskClient) -> None:
    answer = client.get(f"/mail/{kept(mailbox)}/html")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-popups ")
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy
    assert '<head><base target="_blank">' in answer.text
    assert 'src="data:image/svg+xml;base64,' in answer.text


def test_subject_cannot_carry_markup(mailbox: Mailbox, client: FlaskClient) -> None:
    mail_id = kept(mailbox, subject="<img src=x onerror=alert(1)>")
    for address in ("/", f"/mail/{mail_id}", f"/mail/{mail_id}?part=headers"):
        assert "<img src=x" not in client.get(address).text


@pytest.mark.parametrize("part", ["", "html", "text", "headers"])
def test_every_tab_opens(mailbox: Mailbox, client: FlaskClient, part: str) -> None:
    answer = client.get(f"/mail/{kept(mailbox)}", query_string={"part": part})
    assert answer.status_code == 200
    assert 'aria-current="page"' in answer.text


def test_mail_without_any_part_opens(mailbox: Mailbox, client: FlaskClient) -> None:
    mail_id = mailbox.put(b"", "", ["anna@example.ru"])
    assert client.get(f"/mail/{mail_id}").status_code == 200
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("mail_id", ["nothing", "..%2f..%2fetc%2fpasswd", "0" * 20 + "-00000000"])
def test_unknown_mail_is_not_found(client: FlaskClient, mail_id: str) -> None:
    assert client.get(f"/mail/{mail_id}").status_code == 404


def test_another_site_cannot_empty_the_box(mailbox: Mailbox, client: FlaskClient) -> None:
    kept(mailbox)
    assert client.post("/clear", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert len(mailbox.find()) == 1
    assert client.post("/clear", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 302
    assert mailbox.find() == []
