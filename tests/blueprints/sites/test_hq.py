"""HQ's say over dealers: approving, refusing, suspending, and what the others do not read of it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.kernel.clock import now
from app.kernel.db import db
from app.kernel.identity import hq
from blueprints.sites import service
from blueprints.sites.errors import NotWaiting
from tenants.models import Tenant
from tests.house import KAZAN, SIBIR, House


def suspend(house: House, reason: str = "долги") -> None:
    with house.speaking(hq()):
        service.suspend(dealer_id=KAZAN, reason=reason)


def test_a_suspended_dealers_site_says_so_and_opens_again(house: House) -> None:
    suspend(house)
    assert house.visit(KAZAN).get("/").status_code == 503
    assert house.visit(KAZAN).get("/desk").status_code == 503
    with house.speaking(hq()):
        service.resume(dealer_id=KAZAN)
    assert house.visit(KAZAN).get("/").status_code == 200


def test_no_dealer_reads_why_another_was_suspended(house: House) -> None:
    suspend(house)
    with house.speaking(SIBIR):
        assert db.session.get(Tenant, KAZAN).state == "suspended"  # type: ignore[union-attr]
    with pytest.raises(DBAPIError), house.speaking(SIBIR):
        db.session.execute(sa.text("SELECT state_reason FROM network.tenants"))
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
