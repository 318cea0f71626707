"""The overview: every figure is the length of the list it leads to."""

from __future__ import annotations

from flask.testing import FlaskClient

from app.kernel.clock import now
from tests.blueprints.analytics.network import fill
from tests.house import House


def test_a_young_network_says_so(hq_browser: FlaskClient) -> None:
    answer = hq_browser.get("/hq/?lang=en")
    assert answer.status_code == 200
    assert "Nothing here" in answer.text or "just beginning" in answer.text


def test_a_full_network(hq_browser: FlaskClient, house: House) -> None:
    fill(house, now(), leads=400)
    answer = hq_browser.get("/hq/?lang=en")
    assert answer.status_code == 200
    assert "From a visit" in answer.text


def test_card(hq_browser: FlaskClient, house: House) -> None:
    fill(house, now(), leads=400)
    answer = hq_browser.get("/hq/dealers/t_000002/card?lang=en")
    assert answer.status_code == 200
