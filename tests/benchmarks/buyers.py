"""Buyers on kept-alive connections, in a process of their own.

`python -m tests.benchmarks.buyers PORT SECONDS CLIENTS`

Standard input is JSON, a list of shops: `{"host", "city_id", "products"}`; each buyer is a new visitor of the next
shop, who puts two products into his cart, picks a city where the shop asks for one, opens the checkout and sends it
with address, delivery and payment. Prints JSON: orders, seconds, and the milliseconds of each step of each flow.
"""

from __future__ import annotations

import html
import itertools
import json
import re
import socket
import sys
from threading import Lock, Thread
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

BUYER = {
    "delivery_method": "courier", "address": "ул. Баумана, 1", "name": "Анна Петрова", "phone": "8 916 123-45-67",
    "payment_method": "on_delivery", "consent": "y",
}
HIDDEN = re.compile(r'name="(csrf_token|key|seen)"[^>]*value="([^"]*)"')


class Line:
    """One connection, kept alive from visitor to visitor."""

    def __init__(self, port: int) -> None:
        self._address = ("127.0.0.1", port)
        self._socket = socket.create_connection(self._address)

    def ask(self, lines: list[str], body: bytes = b"") -> tuple[int, bytes, bytes]:
        """Status, head and body of the answer."""
        head = [*lines, f"Content-Length: {len(body)}"] if body else lines
        self._socket.sendall("\r\n".join([*head, "", ""]).encode() + body)
        head, _end, got = self._until_head()
        left = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]) - len(got)
        while left > 0:
            piece = self._socket.recv(65536)
            got, left = got + piece, left - len(piece)
        return int(head[9:12]), head, got

    def _until_head(self) -> tuple[bytes, bytes, bytes]:
        got = b""
        while b"\r\n\r\n" not in got:
            piece = self._socket.recv(65536)
            if not piece:
                raise ConnectionError("the server hung up")
            got += piece
        return got.partition(b"\r\n\r\n")


class Visitor:
    """Somebody with a browser of his own and nothing in it."""

    def __init__(self, line: Line, shop: dict[str, Any]) -> None:
        self._line, self._shop = line, shop
        self._cookies: dict[str, str] = {}
        self.took: list[float] = []

    def buy(self, number: int) -> None:
        """The whole flow; the last answer must lead to the order's page."""
        for product_id in self._shop["products"]:
            self.post("/cart/lines", 200, partial=True, product_id=product_id, quantity=1)
        if self._shop["city_id"]:
            self.post("/city", 302, city_id=self._shop["city_id"], next="/checkout")
        page = self.get("/checkout").decode()
        form = {name: html.unescape(value) for name, value in HIDDEN.findall(page)}
        head = self.post("/checkout", 302, email=f"anna{number}@example.ru", **form, **BUYER)
        if b"/l/order/" not in head:
            raise SystemExit(f"no order: {head.decode()}")

    def get(self, path: str) -> bytes:
        """A page."""
        return self._timed(["GET", path], 200, [], b"")[1]

    def post(self, path: str, expected: int, *, partial: bool = False, **form: Any) -> bytes:
        """Send a form as a browser does; answers the head."""
        headers = [
            f"Origin: http://{self._shop['host']}", "Sec-Fetch-Site: same-origin",
            "Content-Type: application/x-www-form-urlencoded", *(["HX-Request: true"] if partial else []),
        ]
        return self._timed(["POST", path], expected, headers, urlencode(form).encode())[0]

    def _timed(self, what: list[str], expected: int, headers: list[str], body: bytes) -> tuple[bytes, bytes]:
        cookie = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        lines = [f"{' '.join(what)} HTTP/1.1", f"Host: {self._shop['host']}", "Accept-Language: ru", *headers]
        started = perf_counter()
        status, head, got = self._line.ask([*lines, f"Cookie: {cookie}"] if cookie else lines, body)
        self.took.append((perf_counter() - started) * 1_000)
        if status != expected:
            raise SystemExit(f"{' '.join(what)}: {status} {got.decode()[:2000]}")
        for set_cookie in re.findall(rb"(?im)^set-cookie: ([^=]+)=([^;\r]*)", head):
            self._cookies[set_cookie[0].decode()] = set_cookie[1].decode()
        return head, got


def main(port: int, seconds: float, clients: int, shops: list[dict[str, Any]]) -> dict[str, Any]:
    """Let buyers in until the time is over."""
    turn, numbers, lock = itertools.cycle(shops), itertools.count(), Lock()
    flows: list[list[float]] = []
    ended: list[int] = []
    until = perf_counter() + seconds

    def client(name: int) -> None:
        line = Line(port)
        while perf_counter() < until:
            with lock:
                shop, number = next(turn), next(numbers)
            visitor = Visitor(line, shop)
            visitor.buy(number)
            flows.append(visitor.took)
        ended.append(name)

    threads = [Thread(target=client, args=(name,)) for name in range(clients)]
    started = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(ended) < clients:
        raise SystemExit("a buyer was refused")
    return {"orders": len(flows), "seconds": perf_counter() - started, "flows": flows}


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), json.load(sys.stdin))))
