"""The client of given addresses: what it refuses to read, what it refuses to reach, and how long it waits."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from app.kernel import outgoing
from app.kernel.outgoing import BadAddress, Target, Unreachable, is_public, read_address, send


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1/", "https://127.0.0.2:8443/x", "https://10.0.0.1/", "https://192.168.0.1/",
        "https://172.16.0.1/", "https://169.254.169.254/latest/meta-data", "https://100.64.0.1/", "https://0.0.0.0/",
        "https://224.0.0.1/", "https://255.255.255.255/", "https://[::1]/", "https://[::]/", "https://[fe80::1]/",
        "https://[fd00:ec2::254]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:a00:1]/",
        "https://[2002:7f00:1::]/", "https://[64:ff9b::7f00:1]/", "https://[2001:0:4136:e378:8000:63bf:f5ff:fffe]/",
        "https://[::7f00:1]/", "https://①②⑦.0.0.1/", "https://127。0。0。1/",
    ],
)
def test_a_private_machine_is_refused_at_once(address: str) -> None:
    with pytest.raises(BadAddress):
        read_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://example.ru/", "ftp://example.ru/", "gopher://example.ru/_x", "file:///etc/passwd", "//example.ru/",
        "example.ru", "", "https://", "https://user:pass@example.ru/", "https://example.ru@10.0.0.1/",
        "https://10.0.0.1#@example.ru/", "https://example.ru\\@10.0.0.1/", "https://127.1/", "https://2130706433/",
        "https://0x7f000001/", "https://0x7f.0.0.1/", "https://017700000001/", "https://0/", "https://exa mple.ru/",
        "https://example.ru/a b", "https://example.ru/\r\nHost: x", "https://example.ru/\u0000", "https://example.ru:0x50/",
        "https://example.ru:99999/", "https://[fe80::1%25eth0]/", "https://-a.ru/", "https://a..ru/", "https://[::1",
        " https://example.ru/", "https://example.ru/" + "x" * 2000, "https://" + "x" * 300 + ".ru/",
        "https://example.ru/путь",
    ],
)
def test_what_is_no_plain_https_address_is_refused(address: str) -> None:
    with pytest.raises(BadAddress):
        read_address(address)


def test_good_addresses_are_taken_apart() -> None:
    assert read_address("https://crm.example.ru/hook?a=1") == Target(True, "crm.example.ru", 443, "/hook?a=1")
    assert read_address("https://CRM.example.ru.:8443") == Target(True, "crm.example.ru", 8443, "/")
    assert read_address("https://дилер.рф/x").host == "xn--d1acim0a.xn--p1ai"
    assert read_address("https://8.8.8.8/").host == "8.8.8.8"


@pytest.mark.parametrize("text", ["8.8.8.8", "2a00:1450:4010::1", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_machines_are_public(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in addresses]
    monkeypatch.setattr(outgoing.socket, "getaddrinfo", lambda *_args, **_options: found)


def never(*_args: object, **_options: object) -> socket.socket:
    raise AssertionError("a connection was made")


@pytest.mark.parametrize("addresses", [("127.0.0.1",), ("8.8.8.8", "10.0.0.1"), ("::1",), ("169.254.169.254",), ()])
def test_a_name_that_leads_inside_is_never_connected_to(
    monkeypatch: pytest.MonkeyPatch, addresses: tuple[str, ...]
) -> None:
    resolving(monkeypatch, *addresses)
    monkeypatch.setattr(outgoing.socket, "create_connection", never)
    with pytest.raises(Unreachable, match="address"):
        send(read_address("https://inside.example.ru/"), b"{}", {})


def test_the_connection_goes_to_the_machine_that_was_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    resolving(monkeypatch, "8.8.8.8")

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        asked.append((address, timeout))
        raise OSError

    monkeypatch.setattr(outgoing.socket, "create_connection", connect)
    with pytest.raises(Unreachable, match="connect"):
        send(read_address("https://rebinding.example.ru/"), b"{}", {})
    assert asked == [(("8.8.8.8", 443), outgoing.PART)]


Answers = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def serving() -> Iterator[Callable[[Answers], Target]]:
    """Servers on this machine that answer each POST as told."""
    servers: list[ThreadingHTTPServer] = []

    def serve(answer: Answers) -> Target:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                answer(self)

            def log_message(self, *_args: object) -> None:
                return

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return Target(False, "127.0.0.1", servers[-1].server_port, "/hook")

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def test_the_status_is_the_answer(serving: Callable[[Answers], Target]) -> None:
    got: list[bytes] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        got.append(handler.rfile.read(int(handler.headers["Content-Length"])))
        handler.send_response(204)
        handler.end_headers()

    assert send(serving(answer), b'{"a":1}', {"X-A": "1"}, allow_private=True) == 204
    assert got == [b'{"a":1}']


def test_a_redirect_is_not_followed(serving: Callable[[Answers], Target]) -> None:
    calls: list[str] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        calls.append(handler.path)
        handler.send_response(307)
        handler.send_header("Location", "/elsewhere")
        handler.end_headers()

    assert send(serving(answer), b"{}", {}, allow_private=True) == 307
    assert calls == ["/hook"]


def test_an_answer_without_end_ends(serving: Callable[[Answers], Target], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "TOTAL", 1.0)

    def drip(handler: BaseHTTPRequestHandler) -> None:
        for _each in range(200):
            handler.wfile.write(b"H")
            handler.wfile.flush()
            time.sleep(0.05)

    def flood(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _each in range(10_000):
            handler.wfile.write(b"x" * 65536)

    began = time.monotonic()
    with pytest.raises(Unreachable):
        send(serving(drip), b"{}", {}, allow_private=True)
    assert send(serving(flood), b"{}", {}, allow_private=True) == 200
    assert time.monotonic() - began < 5


def test_a_certificate_that_does_not_hold_is_no_connection(serving: Callable[[Answers], Target]) -> None:
    plain = serving(lambda handler: handler.send_response(200))
    with pytest.raises(Unreachable, match=r"tls|answer|time"):
        send(Target(True, plain.host, plain.port, "/"), b"{}", {}, allow_private=True)
    assert ssl.create_default_context().verify_mode == ssl.CERT_REQUIRED
