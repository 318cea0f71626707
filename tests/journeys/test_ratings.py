"""A dealer reads his rating and what would raise it; HQ pauses him, then sets a cap, and the sample lead moves on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Arrive
from tests.journeys.network import Network
from tests.journeys.person import Person, shoot
from tests.journeys.steps import draft, sign_in, sign_in_to_hq

pytestmark = pytest.mark.browser

RATED = (
    "SELECT t.id, t.slug, t.profile ->> 'email', jsonb_array_length(r.parts -> 'hints') FROM network.tenants t"
    " JOIN network.dealer_ratings r ON r.tenant_id = t.id WHERE t.name = %(name)s"
)


@pytest.fixture
def dealers_as_before(network: Network) -> Iterator[None]:
    """Other journeys find every dealer at work, each of his tier."""
    before = network.rows("SELECT id, tier FROM network.tenants WHERE kind = 'dealer' AND state = 'active'")
    yield
    for dealer, tier in before:
        network.rows(
            "UPDATE network.tenants SET state = 'active', tier = %(tier)s WHERE id = %(dealer)s",
            dealer=dealer, tier=tier,
        )


def choose_sample(hq: Person) -> str:
    """A lead that at least two dealers could serve; answers the address of the draft that tries it."""
    for value in hq.page.locator("#sample option").evaluate_all("all => all.map((one) => one.value)"):
        hq.open(f"{hq.page.url.partition('?')[0]}?sample={value}")
        if hq.page.locator("#trial li:not(.muted)").count() > 1:
            break
    return hq.page.url


def first_of(hq: Person) -> str:
    """Who would get the sample lead."""
    name = hq.page.locator("#trial li strong").first.inner_text()
    return name.partition(". ")[2]


def press_for(hq: Person, dealer: str, english: str) -> None:
    """Press that in the dealer's line of the list of dealers."""
    hq.visit("ochag", "/hq/dealers")
    line = hq.page.locator("tr", has=hq.page.locator("strong", has_text=dealer))
    line.get_by_role("link", name=hq.words(english)).or_(line.get_by_role("button", name=hq.words(english))).click()


def test_sample_lead_moves_on_from_who_is_paused_or_full(
    network: Network, arriving: Arrive, dealers_as_before: None
) -> None:
    hq = arriving("desktop", "en")
    sign_in_to_hq(hq)
    draft(hq, "По рейтингу")  # a name of its own: others read the list in Russian
    sample = choose_sample(hq)
    chosen = first_of(hq)
    ((dealer_id, slug, email, hints),) = network.rows(RATED, name=chosen)

    dealer = arriving("phone", "ru")
    sign_in(dealer, slug, email)
    dealer.visit(slug, "/desk/rating")
    dealer.reads("What it is made of")
    shoot(dealer, "rating", whole=True)
    if hints:
        gains = dealer.page.locator("section", has_text=dealer.words("What would raise it")).locator(".badge")
        expect(gains).to_have_count(hints)
        assert all(gain.startswith("+") for gain in gains.all_inner_texts())
    else:
        dealer.reads("Every part has reached its goal.")

    press_for(hq, chosen, "Suspend")
    hq.fill_named(reason="Инвентаризация")
    hq.press("Suspend")
    hq.reads("Done. The dealer is told by mail.")
    hq.open(sample)
    assert first_of(hq) != chosen
    press_for(hq, chosen, "Resume")
    hq.reads("The site is open again. The dealer is told by mail.")
    hq.open(sample)
    assert first_of(hq) == chosen

    network.rows("UPDATE network.tenants SET tier = 'premium' WHERE id = %(id)s", id=dealer_id)
    network.rows("UPDATE network.tenants SET tier = 'standard' WHERE kind = 'dealer' AND id <> %(id)s", id=dealer_id)
    hq.page.locator("select[name$='.add']").first.select_option("capacity")
    hq.page.locator("button[value^='add:']").first.click()
    cap = hq.page.locator("[name$='.capacity.daily_premium']")
    fold = cap.locator("xpath=ancestor::details[not(@open)]/summary")
    if fold.count():
        fold.click()
    with hq.page.expect_response("**/trial"):
        cap.fill("0")
        cap.press("Tab")
    expect(hq.page.locator("#trial li strong").first).not_to_contain_text(chosen)
    assert first_of(hq) != chosen
    shoot(hq, "trial-cap", whole=True)
