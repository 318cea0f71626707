"""Three hundred files that want to do harm, sent through the doors that take files, and through the workers.

Each is refused with a sentence and changes nothing, or is read and is harmless. None is an error of ours, takes
long or much memory, makes the house open an address, or leaves anything behind that a browser would run.
"""

from __future__ import annotations

import io
import re
import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from app.kernel.clock import now
from app.web.limits import limiter
from blueprints.accounts import service
from blueprints.accounts.passwords import hash_password
from tests.house import HQ, KAZAN, Browser, House, token_of
from tests.trust.files import MARK, Hostile
from tests.trust.files.archives import archives
from tests.trust.files.documents import documents
from tests.trust.files.pictures import pictures
from tests.trust.files.tables import tables

PASSWORD = "a long word for the files"
SECONDS, MEGABYTES = 12.0, 700
"""What one file may take, on a machine that has much else to do; all of them together may add so much memory."""

IMPORTED: dict[str, Callable[[], Iterator[Hostile]]] = {"documents": documents, "tables": tables, "archives": archives}
SENTENCE = re.compile(r'role="alert".*?<div>[^<]{20,}|<h1[^>]*>[^<]{8,}', re.DOTALL)
COLUMN, SELECTED = re.compile(r'name="column-(\d+)">(.*?)</select>', re.DOTALL), re.compile(r'value="([^"]*)" selected')
WATCHED: list[list[tuple[str, Any]]] = []


def _overhear(event: str, arguments: tuple[Any, ...]) -> None:
    if WATCHED and event in ("socket.connect", "socket.getaddrinfo"):
        address = arguments[1] if event == "socket.connect" else arguments[0]
        WATCHED[-1].append((event, address))


@pytest.fixture(scope="module", autouse=True)
def _audited() -> None:
    sys.addaudithook(_overhear)


@pytest.fixture
def opened() -> Iterator[list[tuple[str, Any]]]:
    """Addresses asked for or connected to, but for the services of this machine."""
    WATCHED.append(found := [])
    yield found
    WATCHED.pop()


@pytest.fixture(autouse=True)
def _unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "enabled", False)


@pytest.mark.parametrize("kind", list(IMPORTED))
def test_files_that_are_refused_change_nothing(house: House, opened: list[tuple[str, Any]], kind: str) -> None:
    browser, files = signed_in(house, HQ), [one for one in IMPORTED[kind]() if not one.taken]
    before = standing(house)
    wrong = take_in(house, browser, files)
    runs = house.rows("SELECT filename, state, error FROM t_000001.import_runs")
    wrong += [f"{name}: {state}" for name, state, error in runs if not (state == "mapping" or error)]
    assert wrong == []
    assert standing(house) == before
    assert strange(opened) == []
    assert len(files) >= 45


@pytest.mark.parametrize("kind", ["documents", "tables"])
def test_files_that_are_read_are_harmless(house: House, opened: list[tuple[str, Any]], kind: str) -> None:
    browser, files = signed_in(house, HQ), [one for one in IMPORTED[kind]() if one.taken]
    before = media(house)
    wrong = take_in(house, browser, files)
    states = house.rows("SELECT filename, state FROM t_000001.import_runs")
    assert wrong == [] and {state for _name, state in states} <= {"done", "failed", "mapping"}, (wrong, states)
    assert strange(opened) == []
    assert media(house) == before
    assert house.scalar("SELECT count(*) FROM network.products WHERE images <> '[]'::jsonb") == 0
    for page in ("/hq/catalogue", "/hq/catalogue/imports"):
        shown = browser.get(page)
        assert shown.status_code == 200 and "<script>alert" not in shown.text and "root:x:0" not in shown.text
    assert len(files) >= 15


def test_pictures_are_refused_or_leave_nothing_of_themselves(house: House, opened: list[tuple[str, Any]]) -> None:
    browser, wrong, number = signed_in(house, KAZAN), [], 0
    for one in pictures():
        number += 1
        before = media(house)
        reply, seconds = timed(send_logo, browser, one.make(), one.filename or "logo.png")
        kept = [path for path in media(house) if path not in before]
        wrong += [f"{one.name}: {what}" for what in judged_picture(one, reply, seconds, kept)]
    assert wrong == []
    assert strange(opened) == []
    assert number >= 75


def judged_picture(one: Hostile, reply: Any, seconds: float, kept: list[Path]) -> Iterator[str]:
    """What is wrong with the answer to a picture."""
    if seconds > SECONDS:
        yield f"{seconds:.0f} s"
    if reply.status_code not in ((302, 303) if one.taken else (422,)) or len(kept) != one.taken:
        yield f"{reply.status_code}, {len(kept)} kept"
    for path in kept:
        body = path.read_bytes()
        with Image.open(path) as picture:
            is_clean = picture.format == "WEBP" and not picture.info.get("exif") and not picture.info.get("icc_profile")
            is_clean &= getattr(picture, "n_frames", 1) == 1 and picture.width <= 640
        if not is_clean or MARK.encode() in body or b"<script" in body or b"PK\x03\x04" in body:
            yield "kept what it carried"


def take_in(house: House, browser: Browser, files: Iterable[Hostile]) -> list[str]:
    """Send each, map the columns of tables as they are guessed, let the workers work; what went wrong."""
    wrong: list[str] = []
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for one in files:
        reply, seconds = timed(send_import, house, browser, one.make(), one.name)
        if reply.status_code not in (200, 303) and not (reply.status_code == 422 and SENTENCE.search(reply.text)):
            wrong.append(f"{one.name}: {reply.status_code}")
        if seconds > SECONDS:
            wrong.append(f"{one.name}: {seconds:.0f} s")
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) // 1024
    return wrong + ([f"{grown} MB"] if grown > MEGABYTES else [])


def send_import(house: House, browser: Browser, body: bytes, name: str) -> Any:
    """The answer at the end of the way: to the upload if it is refused, else to the columns, else the run's page."""
    token = token_of(browser.get("/hq/catalogue/imports").text)
    form = {"csrf_token": token, "file": (io.BytesIO(body), name.replace("\x00", "0"))}
    reply = browser.post("/hq/catalogue/imports", data=form)
    if reply.status_code != 303:
        return reply
    page = browser.get(reply.location)
    if page.status_code == 303:
        reply = map_columns(browser, page.location)
        if reply.status_code != 303:
            return reply
    house.work()
    return browser.get(reply.location)


def map_columns(browser: Browser, columns: str) -> Any:
    """Agree to what is guessed; with a sentence instead where nothing is."""
    page = browser.get(columns)
    if page.status_code != 200:
        return page
    chosen = {number: SELECTED.search(options) for number, options in COLUMN.findall(page.text)}
    chosen = {f"column-{number}": found[1] for number, found in chosen.items() if found}
    return browser.post(columns, data={"csrf_token": token_of(page.text), **chosen})


def send_logo(browser: Browser, body: bytes, filename: str) -> Any:
    """A dealer's logo, as the page of looks sends it."""
    page = browser.get("/desk/setup/look").text
    form = {"csrf_token": token_of(page), "theme": "plain", "palette": "blue", "logo": (io.BytesIO(body), filename)}
    form |= {name: _picked(page, name) for name in ("theme", "palette")}
    return browser.post("/desk/setup/look", data=form)


def _picked(page: str, name: str) -> str:
    return page.partition(f'name="{name}"')[2].partition('value="')[2].partition('"')[0]


def signed_in(house: House, at: str) -> Browser:
    """A manager at his desk."""
    with house.speaking(at):
        hashed = hash_password(PASSWORD)
        service.create_staff(email="m@example.ru", name="Мария", role="manager", password_hash=hashed, at=now())
    browser = house.visit(at)
    form = {"csrf_token": token_of(browser.get("/desk/sign-in").text), "email": "m@example.ru", "password": PASSWORD}
    assert browser.post("/desk/sign-in", data=form).status_code == 303
    return browser


def standing(house: House) -> list[object]:
    """What a file might have changed."""
    tables_ = ("network.products", "network.categories", "network.prices", "network.stock", "network.attributes")
    return [*(house.rows(f"SELECT count(*) FROM {table}") for table in tables_), media(house)]


def media(house: House) -> list[Path]:
    """Files that are served, and whatever lies where no file should."""
    root = Path(house.settings.data_dir)
    return sorted(path for path in root.rglob("*") if path.is_file() and "imports" not in path.parts)


def strange(opened_: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """All but the services of the house, which are on this machine."""
    return [(event, address) for event, address in opened_ if not _is_ours(address)]


def _is_ours(address: Any) -> bool:
    host = address[0] if isinstance(address, tuple) else address
    return isinstance(host, str) and (host.startswith("/") or host in ("127.0.0.1", "localhost", "::1"))


def timed(act: Callable[..., Any], *values: Any) -> tuple[Any, float]:
    """The answer and the seconds it took."""
    begun = time.monotonic()
    return act(*values), time.monotonic() - begun
