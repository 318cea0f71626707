"""Two hundred addresses that lead inside, wherever somebody may write an address: none is opened, none leads away.

The house opens no address that a file names; those that a person gives for a webhook are opened by
`app.kernel.outgoing` alone, which refuses all of these. And nobody is sent elsewhere after signing in.
"""

from __future__ import annotations

from itertools import islice, product
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from app.web.limits import limiter
from tests.house import HQ, KAZAN, House, token_of
from tests.trust.files.documents import HEAD, goods, shop
from tests.trust.test_hostile_files import (  # noqa: F401 (fixtures)
    PASSWORD,
    _audited,
    opened,
    send_import,
    signed_in,
    strange,
)

HOSTS = (
    "127.0.0.2", "127.1", "0", "0.0.0.0", "2130706434", "0x7f000002", "017700000002", "[::ffff:127.0.0.2]", "[::]",
    "169.254.169.254", "[fd00:ec2::254]", "metadata.google.internal", "10.0.0.1", "192.168.0.1", "172.16.0.1",
    "100.64.0.1", "evil.example", "127.0.0.2.nip.io", "①②⑦.0.0.2", "user:pass@10.0.0.1",
    "evil.example#@ochag.localhost",
    "ochag.localhost@evil.example", "ochag.localhost.evil.example", "224.0.0.1", "255.255.255.255", "[fe80::1%25eth0]",
    "evil。example", "x" * 300 + ".example",
)
FORMS = (
    "http://{}/", "https://{}:6379/", "//{}/x.png", "http:\\\\{}\\x", "gopher://{}/_FLUSHALL", "file://{}/etc/passwd",
    "ftp://{}/x", "dict://{}/info", "\thttp://{}/", "HtTp://{}/%2e%2e/x.jpg",
)
ADDRESSES = list(islice((form.format(host) for host, form in product(HOSTS, FORMS)), 280))


def test_no_address_of_a_file_is_opened(house: House, opened: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(limiter, "enabled", False)
    browser = signed_in(house, HQ)
    named = [_plain(address) for address in ADDRESSES]
    many = "".join(f"<Картинка>{address}</Картинка>" for address in named)
    table = "Артикул;Наименование;Цена;Картинка\n" + "".join(f'A-{n};Х;1;"{one}"\n' for n, one in enumerate(named))
    pictures = "".join(f"<picture>{address}</picture><url>{address}</url>" for address in named)
    for name, body in {
        "c.xml": HEAD + goods(extra=many), "y.xml": HEAD + shop(extra=pictures), "t.csv": table.replace("\t", " "),
    }.items():
        assert send_import(house, browser, body.encode(), name).status_code == 200, name
    assert house.scalar("SELECT count(*) FROM network.products") >= len(ADDRESSES)
    assert house.scalar("SELECT count(*) FROM network.products WHERE images <> '[]'::jsonb") == 0
    assert strange(opened) == []
    assert len(ADDRESSES) >= 200


def test_no_webhook_leads_inside(house: House, opened: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(limiter, "enabled", False)
    browser = signed_in(house, KAZAN)
    house.scalar("UPDATE t_000002.staff SET role = 'owner' RETURNING 1")
    page = browser.get("/desk/webhooks").text
    for address in ADDRESSES:
        form = {"csrf_token": token_of(page), "url": address, "events": ["lead.won"]}
        reply = browser.post("/desk/webhooks", data=form)
        assert reply.status_code == 422 or _is_outside(address), address
    assert strange(opened) == []
    inside = [row[0] for row in house.rows("SELECT url FROM network.webhooks") if not _is_outside(str(row[0]))]
    assert inside == []


def _is_outside(address: str) -> bool:
    """Names whose machine is not known before they are resolved: then they are judged, see `test_outgoing`."""
    return address.strip().lower().startswith("https://") and any(
        name in address for name in ("evil.example", "evil。example", "metadata.google.internal", "nip.io")
    )


def test_nobody_is_sent_elsewhere_after_signing_in(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "enabled", False)
    signed_in(house, KAZAN)
    away = [address for address in ADDRESSES[::4] if not _stays(house, address)]
    assert away == []


def _stays(house: House, address: str) -> bool:
    browser = house.visit(KAZAN)
    page = browser.get("/desk/sign-in", query_string={"next": address})
    form = {"csrf_token": token_of(page.text), "email": "m@example.ru", "password": PASSWORD, "next": address}
    reply = browser.post("/desk/sign-in", query_string={"next": address}, data=form)
    assert reply.status_code in (302, 303), reply.status_code
    return urlsplit(urljoin(browser.site, reply.location.replace("\\", "/"))).netloc == urlsplit(browser.site).netloc


def _plain(address: str) -> str:
    return address.replace("&", "&amp;").replace("\t", "&#9;")
