"""A lead is given without asking, or offered to several at once: one gets it, the others are told, stock follows."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.kernel.clock import frozen
from app.kernel.db import db
from app.kernel.identity import hq, network_worker
from blueprints.catalog import stock
from blueprints.leads import service as leads
from blueprints.leads.errors import OutOfGoods, TakenByAnother, WindowEnded
from blueprints.leads.models import LeadContact
from blueprints.leads.parts import find_notes
from blueprints.leads.queries import contact_of, find_my_offer, history, inbox
from blueprints.routing import outcomes, profiles, queries, service
from tests.factories.leads import MORNING, add_products, give_stock, hire, levels, open_lead, the_lead
from tests.factories.routing import put_in_force
from tests.house import HQ, KAZAN, SIBIR, House

OFFERS = "SELECT dealer_id, state, reason FROM network.lead_offers ORDER BY round, dealer_id"
LEAD = "SELECT state, assignee_id FROM network.leads"


@pytest.fixture
def pump(house: House) -> int:
    (pump,) = add_products(house, 1)
    for dealer in (KAZAN, SIBIR):
        give_stock(house, dealer, {pump: 5}, MORNING)
    return pump


def broadcast(house: House, pump: int, quantity: int = 2) -> uuid.UUID:
    """A lead both dealers see at once since Tuesday morning."""
    put_in_force(house, "broadcast")
    return route(house, open_lead(house, HQ, {pump: quantity}, MORNING))


def route(house: House, lead_id: uuid.UUID) -> uuid.UUID:
    with house.speaking(network_worker()):
        assert service.route(owner_id=HQ, lead_id=lead_id, at=MORNING)
    return lead_id


def accept(house: House, dealer: str, lead_id: uuid.UUID, minutes: int = 5) -> None:
    with house.speaking(dealer):
        leads.accept(lead=the_lead(HQ, lead_id), at=MORNING + timedelta(minutes=minutes), actor="link")


def test_a_lead_is_given_to_the_best_without_asking_and_he_may_give_it_back(house: House, pump: int) -> None:
    put_in_force(house, "assign")
    hire(house, KAZAN)
    lead_id = route(house, open_lead(house, HQ, {pump: 2}, MORNING))
    assert (house.rows(LEAD), house.rows(OFFERS)) == ([("accepted", KAZAN)], [(KAZAN, "accepted", None)])
    assert levels(house, KAZAN) == {pump: (5, 2)}
    with house.speaking(KAZAN):
        lead = the_lead(HQ, lead_id)
        assert contact_of(lead) is not None
        assert "Отдана дилеру без вопросов" in [line.title for line in history(lead)]
    with frozen(MORNING):
        house.work()
    assert house.rows(f"SELECT template FROM {KAZAN}.mails") == [("mail/lead_given",)]
    assert house.rows(f"SELECT template FROM {HQ}.mails") == [("mail/lead_accepted",)]
    with house.speaking(KAZAN):
        leads.decline(lead=the_lead(HQ, lead_id), reason="no_capacity", at=MORNING, actor="link")
    with frozen(MORNING):
        house.work()
    assert house.rows(LEAD) == [("accepted", SIBIR)]
    with house.speaking(KAZAN):
        assert db.session.scalars(sa.select(LeadContact.name)).all() == []
    assert (levels(house, KAZAN), levels(house, SIBIR)) == ({pump: (5, 0)}, {pump: (5, 2)})


def test_who_is_given_leads_without_asking_is_not_praised_for_saying_yes(house: House, pump: int) -> None:
    put_in_force(house, "assign")
    route(house, open_lead(house, HQ, {pump: 1}, MORNING))
    with house.speaking(network_worker()):
        (outcome,) = outcomes.outcomes_of([KAZAN], MORNING)[KAZAN]
    assert (outcome.is_accepted, outcome.response_minutes) == (None, None)


def test_all_who_are_asked_see_the_lead_at_once_each_with_his_own_window_and_nobody_the_contact(
    house: House, pump: int
) -> None:
    lead_id = broadcast(house, pump)
    assert house.rows(OFFERS) == [(KAZAN, "offered", None), (SIBIR, "offered", None)]
    assert levels(house, KAZAN) == levels(house, SIBIR) == {pump: (5, 0)}
    ends = {KAZAN: MORNING + timedelta(hours=2), SIBIR: MORNING + timedelta(hours=2)}
    for dealer, deadline in ends.items():
        with house.speaking(dealer):
            lead = the_lead(HQ, lead_id)
            offer = find_my_offer(lead)
            assert offer is not None and offer.deadline_at == deadline
            assert inbox(tab="new").deadlines == {lead_id: deadline}
            assert db.session.scalars(sa.select(LeadContact.name)).all() == []
            (why,) = queries.explanation_for_me(lead_id)
            assert why.is_chosen


def test_the_first_gets_it_with_the_contact_and_the_goods_and_the_other_is_told(house: House, pump: int) -> None:
    hire(house, KAZAN)
    lead_id = broadcast(house, pump)
    accept(house, SIBIR, lead_id)
    assert house.rows(LEAD) == [("accepted", SIBIR)]
    assert house.rows(OFFERS) == [(KAZAN, "withdrawn", "faster"), (SIBIR, "accepted", None)]
    assert (levels(house, KAZAN), levels(house, SIBIR)) == ({pump: (5, 0)}, {pump: (5, 2)})
    with house.speaking(SIBIR):
        assert contact_of(the_lead(HQ, lead_id)) is not None
    with pytest.raises(TakenByAnother, match="Другой дилер успел раньше"):
        accept(house, KAZAN, lead_id)
    with frozen(MORNING + timedelta(minutes=6)):
        house.work()
        assert house.rows(f"SELECT template, params ->> 'reason' FROM {KAZAN}.mails") == [
            ("mail/lead_withdrawn", "faster")
        ]
        with house.speaking(KAZAN):
            lead = the_lead(HQ, lead_id)
            assert "Другой дилер успел раньше" in [line.title for line in history(lead)]
            assert (contact_of(lead), inbox(tab="new").page.total, inbox(tab="done").page.total) == (None, 0, 1)
            assert db.session.scalars(sa.select(LeadContact.name)).all() == []
        with house.speaking(SIBIR):
            assert "Другой дилер успел раньше" not in [line.title for line in history(the_lead(HQ, lead_id))]
            assert inbox(tab="work").page.total == 1


def test_who_has_not_the_goods_any_more_is_told_so_and_the_lead_still_waits(house: House, pump: int) -> None:
    lead_id = broadcast(house, pump, 4)
    with house.speaking(KAZAN):
        assert stock.reserve(owner_id=KAZAN, lead_id=uuid.uuid4(), lines=[(pump, 2)])
    with pytest.raises(OutOfGoods, match="уже не всё"):
        accept(house, KAZAN, lead_id)
    assert house.rows(LEAD) == [("offered", None)]
    assert levels(house, KAZAN) == {pump: (5, 2)}
    accept(house, SIBIR, lead_id)
    assert house.rows(LEAD) == [("accepted", SIBIR)]


def test_a_refusal_of_one_leaves_the_lead_to_the_others_and_the_last_moves_it_on(house: House, pump: int) -> None:
    lead_id = broadcast(house, pump)
    for dealer, state in ((KAZAN, "offered"), (SIBIR, "new")):
        with house.speaking(dealer):
            leads.decline(lead=the_lead(HQ, lead_id), reason="too_far", at=MORNING, actor="link")
        with frozen(MORNING):
            house.work()
        assert house.scalar("SELECT state FROM network.leads") == state
    assert house.scalar("SELECT escalated_at IS NOT NULL FROM network.leads") is True
    with pytest.raises(TakenByAnother):
        accept(house, KAZAN, lead_id)


def test_each_window_ends_by_itself_and_silence_of_all_moves_the_lead_on(house: House, pump: int) -> None:
    lead_id = broadcast(house, pump)
    house.rows("UPDATE network.lead_offers SET deadline_at = deadline_at - interval '1 hour' WHERE dealer_id = %(id)s"
               " RETURNING 1", id=KAZAN)
    for minutes, ended, state in ((61, 1, "offered"), (121, 1, "new")):
        with house.speaking(network_worker()):
            assert service.expire_offers(at=MORNING + timedelta(minutes=minutes)) == ended
        assert house.scalar("SELECT state FROM network.leads") == state
    with pytest.raises(WindowEnded):
        accept(house, KAZAN, lead_id, minutes=122)


def test_reminders_go_to_each_who_was_asked(house: House, pump: int) -> None:
    broadcast(house, pump)
    with house.speaking(network_worker()):
        assert service.send_reminders(at=MORNING + timedelta(minutes=91)) == 2
    with house.speaking(network_worker()):
        assert service.send_reminders(at=MORNING + timedelta(minutes=92)) == 0


def test_of_two_who_press_at_once_one_gets_it(house: House, pump: int) -> None:
    for _round in range(5):
        lead_id, said = broadcast(house, pump, 1), []

        def press(dealer: str, lead_id: uuid.UUID = lead_id, said: list[str] = said) -> None:
            try:
                accept(house, dealer, lead_id)
                said.append("mine")
            except TakenByAnother:
                said.append("faster")

        threads = [threading.Thread(target=press, args=(dealer,)) for dealer in (KAZAN, SIBIR)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert sorted(said) == ["faster", "mine"]
    assert sum(reserved for dealer in (KAZAN, SIBIR) for _on_hand, reserved in levels(house, dealer).values()) == 5


def test_nobody_claims_what_he_was_not_offered(house: House, pump: int) -> None:
    lead_id = open_lead(house, HQ, {pump: 1}, MORNING)
    with house.speaking(KAZAN):
        claim = {"owner": HQ, "lead": lead_id, "at": MORNING}
        assert db.session.scalar(leads.CLAIM, claim) == "gone"
    assert house.rows(LEAD) == [("new", None)]


def test_a_suspended_dealer_claims_nothing(house: House, pump: int) -> None:
    lead_id = broadcast(house, pump)
    house.rows("UPDATE network.tenants SET state = 'suspended' WHERE id = %(id)s RETURNING 1", id=KAZAN)
    with house.speaking(KAZAN):
        assert db.session.scalar(leads.CLAIM, {"owner": HQ, "lead": lead_id, "at": MORNING}) == "closed"


def test_who_has_a_part_only_reads_so_before_and_keeps_what_he_has_when_he_is_the_first(
    house: House, pump: int
) -> None:
    put_in_force(house, "broadcast")
    with house.speaking(hq()):
        definition = queries.find_active_profile().profile.to_dict()  # type: ignore[union-attr]
        definition["strategies"][0]["criteria"] = [{"code": "stock_now", "params": {"partial": "rank"}}]
        draft = profiles.draft(definition=definition, author="staff:0", at=MORNING)
        profiles.activate(version=draft.version, at=MORNING)
    give_stock(house, SIBIR, {pump: 2}, MORNING)
    lead_id = route(house, open_lead(house, HQ, {pump: 3}, MORNING))
    missing = {}
    for dealer in (KAZAN, SIBIR):
        with house.speaking(dealer):
            missing[dealer] = [one["quantity"] for one in find_notes(the_lead(HQ, lead_id)).missing]
    assert missing == {KAZAN: [], SIBIR: [1]}
    give_stock(house, SIBIR, {pump: 1}, MORNING)
    accept(house, SIBIR, lead_id)
    assert (levels(house, KAZAN), levels(house, SIBIR)) == ({pump: (5, 0)}, {pump: (1, 1)})
    with house.speaking(SIBIR):
        lead = the_lead(HQ, lead_id)
        assert [one["quantity"] for one in find_notes(lead).missing] == [2]
        assert any("2 шт." in line.text for line in history(lead) if line.title == "Дилер принял заявку")
