"""`docs/operating/nginx.conf` as it stands, before the real application: TLS, hosts, what a visitor claims, upgrades.

Runs where nginx is installed (Debian: `apt install nginx-light`).
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.client import HTTPResponse, HTTPSConnection
from pathlib import Path
from statistics import median

import pytest

from app.config import Settings, environment
from tests.house import HOSTS, KAZAN, SIBIR, House

ROOT = Path(__file__).resolve().parents[2]
PACE, AT_ONCE = 5, 4
"""Visits of a site a second, and how many pass at once; the docs name more of both."""
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")

WHOLE = """
daemon off;
worker_processes 1;
pid {home}/nginx.pid;
error_log {home}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {home}/body; proxy_temp_path {home}/proxy; fastcgi_temp_path {home}/f;
    uwsgi_temp_path {home}/u; scgi_temp_path {home}/s;
    include {home}/zveno.conf;
}}
"""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def answers(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


def started(command: list[str], port: int, log: Path, env: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
    """A process of ours, once it listens."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **(env or {})}, stdout=output, stderr=output)
    for _try in range(300):
        if answers(port):
            return process
        time.sleep(0.1)
    process.kill()
    raise AssertionError(log.read_text())


@pytest.fixture(scope="module")
def web(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The sites by gunicorn, believing one proxy."""
    port = free_port()
    own = replace(settings, database_owner="", trusted_proxies=1, site_scheme="https", site_port=443)
    command = [sys.executable, "-m", "app.cli", "web", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
    process = started(command, port, tmp_path_factory.mktemp("web") / "log", environment(own))
    yield port, process
    process.terminate()
    process.wait(15)


@pytest.fixture(scope="module")
def proxy(web: tuple[int, subprocess.Popen[bytes]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """nginx with the configuration of the docs; only ports, paths and the domain are the test's."""
    home, plain, secure = tmp_path_factory.mktemp("nginx"), free_port(), free_port()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost",
         "-keyout", str(home / "privkey.pem"), "-out", str(home / "fullchain.pem")], check=True, capture_output=True,
    )  # fmt: skip
    text = (ROOT / "docs/operating/nginx.conf").read_text(encoding="utf-8")
    for old, new in {
        "127.0.0.1:8000": f"127.0.0.1:{web[0]}", "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ": f"listen 127.0.0.1:{secure} ", "/etc/ssl/zveno": str(home),
        "example.ru *.example.ru": "localhost *.localhost", "rate=60r/s": f"rate={PACE}r/s",
        "delay=60": f"delay={AT_ONCE}",
    }.items():
        assert old in text
        text = text.replace(old, new)
    (home / "zveno.conf").write_text(text)
    (home / "nginx.conf").write_text(WHOLE.format(home=home))
    process = started([str(NGINX), "-c", str(home / "nginx.conf"), "-p", str(home)], secure, home / "out.log")
    yield secure
    process.terminate()
    process.wait(10)


def ask(
    port: int, host: str, path: str, headers: dict[str, str] | None = None, body: bytes | None = None
) -> HTTPResponse:
    """One request through the proxy."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    line = HTTPSConnection("127.0.0.1", port, context=context, timeout=20)
    line.request("POST" if body is not None else "GET", path, body=body, headers={"Host": host, **(headers or {})})
    return line.getresponse()


def test_pages_know_that_they_came_by_tls_and_whose_they_are(house: House, proxy: int) -> None:
    reply = ask(proxy, HOSTS[KAZAN], "/", {"Accept-Language": "ru"})
    assert reply.status == 200 and "Тепло Казань" in reply.read().decode()
    assert "max-age" in reply.headers["Strict-Transport-Security"]


@pytest.mark.parametrize("claim", [
    {"X-Forwarded-Host": HOSTS[SIBIR]}, {"Forwarded": f"host={HOSTS[SIBIR]};proto=http"},
    {"X-Forwarded-Proto": "http"}, {"X-Forwarded-For": "10.0.0.1", "X-Real-IP": "10.0.0.1"},
])
def test_what_a_visitor_claims_is_not_believed(house: House, proxy: int, claim: dict[str, str]) -> None:
    reply = ask(proxy, HOSTS[KAZAN], "/", {"Accept-Language": "ru", **claim})
    page = reply.read().decode()
    assert "Тепло Казань" in page and "Сибирь Тепло" not in page
    assert "Strict-Transport-Security" in reply.headers


def test_limits_count_the_visitor_and_not_what_he_says_he_is(house: House, proxy: int) -> None:
    codes = []
    for number in range(25):
        claim = {"X-Forwarded-For": f"10.0.0.{number}", "Content-Type": "application/x-www-form-urlencoded",
                 "Origin": f"https://{HOSTS[KAZAN]}"}  # fmt: skip
        codes.append(ask(proxy, HOSTS[KAZAN], "/ask", claim, b"name=x").status)
    assert 429 in codes, codes


def test_a_site_everybody_runs_to_waits_for_itself(house: House, proxy: int) -> None:
    """Its own visitors wait in the proxy, none is lost; a neighbour's visitor does not wait for them."""
    asked, begun = 24, time.monotonic()
    with ThreadPoolExecutor(8) as crowd:
        greedy = [crowd.submit(lambda: ask(proxy, HOSTS[KAZAN], "/healthy-or-not").status) for _visit in range(asked)]
        waited = []
        while not all(visit.done() for visit in greedy):
            since = time.monotonic()
            assert ask(proxy, HOSTS[SIBIR], "/").status == 200
            waited.append(time.monotonic() - since)
            time.sleep(1 / PACE)
    took = time.monotonic() - begun
    assert {visit.result() for visit in greedy} == {404}
    assert took > (asked - AT_ONCE - 1) / PACE * 0.9, "nobody was held back"
    assert median(waited) < took / 3
    files = [ask(proxy, HOSTS[KAZAN], "/static/nothing.css").status for _file in range(asked)]
    assert set(files) == {404} and time.monotonic() - begun - took < asked / PACE / 2, "files are not counted"


def test_what_is_too_large_and_what_is_for_operators_stays_outside(house: House, proxy: int) -> None:
    assert ask(proxy, HOSTS[KAZAN], "/metrics").status == 404
    assert ask(proxy, HOSTS[KAZAN], "/", {"Content-Length": str(65 * 1024 * 1024)}, b"x").status == 413


def test_a_new_release_takes_over_without_a_visitor_noticing(
    house: House, proxy: int, web: tuple[int, subprocess.Popen[bytes]]
) -> None:
    """USR2 starts the new one beside the old, QUIT lets the old end what it serves (docs/operating.md)."""
    _port, old = web
    codes: list[int] = []
    old.send_signal(signal.SIGUSR2)
    until, new = time.monotonic() + 60, 0
    while time.monotonic() < until and old.poll() is None:
        codes.append(ask(proxy, HOSTS[KAZAN], "/healthz").status)
        if not new:
            new = next((child for child in children(old.pid) if children(child)), 0)  # it serves
            if new:
                old.send_signal(signal.SIGQUIT)
    codes += [ask(proxy, HOSTS[KAZAN], "/").status for _time in range(5)]
    if new:
        os.kill(new, signal.SIGTERM)
    assert new and old.returncode == 0
    assert set(codes) == {200}


def children(pid: int) -> list[int]:
    """Processes a process has started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
