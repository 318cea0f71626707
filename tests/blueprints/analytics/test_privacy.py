"""HQ sees every dealer's figures and nothing of his customers."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.exc import DBAPIError

from app.kernel.clock import now
from app.kernel.db import db
from app.kernel.identity import hq
from app.kernel.money import Money
from blueprints.leads import service
from blueprints.leads.models import LeadContact
from tests.factories.leads import KAZAN_CITY, line
from tests.house import HQ, KAZAN, House

CANARY = service.Contact(
    name="Канарейка Тайная", email="canary@example.ru", phone="+79990001122", address="Казань, Тайная ул., 7",
    comment="секрет дилера",
)
PLANTED = ("Канарейка", "canary@", "+79990001122", "9990001122", "Тайная", "секрет дилера", "тайный отзыв")


@pytest.fixture
def own_lead(house: House) -> str:
    """A lead of a dealer's own site with a customer's word on it; answers its number."""
    with house.speaking(KAZAN):
        lead = service.open_lead(
            kind="order", source="dealer_site", campaign=None, city_id=KAZAN_CITY, lines=[line(1)],
            value=Money(4_200_000), contact=CANARY, payment_method="on_delivery", locale="ru", at=now(),
        )
        service.deliver(lead=lead, at=now(), actor="staff:1")
        service.confirm(lead=lead, received=True, satisfaction=5, comment="тайный отзыв", at=now())
        return lead.number


@pytest.mark.parametrize("table", ["own_contacts", "customers", "orders", "staff", "mails"])
def test_hq_cannot_read_a_dealers_schema(house: House, own_lead: str, table: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"), house.speaking(hq()):
        db.session.execute(sa.text(f"SELECT * FROM {KAZAN}.{table}"))


def test_hq_sees_a_dealers_own_lead_without_its_customer(hq_browser: FlaskClient, house: House, own_lead: str) -> None:
    lead_id = house.scalar("SELECT id FROM network.leads WHERE number = %(number)s", number=own_lead)
    pages = {
        path: hq_browser.get(f"{path}?lang=ru").text
        for path in ("/hq/", f"/hq/dealers/{KAZAN}/card", "/hq/leads", f"/hq/leads/{KAZAN}/{lead_id}")
    }
    assert [(path, word) for path, text in pages.items() for word in PLANTED if word in text] == []
    assert own_lead in pages[f"/hq/dealers/{KAZAN}/card"]
    assert "42 тыс." in pages["/hq/"].replace("\u00a0", " ")


def test_the_canary_would_be_seen_where_it_may_be(hq_browser: FlaskClient, house: House) -> None:
    """The control: of HQ's own customer the same words are shown."""
    with house.speaking(HQ):
        lead = service.open_lead(
            kind="order", source="brand_site", campaign=None, city_id=KAZAN_CITY, lines=[line(1)],
            value=Money(100), contact=CANARY, locale="ru", at=now(),
        )
        lead.feedback_at = now()
        db.session.execute(sa.update(LeadContact).values(feedback="тайный отзыв"))
    assert "тайный отзыв" in hq_browser.get("/hq/?lang=ru").text


def test_files_hold_no_customer(hq_browser: FlaskClient, own_lead: str) -> None:
    for table in ("dealers", "regions", "sources"):
        body = hq_browser.get(f"/hq/overview/{table}.csv?lang=ru").data.decode("utf-8-sig")
        assert not [word for word in PLANTED if word in body]
