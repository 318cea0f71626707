"""Relay, deliveries and duties: once in effect, in nobody else's name, whatever goes away meanwhile."""

from __future__ import annotations

import contextlib
import json
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
import redis
import sqlalchemy as sa

from app import duties, relay, worker
from app.kernel.clock import now
from app.kernel.db import db, unit_of_work
from app.kernel.dead_letters import reason_of, replay
from app.kernel.events import EVENTS, SUBSCRIPTIONS, OutboxEvent, event, publish, subscribe
from app.kernel.identity import current, network_worker, speaking_as
from app.kernel.jobs import PERIODIC, Periodic
from blueprints.accounts.models import Customer
from tests.house import HQ, KAZAN, SIBIR, House


@event
class Rang:
    """Somebody rang; `dealer_id` is who shall hear it."""

    tenant_id: str
    dealer_id: str


del EVENTS["Rang"]  # known while these tests run, and not to the page of events
heard: list[str] = []


def answer(ring: Rang) -> None:
    """Leave a row in the schema of who hears, and note in whose name."""
    heard.append(current().role)
    db.session.add(Customer(email=f"{uuid.uuid4()}@example.ru", name=ring.tenant_id))
    db.session.flush()


@pytest.fixture(autouse=True)
def _ears() -> Iterator[None]:
    heard.clear()
    EVENTS["Rang"] = Rang
    subscribe(Rang, speaks="dealer_id")(answer)
    yield
    del SUBSCRIPTIONS["Rang"], EVENTS["Rang"]


def ring(house: House, who: str = KAZAN, at: str = KAZAN) -> None:
    with house.speaking(who):
        publish(Rang(tenant_id=who, dealer_id=at))


def answers(house: House, tenant_id: str = KAZAN) -> object:
    return house.scalar(f"SELECT count(*) FROM {tenant_id}.customers")


def states(house: House) -> list[tuple[object, ...]]:
    return house.rows("SELECT tenant_id, state, attempts FROM network.deliveries ORDER BY tenant_id")


@contextmanager
def delivery(house: House) -> Iterator[dict[str, str]]:
    """The one delivery there is, as the queue would name it, in the worker's application."""
    with house.worker.app_context():
        with speaking_as(network_worker()), unit_of_work():
            relay._note_deliveries()
        (speaker, event_id, handler) = house.rows("SELECT tenant_id, event_id, handler FROM network.deliveries")[0]
        yield {"tenant": str(speaker), "event_id": str(event_id), "handler": str(handler)}


def test_an_event_is_handled_once_by_whom_it_names(house: House) -> None:
    ring(house, HQ, SIBIR)
    house.work()
    assert heard == [SIBIR]
    assert (answers(house, SIBIR), answers(house)) == (1, 0)
    assert states(house) == [(SIBIR, "done", 1)]


def test_a_job_that_comes_again_has_no_effect(house: House) -> None:
    ring(house)
    with delivery(house) as job:
        for _time in range(3):
            worker.deliver(**job)
    assert answers(house) == 1


def test_control_without_the_claim_it_has_its_effect_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    ring(house)
    monkeypatch.setattr(worker, "claimed", lambda _speaker, event_ids, _handler: event_ids)
    with delivery(house) as job:
        begun = worker._begin(job["tenant"], [uuid.UUID(job["event_id"])], job["handler"])
        monkeypatch.setattr(worker, "_begin", lambda *_key: begun)
        for _time in range(3):
            worker.deliver(**job)
    assert answers(house) == 3


def test_two_workers_with_the_same_job_have_one_effect(house: House) -> None:
    ring(house)
    gate = threading.Barrier(4)
    with delivery(house) as job:
        def run() -> None:
            gate.wait()
            with house.worker.app_context():
                worker.deliver(**job)

        threads = [threading.Thread(target=run) for _worker in range(4)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
    assert answers(house) == 1


def test_a_foreign_tenant_on_a_job_does_nothing(house: House) -> None:
    ring(house)
    with delivery(house) as job:
        worker.deliver(**{**job, "tenant": SIBIR})
        worker.deliver(**{**job, "tenant": "network_worker"})
    assert heard == []
    assert states(house) == [(KAZAN, "queued", 0)]


@pytest.mark.parametrize("missing", ["tenant", "event_id", "handler"])
def test_a_job_that_does_not_say_whose_it_is_is_refused(house: House, missing: str) -> None:
    ring(house)
    with delivery(house) as job, pytest.raises(TypeError):
        worker.deliver(**{name: value for name, value in job.items() if name != missing})
    assert heard == []


@pytest.mark.parametrize("payload", [{"tenant_id": SIBIR, "dealer_id": SIBIR}, {"tenant_id": KAZAN}, {}])
def test_an_event_in_anothers_name_or_to_nobody_is_not_told(house: House, payload: dict[str, str]) -> None:
    """Whoever can write into his outbox can write anything there; the relay believes the row's owner only."""
    with house.speaking(KAZAN):
        db.session.add(OutboxEvent(tenant_id=KAZAN, name="Rang", payload=payload))
    ring(house, SIBIR, SIBIR)
    house.work()
    assert heard == [SIBIR]
    assert house.scalar("SELECT count(*) FROM network.outbox WHERE dispatched_at IS NULL") == 0


def test_control_believing_the_payload_lets_a_dealer_act_as_another(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house.speaking(KAZAN):
        db.session.add(OutboxEvent(tenant_id=KAZAN, name="Rang", payload={"tenant_id": SIBIR, "dealer_id": SIBIR}))
    sub = SUBSCRIPTIONS["Rang"][0]
    monkeypatch.setattr(relay, "_duties", lambda event: [
        {"tenant_id": sub.speaker(event.payload), "event_id": event.id, "handler": sub.name, "owner_id": KAZAN,
         "event": event.name, "published_at": event.created_at}
    ])
    house.work()
    assert heard == [SIBIR]


def test_a_failing_handler_leaves_nothing_but_its_reason_and_is_tried_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring(house)
    with delivery(house) as job, monkeypatch.context() as patched:
        patched.setattr(sys.modules[__name__], "heard", Deaf())
        worker.deliver(**job)
        assert states(house) == [(KAZAN, "queued", 1)]
        assert house.scalar("SELECT error FROM network.deliveries") == "ValueError: not now"
    house.rows("UPDATE network.deliveries SET next_at = now() RETURNING 1")
    house.work()
    assert (answers(house), states(house)) == (1, [(KAZAN, "done", 2)])


class Deaf(list[str]):
    """Ears that fail after the effect was made."""

    def append(self, role: str) -> None:
        db.session.add(Customer(email=f"{role}@example.ru", name="X"))
        db.session.flush()
        raise ValueError("not now")


def test_a_delivery_that_never_succeeds_is_set_aside_with_its_reason(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring(house)
    monkeypatch.setattr(sys.modules[__name__], "heard", Deaf())
    with delivery(house) as job:
        for _time in range(worker.MAX_ATTEMPTS + 2):
            worker.deliver(**job)
    assert states(house) == [(KAZAN, "dead", worker.MAX_ATTEMPTS)]
    assert answers(house) == 0


def test_a_try_whose_process_ended_is_counted_and_ends_in_death_with_its_ids(house: House) -> None:
    ring(house)
    with delivery(house) as job:
        key = job["tenant"], [uuid.UUID(job["event_id"])], job["handler"]
        begun = [bool(worker._begin(*key)) for _time in range(worker.MAX_LOSSES + 1)]
    assert begun == [True] * worker.MAX_LOSSES + [False]
    assert states(house) == [(KAZAN, "dead", worker.MAX_LOSSES)]
    assert house.rows("SELECT losses, begun_at, error, ids FROM network.deliveries") == [
        (5, None, "ProcessLost: the worker's process ended 5 times", {"tenant_id": KAZAN, "dealer_id": KAZAN})
    ]
    assert house.rows("SELECT kind, actor FROM network.delivery_acts") == [("died", "system")]


def test_reasons_tell_no_persons_and_no_values(house: House) -> None:
    with house.speaking(KAZAN):
        db.session.add(Customer(email="anna@example.ru", name="Анна"))
    with pytest.raises(sa.exc.IntegrityError) as twice, house.speaking(KAZAN):
        db.session.add(Customer(email="anna@example.ru", name="Анна"))
    assert reason_of(twice.value) == (
        'IntegrityError: duplicate key value violates unique constraint "uq_customers_email"'
    )
    assert reason_of(ValueError("550 <anna@example.ru>: no such box, call +7 916 123-45-67")) == (
        "ValueError: 550 <…>: no such box, call …"
    )


def test_a_queue_that_lost_everything_costs_a_lease_and_nothing_else(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring(house)
    with house.worker.app_context():
        assert relay.relay_once() == 1
        redis.Redis.from_url(house.settings.queue).flushall()
        assert relay.relay_once() == 0
    house.rows("UPDATE network.deliveries SET next_at = now() RETURNING 1")
    house.work()
    assert answers(house) == 1


def test_a_queue_that_is_away_costs_no_delivery_its_turn(house: House) -> None:
    ring(house)
    away = redis.Redis(port=1, socket_connect_timeout=0.1, retry=None)
    with house.worker.app_context():
        with pytest.raises(redis.ConnectionError):
            relay.relay_once(away)
        assert relay.relay_once() == 1


def test_a_full_queue_is_told_no_more(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "FULL", 1)
    ring(house)
    with house.worker.app_context():
        assert relay.relay_once() == 1
        ring(house)
        assert relay.relay_once() == 0
        worker.work(house.worker, burst=True)
    house.work()
    assert answers(house) == 2


def test_a_worker_outlives_a_restart_of_the_database(house: House) -> None:
    ring(house)
    house.work()
    with psycopg.connect(house.superuser, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE 'zveno%'")
    with contextlib.suppress(sa.exc.OperationalError):  # whoever comes first finds out, and the pool is emptied
        ring(house)
    ring(house)
    with house.worker.app_context():
        with contextlib.suppress(sa.exc.OperationalError):
            relay.relay_once()
        relay.relay_once()
        worker.work(house.worker, burst=True)
    house.rows("UPDATE network.deliveries SET next_at = now() WHERE state = 'queued' RETURNING 1")
    house.work()
    assert answers(house) == 2


def test_a_worker_calls_nothing_but_its_jobs(house: House, tmp_path_factory: pytest.TempPathFactory) -> None:
    trace = tmp_path_factory.mktemp("strange") / "made"
    with house.worker.app_context():
        worker.queue(worker.EVENTS_QUEUE).enqueue_call("os.mkdir", args=(str(trace),))
        worker.work(house.worker, burst=True)
        assert not trace.exists()


def test_control_rqs_own_worker_calls_whatever_is_named(
    house: House, tmp_path_factory: pytest.TempPathFactory
) -> None:
    trace = tmp_path_factory.mktemp("strange") / "made"
    connection = redis.Redis.from_url(house.settings.queue)
    queue = worker.rq.Queue("loose", connection=connection, serializer=worker.JSONSerializer)
    queue.enqueue_call("os.mkdir", args=(str(trace),))
    worker.rq.SimpleWorker([queue], connection=connection, serializer=worker.JSONSerializer).work(burst=True)
    assert trace.exists()


def test_jobs_carry_ids_and_nothing_that_could_run(house: House) -> None:
    ring(house)
    with house.worker.app_context():
        relay.relay_once()
        job = worker.queue(worker.EVENTS_QUEUE).jobs[0]
    function, _instance, arguments, named = json.loads(job.data)
    assert (function, arguments, sorted(named)) == ("app.worker.deliver_all", [], ["deliveries"])
    assert [[type(part) for part in key] for key in named["deliveries"]] == [[str, str, str]]


def test_a_job_carries_some_deliveries_and_what_was_tried_before_goes_alone(house: House) -> None:
    for _time in range(relay.GROUP + 2):
        ring(house)
    with house.worker.app_context():
        with speaking_as(network_worker()), unit_of_work():
            relay._note_deliveries()
        house.rows("UPDATE network.deliveries SET attempts = 1 WHERE event_id = (SELECT event_id"
                   " FROM network.deliveries ORDER BY 1 LIMIT 1) RETURNING 1")
        with speaking_as(network_worker()), unit_of_work():
            again, fresh = relay._lease(now(), only_again=False)
    assert [len(group) for group in again] == [1]
    assert [len(group) for group in fresh] == [relay.GROUP, 1]


def test_what_was_tried_before_is_told_first_even_to_a_full_queue(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "FULL", 1)
    ring(house)
    with house.worker.app_context():
        assert relay.relay_once() == 1
        (fresh,) = worker.queue(worker.EVENTS_QUEUE).job_ids
        ring(house)
        with speaking_as(network_worker()), unit_of_work():
            relay._note_deliveries()
        house.rows("UPDATE network.deliveries SET attempts = 1 WHERE next_at <= now() RETURNING 1")
        assert relay.relay_once() == 1
        assert worker.queue(worker.EVENTS_QUEUE).job_ids[1:] == [fresh]


def test_a_duty_runs_as_the_networks_worker(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    roles: list[str] = []

    def look() -> None:
        roles.append(str(db.session.scalar(sa.text("SELECT current_user::text"))))

    monkeypatch.setitem(PERIODIC, "look", Periodic(look, 1))
    with house.worker.app_context():
        duties.run_duty("look")
    assert roles == ["network_worker"]


def test_a_duty_that_raises_says_why_and_runs_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "SELECT state, begun_at, losses, error FROM network.deliveries"
    monkeypatch.setitem(PERIODIC, "look", Periodic(lambda: 1 / 0, 1))  # type: ignore[arg-type, return-value]
    with house.worker.app_context():
        with pytest.raises(ZeroDivisionError):
            duties.run_duty("look")
        assert house.rows(said) == [("queued", None, 0, "ZeroDivisionError: division by zero")]
        monkeypatch.setitem(PERIODIC, "look", Periodic(lambda: None, 1))
        duties.run_duty("look")
    assert house.rows(said) == [("done", None, 0, None)]


def test_a_duty_lost_too_often_rests_until_it_is_sent_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[int] = []
    monkeypatch.setitem(PERIODIC, "look", Periodic(lambda: runs.append(1), 1))
    with house.worker.app_context(), speaking_as(network_worker()):
        begun = [duties._begin("look") for _time in range(worker.MAX_LOSSES + 1)]
        assert begun == [True] * worker.MAX_LOSSES + [False]
        duties.run_duty("look")
        assert (runs, house.scalar("SELECT state FROM network.deliveries")) == ([], "dead")
        with unit_of_work():
            replay(duties._key("look"), actor="command", at=now())
        assert relay.relay_once() == 0, "the scheduler wakes it, not the relay"
        duties.run_duty("look")
    assert (runs, house.scalar("SELECT state FROM network.deliveries")) == ([1], "done")


def test_old_done_deliveries_are_forgotten_and_open_ones_kept(house: House) -> None:
    ring(house)
    house.work()
    ring(house)
    house.rows("UPDATE network.outbox SET created_at = now() - interval '20 days', dispatched_at = CASE WHEN"
               " dispatched_at IS NULL THEN NULL ELSE now() - interval '20 days' END RETURNING 1")
    house.rows("UPDATE network.deliveries SET done_at = now() - interval '20 days' RETURNING 1")
    with house.worker.app_context():
        duties.run_duty(next(name for name in PERIODIC if name.endswith("forget_done")))
    assert house.scalar("SELECT count(*) FROM network.outbox") == 1
    house.work()
    assert answers(house) == 2
