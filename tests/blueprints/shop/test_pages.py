"""Visitors' pages: what is shown where, how many queries it takes, what robots and forms get."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from app.kernel.db import db
from app.kernel.ids import HQ
from app.web.locale import LOCALES
from blueprints.catalog.models import Offer, Product
from blueprints.shop.attribution import source_of
from tests.conftest import KAZAN as KAZAN_CITY
from tests.conftest import NOVOSIBIRSK
from tests.factories.shelf import fill_catalogue
from tests.house import KAZAN, House, token_of

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)"}
PAGES = (
    "/", "/catalogue", "/catalogue/boilers", "/catalogue?q=котел", "/catalogue?q=qqqqqq", "/p/plamya-12", "/city",
    "/city?q=каз", "/about", "/delivery", "/contacts", "/privacy", "/consent", "/ask", "/ask?product=plamya-12",
)


def read(client: FlaskClient, path: str) -> str:
    answer = client.get(path, headers=BROWSER)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.get_data(as_text=True)


@pytest.mark.parametrize("tenant_id", [HQ, KAZAN])
def test_every_page_in_both_languages(house: House, tenant_id: str) -> None:
    fill_catalogue(house)
    for lang in LOCALES:
        client = house.visit(tenant_id)
        for path in PAGES:
            page = read(client, f"{path}{'&' if '?' in path else '?'}lang={lang}")
            assert f'<html lang="{lang}">' in page and "<h1" in page or "<h2" in page


def test_empty_catalogue_has_its_words(house: House) -> None:
    for path in ("/", "/catalogue"):
        assert "Очаг" in read(house.visit(), path)


@contextmanager
def counted(house: House) -> Iterator[list[str]]:
    """Statements of the web application, but for the one that takes on the role."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "set_config" not in statement:
            seen.append(statement)

    with house.web.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("tenant_id", [HQ, KAZAN])
@pytest.mark.parametrize("path", [
    "/catalogue", "/catalogue/boilers?f.fuel=gas&f.power.from=11&stock=1", "/catalogue?q=котел+пламя", "/p/plamya-10",
    "/",
])
def test_pages_take_the_same_queries_at_any_size(house: House, tenant_id: str, path: str) -> None:
    counts = []
    for number in (5, 30):
        fill_catalogue(house, number)
        client = house.visit(tenant_id)
        read(client, path)
        with counted(house) as statements:
            read(client, path)
        counts.append(len(statements))
        house.clean()
    assert counts[0] == counts[1] <= 8


def test_htmx_gets_the_list_alone(house: House) -> None:
    fill_catalogue(house)
    part = house.visit().get("/catalogue/boilers?f.fuel=wood", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "<html" not in part and "plamya-10" in part and "plamya-12" not in part


def test_what_a_site_does_not_show_is_404(house: House) -> None:
    ids = fill_catalogue(house)
    with house.speaking(HQ):
        db.session.execute(sa.update(Product).where(Product.id == ids[0]).values(state="hidden"))
    with house.speaking(KAZAN):
        db.session.add(Offer(product_id=ids[1], is_listed=False))
    seen = {
        (tenant_id, slug): house.visit(tenant_id).get(f"/p/{slug}").status_code
        for tenant_id in (HQ, KAZAN) for slug in ("plamya-10", "plamya-12", "plamya-14", "nothing")
    }
    assert [path for path, status in seen.items() if status == 200] == [
        (HQ, "plamya-12"), (HQ, "plamya-14"), (KAZAN, "plamya-14")
    ]
    assert set(seen.values()) == {200, 404}
    assert house.visit().get("/catalogue/nothing").status_code == 404


def test_dealers_own_price_is_on_his_page(house: House) -> None:
    ids = fill_catalogue(house)
    with house.speaking(KAZAN):
        db.session.add(Offer(product_id=ids[1], minor=1_234_567_50))
    assert "1\u00a0234\u00a0567,50\u00a0₽" in read(house.visit(KAZAN), "/p/plamya-12?lang=ru")
    assert "31\u00a0000\u00a0₽" in read(house.visit(), "/p/plamya-12?lang=ru")


def test_structured_data_names_price_and_way(house: House) -> None:
    fill_catalogue(house)
    page = read(house.visit(KAZAN), "/p/plamya-12?lang=en")
    blocks = re.findall(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', page)
    product, way = (json.loads(block) for block in blocks)
    assert (product["sku"], product["offers"]["price"]) == ("PLAMYA-12", "31000")
    assert product["offers"]["url"] == "http://teplo-kazan.localhost:8000/p/plamya-12"
    assert [step["name"] for step in way["itemListElement"]] == [
        "Home", "Catalogue", "Boilers", "Gas boilers", "Ochag Plamya 12D gas boiler"
    ]


def test_sitemap_lists_what_is_shown_at_the_sites_own_address(house: House) -> None:
    ids = fill_catalogue(house, 3)
    with house.speaking(KAZAN):
        db.session.add(Offer(product_id=ids[0], is_listed=False))
    tree = ElementTree.fromstring(house.visit(KAZAN).get("/sitemap.xml").data)
    found = [place.text for place in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert "http://teplo-kazan.localhost:8000/p/plamya-12" in found
    assert "http://teplo-kazan.localhost:8000/catalogue/gas-boilers" in found
    assert not any("plamya-10" in place for place in found)
    robots = house.visit(KAZAN).get("/robots.txt").get_data(as_text=True)
    assert "Disallow: /desk" in robots and "Sitemap: http://teplo-kazan.localhost:8000/sitemap.xml" in robots


def test_picked_city_is_kept_and_a_strange_one_refused(house: House) -> None:
    client = house.visit()
    token = token_of(read(client, "/city?lang=ru"))
    answer = client.post("/city", data={"city_id": NOVOSIBIRSK, "next": "/catalogue", "csrf_token": token})
    assert (answer.status_code, answer.location) == (302, "/catalogue")
    assert "Новосибирск" in read(client, "/about")
    answer = client.post("/city", data={"city_id": 1, "next": "//evil.example", "csrf_token": token})
    assert (answer.status_code, answer.location) == (302, "/city?next=/")
    assert "Новосибирск" in read(client, "/about")


def test_dealers_page_names_them_with_links_that_say_where_from(house: House) -> None:
    page = read(house.visit(), "/dealers?lang=ru")
    assert "Тепло Казань" in page and "http://sibir.localhost:8000/?utm_source=brand_site" in page
    assert "Сибирь Тепло" not in read(house.visit(), "/dealers?lang=ru&region=73")
    assert house.visit(KAZAN).get("/dealers").location == "/contacts"


@pytest.mark.parametrize(("arguments", "source"), [
    ({}, None), ({"utm_source": "brand_site"}, "brand_site"), ({"utm_source": "yandex", "utm_medium": "cpc"}, "ads"),
    ({"yclid": "1"}, "ads"), ({"utm_source": "<script>"}, None),
])
def test_source_of_a_visit(arguments: dict[str, str], source: str | None) -> None:
    assert source_of(arguments) == source


def test_source_of_a_visit_is_kept_for_his_leads(house: House) -> None:
    client = house.visit()
    for path in ("/?utm_medium=cpc&utm_campaign=winter", "/catalogue", "/about"):
        read(client, path)
    assert ask(client) == 302
    assert house.rows("SELECT source, campaign FROM network.leads") == [("ads", "winter")]
    assert house.rows("SELECT owner_id, source, visits FROM network.visits") == [(HQ, "ads", 1)]


def ask(client: FlaskClient, **values: str) -> int:
    token = token_of(read(client, "/ask"))
    data = {"csrf_token": token, "name": "Анна", "phone": "8 916 123-45-67", "consent": "y", **values}
    return client.post("/ask", data={key: value for key, value in data.items() if value}).status_code


def test_question_becomes_a_lead_of_this_site(house: House) -> None:
    fill_catalogue(house)
    client = house.visit(KAZAN)
    assert ask(client, question="Подойдёт ли на 120 м²?", product="plamya-12") == 302
    assert "Анна" in read(client, "/ask/sent")
    assert house.rows("SELECT owner_id, kind, source, state, city_id, lines -> 0 ->> 'sku' FROM network.leads") == [
        (KAZAN, "question", "dealer_site", "accepted", KAZAN_CITY, "PLAMYA-12")
    ]
    assert house.rows("SELECT name, phone FROM t_000002.own_contacts") == [("Анна", "+79161234567")]
    assert house.scalar("SELECT count(*) FROM network.reservations") == 0


def test_call_back_needs_consent_and_robots_are_thanked(house: House) -> None:
    client = house.visit()
    assert ask(client, consent="") == 422
    assert ask(client, phone="") == 422
    assert ask(client, website="http://spam.example") == 302
    assert house.scalar("SELECT count(*) FROM network.leads") == 0
    assert ask(client) == 302
    assert house.rows("SELECT kind, source FROM network.leads") == [("callback", "brand_site")]
