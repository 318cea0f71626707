"""Leads of HQ find their dealer: one transaction each, once, with reasons; stock follows."""

from __future__ import annotations

import contextlib
import threading
import uuid
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from app.kernel.clock import frozen
from app.kernel.db import db
from app.kernel.errors import Refused
from app.kernel.identity import hq, network_worker
from blueprints.catalog import stock
from blueprints.leads import passing
from blueprints.leads import service as leads
from blueprints.leads.errors import TakenByAnother, WindowEnded, WrongMoment
from blueprints.leads.models import LeadContact
from blueprints.leads.queries import contact_of, history
from blueprints.routing import queries, rules, service
from blueprints.routing.candidates import candidates_for
from blueprints.routing.dealers import Place, known_network
from tests.factories.leads import MORNING, add_products, give_stock, levels, open_lead, the_lead
from tests.house import HQ, KAZAN, SIBIR, House

OFFERED = "SELECT dealer_id, state, reason FROM network.lead_offers ORDER BY round"


@pytest.fixture
def pump(house: House) -> int:
    (pump,) = add_products(house, 1)
    for dealer in (KAZAN, SIBIR):
        give_stock(house, dealer, {pump: 5}, MORNING)
    return pump


def placed(house: House, pump: int, quantity: int = 2) -> uuid.UUID:
    """A lead from Kazan, offered on Tuesday morning."""
    lead_id = open_lead(house, HQ, {pump: quantity}, MORNING)
    route(house, lead_id)
    return lead_id


def route(house: House, lead_id: uuid.UUID) -> str | None:
    with house.speaking(network_worker()):
        return service.route(owner_id=HQ, lead_id=lead_id, at=MORNING)


def test_lead_goes_to_the_dealer_of_the_territory_with_his_stock_reserved(house: House, pump: int) -> None:
    lead_id = placed(house, pump)
    assert house.rows(OFFERED) == [(KAZAN, "offered", None)]
    assert levels(house, KAZAN) == {pump: (5, 2)}
    with house.speaking(KAZAN):
        lead = the_lead(HQ, lead_id)
        assert (lead.state, lead.assignee_id, lead.deadline_at) == ("offered", KAZAN, MORNING + timedelta(hours=2))


def test_the_event_routes_once_even_when_it_comes_twice(house: House, pump: int) -> None:
    lead_id = open_lead(house, HQ, {pump: 1})
    house.work()
    with house.speaking(network_worker()):
        service.route(owner_id=HQ, lead_id=lead_id, at=MORNING)
    assert house.scalar("SELECT count(*) FROM network.lead_offers") == 1
    assert house.scalar("SELECT count(*) FROM network.routing_runs") == 1
    assert levels(house, KAZAN) == {pump: (5, 1)}


def test_two_workers_at_once_route_once(house: House, pump: int) -> None:
    lead_id = open_lead(house, HQ, {pump: 1}, MORNING)
    together(lambda: route(house, lead_id), lambda: route(house, lead_id))
    assert house.scalar("SELECT count(*) FROM network.lead_offers") == 1
    assert levels(house, KAZAN) == {pump: (5, 1)}


@pytest.fixture
def room_for_one(house: House, pump: int) -> list[uuid.UUID]:
    """Two leads near a dealer who takes one a day."""
    house.rows("UPDATE network.tenants SET profile = profile || '{\"capacity\": 1}' WHERE id = %(id)s RETURNING 1",
               id=KAZAN)
    with house.speaking(network_worker()):
        service.ensure_profile(at=MORNING)
    return [open_lead(house, HQ, {pump: 1}, MORNING) for _lead in range(2)]


def chosen_at_once(
    house: House, leads: list[uuid.UUID], monkeypatch: pytest.MonkeyPatch, patience: float
) -> list[str]:
    """Who got them when two workers decide at the same moment, if the second comes so soon."""
    gate, decide = threading.Barrier(2), rules.decide

    def decide_at_once(*facts: object) -> rules.Decision:
        with contextlib.suppress(threading.BrokenBarrierError):
            gate.wait(patience)
        return decide(*facts)  # type: ignore[arg-type]

    monkeypatch.setattr(rules, "decide", decide_at_once)
    together(*(partial(route, house, each) for each in leads))
    return sorted(str(row[0]) for row in house.rows("SELECT dealer_id FROM network.lead_offers"))


def test_two_workers_at_once_keep_to_a_dealers_room_for_the_day(
    house: House, room_for_one: list[uuid.UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert chosen_at_once(house, room_for_one, monkeypatch, 1) == [KAZAN, SIBIR]


def test_control_without_turns_they_give_him_two(
    house: House, room_for_one: list[uuid.UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "take_turn", lambda: None)
    assert chosen_at_once(house, room_for_one, monkeypatch, 20) == [KAZAN, KAZAN]


def test_leads_of_one_job_find_what_those_before_them_left(house: House) -> None:
    (pump,) = add_products(house, 1)
    give_stock(house, KAZAN, {pump: 1}, MORNING)
    give_stock(house, SIBIR, {pump: 1}, MORNING)
    leads = [open_lead(house, HQ, {pump: 1}, MORNING) for _lead in range(3)]
    with house.speaking(network_worker()):
        service.route_new(leads=[(HQ, each) for each in leads], at=MORNING)
    assert sorted(house.rows("SELECT dealer_id, state FROM network.lead_offers")) == [
        (KAZAN, "offered"), (SIBIR, "offered")
    ]
    assert (levels(house, KAZAN), levels(house, SIBIR)) == ({pump: (1, 1)}, {pump: (1, 1)})
    assert house.scalar("SELECT count(*) FROM network.leads WHERE escalated_at IS NOT NULL") == 1
    assert house.rows("SELECT DISTINCT explanation -> 'missed' FROM network.routing_runs") == [([],)]


def test_leads_of_one_job_keep_to_a_dealers_room_for_the_day(house: House, room_for_one: list[uuid.UUID]) -> None:
    with house.speaking(network_worker()):
        service.route_new(leads=[(HQ, each) for each in room_for_one], at=MORNING)
    assert sorted(house.rows("SELECT dealer_id FROM network.lead_offers")) == [(KAZAN,), (SIBIR,)]


def test_refusal_moves_the_lead_on_and_empties_what_is_not_there(house: House, pump: int) -> None:
    lead_id = placed(house, pump)
    with house.speaking(KAZAN):
        leads.decline(lead=the_lead(HQ, lead_id), reason="out_of_stock", at=MORNING, actor="link")
    house.work()
    assert house.rows(OFFERED) == [(KAZAN, "declined", "out_of_stock"), (SIBIR, "offered", None)]
    assert levels(house, KAZAN) == {pump: (0, 0)}
    assert levels(house, SIBIR) == {pump: (5, 2)}


def test_other_refusals_leave_the_stock_as_it_was(house: House, pump: int) -> None:
    lead_id = placed(house, pump)
    with house.speaking(KAZAN):
        leads.decline(lead=the_lead(HQ, lead_id), reason="too_far", at=MORNING, actor="link")
    assert levels(house, KAZAN) == {pump: (5, 0)}


def test_silence_moves_the_lead_on_when_the_window_of_working_hours_ends(house: House, pump: int) -> None:
    lead_id = placed(house, pump)
    with house.speaking(network_worker()):
        assert service.expire_offers(at=MORNING + timedelta(minutes=119)) == 0
    after = MORNING + timedelta(minutes=121)
    with house.speaking(KAZAN), pytest.raises(WindowEnded):
        leads.accept(lead=the_lead(HQ, lead_id), at=after, actor="link")
    with house.speaking(network_worker()):
        assert service.expire_offers(at=after) == 1
    with house.speaking(network_worker()):
        assert service.expire_offers(at=after) == 0
    house.work()
    assert [row[:2] for row in house.rows(OFFERED)] == [(KAZAN, "expired"), (SIBIR, "offered")]
    assert levels(house, KAZAN) == {pump: (5, 0)}


def test_reminder_goes_out_once(house: House, pump: int) -> None:
    placed(house, pump)
    for minutes, expected in ((89, 0), (91, 1), (95, 0)):
        with house.speaking(network_worker()):
            assert service.send_reminders(at=MORNING + timedelta(minutes=minutes)) == expected
    assert house.scalar("SELECT count(*) FROM network.outbox WHERE name = 'LeadOfferReminder'") == 1


def test_at_the_end_of_the_list_the_lead_is_hqs(house: House, pump: int) -> None:
    lead_id = placed(house, pump)
    for dealer in (KAZAN, SIBIR):
        with house.speaking(dealer):
            leads.decline(lead=the_lead(HQ, lead_id), reason="no_capacity", at=MORNING, actor="link")
        house.work()
    with house.speaking(HQ):
        lead = the_lead(HQ, lead_id)
        assert (lead.state, lead.assignee_id, lead.escalated_at is not None) == ("new", None, True)
    assert levels(house, KAZAN) == levels(house, SIBIR) == {pump: (5, 0)}
    assert route(house, lead_id) is None


def test_last_piece_sold_meanwhile_takes_the_next_dealer(
    house: House, pump: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead_id = open_lead(house, HQ, {pump: 5}, MORNING)
    decide = rules.decide

    def sold_meanwhile(*args: object) -> rules.Decision:
        with house.speaking(KAZAN):
            stock.reserve(owner_id=KAZAN, lead_id=uuid.uuid4(), lines=[(pump, 1)])
        return decide(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(rules, "decide", sold_meanwhile)
    assert route(house, lead_id) == SIBIR
    assert house.scalar("SELECT explanation -> 'missed' ->> 0 FROM network.routing_runs") == KAZAN


def test_hq_assigns_by_hand(house: House, pump: int) -> None:
    lead_id = placed(house, pump)
    with house.speaking(hq()):
        passing.ask_assignment(
            lead=the_lead(HQ, lead_id), dealer_id=SIBIR, reason="Просьба клиента", at=MORNING, actor="hq"
        )
    house.work()
    assert [row[:2] for row in house.rows(OFFERED)] == [(KAZAN, "withdrawn"), (SIBIR, "offered")]
    assert (levels(house, KAZAN), levels(house, SIBIR)) == ({pump: (5, 0)}, {pump: (5, 2)})
    with house.speaking(SIBIR):
        assert "Просьба клиента" in [line.text for line in history(the_lead(HQ, lead_id))]


def test_hq_closes_a_lead_nobody_serves(house: House, pump: int) -> None:
    lead_id = placed(house, pump)
    with house.speaking(hq()):
        leads.close(lead=the_lead(HQ, lead_id), reason="changed_mind", at=MORNING, actor="hq")
    house.work()
    assert house.rows(OFFERED) == [(KAZAN, "withdrawn", None)]
    assert levels(house, KAZAN) == {pump: (5, 0)}


def test_owner_closes_a_lead_in_a_dealers_hands_before_it_is_shipped(house: House, pump: int) -> None:
    lead_id = placed(house, pump)
    with house.speaking(KAZAN):
        leads.accept(lead=the_lead(HQ, lead_id), at=MORNING, actor="link")
    with house.speaking(HQ):
        leads.close(lead=the_lead(HQ, lead_id), reason="changed_mind", at=MORNING, actor="customer")
    house.work()
    assert levels(house, KAZAN) == {pump: (5, 0)}
    with house.speaking(KAZAN), pytest.raises(WrongMoment):
        leads.ship(lead=the_lead(HQ, lead_id), at=MORNING, actor="link")


def test_two_accepts_at_once_are_one(house: House, pump: int) -> None:
    lead_id = placed(house, pump)
    outcomes: list[str] = []

    def accept() -> None:
        try:
            with house.speaking(KAZAN):
                leads.accept(lead=the_lead(HQ, lead_id), at=MORNING, actor="link")
            outcomes.append("taken")
        except Refused:
            outcomes.append("refused")

    together(accept, accept)
    assert sorted(outcomes) == ["refused", "taken"]
    assert house.scalar("SELECT count(*) FROM network.outbox WHERE name = 'LeadAccepted'") == 1


def test_dealer_who_was_passed_over_sees_no_contact_and_cannot_act(house: House, pump: int) -> None:
    lead_id = placed(house, pump)
    with house.speaking(KAZAN):
        assert contact_of(the_lead(HQ, lead_id)) is None
        leads.decline(lead=the_lead(HQ, lead_id), reason="price", at=MORNING, actor="link")
    with frozen(MORNING):
        house.work()
    with house.speaking(SIBIR):
        lead = the_lead(HQ, lead_id)
        leads.accept(lead=lead, at=MORNING, actor="link")
        assert contact_of(lead) is not None
    with house.speaking(KAZAN):
        lead = the_lead(HQ, lead_id)
        assert contact_of(lead) is None
        assert db.session.scalars(sa.select(LeadContact.name)).all() == []
        with pytest.raises(TakenByAnother):
            leads.accept(lead=lead, at=MORNING, actor="link")


def test_shipped_and_delivered_reconcile_with_the_stock(house: House, pump: int) -> None:
    lead_id = placed(house, pump)
    with house.speaking(KAZAN):
        lead = the_lead(HQ, lead_id)
        leads.accept(lead=lead, at=MORNING, actor="link")
        leads.ship(lead=lead, at=MORNING, actor="link")
    assert levels(house, KAZAN) == {pump: (3, 0)}
    with house.speaking(KAZAN):
        leads.deliver(lead=the_lead(HQ, lead_id), at=MORNING, actor="link")
    assert levels(house, KAZAN) == {pump: (3, 0)}
    assert house.rows("SELECT state, quantity FROM network.reservations") == [("shipped", 2)]


def test_lead_given_back_goes_on(house: House, pump: int) -> None:
    lead_id = placed(house, pump)
    with house.speaking(KAZAN):
        lead = the_lead(HQ, lead_id)
        leads.accept(lead=lead, at=MORNING, actor="link")
        leads.decline(lead=lead, reason="no_capacity", at=MORNING, actor="link")
    house.work()
    assert [row[:2] for row in house.rows(OFFERED)] == [(KAZAN, "declined"), (SIBIR, "offered")]
    assert levels(house, KAZAN) == {pump: (5, 0)}


def test_every_dealer_reads_his_own_line_and_no_other(house: House, pump: int) -> None:
    lead_id = placed(house, pump)
    with house.speaking(KAZAN):
        (mine,) = queries.explanation_for_me(lead_id)
        assert (mine.is_chosen, mine.told.rank) == (True, 1)
        assert "territory.primary" in [verdict.reason for verdict in mine.told.verdicts]
        raw = db.session.execute(sa.text("SELECT explanation::text FROM network.explain_to_me(:id)"), {"id": lead_id})
        assert SIBIR not in raw.scalar_one()
    with house.speaking(SIBIR):
        (mine,) = queries.explanation_for_me(lead_id)
        assert (mine.is_chosen, mine.told.rank, mine.told.of) == (False, 2, 2)


def test_outcomes_make_the_rating(house: House, pump: int) -> None:
    lead_id = placed(house, pump)
    with house.speaking(KAZAN):
        lead = the_lead(HQ, lead_id)
        leads.accept(lead=lead, at=MORNING + timedelta(minutes=10), actor="link")
        leads.deliver(lead=lead, at=MORNING + timedelta(hours=1), actor="link")
    with house.speaking(HQ):
        leads.confirm(
            lead=the_lead(HQ, lead_id), received=True, satisfaction=5, comment="Спасибо", at=MORNING + timedelta(days=1)
        )
    with frozen(MORNING + timedelta(days=1)):
        house.work()
        with house.speaking(network_worker()):
            rating = service.rate_dealer(dealer_id=KAZAN, at=MORNING + timedelta(days=1))
    assert rating.score > rules.RatingPolicy().prior
    assert house.rows("SELECT stars, reviews FROM network.dealer_ratings") == [(5.0, 1)]


def test_candidates_are_loaded_in_a_fixed_number_of_queries(house: House, pump: int) -> None:
    lead_id = open_lead(house, HQ, {pump: 1}, MORNING)
    with house.speaking(network_worker()):
        demand = queries.demand_of(the_lead(HQ, lead_id), MORNING)
        known_network().grounds(Place(demand.city_id, demand.region_code, demand.lat, demand.lon))  # kept from now on
        seen: list[str] = []
        sa.event.listen(db.engine, "after_cursor_execute", lambda *args: seen.append(args[2]))
        assert len(candidates_for(demand, rules.DEFAULT_PROFILE)) == 2
        assert len(seen) == 3


def together(*functions: object) -> None:
    threads = [threading.Thread(target=function) for function in functions]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
