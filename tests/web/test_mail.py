"""Mails of a job: over one connection, each once, and one that is refused keeps none of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from app.web.mail import Folding, send_later
from tests.house import KAZAN, House
from tests.trust.street import free_port

LEFT = f"SELECT to_address, sent_at IS NOT NULL FROM {KAZAN}.mails ORDER BY to_address"


class Server:
    """A mail server that counts who connects, what it takes, and refuses whom it does not know."""

    def __init__(self) -> None:
        self.connections = 0
        self.taken: Counter[str] = Counter()
        self.unknown = ""

    async def handle_EHLO(self, _server: Any, session: Any, _envelope: Any, hostname: str, replies: list[str]) -> Any:
        """Somebody connects."""
        self.connections += 1
        session.host_name = hostname
        return replies

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        """Whom a mail is to."""
        if address == self.unknown:
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Take a mail."""
        self.taken[envelope.rcpt_tos[0]] += 1
        return "250 OK"


@pytest.fixture
def server(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    server = Server()
    controller = Controller(server, hostname="127.0.0.1", port=free_port())
    controller.start()
    address = f"smtp://127.0.0.1:{controller.port}"
    monkeypatch.setitem(house.worker.config, "ZVENO", replace(house.settings, smtp=address))
    yield server
    controller.stop()


def write(house: House, *names: str) -> list[str]:
    """Mails of one transaction."""
    with house.speaking(KAZAN):
        for name in names:
            send_later(to=f"{name}@example.ru", template="mail/already_registered", locale="ru", name=name, link="/")
    return [f"{name}@example.ru" for name in names]


def test_those_of_a_job_go_over_one_connection(house: House, server: Server) -> None:
    addresses = write(house, "anna", "boris", "clara")
    house.work()
    assert (server.connections, server.taken) == (1, Counter(addresses))
    assert house.rows(LEFT) == [(address, True) for address in addresses]


@pytest.mark.parametrize("unknown", ["anna", "boris", "clara"])
def test_one_that_is_refused_keeps_none_of_the_others_and_sends_none_twice(
    house: House, server: Server, unknown: str
) -> None:
    server.unknown = f"{unknown}@example.ru"
    addresses = write(house, "anna", "boris", "clara")
    house.work()
    assert server.taken == Counter(address for address in addresses if address != server.unknown)
    assert house.rows(LEFT) == [(address, address != server.unknown) for address in addresses]
    assert house.rows("SELECT error IS NULL FROM network.deliveries WHERE state = 'queued'") == [(False,)]
    server.unknown = ""
    house.rows("UPDATE network.deliveries SET next_at = now() RETURNING state")
    house.work()
    assert server.taken == Counter(addresses)


@pytest.mark.parametrize("words", [
    "Вашим обращением № 103670 занимается дилер", "Заявка № 103670", "Order 7",
    "Тепло 24 в г. Казань, ул. Баумана, 12 А",
    "Очень длинное имя дилера, которое не помещается в одну строку: 24 часа 7 дней, Казань и Набережные Челны",
])
def test_no_blank_of_a_header_is_lost_and_no_line_is_long(words: str) -> None:
    message = EmailMessage(policy=Folding())
    message["Subject"], message["From"] = words, Address(words, addr_spec="mail@example.ru")
    for raw in (message.as_bytes(), message.as_string().encode()):
        read = message_from_bytes(raw)
        sender, address = parseaddr(read["From"])
        assert [str(make_header(decode_header(header))) for header in (read["Subject"], sender)] == [words, words]
        assert address == "mail@example.ru"
        assert all(len(line) < 100 for line in raw.splitlines())
