"""Dealers are asked for news by one tap, customers how it went; nobody too often, nobody at night."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from app.kernel.clock import frozen, now
from app.kernel.errors import Refused
from app.kernel.identity import network_worker
from app.kernel.money import Money
from app.web.mail import compose
from app.web.models import Mail
from blueprints.leads import asking, customer, outcome, rules, service
from blueprints.leads.letters import facts_of, feedback_link
from blueprints.routing.following import follow_up
from blueprints.routing.rules import WorkingHours, after_working_days
from tests.blueprints.leads.test_desk_and_links import feedback, link_of, path, send
from tests.blueprints.leads.test_outcome import pump, taken, wish  # noqa: F401 (fixtures)
from tests.factories.leads import MORNING, give_stock, hire, open_lead, the_lead
from tests.house import HQ, KAZAN, House, sa, token_of

WEEK = WorkingHours.from_dict({
    "weekly": {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}, "holidays": "RU",
})


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    """It is Tuesday, ten in the morning."""
    with frozen(MORNING + timedelta(minutes=5)):
        yield


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        (datetime(2026, 6, 2, 10, tzinfo=UTC), 2, datetime(2026, 6, 4, 6, tzinfo=UTC)),
        (datetime(2026, 6, 5, 10, tzinfo=UTC), 1, datetime(2026, 6, 8, 6, tzinfo=UTC)),
        (datetime(2026, 6, 11, 10, tzinfo=UTC), 1, datetime(2026, 6, 15, 6, tzinfo=UTC)),  # the 12th is a holiday
    ],
)
def test_working_days_skip_the_week_end_and_holidays(start: datetime, days: int, expected: datetime) -> None:
    assert after_working_days(start, days, WEEK) == expected


def ask(house: House, at: datetime) -> int:
    with frozen(at), house.speaking(network_worker()):
        return follow_up(at=at)


def days(number: float) -> datetime:
    return MORNING + timedelta(days=number)


def asked(house: House) -> list[tuple[object, ...]]:
    return house.rows("SELECT jsonb_array_length(params -> 'leads') FROM t_000002.mails"
                      " WHERE template = 'mail/lead_news' ORDER BY id")


def test_a_silent_dealer_is_asked_three_times_and_then_left_alone(house: House, pump: int) -> None:  # noqa: F811
    hire(house)
    taken(house, pump)
    times = [n for n in range(40) if ask(house, days(n))]
    assert times[0] == 2
    assert len(times) == 3
    assert all(later - earlier >= 7 for earlier, later in zip(times, times[1:], strict=False))
    house.work()
    assert asked(house) == [(1,), (1,), (1,)]


def test_nobody_is_asked_at_night(house: House, pump: int) -> None:  # noqa: F811
    taken(house, pump)
    assert ask(house, MORNING) == 0
    assert ask(house, days(2) + timedelta(hours=14)) == 0
    assert ask(house, days(3)) == 1


def test_news_and_a_pause_put_the_question_off(house: House, pump: int) -> None:  # noqa: F811
    lead_id = taken(house, pump)
    ask(house, MORNING)
    with frozen(days(1)), house.speaking(KAZAN):
        outcome.contact(lead=the_lead(HQ, lead_id), at=now(), actor="link")
    ask(house, days(1))
    assert ask(house, days(2)) == 0
    assert ask(house, days(3)) == 1
    with frozen(days(3)), house.speaking(KAZAN):
        outcome.pause(lead=the_lead(HQ, lead_id), at=now(), actor="link")
    assert [n for n in range(4, 25) if ask(house, days(n))] == [17, 24]


def test_many_leads_in_hand_make_one_letter(house: House, pump: int) -> None:  # noqa: F811
    hire(house)
    give_stock(house, KAZAN, {pump: 50}, MORNING)
    for _each in range(4):
        taken(house, pump)
        give_stock(house, KAZAN, {pump: 50}, MORNING)
    ask(house, MORNING)
    with frozen(days(1)), house.speaking(KAZAN):
        held = house.rows("SELECT id FROM network.leads ORDER BY id LIMIT 1")
        outcome.pause(lead=the_lead(HQ, uuid.UUID(str(held[0][0]))), at=now(), actor="link")
    assert ask(house, days(2)) == 1
    assert ask(house, days(2)) == 0
    house.work()
    assert asked(house) == [(4,)]


@pytest.mark.parametrize("noun", ["contact", "attempt", "quote", "sale", "loss", "invalidation", "pause", "acceptance"])
def test_a_step_of_a_mail_changes_nothing_until_it_is_pressed(house: House, pump: int, noun: str) -> None:  # noqa: F811
    lead_id = taken(house, pump)
    link, browser = link_of(house, lead_id), house.visit(KAZAN)
    before = house.rows("SELECT * FROM network.leads")
    for _each in range(2):
        assert browser.get(f"{link}/{noun}").status_code == 200
        assert browser.head(f"{link}/{noun}").status_code == 200
    assert house.rows("SELECT * FROM network.leads") == before


def test_one_tap_and_one_field_from_the_mail(house: House, pump: int) -> None:  # noqa: F811
    lead_id = taken(house, pump)
    link, browser = link_of(house, lead_id), house.visit(KAZAN)
    token = token_of(browser.get(f"{link}/sale").text)
    wrong = browser.post(f"{link}/sale", data={"csrf_token": token, "sum": "много", "from": "step"})
    assert wrong.status_code == 422
    assert "много" in wrong.text and 'name="from"' in wrong.text
    right = browser.post(f"{link}/sale", data={"csrf_token": token, "sum": "50 000", "from": "step"})
    assert right.status_code == 302
    assert house.rows("SELECT state, value_minor FROM network.leads") == [("won", 5_000_000)]
    assert 'name="sum"' not in browser.get(f"{link}/sale").text
    assert send(browser, link, "pause").status_code == 302
    assert house.scalar("SELECT count(*) FROM network.lead_events WHERE kind = 'paused'") == 0


def ask_customers(house: House, at: datetime) -> int:
    house.work()
    with frozen(at), house.speaking(network_worker()):
        asked = asking.ask_customers(at=at)
    house.work()
    return asked


def test_a_customer_is_asked_once_and_once_more(house: House, pump: int) -> None:  # noqa: F811
    taken(house, pump)
    times = [n for n in range(60) if ask_customers(house, days(n))]
    assert times == [6, 13]
    assert house.rows("SELECT params -> 'is_talk', params -> 'is_reminder' FROM t_000001.mails"
                      " WHERE template = 'mail/lead_asked' ORDER BY id") == [(True, False), (True, True)]


def test_the_customer_of_an_order_is_asked_when_the_dealer_says_nothing(house: House, pump: int) -> None:  # noqa: F811
    taken(house, pump, "order")
    assert [n for n in range(60) if ask_customers(house, days(n))] == [15, 22]


def test_after_delivery_there_is_one_reminder(house: House, pump: int) -> None:  # noqa: F811
    lead_id = taken(house, pump, "order")
    with house.speaking(KAZAN):
        service.deliver(lead=the_lead(HQ, lead_id), at=now(), actor="link")
    assert [n for n in range(60) if ask_customers(house, days(n))] == [8]


def test_who_answered_or_wants_peace_is_not_asked(house: House, pump: int) -> None:  # noqa: F811
    first, second = taken(house, pump), wish(house, HQ, "question")
    with house.speaking(HQ):
        link = path(feedback_link(the_lead(HQ, first)))
    browser = house.visit(HQ)
    assert browser.get(f"{link}/quiet").status_code == 200
    assert house.scalar("SELECT count(customer_quiet_at) FROM network.leads") == 0
    browser.post(f"{link}/quiet", data={"csrf_token": token_of(browser.get(f"{link}/quiet").text)})
    assert house.scalar("SELECT count(customer_quiet_at) FROM network.leads") == 2
    assert [n for n in range(60) if ask_customers(house, days(n))] == []
    assert second != first


def test_the_customers_word_on_a_talk_is_kept_and_moves_nothing(house: House, pump: int) -> None:  # noqa: F811
    lead_id = taken(house, pump)
    with house.speaking(HQ):
        link = path(feedback_link(the_lead(HQ, lead_id)))
    browser = house.visit(HQ)
    wrong = feedback(browser, link, contacted="yes", bought="yes", value="дорого", comment="Спасибо")
    assert wrong.status_code == 422 and "дорого" in wrong.text and "Спасибо" in wrong.text
    assert feedback(browser, link, contacted="yes").status_code == 422
    done = feedback(browser, link, contacted="yes", bought="yes", value="48 000", stars="4", comment="Спасибо")
    assert done.status_code == 302
    assert "48" in browser.get(link).text
    assert house.rows(
        "SELECT state, customer_contacted, customer_bought, customer_value_minor, satisfaction, contradiction"
        " FROM network.leads"
    ) == [("accepted", True, True, 4_800_000, 4, "silent_but_bought")]
    with house.speaking(KAZAN):
        outcome.win(lead=the_lead(HQ, lead_id), value=Money(5_000_000), at=now(), actor="link")
    assert house.rows("SELECT state, contradiction, contradicted_at FROM network.leads") == [("won", None, None)]
    with frozen(days(9)), house.speaking(HQ), pytest.raises(Refused):
        customer.tell(lead=the_lead(HQ, lead_id), contacted=True, bought=False, value=None, satisfaction=None,
                      comment=None, at=now())


@pytest.mark.parametrize("template", ["lead_news", "lead_asked", "lead_disputed"])
@pytest.mark.parametrize("locale", ["ru", "en"])
@pytest.mark.parametrize("is_talk", [True, False])
def test_letters_can_be_worded(house: House, pump: int, template: str, locale: str, is_talk: bool) -> None:  # noqa: F811
    lead_id = open_lead(house, HQ, {pump: 1}, MORNING)
    with house.speaking(HQ):
        facts = facts_of(the_lead(HQ, lead_id), locale) | {
            "customer": "Анна", "since": "2 июня", "link": "http://x", "steps": ["contact", "sale"],
        }
        params = facts | {
            "leads": [facts] * (1 if is_talk else 2), "feedback": "http://z", "quiet": "http://q", "is_talk": is_talk,
            "is_reminder": is_talk, "code": "other_sum", "dealer": {"name": "Тепло", "phone": "+7", "address": None},
        }
        message = compose(Mail(
            to_address="a@example.ru", template=f"mail/{template}", locale=locale, params=params, created_at=now()
        ))
    assert ("а" in message["Subject"].lower()) == (locale == "ru")
    text = message.get_body(("plain",)).get_content()
    links = {"lead_news": "http://x/sale", "lead_asked": "http://q", "lead_disputed": "http://x/objection"}
    assert links[template] in text


@pytest.mark.parametrize("state", ["new", "offered", "accepted", "won", "lost", "invalid"])
def test_who_is_asked(state: str) -> None:
    asked = rules.may_ask_customer(
        state=state, invalid_reason="spam" if state == "invalid" else None, has_answered=False, is_quiet=False,
        asks=0, most=2,
    )
    assert asked == (state in ("accepted", "won", "lost"))


__all__ = ["sa"]
