"""Leads of HQ on their way between four dealers in three time zones, with the model they are held to.

What routing chooses the model does not foretell; it looks whether the choice was allowed. What people do, what timers
do and what stock follows it knows by itself. Events wait until a step hears the next one, so that people act between
what happened and what follows from it.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar

import hypothesis.strategies as some
import psycopg
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from app.kernel.clock import frozen
from app.kernel.errors import Invalid, Refused
from app.kernel.events import EVENTS, SUBSCRIPTIONS
from app.kernel.identity import hq, network_worker
from app.kernel.ids import HQ
from blueprints.catalog import stock
from blueprints.leads import passing
from blueprints.leads import service as leads
from blueprints.leads.queries import find_lead
from blueprints.routing import profiles, service, steering
from tests.factories.leads import add_products, give_stock, open_lead
from tests.house import KAZAN, SIBIR, House
from tests.trust.offer_model import WINDOW, Way, window_end

BRANCH, BERLIN = "t_000004", "t_000005"
DEALERS = (KAZAN, SIBIR, BRANCH, BERLIN)
PARENTS = {BRANCH: KAZAN}
ZONES = {KAZAN: "Europe/Moscow", SIBIR: "Asia/Novosibirsk", BRANCH: "Europe/Moscow", BERLIN: "Europe/Berlin"}
ROUNDS, AT_ONCE = 4, 3
SPRING = datetime.fromisoformat("2027-03-26T10:00:00+03:00")
"""Two days before clocks go forward in Berlin; Moscow and Novosibirsk keep theirs."""
HEARD = ("blueprints.routing.subscribers", "blueprints.leads.subscribers")
ONES, WHO, RARELY = some.sampled_from(DEALERS), some.integers(0, 9), some.integers(0, 4).map(lambda chance: chance == 0)
"""`WHO` mostly means one of those whose turn it is, so that what people do mostly has an effect."""


class OfferMachine(RuleBasedStateMachine):
    """Leads come in, are claimed, declined, handed on, recycled, closed; time passes; dealers are suspended."""

    house: ClassVar[House]
    steps: ClassVar[int] = 0
    turns: ClassVar[Counter[str]] = Counter()
    ways = Bundle("ways")

    @initialize(target=ways, levels=some.lists(some.integers(1, 9), min_size=4, max_size=4),
                way=some.sampled_from(["one_after_another", "broadcast", "assign"]))
    def open_network(self, levels: list[int], way: str) -> uuid.UUID:
        """A clean network in which one lead is on its way."""
        self.eye = psycopg.connect(self.house.superuser, dbname="zveno", autocommit=True)
        self.eye.execute("TRUNCATE network.leads, network.stock, network.products, network.outbox,"
                         " network.sourcing_profiles, network.dealer_ratings CASCADE")
        self.eye.execute("UPDATE network.tenants SET state = 'active' WHERE kind = 'dealer'")
        self.at, self.book, self.heard = SPRING, dict[uuid.UUID, Way](), set[uuid.UUID]()
        (self.product,) = add_products(self.house, 1)
        self.on_hand = dict(zip(DEALERS, levels, strict=True))
        self.active = dict.fromkeys(DEALERS, True)
        for dealer, level in self.on_hand.items():
            give_stock(self.house, dealer, {self.product: level}, self.at)
        self._put_in_force(way)
        return self._open(1, True)

    def teardown(self) -> None:
        if hasattr(self, "eye"):
            self.eye.close()

    def _rows(self, query: str, **values: object) -> list[tuple[Any, ...]]:
        """Rows as the superuser, who sees all, over one connection."""
        return self.eye.execute(query, values).fetchall()

    @rule(target=ways, quantity=some.integers(1, 3), is_heard=some.booleans())
    def come_in(self, quantity: int, is_heard: bool) -> uuid.UUID:
        return self._open(quantity, is_heard)

    def _open(self, quantity: int, is_heard: bool) -> uuid.UUID:
        lead_id = open_lead(self.house, HQ, {self.product: quantity}, self.at)
        self.book[lead_id] = Way(quantity)
        if is_heard:
            self._hear(100)
        return lead_id

    @rule(many=some.sampled_from([1, 2, 5]))
    def hear_some(self, many: int) -> None:
        self._hear(many)

    @rule()
    def hear_all(self) -> None:
        self._hear(100)

    @rule(which=some.integers(0, 4))
    def hear_out_of_turn(self, which: int) -> None:
        """Two workers, or a try that failed: what happened later is heard first."""
        self._hear_these(self._waiting()[which : which + 1])

    def _hear(self, many: int) -> None:
        """What follows from what happened, one event after the other."""
        self._hear_these(self._waiting()[:many])

    def _hear_these(self, waiting: list[tuple[Any, ...]]) -> None:
        for event_id, name, payload in waiting:
            self.heard.add(event_id)
            event = EVENTS[name](**payload)
            for one in SUBSCRIPTIONS.get(name, ()):
                is_ours = one.handler.__module__ in HEARD and not one.handler.__name__.startswith("rate_")
                if is_ours and one.speaks == "network" and (not one.when or one.when(event)):
                    with frozen(self.at), self.house.speaking(network_worker()):
                        one.hear([event])
            self._follow(name, payload)

    @rule(minutes=some.sampled_from([5, 5, 30, 90, 400, 4000]))
    def wait(self, minutes: int) -> None:
        self.at += timedelta(minutes=minutes)

    @rule()
    def tick(self) -> None:
        """What the scheduler does every two seconds."""
        with self.house.speaking(network_worker()):
            steering.leave_inactive(at=self.at)
        with self.house.speaking(network_worker()):
            service.expire_offers(at=self.at)
            service.send_reminders(at=self.at)
        for way in self.book.values():
            for dealer, deadline in list(way.open.items()):
                if deadline <= self.at or not self.active[dealer]:
                    self._end(way, dealer)

    @rule(lead_id=ways, who=WHO)
    def claim(self, lead_id: uuid.UUID, who: int) -> None:
        way = self.book[lead_id]
        dealer = self._turn(way, who)
        is_his = way.open.get(dealer, self.at) > self.at and self.active[dealer]
        has_it = not way.is_race or self._free(dealer) >= way.quantity
        if self._does(dealer, lead_id, is_his and has_it, lambda lead: leads.accept(
                lead=lead, at=self.at, actor="test")):
            if way.is_race:
                way.kept[dealer] = way.quantity
            way.state, way.holder, way.open, way.is_race = "held", dealer, {}, False

    @rule(lead_id=ways, who=WHO, reason=some.sampled_from(["out_of_stock", "too_far", "too_far"]))
    def decline(self, lead_id: uuid.UUID, who: int, reason: str) -> None:
        way = self.book[lead_id]
        dealer = self._turn(way, who)
        is_his = dealer in way.open or (way.holder == dealer and way.state == "held" and not way.is_shipped)
        if self._does(dealer, lead_id, is_his, lambda lead: leads.decline(
                lead=lead, reason=reason, at=self.at, actor="test")):
            self._end(way, dealer, waits_for_event=way.is_race)
            if reason == "out_of_stock":
                self.on_hand[dealer] = self._reserved(dealer)

    @rule(lead_id=ways, who=WHO, to_id=some.sampled_from([BRANCH, BRANCH, BRANCH, SIBIR]))
    def hand_on(self, lead_id: uuid.UUID, who: int, to_id: str) -> None:
        way = self.book[lead_id]
        dealer = self._turn(way, who)
        is_his = way.open.get(dealer, self.at) > self.at or (way.holder == dealer and way.state == "held")
        may = is_his and not way.is_race and not way.is_shipped and PARENTS.get(to_id) == dealer and self.active[to_id]
        if self._does(dealer, lead_id, may, lambda lead: passing.hand_on(
                lead=lead, to_id=to_id, note="ближе", at=self.at, actor="test")):
            self._end(way, dealer)

    @rule(lead_id=ways, who=WHO, is_done=RARELY)
    def ship(self, lead_id: uuid.UUID, who: int, is_done: bool) -> None:
        way = self.book[lead_id]
        dealer = self._turn(way, who)
        if not is_done:
            return
        may = way.state == "held" and way.holder == dealer and not way.is_shipped
        if self._does(dealer, lead_id, may, lambda lead: leads.ship(lead=lead, at=self.at, actor="test")):
            self.on_hand[dealer] -= way.kept.pop(dealer, 0)
            way.is_shipped = True

    @rule(lead_id=ways, is_done=RARELY)
    def close(self, lead_id: uuid.UUID, is_done: bool) -> None:
        way = self.book[lead_id]
        if not is_done:
            return
        may = way.state in ("new", "offered", "held") and not way.is_shipped
        if self._does(HQ, lead_id, may, lambda lead: leads.close(
                lead=lead, reason="other", at=self.at, actor="test")):
            way.state, way.open, way.is_race = "lost", {}, False  # the dealer's goods wait for the worker

    @rule(lead_id=ways, dealer=ONES)
    def name(self, lead_id: uuid.UUID, dealer: str) -> None:
        """HQ chooses by hand; the worker carries it out when it hears of it."""
        way = self.book[lead_id]
        has_it = way.holder == dealer or (not way.is_race and dealer in way.open)
        may = way.state in ("new", "offered", "held") and not way.is_shipped and not has_it
        self._does(hq(), lead_id, may, lambda lead: passing.ask_assignment(
            lead=lead, dealer_id=dealer, reason="прошу", at=self.at, actor="test"))

    @rule(lead_id=ways, forgets=some.booleans())
    def recycle(self, lead_id: uuid.UUID, forgets: bool) -> None:
        way = self.book[lead_id]
        self._does(hq(), lead_id, not way.is_shipped, lambda lead: passing.ask_recycling(
            lead=lead, forgets=forgets, reason="ещё раз", at=self.at, actor="test"))

    @rule(dealer=ONES, is_done=RARELY)
    def suspend_or_resume(self, dealer: str, is_done: bool) -> None:
        if not is_done and self.active[dealer]:
            return
        self.active[dealer] = not self.active[dealer]
        state = "active" if self.active[dealer] else "suspended"
        self._rows("UPDATE network.tenants SET state = %(s)s WHERE id = %(id)s RETURNING 1", s=state, id=dealer)

    @rule(dealer=ONES, level=some.integers(0, 8))
    def count(self, dealer: str, level: int) -> None:
        with self.house.speaking(dealer):
            stock.report(owner_id=dealer, levels={self.product: level}, at=self.at)
        self.on_hand[dealer] = max(level, self._reserved(dealer))

    @rule(way=some.sampled_from(["one_after_another", "broadcast", "assign"]))
    def change_rules(self, way: str) -> None:
        self._put_in_force(way)

    @invariant()
    def stock_is_as_the_model_says(self) -> None:
        type(self).steps += 1
        if not hasattr(self, "book"):
            return
        rows = self._rows("SELECT owner_id, on_hand, reserved FROM network.stock")
        assert {row[0]: row[1:] for row in rows} == {
            dealer: (level, self._reserved(dealer)) for dealer, level in self.on_hand.items()
        }
        held = self._rows("SELECT lead_id, owner_id, quantity FROM network.reservations WHERE state = 'held'")
        assert {row[:2]: row[2] for row in held} == {
            (lead_id, dealer): many for lead_id, way in self.book.items() for dealer, many in way.kept.items() if many
        }

    @invariant()
    def each_lead_stands_as_the_model_says(self) -> None:
        if not hasattr(self, "book"):
            return
        rows = self._rows(
            "SELECT l.id, CASE WHEN l.state = 'accepted' THEN 'held' ELSE l.state END,"
            " CASE WHEN l.state = 'accepted' THEN l.assignee_id END, l.escalated_at IS NOT NULL,"
            " coalesce((SELECT jsonb_object_agg(o.dealer_id, o.deadline_at) FROM network.lead_offers o"
            "  WHERE o.lead_id = l.id AND o.state = 'offered'), '{}'), c.visible_to"
            " FROM network.leads l JOIN network.lead_contacts c ON c.lead_id = l.id"
        )
        assert {row[0] for row in rows} == set(self.book)
        for lead_id, state, holder, is_escalated, offers, readers in rows:
            way = self.book[lead_id]  # type: ignore[index]
            told = {dealer: datetime.fromisoformat(until) for dealer, until in offers.items()}  # type: ignore[attr-defined]
            assert (state, holder, told) == (way.state, way.holder if way.state == "held" else None, way.open)
            assert bool(is_escalated) == way.is_escalated or state == "lost"
            if state == "held":
                assert readers == [way.holder]
            if state == "offered":
                assert readers == []

    def _turn(self, way: Way, who: int) -> str:
        """Mostly somebody who is asked or holds the lead, sometimes anybody."""
        likely = sorted(way.open) or ([way.holder] if way.holder else [])
        return likely[who % len(likely)] if likely and who < 8 else DEALERS[who % len(DEALERS)]

    def _put_in_force(self, way: str) -> None:
        strategy = {
            "name": "only", "way": way, "broadcast_to": AT_ONCE,
            "criteria": [{"code": "stock_now", "params": {"missing": "exclude", "partial": "exclude"}}],
        }
        definition = {"name": way, "window_minutes": WINDOW, "max_rounds": ROUNDS, "strategies": [strategy]}
        with frozen(self.at), self.house.speaking(hq()):
            version = profiles.draft(definition=definition, author="staff:0", at=self.at).version
        for state, which in (("retired", "state = 'active'"), ("active", "version = %(version)s")):
            self._rows(f"UPDATE network.sourcing_profiles SET state = '{state}' WHERE {which} RETURNING 1",
                            version=version)

    def _does(self, who: Any, lead_id: uuid.UUID, may: bool, act: Any) -> bool:
        """Do it; it must work where it may and be refused where it may not."""
        try:
            with frozen(self.at), self.house.speaking(who):
                lead = find_lead(HQ, lead_id)
                if lead is None:
                    assert not may
                    return False
                act(lead)
        except (Refused, Invalid):
            assert not may, self.book[lead_id]
            return False
        assert may, self.book[lead_id]
        self.turns[act.__code__.co_names[1]] += 1
        return True

    def _end(self, way: Way, dealer: str, *, waits_for_event: bool = False) -> None:
        """The dealer's part in it is over; the lead is new when nobody is left, for a race that a dealer declined only
        when the worker has heard of it."""
        way.kept.pop(dealer, None)
        way.open.pop(dealer, None)
        if not way.open and not waits_for_event:
            way.state, way.holder, way.is_race = "new", None, False

    def _follow(self, name: str, payload: dict[str, Any]) -> None:
        """What the model makes of an event that was heard."""
        if "lead_id" not in payload:
            return
        lead_id = uuid.UUID(payload["lead_id"])
        way = self.book[lead_id]
        if name == "LeadLost" and payload["dealer_id"]:
            way.kept.pop(payload["dealer_id"], None)
        elif name == "LeadRecyclingAsked":
            self._recycled(way, payload["forgets"])
        elif name == "LeadAssignmentAsked":
            dealer, has_it = payload["dealer_id"], {way.holder} if way.holder else set()
            has_it |= set(way.open) if not way.is_race else set()
            may = way.state in ("new", "offered", "held") and not way.is_shipped and self.active[dealer]
            if may and (way.state == "new" or dealer not in has_it):
                self._let_go(way)
        if name in ("LeadDeclined", "LeadOfferExpired") and way.state == "offered" and not way.open:
            way.state, way.is_race = "new", False
        self._look(lead_id, way)

    def _recycled(self, way: Way, forgets: bool) -> None:
        if way.is_shipped or way.state not in ("new", "offered", "held", "lost"):
            return
        stuck = way.holder if way.state == "held" else None
        self._let_go(way, also_lost=True)
        way.is_escalated, way.spent = False, way.rounds
        if forgets:
            way.asked &= {stuck}

    def _let_go(self, way: Way, *, also_lost: bool = False) -> None:
        """Nobody has the lead any more, and nobody's goods are kept."""
        if way.state != "lost" or also_lost:
            way.kept.clear()
        way.state, way.holder, way.open, way.is_race = "new", None, {}, False

    def _look(self, lead_id: uuid.UUID, way: Way) -> None:
        """A new round that the worker began is allowed, and the model goes on from it; no round means that none was."""
        rows = self._rows(
            "SELECT o.dealer_id, o.way, o.state, o.offered_at, o.deadline_at, l.rounds, l.escalated_at IS NOT NULL"
            " FROM network.leads l LEFT JOIN network.lead_offers o ON o.lead_id = l.id AND o.round = l.rounds"
            " WHERE l.id = %(id)s ORDER BY 1", id=lead_id,
        )
        rounds, is_escalated = rows[0][5], rows[0][6]
        if rounds == way.rounds:
            if is_escalated and not way.is_escalated and way.state == "new":
                assert way.rounds - way.spent >= ROUNDS or not self._fit(way), way
                way.is_escalated = True
                self.turns["escalated"] += 1
            return
        assert way.state == "new" and rounds == way.rounds + 1, way
        way.rounds, way.is_escalated = rounds, False  # type: ignore[assignment]
        self.turns[str(rows[0][1])] += 1
        self._begin(way, rows)

    def _begin(self, way: Way, rows: Iterable[tuple[Any, ...]]) -> None:
        made = list(rows)
        by_routing = made[0][1] in ("one_after_another", "broadcast", "assign")
        for dealer, how, _state, offered_at, deadline, *_rest in made:
            assert self.active[dealer]
            assert not by_routing or dealer in self._fit(way), (dealer, way)
            assert offered_at == self.at
            assert deadline == window_end(offered_at, ZONES[dealer])
            if how != "broadcast":
                way.kept[dealer] = way.quantity if by_routing else min(way.quantity, max(0, self._free(dealer)))
        way.asked |= {row[0] for row in made}
        if made[0][1] == "assign":
            way.state, way.holder = "held", made[0][0]
            return
        way.state, way.holder, way.is_race = "offered", None, len(made) > 1
        way.open = {row[0]: row[4] for row in made}
        assert not way.is_race or len(made) <= AT_ONCE

    def _fit(self, way: Way) -> set[str]:
        """Whom routing may ask: who works, has the goods and was not asked yet."""
        return {
            dealer for dealer in DEALERS
            if self.active[dealer] and dealer not in way.asked and self._free(dealer) >= way.quantity
        }

    def _waiting(self) -> list[tuple[Any, ...]]:
        rows = self._rows("SELECT id, name, payload FROM network.outbox ORDER BY id")
        return [row for row in rows if row[0] not in self.heard]

    def _reserved(self, dealer: str) -> int:
        return sum(way.kept[dealer] for way in self.book.values())

    def _free(self, dealer: str) -> int:
        return self.on_hand[dealer] - self._reserved(dealer)
