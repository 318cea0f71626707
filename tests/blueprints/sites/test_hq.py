"""HQ's say over dealers: approving, refusing, suspending, and what the others do not read of it."""

from __future__ import annotations

from email.message import EmailMessage
from functools import partial

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.kernel.clock import now
from app.kernel.db import db
from app.kernel.identity import hq
from blueprints.accounts.passwords import hash_password
from blueprints.accounts.service import create_staff
from blueprints.sites import service
from blueprints.sites.errors import NotWaiting
from tenants.models import Tenant
from tests.house import HOSTS, HQ, KAZAN, SIBIR, House, take_mails, token_of


def suspend(house: House, reason: str = "долги") -> None:
    with house.speaking(hq()):
        service.suspend(dealer_id=KAZAN, reason=reason)


def test_a_suspended_dealers_site_says_so_and_opens_again(house: House) -> None:
    suspend(house)
    reply = house.visit(KAZAN).get("/?lang=ru")
    assert reply.status_code == 503
    assert "не принимает заказы" in reply.text
    assert "долги" not in reply.text
    assert f'href="http://{HOSTS[HQ]}/"' in reply.text
    assert house.visit(KAZAN).get("/media/none.webp").status_code == 404
    with house.speaking(hq()):
        service.resume(dealer_id=KAZAN)
    assert house.visit(KAZAN).get("/").status_code == 200


def test_a_suspended_dealer_signs_in_and_reads_why(house: House) -> None:
    _owner(house)
    suspend(house)
    owner = house.visit(KAZAN)
    assert owner.get("/desk/leads").location.endswith("/desk/sign-in")
    form = {"email": "owner@kazan.example", "password": "tihij ogon v pechi"}
    reply = owner.post("/desk/sign-in", data={**form, "csrf_token": token_of(owner.get("/desk/sign-in").text)})
    assert reply.status_code == 303
    page = owner.get("/desk?lang=ru")
    assert page.status_code == 503
    assert "долги" in page.text
    assert owner.post("/desk/stock", data={"csrf_token": token_of(page.text)}).status_code == 503


def test_a_suspended_dealer_is_told_by_mail(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[EmailMessage] = []
    monkeypatch.setattr("app.web.mail._transmit", partial(take_mails, sent))
    _owner(house)
    suspend(house)
    house.work()
    assert [message["To"] for message in sent] == ["owner@kazan.example"]
    assert "долги" in sent[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]


def _owner(house: House) -> None:
    with house.speaking(KAZAN):
        staff = create_staff(email="owner@kazan.example", name="Анна", role="owner", locale="ru", at=now())
        staff.password_hash = hash_password("tihij ogon v pechi")


def test_no_dealer_reads_why_another_was_suspended(house: House) -> None:
    suspend(house)
    with house.speaking(SIBIR):
        assert db.session.get(Tenant, KAZAN).state == "suspended"  # type: ignore[union-attr]
    with pytest.raises(DBAPIError), house.speaking(SIBIR):
        db.session.execute(sa.text("SELECT state_reason FROM network.tenants"))
    with house.speaking(SIBIR):
        assert db.session.scalar(sa.text("SELECT network.why_closed()")) is None
    with house.speaking(hq()):
        assert db.session.scalar(sa.select(Tenant.state_reason).where(Tenant.id == KAZAN)) == "долги"


def test_two_people_deciding_at_once_is_told(house: House) -> None:
    suspend(house)
    with pytest.raises(NotWaiting), house.speaking(hq()):
        service.suspend(dealer_id=KAZAN, reason="ещё раз")
    with pytest.raises(NotWaiting), house.speaking(hq()):
        service.approve(dealer_id=KAZAN, at=now())


def test_a_site_that_waits_for_approval_is_closed_to_visitors_only(house: House) -> None:
    house.rows("UPDATE network.tenants SET state = 'pending' WHERE id = %(id)s RETURNING 1", id=KAZAN)
    reply = house.visit(KAZAN).get("/?lang=ru")
    assert reply.status_code == 503
    assert "Магазин готовится к открытию" in reply.text
    assert house.visit(KAZAN).get("/desk/sign-in").status_code == 200
    with house.speaking(hq()):
        service.approve(dealer_id=KAZAN, at=now())
    assert house.visit(KAZAN).get("/").status_code == 200
