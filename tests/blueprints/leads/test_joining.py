"""The same person asking again: joined to his open lead, told once, parted and joined by hand."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from app.kernel.clock import frozen, now
from app.kernel.db import db
from app.kernel.identity import hq
from app.kernel.ids import HQ
from blueprints.leads import joining, service
from blueprints.leads.errors import WrongMoment
from blueprints.leads.intake import Asking, Taken, take
from blueprints.leads.models import LeadMessage
from blueprints.leads.queries import Contact, contact_of
from blueprints.leads.service import Wish
from blueprints.routing import profiles
from tests.blueprints.accounts.conftest import People
from tests.factories.leads import KAZAN_CITY, MORNING, hire, open_lead, the_lead
from tests.house import KAZAN, SIBIR, House

ANNA = Contact("Анна", phone="+79161234567", email="Anna@Example.ru", comment="Какой котёл на 120 м²?")


def ask(
    house: House, owner: str, contact: Contact = ANNA, kind: str = "question", at: datetime = MORNING, **wish: str
) -> Taken:
    with house.speaking(owner):
        asking = Asking(kind=kind, source="form", contact=contact, city_id=KAZAN_CITY, wish=Wish(**wish))
        taken = take(asking, at=at)
        return taken._replace(lead=taken.lead.id, written=taken.written.id)


def leads(house: House) -> list[tuple[object, ...]]:
    return house.rows("SELECT kind, state, joined_to IS NOT NULL, asked FROM network.leads ORDER BY created_at, number")


@pytest.mark.parametrize("owner", [HQ, KAZAN])
def test_second_asking_of_one_person_is_joined_and_told_in_words(house: House, owner: str) -> None:
    first = ask(house, owner)
    again = ask(house, owner, replace(ANNA, email=None, comment="И сколько стоит монтаж?"), "installation")
    assert (again.lead, again.is_new) == (first.lead, False)
    state = "new" if owner == HQ else "accepted"
    assert leads(house) == [("question", state, False, 2), ("installation", "invalid", True, 1)]
    assert house.rows("SELECT author, body FROM network.lead_messages") == [
        ("customer", "И сколько стоит монтаж?")
    ]


def test_mail_address_alone_tells_the_person_whatever_its_case(house: House) -> None:
    first = ask(house, HQ)
    again = ask(house, HQ, Contact("А.", email="anna@example.RU", comment="Ещё вопрос"))
    assert again.lead == first.lead


def test_another_person_another_tenant_a_closed_or_old_lead_are_not_joined(house: House) -> None:
    first = ask(house, KAZAN)
    assert ask(house, KAZAN, replace(ANNA, phone="+79160000000", email=None)).is_new
    assert ask(house, SIBIR).is_new
    with house.speaking(KAZAN):
        service.lose(lead=the_lead(KAZAN, first.lead), reason="other", at=MORNING, actor="t")
    assert ask(house, KAZAN).is_new
    assert not ask(house, KAZAN, at=MORNING + timedelta(days=13)).is_new
    assert ask(house, KAZAN, at=MORNING + timedelta(days=15)).is_new


def test_order_is_never_joined_and_nothing_is_joined_to_an_order(house: House) -> None:
    open_lead(house, KAZAN, {}, at=MORNING)
    assert ask(house, KAZAN).is_new
    assert ask(house, KAZAN, kind="order").is_new


def test_second_bid_of_a_dealer_picked_anew_is_a_lead_of_its_own(house: House) -> None:
    assert ask(house, HQ, preferred_id=KAZAN).is_new
    assert ask(house, HQ, preferred_id=SIBIR).is_new
    assert not ask(house, HQ, preferred_id=KAZAN).is_new
    assert house.rows("SELECT DISTINCT preferred_id FROM network.leads ORDER BY 1") == [(KAZAN,), (SIBIR,)]


def test_same_words_twice_are_said_once(house: House) -> None:
    address = hire(house)
    ask(house, KAZAN)
    house.work()
    for _time in range(3):
        ask(house, KAZAN, replace(ANNA, comment=None), "callback")
    house.work()
    assert house.scalar("SELECT count(*) FROM network.lead_messages") == 1
    assert house.scalar("SELECT max(asked) FROM network.leads") == 4
    mails = house.rows(f"SELECT template FROM {KAZAN}.mails WHERE to_address = %(to)s ORDER BY 1", to=address)
    assert mails == [("mail/lead_own",), ("mail/lead_question",)]


def test_external_id_brings_the_same_lead(house: House) -> None:
    first = ask(house, HQ, external_id="crm-7")
    again = ask(house, HQ, replace(ANNA, phone="+79169999999", email=None), external_id="crm-7")
    assert (again.lead, again.is_known) == (first.lead, True)
    assert ask(house, KAZAN, external_id="crm-7").is_new, "each tenant counts by himself"
    joined = ask(house, HQ, external_id="crm-8")
    assert ask(house, HQ, external_id="crm-8") == replace_known(joined)


def replace_known(taken: Taken) -> Taken:
    return taken._replace(is_known=True)


def test_dealer_is_offered_one_lead_for_one_person(house: House) -> None:
    with frozen(MORNING):
        first = ask(house, HQ)
        house.work()
        ask(house, HQ, replace(ANNA, comment="Ау"))
        house.work()
    assert house.rows("SELECT dealer_id FROM network.lead_offers") == [(KAZAN,)]
    with house.speaking(KAZAN):
        assert list(db.session.scalars(sa.select(LeadMessage.body))) == [], "nobody reads them before he has the lead"
        service.accept(lead=the_lead(HQ, first.lead), at=MORNING, actor="staff:1")
        assert list(db.session.scalars(sa.select(LeadMessage.body))) == ["Ау"]


def test_parted_lead_of_hq_looks_for_a_dealer_again(house: House) -> None:
    first = ask(house, HQ)
    ask(house, HQ, replace(ANNA, comment="Другое"))
    with house.speaking(hq()):
        (joined,) = joining.joined_to(the_lead(HQ, first.lead))
        joining.part(lead=joined, at=now(), actor="staff:1")
        assert (joined.state, joined.joined_to, the_lead(HQ, first.lead).asked) == ("new", None, 1)
    assert house.rows("SELECT count(*) FROM network.outbox WHERE name = 'LeadOpened'") == [(2,)]


def test_two_leads_are_joined_by_hand_and_the_waiting_offer_ends(house: House) -> None:
    with frozen(MORNING):
        first = ask(house, HQ, preferred_id=SIBIR)
        second = ask(house, HQ, preferred_id=KAZAN)
        house.work()
        with house.speaking(hq()):
            lead, into = the_lead(HQ, second.lead), the_lead(HQ, first.lead)
            assert [one.id for one in joining.likely(lead, contact_of(lead))] == [first.lead]
            joining.join(lead=lead, into=into, contact=contact_of(lead), at=now(), actor="staff:1")
            assert (lead.state, into.asked) == ("invalid", 2)
        house.work()
    assert house.rows("SELECT dealer_id, state FROM network.lead_offers ORDER BY 1") == [
        (KAZAN, "withdrawn"), (SIBIR, "offered"),
    ]


def test_lead_a_dealer_works_on_is_not_joined_by_hand(house: House) -> None:
    with frozen(MORNING):
        first, second = ask(house, HQ, preferred_id=SIBIR), ask(house, HQ, preferred_id=KAZAN)
        house.work()
        with house.speaking(KAZAN):
            service.accept(lead=the_lead(HQ, second.lead), at=now(), actor="staff:2")
        with house.speaking(hq()), pytest.raises(WrongMoment):
            lead, into = the_lead(HQ, second.lead), the_lead(HQ, first.lead)
            joining.join(lead=lead, into=into, contact=None, at=now(), actor="staff:1")


def test_dealer_sees_no_others_lead_of_the_same_person(house: House) -> None:
    with frozen(MORNING):
        ask(house, HQ, preferred_id=SIBIR)
        own = ask(house, KAZAN)
        house.work()
        with house.speaking(KAZAN):
            lead = the_lead(KAZAN, own.lead)
            assert joining.likely(lead, contact_of(lead)) == []


def test_customer_who_picked_a_dealer_is_offered_to_him_first(house: House) -> None:
    with frozen(MORNING):
        ask(house, HQ, preferred_id=SIBIR)
        house.work()
    assert house.rows("SELECT dealer_id FROM network.lead_offers") == [(SIBIR,)]


def test_preferred_dealer_must_be_one(house: House) -> None:
    ask(house, HQ, preferred_id=str(uuid.uuid4()))
    ask(house, KAZAN, preferred_id=SIBIR)
    assert house.rows("SELECT preferred_id FROM network.leads") == [(None,), (None,)]


def test_joined_lead_is_called_joined_everywhere_and_is_no_sample_of_the_rules(house: House) -> None:
    with frozen(MORNING):
        first, again = ask(house, HQ), ask(house, HQ, kind="installation", at=MORNING + timedelta(minutes=1))
    with house.speaking(hq()):
        number = the_lead(HQ, first.lead).number
        (joined,) = joining.joined_to(the_lead(HQ, again.lead))
        assert joined.head is the_lead(HQ, first.lead)
        assert [one.id for one in profiles.recent_leads()] == [first.lead]
        path = f"/hq/leads/{HQ}/{joined.id}"
    people = People(house)
    people.staff("vera", "clerk", HQ)
    browser = people.sign_in("vera", HQ)
    for page in (browser.get(each + "?lang=ru").text.partition("<main")[2] for each in ("/hq/leads", path)):
        assert f"Присоединена к № {number}" in page and "0 ₽" not in page.replace("\xa0", " ")
    assert browser.get(path).text.count('data-tone="info">Присоединена к №') == 1
