"""Where dealer and customer differ: found, shown to HQ, asked, answered by one tap, decided."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.clock import frozen, now
from app.kernel.errors import Refused
from app.kernel.identity import hq
from app.kernel.money import Money
from blueprints.leads import customer, disputes, outcome, rules, service
from blueprints.leads.models import STATES
from blueprints.leads.rules_words import CONTRADICTION_WORDS, Words, as_customer_says, contradictions
from tests.blueprints.leads.test_desk_and_links import link_of, queries_of, send, staff_browser
from tests.blueprints.leads.test_outcome import pump, taken  # noqa: F401 (fixtures)
from tests.factories.leads import MORNING, give_stock, hire, the_lead
from tests.house import HQ, KAZAN, House, token_of

STANDS = Words("quote", "accepted", 0, is_called=False)


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    """It is Tuesday, ten in the morning."""
    with frozen(MORNING + timedelta(minutes=5)):
        yield


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (Words("quote", "lost", 0, is_called=True, contacted=True, bought=True), ("lost_but_bought",)),
        (Words("callback", "invalid", 0, is_called=False, contacted=True, bought=True), ("lost_but_bought",)),
        (Words("order", "lost", 100, is_called=False, contacted=True, bought=True), ("lost_but_bought",)),
        (Words("quote", "accepted", 0, is_called=False, contacted=True, bought=True), ("silent_but_bought",)),
        (Words("quote", "won", 5_000_000, is_called=False, contacted=True, bought=False), ("sold_but_not_bought",)),
        (Words("order", "won", 100, is_called=False, received=False), ("delivered_but_missing",)),
        (Words("quote", "won", 5_000_000, is_called=True, contacted=True, bought=True, customer_minor=3_900_000),
         ("other_sum",)),
        (Words("quote", "won", 5_000_000, is_called=True, contacted=True, bought=True, customer_minor=4_000_000), ()),
        (Words("quote", "won", 5_000_000, is_called=True, contacted=True, bought=True), ()),
        (Words("quote", "contacted", 0, is_called=True, contacted=False, bought=False), ("called_but_not",)),
        (Words("quote", "won", 100, is_called=True, contacted=False, bought=False),
         ("sold_but_not_bought", "called_but_not")),
        (Words("order", "won", 100, is_called=False, received=True), ()),
        (STANDS, ()),
    ],
)
def test_what_cannot_both_be_true_is_found(words: Words, codes: tuple[str, ...]) -> None:
    assert contradictions(words) == codes


def some_words() -> st.SearchStrategy[Words]:
    maybe = st.sampled_from((None, True, False))
    return st.builds(
        Words, kind=st.sampled_from(list(rules.KIND_WORDS)), state=st.sampled_from(STATES),
        value_minor=st.integers(0, 10**9), is_called=st.booleans(), received=maybe, contacted=maybe, bought=maybe,
        customer_minor=st.none() | st.integers(1, 10**9),
    )


@given(some_words())
def test_who_says_nothing_contradicts_nobody(words: Words) -> None:
    silent = Words(words.kind, words.state, words.value_minor, words.is_called)
    assert contradictions(silent) == ()


@given(some_words())
def test_when_the_customer_is_right_that_contradiction_is_gone(words: Words) -> None:
    for code in contradictions(words):
        changes = as_customer_says(code, words)
        after = Words(
            kind=words.kind, state=changes.get("state", words.state),
            value_minor=changes.get("value_minor", words.value_minor),
            is_called=words.is_called and "contacted_at" not in changes, received=words.received,
            contacted=words.contacted, bought=words.bought, customer_minor=words.customer_minor,
        )
        assert code not in contradictions(after)


def told(
    house: House, pump: int, dealer: Callable[..., None] | None = None, **said: object  # noqa: F811
) -> uuid.UUID:
    """A lead of which the dealer has told something, and then the customer."""
    lead_id = taken(house, pump)
    if dealer:
        with house.speaking(KAZAN):
            dealer(lead=the_lead(HQ, lead_id), at=now(), actor="link")
    with house.speaking(HQ):
        customer.tell(
            lead=the_lead(HQ, lead_id), at=now(), comment="Сам ездил", satisfaction=3,
            **({"contacted": True, "bought": True, "value": Money(3_000_000)} | said),
        )
    return lead_id


def lose(*, lead: object, at: object, actor: str) -> None:
    service.lose(lead=lead, reason="no_answer", at=at, actor=actor)


def sell(*, lead: object, at: object, actor: str) -> None:
    outcome.win(lead=lead, value=Money(5_000_000), at=at, actor=actor)


STATE = "SELECT state, value_minor, contradiction, settled_at IS NOT NULL FROM network.leads"


def test_hq_asks_and_the_dealer_agrees_by_one_tap(house: House, pump: int) -> None:  # noqa: F811
    hire(house)
    lead_id, browser = told(house, pump, lose), staff_browser(house, HQ)
    page = f"/hq/leads/contradictions/{HQ}/{lead_id}"
    assert "Сам ездил" in browser.get(page).text
    assert str(lead_id) in browser.get("/hq/leads/contradictions").text
    assert send(browser, page, "question").status_code == 302
    house.work()
    assert house.scalar("SELECT count(*) FROM t_000002.mails WHERE template = 'mail/lead_disputed'") == 1
    link, dealer = link_of(house, lead_id), house.visit(KAZAN)
    assert dealer.get(f"{link}/agreement").status_code == 200
    assert house.rows(STATE) == [("lost", 100_000, "lost_but_bought", False)]
    assert send(dealer, link, "agreement").status_code == 302
    assert house.rows(STATE) == [("won", 3_000_000, "lost_but_bought", True)]
    assert str(lead_id) in browser.get("/hq/leads/contradictions?settled=1").text
    assert str(lead_id) not in browser.get("/hq/leads/contradictions").text


def test_the_dealer_stands_by_his_word_and_hq_decides_for_him(house: House, pump: int) -> None:  # noqa: F811
    lead_id, browser = told(house, pump, sell), staff_browser(house, HQ)
    page = f"/hq/leads/contradictions/{HQ}/{lead_id}"
    send(browser, page, "question")
    link, dealer = link_of(house, lead_id), house.visit(KAZAN)
    assert send(dealer, link, "objection", words=" ").status_code == 422
    assert send(dealer, link, "objection", words="Второй счёт на 20 000").status_code == 302
    assert "Второй счёт" in browser.get(page).text
    assert send(browser, page, "settlement", version="dealer", reason="").status_code == 422
    assert send(browser, page, "settlement", version="dealer", reason="Есть счёт").status_code == 302
    assert house.rows(STATE) == [("won", 5_000_000, "other_sum", True)]
    assert "Есть счёт" in house.visit(KAZAN).get(link).text
    assert house.scalar("SELECT count(*) FROM t_000001.audit_log WHERE action = 'leads.settled'") == 1
    assert send(browser, page, "settlement", version="customer", reason="Ещё раз").status_code == 422


def test_hq_puts_the_sum_right(house: House, pump: int) -> None:  # noqa: F811
    lead_id, browser = told(house, pump, sell), staff_browser(house, HQ)
    page = f"/hq/leads/contradictions/{HQ}/{lead_id}"
    wrong = send(browser, page, "settlement", version="customer", reason="Чек", value="дорого")
    assert wrong.status_code == 422 and "дорого" in wrong.text
    assert send(browser, page, "settlement", version="customer", reason="Чек", value="32 500").status_code == 302
    assert house.rows(STATE) == [("won", 3_250_000, "other_sum", True)]


def test_a_sale_nobody_made_is_undone(house: House, pump: int) -> None:  # noqa: F811
    lead_id = told(house, pump, sell, bought=False, value=None)
    with house.speaking(hq()):
        disputes.settle(
            lead=the_lead(HQ, lead_id), is_customer_right=True, value=None, reason="Покупки не было", at=now(),
            actor="staff:x",
        )
    assert house.rows(STATE) == [("lost", 5_000_000, "sold_but_not_bought", True)]
    with house.speaking(KAZAN), pytest.raises(Refused):
        outcome.reopen(lead=the_lead(HQ, lead_id), at=now(), actor="link")


def test_a_dealer_is_asked_once_a_day_and_answers_only_when_asked(house: House, pump: int) -> None:  # noqa: F811
    lead_id = told(house, pump, lose)
    with house.speaking(KAZAN), pytest.raises(Refused):
        disputes.agree(lead=the_lead(HQ, lead_id), at=now(), actor="link")
    with house.speaking(hq()):
        disputes.question(lead=the_lead(HQ, lead_id), at=now(), actor="staff:x")
        with pytest.raises(Refused):
            disputes.question(lead=the_lead(HQ, lead_id), at=now(), actor="staff:x")


def test_the_customer_may_change_his_word_and_the_contradiction_goes(house: House, pump: int) -> None:  # noqa: F811
    lead_id = told(house, pump, lose)
    with house.speaking(HQ):
        customer.tell(lead=the_lead(HQ, lead_id), contacted=True, bought=False, value=None, satisfaction=3,
                      comment=None, at=now())
    assert house.rows(STATE) == [("lost", 100_000, None, False)]


def test_an_order_that_never_came_is_a_contradiction(house: House, pump: int) -> None:  # noqa: F811
    lead_id = taken(house, pump, "order")
    with house.speaking(KAZAN):
        service.deliver(lead=the_lead(HQ, lead_id), at=now(), actor="link")
    with house.speaking(HQ):
        service.confirm(lead=the_lead(HQ, lead_id), received=False, satisfaction=1, comment=None, at=now())
    assert house.rows(STATE) == [("won", 100_000, "delivered_but_missing", False)]


def test_list_of_contradictions_costs_the_same_for_one_and_three(house: House, pump: int) -> None:  # noqa: F811
    browser, counts = staff_browser(house, HQ), []
    for more in (1, 2):
        for _each in range(more):
            give_stock(house, KAZAN, {pump: 50}, MORNING)
            told(house, pump, lose)
        counts.append(queries_of(house, browser, "/hq/leads/contradictions"))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("code", CONTRADICTION_WORDS)
def test_the_dealer_reads_each_in_fair_words(house: House, pump: int, code: str) -> None:  # noqa: F811
    lead_id = told(house, pump, lose)
    house.scalar("UPDATE network.leads SET contradiction = %(code)s, questioned_at = now() RETURNING id", code=code)
    page = house.visit(KAZAN).get(f"{link_of(house, lead_id)}?lang=en").text
    assert "A question about this lead" in page and token_of(page)
