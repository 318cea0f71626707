"""HQ's manager rehearses a draft on past leads, watches it, reads what came of it, and puts it in force."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Arrive
from tests.journeys.network import Network
from tests.journeys.person import shoot
from tests.journeys.steps import draft, rehearse, sign_in_to_hq

pytestmark = pytest.mark.browser

ACTIVE = "SELECT version FROM network.sourcing_profiles WHERE state = 'active'"
DECIDED = "SELECT version, decision_note FROM network.rehearsals WHERE decision = 'activated'"


@pytest.mark.parametrize(("device", "locale"), [("desktop", "en"), ("phone", "ru")])
def test_a_draft_is_rehearsed_read_and_put_in_force(
    network: Network, arriving: Arrive, device: str, locale: str
) -> None:
    hq = arriving(device, locale)
    sign_in_to_hq(hq)
    version = draft(hq, "Ближе всех")
    rehearse(hq, version)
    hq.page.reload()
    expect(hq.page.locator(".sides tbody tr")).to_have_count(14)
    assert hq.page.evaluate("document.documentElement.scrollWidth") <= hq.page.evaluate("window.innerWidth")
    shoot(hq, "rehearsal", whole=True)
    hq.page.locator("#note").fill("Ближе к покупателю")
    hq.page.locator("#decision form button[type=submit]").first.click()
    hq.page.locator("dialog [data-answer]").click()
    hq.page.wait_for_url("**/hq/routing")
    assert network.rows(ACTIVE) == [(version,)]
    assert (version, "Ближе к покупателю") in network.rows(DECIDED)
