"""HQ's page of failed tasks: the reason and what stands there now, sent again, set aside; by HQ's people only."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from app.commands.events import events
from app.config import environment
from app.kernel import dead_letters
from app.kernel.clock import now
from app.kernel.db import db
from app.kernel.events import SUBSCRIPTIONS, Delivery
from app.kernel.identity import hq, network_worker
from app.kernel.jobs import PERIODIC
from blueprints.integrations.failures.words import TASKS
from tests.blueprints.accounts.conftest import People
from tests.factories.leads import open_lead
from tests.house import HQ, KAZAN, Browser, House, token_of

PLACE = "blueprints.routing.subscribers.place"
SEND = "app.web.mail.send"


def kill(house: House, handler: str, owner: str = HQ, speaker: str = "network_worker", **ids: str) -> uuid.UUID:
    """A delivery that had its tries; answers its event."""
    with house.speaking(network_worker()):
        delivery = Delivery(
            tenant_id=speaker, event_id=uuid.uuid4(), handler=handler, owner_id=owner, event="LeadOpened",
            published_at=now(), attempts=8, losses=0, error="ValueError: no such town",
        )
        db.session.add(delivery)
        dead_letters.die(delivery, {"tenant_id": owner, "note": "Анна, +7 916 123-45-67", **ids}, now())
        return delivery.event_id


@pytest.fixture
def boss(house: House) -> Browser:
    """A manager of HQ, signed in."""
    return signed_in(house, "manager")


def signed_in(house: House, role: str, at: str = HQ) -> Browser:
    people = People(house)
    people.staff(f"{role}-{at}", role, at)
    return people.sign_in(f"{role}-{at}", at)


def address(event_id: uuid.UUID, handler: str = PLACE, speaker: str = "network_worker") -> str:
    return f"/hq/failures/{speaker}/{event_id}/{handler}"


def press(browser: Browser, path: str, page: str, **form: str) -> Any:
    return browser.post(path, data={"csrf_token": token_of(browser.get(page).text), **form})


def state(house: House) -> list[tuple[object, ...]]:
    return house.rows("SELECT state, attempts, losses FROM network.deliveries")


def acts(house: House) -> list[tuple[object, ...]]:
    return house.rows("SELECT kind, actor LIKE 'staff:%%', reason FROM network.delivery_acts ORDER BY at, id")


def test_the_list_says_what_failed_for_whom_and_why(house: House, boss: Browser) -> None:
    kill(house, PLACE)
    kill(house, SEND, owner=KAZAN, speaker=KAZAN)
    page = boss.get("/hq/failures?lang=ru").text
    assert "Найти дилера для новой заявки" in page and "Отправить письмо" in page
    assert "Тепло Казань" in page and "ValueError: no such town" in page
    only = boss.get(f"/hq/failures?handler={SEND}&lang=ru").text
    assert only.count("ValueError: no such town") == 1


def test_a_lost_process_is_told_in_words(house: House, boss: Browser) -> None:
    kill(house, PLACE)
    house.rows("UPDATE network.deliveries SET error = %(error)s, losses = 5 RETURNING 1", error=dead_letters.loss_of(5))
    assert "Процесс обработчика завершился аварийно 5 раз" in boss.get("/hq/failures?lang=ru").text


def test_the_page_of_one_shows_ids_and_what_stands_there_now(house: House, boss: Browser) -> None:
    lead_id = open_lead(house, HQ, {})
    event_id = kill(house, PLACE, lead_id=str(lead_id))
    page = boss.get(f"{address(event_id)}?lang=ru").text
    assert str(lead_id) in page and "Ищем дилера" in page
    assert "Анна" not in page and "916" not in page


def test_what_a_dealer_keeps_to_himself_stays_with_him(house: House, boss: Browser) -> None:
    event_id = kill(house, SEND, owner=KAZAN, speaker=KAZAN, mail_id=str(uuid.uuid4()))
    page = boss.get(f"{address(event_id, SEND, KAZAN)}?lang=en").text
    assert "Private to the dealer" in page


def test_sending_again_is_done_once_and_noted(house: House, boss: Browser) -> None:
    event_id = kill(house, PLACE)
    for _time in range(2):
        assert press(boss, f"{address(event_id)}/replay", address(event_id)).status_code == 302
    assert state(house) == [("queued", 0, 0)]
    assert acts(house) == [("died", False, "ValueError: no such town"), ("replayed", True, None)]
    assert "Manager-" in boss.get(address(event_id)).text


def test_all_of_a_kind_are_sent_again_and_others_wait(house: House, boss: Browser) -> None:
    for _number in range(3):
        kill(house, PLACE)
    kill(house, SEND)
    press(boss, "/hq/failures/replays", "/hq/failures", handler=PLACE)
    assert house.rows("SELECT handler, state, count(*) FROM network.deliveries GROUP BY 1, 2 ORDER BY 1") == [
        (SEND, "dead", 1), (PLACE, "queued", 3),
    ]


def test_setting_aside_asks_for_a_reason_and_keeps_it(house: House, boss: Browser) -> None:
    event_id = kill(house, PLACE)
    assert press(boss, f"{address(event_id)}/setting-aside", address(event_id), reason=" ").status_code == 422
    press(boss, f"{address(event_id)}/setting-aside", address(event_id), reason="заявка закрыта вручную")
    assert state(house) == [("set_aside", 8, 0)]
    assert acts(house)[-1] == ("set_aside", True, "заявка закрыта вручную")
    assert "Найти дилера" in boss.get("/hq/failures?state=set_aside&lang=ru").text
    assert "Найти дилера" not in boss.get("/hq/failures?lang=ru").text
    press(boss, f"{address(event_id)}/replay", address(event_id))
    assert state(house) == [("queued", 0, 0)]


def test_a_clerk_reads_and_does_not_act_and_a_dealer_finds_nothing(house: House, boss: Browser) -> None:
    event_id = kill(house, PLACE)
    clerk = signed_in(house, "clerk")
    page = clerk.get(address(event_id)).text
    assert "/replay" not in page
    assert clerk.post(f"{address(event_id)}/replay", data={"csrf_token": token_of(page)}).status_code == 403
    dealer = signed_in(house, "owner", KAZAN)
    assert dealer.get("/hq/failures").status_code == 404
    assert state(house) == [("dead", 8, 0)]


def test_the_trail_is_hqs_and_never_changes(house: House) -> None:
    kill(house, SEND, owner=KAZAN, speaker=KAZAN)
    with psycopg.connect(house.settings.database_web) as connection:
        for role, query in (
            (KAZAN, "SELECT 1 FROM network.delivery_acts"),
            (KAZAN, "UPDATE network.deliveries SET attempts = 0"),
            ("network_hq", "UPDATE network.delivery_acts SET reason = ''"),
            ("network_hq", "DELETE FROM network.delivery_acts"),
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute("SELECT set_config('role', %s, true)", [role])
                connection.execute(query)


@contextmanager
def counted(house: House) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    with house.web.app_context():
        engine = db.engine
    sa.event.listen(engine, "after_cursor_execute", note)
    yield seen
    sa.event.remove(engine, "after_cursor_execute", note)


def test_the_list_asks_no_more_for_more(house: House, boss: Browser) -> None:
    asked = []
    boss.get("/hq/failures")
    for more in (1, 2, 20):
        for _number in range(more):
            kill(house, PLACE)
        with counted(house) as seen:
            assert boss.get("/hq/failures").status_code == 200
        asked.append(len(seen))
    assert len(set(asked)) == 1


def test_every_handler_and_duty_has_its_words(house: House) -> None:
    handlers = {ear.name for ears in SUBSCRIPTIONS.values() for ear in ears if not ear.name.startswith("tests.")}
    assert (handlers | set(PERIODIC)) - set(TASKS) == set()


def test_the_command_lists_sends_again_and_sets_aside(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment(house.settings).items():
        monkeypatch.setenv(name, value)
    event_id = str(kill(house, PLACE))

    def run(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(events, list(words))
        return result.exit_code, result.output

    code, listed = run("dead")
    assert code == 0 and event_id in listed and "ValueError: no such town" in listed
    assert run("set-aside", event_id, "--reason", "known")[0] == 0
    assert run("replay", event_id) == (0, f"{PLACE} is on its way again\n")
    assert run("replay", event_id)[0] == 1
    assert [kind for kind, *_rest in acts(house)] == ["died", "set_aside", "replayed"]


def test_hq_may_not_bring_back_what_never_failed(house: House) -> None:
    event_id = kill(house, PLACE)
    with house.speaking(hq()):
        dead_letters.replay(("network_worker", event_id, PLACE), actor="staff:x", at=now())
    with pytest.raises(dead_letters.NotDead), house.speaking(hq()):
        dead_letters.set_aside(("network_worker", event_id, PLACE), reason="x", actor="staff:x", at=now())
    with pytest.raises(dead_letters.NoSuchDelivery), house.speaking(hq()):
        dead_letters.replay(("network_worker", uuid.uuid4(), PLACE), actor="staff:x", at=now())
