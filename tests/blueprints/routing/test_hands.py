"""Leads change hands: handed on to a branch, named by hand, sent round again, left by a suspended dealer."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.kernel.clock import frozen
from app.kernel.errors import Invalid
from app.kernel.identity import hq, network_worker
from blueprints.leads import passing
from blueprints.leads import service as leads
from blueprints.leads.errors import TakenByAnother, WrongMoment
from blueprints.leads.queries import contact_of, history
from blueprints.leads.story import story_of
from blueprints.routing import board, jobs, queries, service, steering
from blueprints.sites import belonging
from blueprints.sites import service as network
from tests.blueprints.accounts.conftest import People
from tests.factories.leads import MORNING, add_products, give_stock, hire, levels, open_lead, the_lead
from tests.factories.routing import put_in_force
from tests.house import HQ, KAZAN, SIBIR, House, token_of

OFFERS = "SELECT dealer_id, way, state, reason FROM network.lead_offers ORDER BY round, dealer_id"
LEAD = "SELECT state, assignee_id FROM network.leads"
NOW = MORNING + timedelta(minutes=5)


@pytest.fixture
def pump(house: House) -> Iterator[int]:
    """A pump both dealers have; Novosibirsk is a branch of Kazan. It is Tuesday morning."""
    (pump,) = add_products(house, 1)
    for dealer in (KAZAN, SIBIR):
        give_stock(house, dealer, {pump: 5}, MORNING)
    parent(house, KAZAN)
    with frozen(NOW):
        yield pump
    parent(house, None)


def parent(house: House, dealer: str | None) -> None:
    house.rows("UPDATE network.tenants SET parent_id = %(p)s WHERE id = %(id)s RETURNING 1", p=dealer, id=SIBIR)


def placed(house: House, pump: int, *, is_taken: bool = False) -> uuid.UUID:
    lead_id = open_lead(house, HQ, {pump: 2}, MORNING)
    with house.speaking(network_worker()):
        assert service.route(owner_id=HQ, lead_id=lead_id, at=MORNING) == KAZAN
    if is_taken:
        with house.speaking(KAZAN):
            leads.accept(lead=the_lead(HQ, lead_id), at=NOW, actor="link")
    return lead_id


def hand_on(house: House, lead_id: uuid.UUID, to_id: str = SIBIR, note: str = "Ближе к вам") -> None:
    with house.speaking(KAZAN):
        passing.hand_on(lead=the_lead(HQ, lead_id), to_id=to_id, note=note, at=NOW, actor="link")


def mails(house: House, tenant: str) -> list[object]:
    return [row[0] for row in house.rows(f"SELECT template FROM {tenant}.mails ORDER BY created_at, id")]


def test_a_lead_is_handed_on_to_a_branch_with_a_word_and_a_window_of_its_own(house: House, pump: int) -> None:
    lead_id = placed(house, pump)
    hand_on(house, lead_id)
    house.work()
    assert house.rows(OFFERS) == [
        (KAZAN, "one_after_another", "handed_on", None), (SIBIR, "handed_on", "offered", None),
    ]
    assert house.scalar("SELECT handed_by FROM network.lead_offers WHERE state = 'offered'") == KAZAN
    assert (levels(house, KAZAN), levels(house, SIBIR)) == ({pump: (5, 0)}, {pump: (5, 2)})
    with house.speaking(SIBIR):
        lead = the_lead(HQ, lead_id)
        assert "«Тепло Казань» → «Сибирь Тепло»: Ближе к вам" in [line.text for line in history(lead)]
        why = queries.explanation_for_me(lead_id)[-1]
        assert why.is_chosen and why.told.verdicts[0].reason == "dealer.handed_on"
        leads.accept(lead=lead, at=NOW, actor="link")
    with house.speaking(KAZAN), pytest.raises(TakenByAnother):
        leads.accept(lead=the_lead(HQ, lead_id), at=NOW, actor="link")


def test_a_branch_that_declines_sends_the_lead_back_to_routing(house: House, pump: int) -> None:
    lead_id = placed(house, pump)
    hand_on(house, lead_id)
    house.work()
    with house.speaking(SIBIR):
        leads.decline(lead=the_lead(HQ, lead_id), reason="no_capacity", at=NOW, actor="link")
    house.work()
    assert house.scalar("SELECT escalated_at IS NOT NULL FROM network.leads") is True
    assert levels(house, SIBIR) == {pump: (5, 0)}


def test_a_lead_in_hand_is_handed_on_and_the_customer_told(house: House, pump: int) -> None:
    lead_id = placed(house, pump, is_taken=True)
    house.work()
    hand_on(house, lead_id)
    house.work()
    assert mails(house, HQ) == ["mail/lead_accepted", "mail/lead_looking"]
    with house.speaking(HQ):
        assert [line.title for line in story_of(the_lead(HQ, lead_id))][-1] == "Дилер меняется: ищем другого"
    with house.speaking(KAZAN):
        assert contact_of(the_lead(HQ, lead_id)) is None


def test_only_ones_own_branch_and_only_with_a_word(house: House, pump: int) -> None:
    lead_id = placed(house, pump)
    with pytest.raises(Invalid) as wrong:
        hand_on(house, lead_id, note="  ")
    assert wrong.value.field == "note"
    parent(house, None)
    with pytest.raises(Invalid) as wrong:
        hand_on(house, lead_id)
    assert wrong.value.field == "to_id"
    assert house.rows(LEAD) == [("offered", KAZAN)]


def test_offers_end_when_the_owner_closes_the_lead_for_its_customer(house: House, pump: int) -> None:
    lead_id = placed(house, pump)
    with house.speaking(HQ):
        leads.close(lead=the_lead(HQ, lead_id), reason="changed_mind", at=NOW, actor="customer")
    assert house.rows("SELECT state FROM network.lead_offers") == [("withdrawn",)]


def test_a_lead_several_see_is_taken_before_it_is_handed_on(house: House, pump: int) -> None:
    put_in_force(house, "broadcast")
    lead_id = placed(house, pump)
    with pytest.raises(WrongMoment):
        hand_on(house, lead_id)


@pytest.mark.parametrize("is_taken", [False, True])
def test_hq_names_another_dealer_and_both_are_told(house: House, pump: int, is_taken: bool) -> None:
    hire(house, KAZAN)
    hire(house, SIBIR)
    lead_id = placed(house, pump, is_taken=is_taken)
    house.work()
    with house.speaking(hq()):
        lead = the_lead(HQ, lead_id)
        passing.ask_assignment(lead=lead, dealer_id=SIBIR, reason="Просьба клиента", at=NOW, actor="hq")
    house.work()
    assert house.rows(OFFERS)[0][2:] == ("withdrawn", "by_hand")
    assert house.rows(LEAD) == [("offered", SIBIR)]
    assert (levels(house, KAZAN), levels(house, SIBIR)) == ({pump: (5, 0)}, {pump: (5, 2)})
    assert mails(house, KAZAN)[-1] == "mail/lead_withdrawn"
    assert mails(house, SIBIR) == ["mail/lead_offer"]
    assert mails(house, HQ) == (["mail/lead_accepted", "mail/lead_looking"] if is_taken else [])


def test_an_escalated_lead_goes_round_again_and_who_was_asked_may_be_asked_again(house: House, pump: int) -> None:
    lead_id = placed(house, pump)
    for dealer in (KAZAN, SIBIR):
        with house.speaking(dealer):
            leads.decline(lead=the_lead(HQ, lead_id), reason="no_capacity", at=NOW, actor="link")
        house.work()
    assert mails(house, HQ) == ["mail/lead_delayed"]
    recycle(house, lead_id, forgets=False)
    assert house.rows(LEAD) == [("new", None)]
    assert mails(house, HQ) == ["mail/lead_delayed"], "the customer is told once that it takes longer"
    recycle(house, lead_id, forgets=True)
    assert house.rows(LEAD) == [("offered", KAZAN)]
    assert house.scalar("SELECT rounds FROM network.leads") == 3


def test_a_stuck_lead_goes_round_again_past_the_dealer_it_is_taken_from(house: House, pump: int) -> None:
    lead_id = placed(house, pump, is_taken=True)
    recycle(house, lead_id, forgets=True)
    assert house.rows(LEAD) == [("offered", SIBIR)]
    assert (levels(house, KAZAN), levels(house, SIBIR)) == ({pump: (5, 0)}, {pump: (5, 2)})


def test_a_lost_lead_comes_back_to_life_unless_an_order_ended_with_it(house: House, pump: int) -> None:
    lead_id = placed(house, pump, is_taken=True)
    with house.speaking(KAZAN):
        leads.lose(lead=the_lead(HQ, lead_id), reason="no_answer", at=NOW, actor="link")
    house.work()
    recycle(house, lead_id, forgets=True)
    assert house.rows("SELECT state, closed_at, lost_reason FROM network.leads") == [("offered", None, None)]
    assert (levels(house, KAZAN), levels(house, SIBIR)) == ({pump: (5, 2)}, {pump: (5, 0)})
    house.rows("UPDATE network.leads SET state = 'lost', order_id = id RETURNING 1")
    with pytest.raises(WrongMoment):
        recycle(house, lead_id, forgets=True)


def recycle(house: House, lead_id: uuid.UUID, *, forgets: bool) -> None:
    with house.speaking(hq()):
        passing.ask_recycling(lead=the_lead(HQ, lead_id), forgets=forgets, reason="Ещё раз", at=NOW, actor="hq")
    house.work()


def test_offers_of_a_suspended_dealer_end_at_once_and_the_lead_moves_on(house: House, pump: int) -> None:
    placed(house, pump)
    with house.speaking(hq()):
        network.suspend(dealer_id=KAZAN, reason="Проверка")
    house.work()
    assert house.rows(OFFERS) == [
        (KAZAN, "one_after_another", "withdrawn", "inactive"), (SIBIR, "one_after_another", "offered", None),
    ]
    assert (levels(house, KAZAN), levels(house, SIBIR)) == ({pump: (5, 0)}, {pump: (5, 2)})


def test_of_several_who_are_asked_only_the_suspended_one_falls_out(house: House, pump: int) -> None:
    put_in_force(house, "broadcast")
    placed(house, pump)
    house.rows("UPDATE network.tenants SET state = 'closed' WHERE id = %(id)s RETURNING 1", id=KAZAN)
    with house.speaking(network_worker()):
        jobs.expire_offers()
    house.work()
    assert [row[2] for row in house.rows(OFFERS)] == ["withdrawn", "offered"]
    assert house.rows(LEAD) == [("offered", None)]


def test_what_a_suspended_dealer_holds_comes_to_hqs_board_with_a_sentence(house: House, pump: int) -> None:
    lead_id = placed(house, pump, is_taken=True)
    with house.speaking(hq()):
        network.suspend(dealer_id=KAZAN, reason="Проверка")
    house.work()
    with house.speaking(hq()):
        assert [column.count for column in board.columns() if column.code == "stuck"] == [1]
    people = People(house)
    people.staff("vera", "manager", HQ)
    browser = people.sign_in("vera", HQ)
    assert "назначьте другого дилера" in browser.get("/hq/leads/board?lang=ru").text
    page = browser.get(f"/hq/leads/{HQ}/{lead_id}?lang=ru").text
    assert "«Тепло Казань» взял эту заявку" in page


def test_the_customer_reads_each_turn_in_his_words_and_no_refusal(house: House, pump: int) -> None:
    lead_id = placed(house, pump)
    for dealer in (KAZAN, SIBIR):
        with house.speaking(dealer):
            lead = the_lead(HQ, lead_id)
            leads.accept(lead=lead, at=NOW, actor="link")
            leads.decline(lead=lead, reason="no_capacity", at=NOW, actor="link")
        house.work()
    with house.speaking(HQ):
        told = [line.title for line in story_of(the_lead(HQ, lead_id))]
    assert told == [
        "Заявка поступила", "Ищем дилера рядом с вами", "Дилер взял заявку", "Дилер меняется: ищем другого",
        "Дилер взял заявку", "Дилер меняется: ищем другого",
        "Поиск затянулся, просим прощения: вашей заявкой занимается служба производителя",
    ]


@pytest.mark.parametrize("weekly", [{}, {"mon": []}, {"sat": [["09:00", "09:01"]]}])
def test_hours_in_which_no_window_would_end_give_way_to_the_usual_ones_and_it_is_said(
    house: House, pump: int, weekly: dict[str, object]
) -> None:
    # Saturdays of one minute: a window of two hours would take two years and more.
    put_in_force(house, "one_after_another", window_minutes=120)
    house.rows("UPDATE network.tenants SET profile = jsonb_build_object('hours', jsonb_build_object('weekly',"
               " %(w)s::jsonb)) WHERE id = %(id)s RETURNING 1", w=json.dumps(weekly), id=KAZAN)
    lead_id = placed(house, pump)
    usual = weekly in ({}, {"mon": []})
    with house.speaking(KAZAN):
        said = " ".join(line.text for line in history(the_lead(HQ, lead_id)))
    assert ("обычные часы" in said) == usual


def test_hq_says_which_dealer_a_branch_belongs_to_and_never_in_a_circle(house: House, pump: int) -> None:
    parent(house, None)
    people = People(house)
    people.staff("vera", "manager", HQ)
    browser = people.sign_in("vera", HQ)
    page = f"/hq/dealers/{SIBIR}/head"
    assert "Тепло Казань" in browser.get(page).text
    token = token_of(browser.get(page).text)
    assert browser.post(page, data={"csrf_token": token, "head_id": KAZAN}).status_code == 302
    with house.speaking(KAZAN):
        assert passing.branches() == [(SIBIR, "Сибирь Тепло")]
    circle = browser.post(f"/hq/dealers/{KAZAN}/head", data={"csrf_token": token, "head_id": SIBIR})
    assert circle.status_code == 422
    with house.speaking(hq()), pytest.raises(Invalid):
        belonging.attach(dealer_id=KAZAN, head_id=SIBIR)


def test_a_lost_lead_that_came_back_keeps_what_it_got_since(house: House, pump: int) -> None:
    """HQ closed the lead and sent it round again, and of the two the second is heard first."""
    lead_id = placed(house, pump)
    with house.speaking(HQ):
        leads.close(lead=the_lead(HQ, lead_id), reason="other", at=NOW, actor="staff:0")
    with house.speaking(network_worker()):
        assert steering.recycle(owner_id=HQ, lead_id=lead_id, forgets=True, at=NOW) == KAZAN
    house.work()
    assert house.rows(LEAD) == [("offered", KAZAN)]
    assert house.scalar("SELECT count(*) FROM network.lead_offers WHERE state = 'offered'") == 1
    assert levels(house, KAZAN) == {pump: (5, 2)}
