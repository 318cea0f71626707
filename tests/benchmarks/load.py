"""Eight clients on kept-alive connections, in a process of their own: `python -m tests.benchmarks.load PORT SECONDS`.

Addresses come by standard input, `HOST PATH` a line; they are asked for in turn. Prints answers a second.
"""

from __future__ import annotations

import itertools
import socket
import sys
from threading import Lock, Thread
from time import perf_counter

CLIENTS = 8


def main(port: int, seconds: float, addresses: list[tuple[str, str]]) -> float:
    """Answers a second; anything but 200 ends the run."""
    turn, lock, answered = itertools.cycle(addresses), Lock(), []
    until = perf_counter() + seconds

    def client() -> None:
        number = 0
        with socket.create_connection(("127.0.0.1", port)) as line:
            while perf_counter() < until:
                with lock:
                    host, path = next(turn)
                ask(line, host, path)
                number += 1
        answered.append(number)

    threads = [Thread(target=client) for _client in range(CLIENTS)]
    started = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(answered) < CLIENTS:
        raise SystemExit("a client was refused")
    return sum(answered) / (perf_counter() - started)


def ask(line: socket.socket, host: str, path: str) -> None:
    """One request and its whole answer."""
    line.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept-Language: ru\r\n\r\n".encode())
    got = b""
    while b"\r\n\r\n" not in got:
        piece = line.recv(65536)
        if not piece:
            raise ConnectionError("the server hung up")
        got += piece
    head, _end, body = got.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise ConnectionError(head.split(b"\r\n", 1)[0].decode())
    left = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]) - len(body)
    while left > 0:
        left -= len(line.recv(min(left, 65536)))


if __name__ == "__main__":
    print(main(int(sys.argv[1]), float(sys.argv[2]), [tuple(row.split()) for row in sys.stdin]))  # type: ignore[misc]
