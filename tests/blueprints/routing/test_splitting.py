"""An order nobody has all of is served by several dealers: parts that add up, stock taken once, each on its own way."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable

import pytest

from app.kernel.clock import frozen
from app.kernel.db import db
from app.kernel.identity import hq, network_worker
from app.kernel.ids import new_id
from app.kernel.money import Money
from blueprints.leads import joining
from blueprints.leads import service as leads
from blueprints.leads.models import Lead
from blueprints.leads.parts import other_parts_of, parts_of
from blueprints.leads.queries import contact_of, history
from blueprints.routing import profiles, queries, service
from tests.factories.leads import CUSTOMER, KAZAN_CITY, MORNING, add_products, give_stock, hire, levels, line, the_lead
from tests.house import HQ, KAZAN, SIBIR, House

PARTS = "SELECT part, number, state, assignee_id, value_minor FROM network.leads ORDER BY part"


@pytest.fixture
def goods(house: House) -> tuple[int, int, int]:
    """Kazan has pumps and pipes, Novosibirsk boilers and pipes; orders may go to two dealers."""
    pump, boiler, pipe = add_products(house, 3)
    give_stock(house, KAZAN, {pump: 5, pipe: 3}, MORNING)
    give_stock(house, SIBIR, {boiler: 5, pipe: 4}, MORNING)
    allow(house, max_split=2)
    return pump, boiler, pipe


def allow(house: House, *, partial: str = "exclude", **split: object) -> None:
    """Rules in force: the nearest, split so."""
    definition = {"name": "n", "strategies": [{
        "name": "orders", "priority": 1, "conditions": {}, "fallback": None, "split": split,
        "criteria": [{"code": "stock_now", "params": {"partial": partial}}, {"code": "distance", "params": {}}],
    }]}
    with house.speaking(hq()):
        row = profiles.draft(definition=definition, author="staff:" + str(uuid.uuid4()), at=MORNING)
        profiles.activate(version=row.version, at=MORNING)


def order(house: House, lines: dict[int, int], number: str = "1-1042") -> uuid.UUID:
    """An order on the brand's site, a thousand roubles a piece, looking for its dealers; answers its first lead."""
    with house.speaking(HQ):
        lead = leads.open_lead(
            kind="order", source="brand_site", campaign=None, city_id=KAZAN_CITY, number=number, order_id=new_id(),
            lines=[line(product, many) for product, many in lines.items()], locale="ru", at=MORNING,
            value=Money(100_000 * sum(lines.values())), contact=CUSTOMER, delivery_method="courier",
        )
        lead_id = lead.id
    return lead_id


def route(house: House, lead_id: uuid.UUID) -> str | None:
    with house.speaking(network_worker()):
        return service.route(owner_id=HQ, lead_id=lead_id, at=MORNING)


def other_part(house: House, part: int = 2) -> uuid.UUID:
    return uuid.UUID(str(house.scalar("SELECT id FROM network.leads WHERE part = %(part)s", part=part)))


def test_each_part_is_a_lead_with_its_dealer_its_goods_and_its_stock(
    house: House, goods: tuple[int, int, int]
) -> None:
    pump, boiler, pipe = goods
    assert route(house, order(house, {pump: 2, boiler: 1})) == KAZAN
    assert house.rows(PARTS) == [
        (1, "1-1042", "offered", KAZAN, 200_000), (2, "1-1042/2", "offered", SIBIR, 100_000),
    ]
    assert levels(house, KAZAN) == {pump: (5, 2), pipe: (3, 0)}
    assert levels(house, SIBIR) == {boiler: (5, 1), pipe: (4, 0)}
    assert house.rows("SELECT dealer_id, lead_id FROM network.lead_offers WHERE state = 'offered' AND dealer_id = "
                      "'t_000003'") == [(SIBIR, other_part(house))]


def test_a_dealer_sees_his_part_and_the_customer_once_he_took_it_and_nothing_of_the_others(
    house: House, goods: tuple[int, int, int]
) -> None:
    pump, boiler, _pipe = goods
    first = order(house, {pump: 2, boiler: 1})
    route(house, first)
    with house.speaking(SIBIR):
        part = the_lead(HQ, other_part(house))
        assert [one["product_id"] for one in part.lines] == [boiler] and db.session.get(Lead, (HQ, first)) is None
        assert contact_of(part) is None and parts_of(part) == ()
        leads.accept(lead=part, at=MORNING, actor="link")
        contact = contact_of(part)
        assert contact and contact.phone == CUSTOMER.phone
        assert "2" in [one.text for one in history(part)][0]
        (told,) = queries.explanation_for_me(part.id)
        assert told.is_chosen and told.told.is_split
    assert house.scalar("SELECT state FROM network.leads WHERE part = 1") == "offered"


def test_a_part_that_is_refused_looks_on_alone(house: House, goods: tuple[int, int, int]) -> None:
    pump, boiler, _pipe = goods
    first = order(house, {pump: 2, boiler: 1})
    route(house, first)
    with house.speaking(KAZAN):
        leads.accept(lead=the_lead(HQ, first), at=MORNING, actor="link")
    give_stock(house, KAZAN, {boiler: 1}, MORNING)
    with house.speaking(SIBIR):
        leads.decline(lead=the_lead(HQ, other_part(house)), reason="too_far", at=MORNING, actor="link")
    hire(house, KAZAN)
    with frozen(MORNING):
        house.work()
    assert [row[2:4] for row in house.rows(PARTS)] == [("accepted", KAZAN), ("offered", KAZAN)]
    assert levels(house, SIBIR)[boiler] == (5, 0) and levels(house, KAZAN)[boiler] == (1, 1)
    assert_parts_know_each_other(house, first, other_part(house))


def assert_parts_know_each_other(house: House, first: uuid.UUID, second: uuid.UUID) -> None:
    """Who has two parts of an order reads so in the mail and on each page; nobody takes them for strangers."""
    with house.speaking(KAZAN):
        parts = [the_lead(HQ, first), the_lead(HQ, second)]
        assert other_parts_of(parts) == {first: [parts[1]], second: [parts[0]]}
        assert joining.likely(parts[0], contact_of(parts[0])) == []
    with house.speaking(SIBIR):
        assert other_parts_of([the_lead(HQ, second)]) == {second: []}
    with house.speaking(hq()):
        assert joining.likely(the_lead(HQ, first), contact_of(the_lead(HQ, first))) == []
    (params,) = [row[0] for row in house.rows(f"SELECT params FROM {KAZAN}.mails WHERE template = 'mail/lead_offer'")]
    assert (params["number"], params["also"]) == ("1-1042/2", ["1-1042"])


def test_what_nobody_has_is_a_part_that_waits_for_hq(house: House, goods: tuple[int, int, int]) -> None:
    pump, _boiler, pipe = goods
    route(house, order(house, {pump: 2, pipe: 9}))
    assert house.rows(PARTS) == [
        (1, "1-1042", "offered", KAZAN, 200_000), (2, "1-1042/2", "new", None, 900_000),
    ]
    assert house.scalar("SELECT escalated_at IS NOT NULL FROM network.leads WHERE part = 2")


def test_a_line_is_divided_where_allowed_and_what_is_owed_is_said(
    house: House, goods: tuple[int, int, int]
) -> None:
    pump, _boiler, pipe = goods
    allow(house, max_split=2, may_divide_line=True, rest="backorder")
    route(house, order(house, {pump: 1, pipe: 8}))
    assert house.rows(PARTS) == [
        (1, "1-1042", "offered", KAZAN, 500_000), (2, "1-1042/2", "offered", SIBIR, 400_000),
    ]
    assert (levels(house, KAZAN)[pipe], levels(house, SIBIR)[pipe]) == ((3, 3), (4, 4))
    assert house.rows("SELECT data -> 'missing' -> 0 ->> 'quantity' FROM network.lead_events e JOIN network.leads l"
                      " ON l.id = e.lead_id WHERE e.kind = 'offered' ORDER BY part") == [("1",), (None,)]


def test_who_has_a_part_only_gets_that_reserved_and_reads_what_is_missing(
    house: House, goods: tuple[int, int, int]
) -> None:
    pump, boiler, _pipe = goods
    allow(house, partial="rank")
    lead_id = order(house, {pump: 7})
    route(house, lead_id)
    assert levels(house, KAZAN)[pump] == (5, 5)
    with house.speaking(KAZAN):
        told = [one.text for one in history(the_lead(HQ, lead_id))]
    assert any("2" in one and f"{pump}" in one for one in told)


def test_two_orders_for_the_last_pieces_are_split_once(house: House, goods: tuple[int, int, int]) -> None:
    pump, boiler, pipe = goods
    give_stock(house, KAZAN, {pump: 1, pipe: 0}, MORNING)
    give_stock(house, SIBIR, {boiler: 1, pipe: 0}, MORNING)
    orders = [order(house, {pump: 1, boiler: 1}, number=f"1-{count}") for count in range(4)]
    together(*(lambda one=one: route(house, one) for one in orders))
    assert (levels(house, KAZAN)[pump], levels(house, SIBIR)[boiler]) == ((1, 1), (1, 1))
    assert house.scalar("SELECT count(*) FROM network.leads WHERE state = 'offered'") == 2
    assert house.scalar("SELECT count(DISTINCT order_id) FROM network.leads WHERE state = 'offered'") == 1
    assert house.scalar("SELECT sum(value_minor) FROM network.leads") == 4 * 200_000
    assert house.scalar("SELECT sum(quantity) FROM network.reservations WHERE state = 'held'") == 2


def test_the_customer_is_told_plainly(house: House, goods: tuple[int, int, int]) -> None:
    pump, boiler, _pipe = goods
    route(house, order(house, {pump: 2, boiler: 1}))
    house.work()
    sent = house.rows(f"SELECT template, params FROM {HQ}.mails WHERE to_address = %(to)s", to=CUSTOMER.email)
    (params,) = [params for template, params in sent if template == "mail/lead_split"]
    assert [part["number"] for part in params["parts"]] == ["1-1042", "1-1042/2"]


def together(*acts: Callable[[], object]) -> None:
    """All at the same moment."""
    gate, broken = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        gate.wait()
        try:
            act()
        except Exception as error:
            broken.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert broken == []
