"""What became of a lead without an order: called, quoted, sold for a sum, lost, no real request, taken back."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from itertools import product

import pytest

from app.kernel.clock import frozen, now
from app.kernel.errors import Invalid, Refused
from app.kernel.identity import hq, network_worker
from app.kernel.money import Money
from blueprints.analytics import counting
from blueprints.leads import outcome, rules, service
from blueprints.leads.models import STATES
from blueprints.routing import candidates, outcomes
from blueprints.routing import service as routing
from tests.blueprints.leads.test_desk_and_links import link_of, send
from tests.factories.leads import CUSTOMER, KAZAN_CITY, MORNING, add_products, give_stock, levels, line, the_lead
from tests.house import HQ, KAZAN, SIBIR, House


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    """It is Tuesday, ten in the morning."""
    with frozen(MORNING + timedelta(minutes=5)):
        yield


@pytest.fixture
def pump(house: House) -> int:
    (pump,) = add_products(house, 1)
    give_stock(house, KAZAN, {pump: 5}, MORNING)
    return pump


def wish(house: House, owner: str, kind: str = "quote", products: tuple[int, ...] = ()) -> uuid.UUID:
    with house.speaking(owner):
        lines = [line(one) for one in products]
        lead = service.open_lead(
            kind=kind, source="form", campaign=None, city_id=KAZAN_CITY, lines=lines, locale="ru", at=MORNING,
            value=Money(100_000 * len(lines)), contact=CUSTOMER,
        )
        return lead.id


def taken(house: House, pump: int, kind: str = "quote") -> uuid.UUID:
    """A lead of HQ in the hands of Kazan."""
    lead_id = wish(house, HQ, kind, (pump,))
    with house.speaking(network_worker()):
        assert routing.route(owner_id=HQ, lead_id=lead_id, at=MORNING) == KAZAN
    with house.speaking(KAZAN):
        service.accept(lead=the_lead(HQ, lead_id), at=now(), actor="link")
    return lead_id


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("12 500,50", 1_250_050), ("12500.5", 1_250_050), ("12 500", 1_250_000), ("1 234 567 ₽", 123_456_700),
        ("500р.", 50_000), (" 500 руб. ", 50_000), ("0,01", 1), ("12’500", 1_250_000), ("700 рублей", 70_000),
    ],
)
def test_a_sum_is_understood_as_people_write_it(text: str, minor: int) -> None:
    assert Money.told(text) == Money(minor)


@pytest.mark.parametrize(
    "text", ["", "много", "-5", "1e9", "12,500,50", "1,234.56", "5,555", "12 50", "٣٤", "1" * 40, "NaN", "5$"]
)
def test_what_is_no_sum_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Money.told(text)


def test_steps_never_lead_backwards() -> None:
    for noun, state in product(rules.TALKS, rules.HELD):
        after = rules.state_after(noun, state)
        assert rules.HELD.index(after) >= rules.HELD.index(state)
    assert rules.state_after("quote", "accepted") == "quoted"


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("kind", rules.KIND_WORDS)
def test_an_order_is_never_sold_for_another_sum(state: str, kind: str) -> None:
    steps = rules.next_steps(state=state, kind=kind, is_own=False, is_shipped=False, is_open=True)
    assert not {"quote", "sale"} & set(steps) or kind != "order"
    assert not {"shipment", "delivery"} & set(steps) or kind == "order"
    assert ("loss" in steps) == ("invalidation" in steps) == (state in rules.HELD)


def test_a_talk_ends_in_a_sale_for_the_sum_told(house: House, pump: int) -> None:
    lead_id = taken(house, pump)
    with house.speaking(KAZAN):
        lead = the_lead(HQ, lead_id)
        outcome.attempt(lead=lead, at=now(), actor="link")
        outcome.attempt(lead=lead, at=now(), actor="link")
        outcome.contact(lead=lead, at=now(), actor="link")
        assert (lead.state, lead.attempts) == ("contacted", 2)
        outcome.quote(lead=lead, value=Money(300_000), at=now(), actor="link")
        assert (lead.state, lead.value_minor) == ("quoted", 300_000)
        outcome.win(lead=lead, value=Money(250_050), at=now(), actor="link", document=" С-17 ")
        assert (lead.state, lead.value_minor, lead.sale_document) == ("won", 250_050, "С-17")
        told = [one.title for one in service.history(lead)]
    assert levels(house, KAZAN) == {pump: (4, 0)}
    assert len(told) == 8


def test_a_sale_counts_in_hqs_figures_and_rating(house: House, pump: int) -> None:
    lead_id = taken(house, pump)
    with frozen(MORNING + timedelta(days=2)):
        with house.speaking(network_worker()):
            counting.count_days(now())
        assert house.scalar("SELECT sum(delivered) FROM network.daily_figures WHERE kind = 'all'") == 0
        with house.speaking(KAZAN):
            outcome.win(lead=the_lead(HQ, lead_id), value=Money(5_000_000), at=now(), actor="link")
        with house.speaking(network_worker()):
            counting.count_days(now())
        assert house.rows("SELECT delivered, delivered_minor FROM network.daily_figures WHERE kind = 'all'") == [
            (1, 5_000_000)
        ]
        house.work()
    assert house.scalar(
        "SELECT part ->> 'value' FROM network.dealer_ratings, jsonb_array_elements(parts -> 'parts') part"
        " WHERE part ->> 'code' = 'conversion'"
    ) in ("1", "1.0")


def test_sums_that_cannot_be_are_refused(house: House, pump: int) -> None:
    lead_id = taken(house, pump)
    with house.speaking(KAZAN):
        lead = the_lead(HQ, lead_id)
        for value in (Money(0), Money(-5), Money(10**15)):
            with pytest.raises(Invalid):
                outcome.win(lead=lead, value=value, at=now(), actor="link")
        with pytest.raises(Invalid) as caught:
            outcome.win(
                lead=lead, value=Money(1), at=now(), actor="link", sold_on=now().date() + timedelta(days=1)
            )
        assert caught.value.field == "sold_on"
        assert lead.state == "accepted"


def test_nothing_is_sold_before_it_was_asked_for(house: House, pump: int) -> None:
    """A lead of half past one at night in Moscow is one of that very day, whatever day it is in Greenwich."""
    late = MORNING.replace(hour=22, minute=30)
    lead_id = taken(house, pump)
    house.scalar(f"UPDATE network.leads SET created_at = '{late.isoformat()}' RETURNING id")
    with house.speaking(KAZAN):
        lead = the_lead(HQ, lead_id)
        opened = (late + timedelta(hours=3)).date()
        tell = partial(outcome.win, lead=lead, value=Money(100), at=late + timedelta(minutes=5), actor="link")
        for day in (date(1999, 1, 1), opened - timedelta(days=1)):
            with pytest.raises(Invalid) as caught:
                tell(sold_on=day)
            assert caught.value.field == "sold_on"
        tell()
        assert lead.sold_on == opened


def test_an_order_is_neither_quoted_nor_sold(house: House, pump: int) -> None:
    lead_id = taken(house, pump, "order")
    with house.speaking(KAZAN):
        lead = the_lead(HQ, lead_id)
        for verb in (outcome.quote, outcome.win):
            with pytest.raises(Refused):
                verb(lead=lead, value=Money(100), at=now(), actor="link")
        outcome.contact(lead=lead, at=now(), actor="link")
        service.ship(lead=lead, at=now(), actor="link")
        with pytest.raises(Refused):
            outcome.invalidate(lead=lead, reason="spam", at=now(), actor="link")


def test_what_was_no_request_counts_neither_for_share_nor_for_rating(house: House, pump: int) -> None:
    lead_id = taken(house, pump)
    with house.speaking(network_worker()):
        assert len(outcomes.outcomes_of([KAZAN], now())[KAZAN]) == 1
    with house.speaking(KAZAN):
        outcome.invalidate(lead=the_lead(HQ, lead_id), reason="wrong_number", at=now(), actor="link")
    with house.speaking(network_worker()):
        assert outcomes.outcomes_of([KAZAN], now()) == {}
        assert candidates._load(now()).get(KAZAN, (0, 0)) == (0, 0)
    assert levels(house, KAZAN) == {pump: (5, 0)}
    assert house.rows("SELECT state, invalid_reason FROM network.leads") == [("invalid", "wrong_number")]


@pytest.mark.parametrize("end", ["won", "lost", "invalid"])
def test_a_mistake_is_taken_back_within_a_week(house: House, pump: int, end: str) -> None:
    lead_id = taken(house, pump)
    with house.speaking(KAZAN):
        lead = the_lead(HQ, lead_id)
        outcome.quote(lead=lead, value=Money(70_000), at=now(), actor="link")
        {
            "won": lambda: outcome.win(lead=lead, value=Money(60_000), at=now(), actor="link"),
            "lost": lambda: service.lose(lead=lead, reason="price", at=now(), actor="link"),
            "invalid": lambda: outcome.invalidate(lead=lead, reason="spam", at=now(), actor="link"),
        }[end]()
        assert lead.state == end
        with frozen(MORNING + timedelta(days=7, minutes=6)), pytest.raises(Refused):
            outcome.reopen(lead=lead, at=now(), actor="link")
        outcome.reopen(lead=lead, at=now(), actor="link")
        assert (lead.state, lead.value_minor, lead.closed_at) == ("quoted", 70_000, None)
    assert levels(house, KAZAN) == {pump: (5, 1)}
    assert house.rows("SELECT state FROM network.lead_offers") == [("accepted",)]


def test_nobody_takes_back_what_another_said(house: House, pump: int) -> None:
    lead_id = taken(house, pump)
    with house.speaking(hq()):
        service.close(lead=the_lead(HQ, lead_id), reason="other", at=now(), actor="staff:x")
    with house.speaking(KAZAN), pytest.raises(Refused):
        outcome.reopen(lead=the_lead(HQ, lead_id), at=now(), actor="link")


def test_only_the_holder_tells(house: House, pump: int) -> None:
    lead_id = taken(house, pump)
    house.scalar("UPDATE network.leads SET visible_to = '{t_000002,t_000003}' RETURNING id")
    with house.speaking(SIBIR):
        lead = the_lead(HQ, lead_id)
        for tell in (outcome.contact, outcome.attempt):
            with pytest.raises(Refused):
                tell(lead=lead, at=now(), actor="link")


def test_the_link_takes_the_sum_and_keeps_what_was_typed(house: House, pump: int) -> None:
    lead_id = taken(house, pump)
    link, browser = link_of(house, lead_id), house.visit(KAZAN)
    assert browser.get(link).text.count("/contact\"") == 1  # one button, not one in the bar and one in the page
    assert send(browser, link, "contact").status_code == 302
    wrong = send(browser, link, "sale", sum="сто тысяч", document="С-17")
    assert wrong.status_code == 422
    assert "сто тысяч" in wrong.text and "С-17" in wrong.text and "12 500,50" in wrong.text
    assert '<a href="#sale-sum">' in wrong.text and "autofocus" in wrong.text
    assert "1 000 000 000" in send(browser, link, "sale", sum="99999999999999999").text.replace("\xa0", " ")
    ancient = send(browser, link, "sale", sum="12 500,50", sold_on="1999-01-01")
    assert ancient.status_code == 422 and '<a href="#sale-day">' in ancient.text
    assert '<details open><summary class="small">' in ancient.text and 'value="1999-01-01" autofocus' in ancient.text
    assert send(browser, link, "sale", sum="12 500,50", sold_on="завтра").status_code == 422
    assert send(browser, link, "sale", sum="12 500,50", document="С-17").status_code == 302
    assert house.rows("SELECT state, value_minor FROM network.leads") == [("won", 1_250_050)]
    assert "Open it again" in browser.get(f"{link}?lang=en").text
    assert send(browser, link, "reopening").status_code == 302
    assert send(browser, link, "loss").status_code == 422
    assert send(browser, link, "invalidation", reason="spam").status_code == 302
    assert house.rows("SELECT state FROM network.leads") == [("invalid",)]


def test_own_lead_without_an_order_is_sold_for_a_sum(house: House) -> None:
    lead_id = wish(house, KAZAN, "callback")
    with house.speaking(KAZAN):
        lead = the_lead(KAZAN, lead_id)
        outcome.win(lead=lead, value=Money(990_000), at=now(), actor="link")
        assert (lead.state, lead.value_minor) == ("won", 990_000)
