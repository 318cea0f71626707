"""HQ's rehearsals: begun at the desk, run by a process, shown, decided upon; and what they are loaded from."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.commands import routing as command
from app.kernel.clock import frozen
from app.kernel.identity import hq, network_worker
from blueprints.catalog import stock_history
from blueprints.leads import service as leads
from blueprints.routing import profiles
from blueprints.routing import service as routing
from blueprints.routing.rehearsal import jobs, loading, service
from blueprints.routing.rules.rehearsal import replay
from tests.blueprints.accounts.conftest import People
from tests.factories.leads import MORNING, add_products, give_stock, open_lead, the_lead
from tests.house import HQ, KAZAN, SIBIR, Browser, House, token_of

LATER = MORNING + timedelta(days=2)
STATE = "SELECT state FROM network.rehearsals"


@pytest.fixture
def pump(house: House) -> int:
    (pump,) = add_products(house, 1)
    for dealer in (KAZAN, SIBIR):
        give_stock(house, dealer, {pump: 50}, MORNING - timedelta(hours=1))
    house.rows("UPDATE network.tenants SET activated_at = %(at)s WHERE kind = 'dealer' RETURNING 1",
               at=MORNING - timedelta(days=400))
    return pump


@pytest.fixture
def past(house: House, pump: int) -> list[uuid.UUID]:
    """Six leads of a Tuesday: Kazan declines every third, and then Novosibirsk takes it."""
    found = []
    for number in range(6):
        at = MORNING + timedelta(minutes=40 * number)
        lead_id = open_lead(house, HQ, {pump: 2}, at)
        found.append(lead_id)
        place(house, lead_id, at)
        if number % 3:
            answer(house, KAZAN, lead_id, at + timedelta(minutes=10), is_accepted=True)
        else:
            answer(house, KAZAN, lead_id, at + timedelta(minutes=10), is_accepted=False)
            place(house, lead_id, at + timedelta(minutes=10))
            answer(house, SIBIR, lead_id, at + timedelta(minutes=15), is_accepted=True)
    return found


@pytest.fixture
def boss(house: House, past: list[uuid.UUID]) -> Iterator[Browser]:
    """HQ's manager two days later, with a draft by geography, which is version 2."""
    people = People(house)
    people.staff("vera", "manager", HQ)
    with frozen(LATER):
        browser = people.sign_in("vera", HQ)
        post(browser, "/hq/routing", begin="geography")
        yield browser


def place(house: House, lead_id: uuid.UUID, at: datetime) -> None:
    with house.speaking(network_worker()):
        routing.route(owner_id=HQ, lead_id=lead_id, at=at)


def answer(house: House, dealer: str, lead_id: uuid.UUID, at: datetime, *, is_accepted: bool) -> None:
    with house.speaking(dealer):
        if is_accepted:
            leads.accept(lead=the_lead(HQ, lead_id), at=at, actor=dealer)
        else:
            leads.decline(lead=the_lead(HQ, lead_id), reason="no_capacity", at=at, actor=dealer)


def post(browser: Browser, path: str, **form: Any) -> Any:
    token = token_of(browser.get("/hq/routing?lang=ru").text)
    return browser.post(path, data={"csrf_token": token, **form})


def begun(browser: Browser, version: int = 2) -> str:
    """Path of a rehearsal just asked for."""
    answered = post(browser, f"/hq/routing/{version}/rehearsals", days="30")
    assert answered.status_code == 302
    return str(answered.headers["Location"])


def worked(house: House) -> None:
    """What the duty and its process would do."""
    with house.speaking(network_worker()):
        rehearsal_id = service.hand_out(at=LATER)
    assert rehearsal_id is not None
    run(house, rehearsal_id)


def run(house: House, rehearsal_id: uuid.UUID) -> None:
    from app.kernel.identity import speaking_as

    with house.worker.app_context(), speaking_as(network_worker()):
        service.run(rehearsal_id)


def test_the_rules_of_then_repeat_what_happened(house: House, past: list[uuid.UUID]) -> None:
    with house.speaking(network_worker()):
        profile = routing.ensure_profile(at=LATER).profile
        told = loading.load_history(MORNING - timedelta(days=1), LATER, asks_stock=True)
        result = replay(told, [profile])
    assert [course.dealer_id for course in result.courses[0]] == [SIBIR, KAZAN, KAZAN] * 2
    assert [course.wait for course in result.courses[0]] == [15, 10, 10] * 2
    assert result.answers == {"real": 8, "drawn": 0}
    assert set(result.stock) == {"reported"}


def test_a_rehearsal_goes_from_the_desk_to_a_decision(house: House, boss: Browser) -> None:
    path = begun(boss)
    assert "Ждёт" in boss.get(path).text
    worked(house)
    page = boss.get(path).text
    assert "Тепло Казань" in page and "Что было" in page
    assert "в сравнении с версией 1, которая действует сейчас" in page and "по версии 2 «" in page
    assert post(boss, f"{path}/decision", decision="activated", note=" ").status_code == 422
    assert post(boss, f"{path}/decision", decision="activated", note="Ближе к людям").status_code == 302
    (kept,) = house.rows("SELECT state, done, decision, decision_note, version, against FROM network.rehearsals")
    assert kept == ("done", 6, "activated", "Ближе к людям", 2, 1)
    versions = house.rows("SELECT version, state FROM network.sourcing_profiles ORDER BY 1")
    assert versions == [(1, "retired"), (2, "active")]
    assert house.scalar("SELECT note FROM network.sourcing_profiles WHERE version = 2") == "Ближе к людям"
    page = boss.get(path).text
    assert "Ближе к людям" in page and "в сравнении с версией 1, которая действовала при репетиции" in page
    actions = house.rows(f"SELECT action FROM {HQ}.audit_log WHERE action LIKE 'routing.%%' ORDER BY number")
    assert [one for (one,) in actions] == [
        "routing.drafted", "routing.rehearsed", "routing.activated", "routing.decided"
    ]
    assert post(boss, f"{path}/decision", decision="activated", note="Ещё раз").status_code == 422


def test_a_draft_thrown_away_by_decision_leaves_its_rehearsal(house: House, boss: Browser) -> None:
    path = begun(boss)
    worked(house)
    assert post(boss, f"{path}/decision", decision="discarded").status_code == 302
    assert house.rows("SELECT version FROM network.sourcing_profiles") == [(1,)]
    assert boss.get(path).status_code == 200
    assert boss.get("/hq/routing/2/rehearsals").status_code == 404


def test_a_draft_changed_since_is_not_put_in_force_by_an_old_rehearsal(house: House, boss: Browser) -> None:
    path = begun(boss)
    worked(house)
    with house.speaking(hq()):
        definition = profiles.get_profile(2).definition | {"max_rounds": 2}
        profiles.change(version=2, definition=definition, note="", at=LATER)
    page = post(boss, f"{path}/decision", decision="activated", note="Всё равно")
    assert page.status_code == 422 and "Всё равно" in page.text
    assert house.rows("SELECT version FROM network.sourcing_profiles WHERE state = 'active'") == [(1,)]


def test_one_that_is_called_off_does_not_begin_and_one_under_way_stops(house: House, boss: Browser) -> None:
    path = begun(boss)
    assert post(boss, "/hq/routing/2/rehearsals", days="30").status_code == 422
    with house.speaking(network_worker()):
        rehearsal_id = service.hand_out(at=LATER)
    assert post(boss, f"{path}/cancellation").status_code == 302
    assert rehearsal_id is not None
    run(house, rehearsal_id)
    assert house.rows(STATE) == [("cancelled",)]
    house.rows("UPDATE network.rehearsals SET state = 'running' RETURNING 1")
    with house.speaking(network_worker()):
        tell = service._beating(rehearsal_id)
        tell(3)
    assert house.rows("SELECT done FROM network.rehearsals") == [(3,)]
    post(boss, f"{path}/cancellation")
    with house.speaking(network_worker()), pytest.raises(service.Cancelled):
        service._beating(rehearsal_id)(4)


def test_a_lost_process_leaves_the_rehearsal_to_another_but_not_for_ever(house: House, boss: Browser) -> None:
    begun(boss)
    at = LATER
    for losses in range(service.MAX_LOSSES):
        with house.speaking(network_worker()):
            assert service.hand_out(at=at) is not None
            assert service.hand_out(at=at + timedelta(seconds=5)) is None
        house.rows("UPDATE network.rehearsals SET state = 'running' RETURNING 1")
        assert house.rows("SELECT losses FROM network.rehearsals") == [(losses,)]
        at += timedelta(minutes=5)
    with house.speaking(network_worker()):
        assert service.hand_out(at=at) is None
    assert house.rows("SELECT state, problem FROM network.rehearsals") == [("failed", "lost")]


def test_one_is_under_way_at_a_time(house: House, boss: Browser) -> None:
    begun(boss)
    post(boss, "/hq/routing", begin="fair_share")
    begun(boss, 3)
    with house.speaking(network_worker()):
        first = service.hand_out(at=LATER)
        assert first is not None and service.hand_out(at=LATER) is None
    run(house, first)
    with house.speaking(network_worker()):
        assert service.hand_out(at=LATER) not in (None, first)


def test_the_duty_starts_a_process_with_the_rehearsal(
    house: House, boss: Browser, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    begun(boss)
    monkeypatch.setattr(jobs.sys, "executable", "/bin/true")
    with house.speaking(network_worker()):
        jobs.take_up()
    (process,) = jobs._processes
    assert process.args[1:5] == ["-m", "app.cli", "routing", "take-up"]  # type: ignore[index]
    process.wait(10)


def test_a_period_without_leads_and_no_period_are_said_at_the_field(house: House, boss: Browser) -> None:
    house.rows("UPDATE network.leads SET created_at = %(at)s RETURNING 1", at=MORNING - timedelta(days=100))
    page = post(boss, "/hq/routing/2/rehearsals", days="30")
    assert page.status_code == 422 and "не было заявок" in page.text
    assert post(boss, "/hq/routing/2/rehearsals", days="9999999").status_code == 422
    assert house.rows(STATE) == []


def test_a_clerk_does_not_rehearse(house: House, boss: Browser) -> None:
    people = People(house)
    people.staff("petr", "clerk", HQ)
    assert people.sign_in("petr", HQ).get("/hq/routing/2/rehearsals").status_code == 403


def test_stock_is_kept_by_day_what_changed_and_folded_when_old(house: House, pump: int) -> None:
    (other,) = (add_more(house),)
    give_stock(house, KAZAN, {pump: 50, other: 7}, MORNING)
    give_stock(house, KAZAN, {pump: 40, other: 7}, MORNING + timedelta(days=1))
    rows = house.rows("SELECT day, levels FROM network.stock_history WHERE owner_id = %(k)s ORDER BY day", k=KAZAN)
    assert rows[-2:] == [
        (MORNING.date(), {str(pump): 50, str(other): 7}), ((MORNING + timedelta(days=1)).date(), {str(pump): 40})
    ]
    with house.speaking(network_worker()):
        stock_history.fold(MORNING + stock_history.KEPT + timedelta(days=5))
    rows = house.rows("SELECT levels FROM network.stock_history WHERE owner_id = %(k)s", k=KAZAN)
    assert rows == [({str(pump): 40, str(other): 7},)]


def add_more(house: House) -> int:
    row = house.rows(
        "INSERT INTO network.products (owner_id, external_id, sku, slug, name_ru) VALUES (%(hq)s, 'x', 'X', 'x', 'X')"
        " RETURNING id", hq=HQ,
    )
    return int(row[0][0])  # type: ignore[call-overload]


@pytest.fixture
def zveno(house: House, past: list[uuid.UUID], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(command, "_app", lambda: house.worker)

    def run(*words: str) -> Result:
        return CliRunner().invoke(main, ["routing", "rehearse", *words])

    return run


def test_the_command_rehearses_a_version_by_number_or_name(zveno: Any) -> None:
    with frozen(LATER):
        printed = zveno("1")
        assert printed.exit_code == 0, printed.output
        assert "Every lead would have gone to the same dealer" in printed.output
        told = json.loads(zveno("Nearest with stock in its territory", "--json").output)
    assert (told["leads"], told["moved"]) == (6, 0)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("77",), "There is no such version"), (("Nobody's",), "no version of the rules"),
        (("1", "--since", "2020-01-01", "--until", "2020-02-01"), "no leads in this period"),
        (("1", "--since", "soon"), "neither a number of days"), (("1", "--since", "0d"), "ends before it begins"),
    ],
)
def test_the_command_says_what_is_wrong(zveno: Any, words: tuple[str, ...], said: str) -> None:
    with frozen(LATER):
        printed = zveno(*words)
    assert printed.exit_code != 0
    assert said in " ".join(printed.output.split())


def test_what_became_known_later_is_told_later(house: House, past: list[uuid.UUID]) -> None:
    ended = MORNING + timedelta(hours=30)
    house.rows("UPDATE network.leads SET state = 'won', delivered_at = %(at)s, satisfaction = 5, feedback_at = %(fed)s"
               " WHERE id = %(id)s RETURNING 1", at=ended, fed=ended + timedelta(hours=1), id=past[1])
    with house.speaking(network_worker()):
        told = loading.load_history(MORNING - timedelta(days=1), LATER, asks_stock=False)
        facts = [one for one in told.facts if one.key.startswith(str(past[1]))]
        ends = [one.is_won for one in told.leads]
    assert [(one.at, one.outcome.is_won, one.outcome.satisfaction) for one in facts] == [
        (MORNING + timedelta(minutes=50), None, None), (ended, True, None), (ended + timedelta(hours=1), True, 5)
    ]
    assert ends == [None, True, None, None, None, None]
    assert told.facts == sorted(told.facts, key=lambda fact: fact.at) and told.since.tzinfo == UTC
