"""Half a year in the life of the demo network: every lead from its first minute to its end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import nsmallest
from random import Random
from typing import Literal

from app.demo.data.catalogue import Catalogue
from app.demo.data.comments import QUESTIONS, WISHES, not_received, verdict
from app.demo.data.dealers import STREETS, Dealer
from app.demo.data.demand import Baskets, Line, moments
from app.demo.data.people import Person, person
from blueprints.routing.rules.windows import WorkingHours, deadline
from tenants.geography import City, distance_km

WINDOW_MINUTES = 120
MAX_ROUNDS = 4
A_RIDE = 15
"""Kilometres that make no difference to who is asked first."""
TO_FETCH = 50
"""Kilometres a customer goes for goods he fetches himself."""
# Leads without an order for each lead with one.
ASIDE = 0.22

Kind = Literal["order", "question", "callback", "quote", "installation"]
Nearness = tuple[bool, int]
State = Literal["new", "offered", "accepted", "contacted", "quoted", "won", "lost", "invalid"]

ORDER_SOURCES = (("brand_site", 53), ("dealer_site", 35), ("phone", 7), ("ads", 5))
OTHER_SOURCES = (("form", 50), ("phone", 30), ("brand_site", 8), ("dealer_site", 8), ("ads", 4))
OTHER_KINDS: tuple[tuple[Kind, int], ...] = (("question", 30), ("callback", 30), ("quote", 25), ("installation", 15))
DECLINES = (("no_stock", 46), ("busy", 26), ("too_far", 18), ("not_worth_it", 10))
LOST = (("price", 30), ("bought_elsewhere", 24), ("no_answer", 22), ("changed_mind", 16), ("too_slow", 8))
CAMPAIGNS = {True: ("podgotovka-k-zime", "rassrochka-0", "retarget"), False: ("letnie-tseny", "teplyj-pol", "retarget")}


@dataclass(frozen=True, slots=True)
class Offer:
    """One dealer's turn; `dealer` is his number."""

    round: int
    dealer: int
    state: Literal["offered", "accepted", "declined", "expired"]
    offered_at: datetime
    deadline_at: datetime
    responded_at: datetime | None = None
    reason: str | None = None


@dataclass(slots=True)
class HistoryLead:
    """A lead with its order, offers and end; fields bear the names of `leads` and `lead_contacts`.

    `owner` and `assignee` are numbers of dealers, None is HQ. A lead of a dealer's own site is
    never offered: he accepts it. `delivery_method` and `payment_method` are an order's.
    """

    sequence: int
    created_at: datetime
    city: City
    source: str
    kind: Kind
    owner: int | None
    customer: Person
    address: str
    lines: tuple[Line, ...]
    campaign: str | None = None
    comment: str | None = None
    payment_method: Literal["card", "on_delivery", "invoice"] | None = None
    delivery_method: Literal["courier", "pickup", "carrier"] | None = None
    is_paid: bool = False
    state: State = "new"
    assignee: int | None = None
    offers: list[Offer] = field(default_factory=list)
    escalated_at: datetime | None = None
    accepted_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    closed_at: datetime | None = None
    lost_reason: str | None = None
    received: bool | None = None
    satisfaction: int | None = None
    feedback: str | None = None
    feedback_at: datetime | None = None

    @property
    def value_minor(self) -> int:
        """What the lines come to, in kopecks."""
        return sum(line.minor for line in self.lines)

    @property
    def rounds(self) -> int:
        """How many dealers were asked."""
        return len(self.offers)


def history(
    catalogue: Catalogue, dealers: Sequence[Dealer], orders: int, seed: int, until: datetime
) -> Iterator[HistoryLead]:
    """So many orders of the half year before `until` and a fifth more leads without one, oldest first."""
    random = Random(f"history {seed}")
    kinds: list[Kind] = ["order"] * orders
    kinds += _pick_many(random, OTHER_KINDS, round(orders * ASIDE))
    random.shuffle(kinds)
    network, baskets = _Network(dealers), Baskets(catalogue)
    for sequence, ((at, city), kind) in enumerate(zip(moments(len(kinds), until, random), kinds, strict=True), start=1):
        lead = _born(sequence, at, city, kind, network, baskets, random)
        _live(lead, network, until, random)
        yield lead


class _Network:
    """Who serves a town, nearest first, and when each dealer works."""

    def __init__(self, dealers: Sequence[Dealer]) -> None:
        self.by_number = {dealer.number: dealer for dealer in dealers}
        self._hours = {dealer.number: WorkingHours.from_dict(dealer.hours) for dealer in dealers}
        self._serving: dict[str, set[int]] = {}
        for dealer in dealers:
            for code, _kind in dealer.territories:
                self._serving.setdefault(code, set()).add(dealer.number)
        self._near: dict[int, list[tuple[Nearness, Dealer]]] = {}
        self._fetching: dict[int, bool] = {}

    def near(self, city: City, random: Random) -> list[Dealer]:
        """The dealers who would be asked about a lead of this town, its region first; neighbours take turns."""
        if city.id not in self._near:
            self._near[city.id] = self._nearest(city)
        found = self._near[city.id]
        if len(found) > MAX_ROUNDS:
            found = nsmallest(MAX_ROUNDS, found, key=lambda one: (one[0], random.random()))
        return [dealer for _nearness, dealer in found]

    def _nearest(self, city: City) -> list[tuple[Nearness, Dealer]]:
        """The first by distance, and all who are as near as the last of them."""
        serving = self._serving.get(city.region_code, frozenset())
        asked = serving if len(serving) >= MAX_ROUNDS else self.by_number
        away = {
            number: distance_km(city.lat, city.lon, self.by_number[number].lat, self.by_number[number].lon)
            for number in asked
        }
        ranked = sorted(((number not in serving, round(km / A_RIDE)), km, number) for number, km in away.items())
        last = ranked[:MAX_ROUNDS][-1][0]
        return [(nearness, self.by_number[number]) for nearness, _km, number in ranked if nearness <= last]

    def is_near(self, city: City) -> bool:
        """Whether a customer of this town may fetch his goods himself."""
        if city.id not in self._fetching:
            self._fetching[city.id] = any(
                distance_km(city.lat, city.lon, one.lat, one.lon) < TO_FETCH for one in self.by_number.values()
            )
        return self._fetching[city.id]

    def after(self, dealer: Dealer, at: datetime, minutes: float) -> datetime:
        """When so many of the dealer's working minutes have passed."""
        return deadline(at, minutes, self._hours[dealer.number]) or at + timedelta(minutes=minutes)


def _pick(random: Random, weighted: Sequence[tuple[str, int]]) -> str:
    return random.choices([one for one, _ in weighted], [weight for _, weight in weighted])[0]


def _pick_many(random: Random, weighted: Sequence[tuple[Kind, int]], count: int) -> list[Kind]:
    return random.choices([one for one, _ in weighted], [weight for _, weight in weighted], k=count)


def _born(
    sequence: int, at: datetime, city: City, kind: Kind, network: _Network, baskets: Baskets, random: Random
) -> HistoryLead:
    source = _pick(random, ORDER_SOURCES if kind == "order" else OTHER_SOURCES)
    own = random.choice(network.near(city, random)[:2]).number if source == "dealer_site" else None
    lead = HistoryLead(
        sequence=sequence,
        created_at=at,
        city=city,
        source=source,
        kind=kind,
        owner=own,
        customer=person(random),
        address=f"{random.choice(STREETS)}, {random.randint(1, 120)}",
        lines=baskets.draw(random) if kind in ("order", "quote") else (),
        campaign=_campaign(source, at, random),
    )
    _word(lead, random)
    if lead.delivery_method == "pickup" and not network.is_near(city):
        lead.delivery_method = "carrier"
    return lead


def _word(lead: HistoryLead, random: Random) -> None:
    """What the customer asked for in words, and how an order is paid and brought."""
    if lead.kind != "order":
        lead.comment = random.choice(QUESTIONS[lead.kind])
        return
    lead.comment = random.choice(WISHES) if random.random() < 0.22 else None
    lead.payment_method = random.choices(("card", "on_delivery", "invoice"), (55, 36, 9))[0]
    lead.delivery_method = random.choices(("courier", "pickup", "carrier"), (58, 27, 15))[0]
    lead.is_paid = lead.payment_method == "card"


def _campaign(source: str, at: datetime, random: Random) -> str | None:
    share = {"ads": 1.0, "brand_site": 0.24, "dealer_site": 0.1}.get(source, 0.0)
    return random.choice(CAMPAIGNS[at.month in (8, 9, 10, 11, 12, 1)]) if random.random() < share else None


def _live(lead: HistoryLead, network: _Network, until: datetime, random: Random) -> None:
    """Take a lead as far as it had come by `until`."""
    if lead.owner is None:
        dealer = _offered(lead, network, until, random)
    else:
        dealer = _kept(lead, network.by_number[lead.owner], network, until, random)
    if dealer is None or lead.accepted_at is None:
        return
    if lead.kind == "order":
        _fulfil(lead, dealer, lead.accepted_at, until, random)
    else:
        _talk(lead, dealer, lead.accepted_at, until, random)
    if lead.delivered_at:
        _judge(lead, dealer, lead.delivered_at, until, random)


def _kept(lead: HistoryLead, dealer: Dealer, network: _Network, until: datetime, random: Random) -> Dealer | None:
    """A lead of the dealer's own site: nobody else is asked, he only has to see it."""
    lead.assignee = dealer.number
    answered = network.after(dealer, lead.created_at, _response(dealer, random) * 0.7)
    return dealer if _accept(lead, answered, until) else None


def _offered(lead: HistoryLead, network: _Network, until: datetime, random: Random) -> Dealer | None:
    """Offer a lead to one dealer after another; who is left over at the end is HQ's."""
    if random.random() < 0.018:
        _close(lead, "invalid", lead.created_at + timedelta(minutes=random.uniform(5, 400)), until)
        return None
    at = lead.created_at + timedelta(seconds=random.uniform(1, 6))
    for turn, dealer in enumerate(_in_turn(network.near(lead.city, random), random), start=1):
        if at >= until:
            return None
        offer = _turn(turn, dealer, at, network, until, random)
        lead.offers.append(offer)
        if offer.responded_at is None:
            lead.state, lead.assignee = "offered", dealer.number
            return None
        if offer.state == "accepted":
            lead.assignee = dealer.number
            _accept(lead, offer.responded_at, until)
            return dealer
        at = offer.responded_at + timedelta(seconds=random.uniform(1, 6))
    _escalate(lead, at, until, random)
    return None


def _in_turn(dealers: list[Dealer], random: Random) -> list[Dealer]:
    """Mostly the nearest first; ratings sometimes turn two neighbours round."""
    ranked = list(dealers)
    if len(ranked) > 1 and random.random() < 0.5 - 0.25 * (ranked[0].behaviour.satisfaction - 3):
        ranked[0], ranked[1] = ranked[1], ranked[0]
    return ranked


def _response(dealer: Dealer, random: Random) -> float:
    return dealer.behaviour.response_minutes * random.lognormvariate(-0.25, 0.7)


def _turn(turn: int, dealer: Dealer, at: datetime, network: _Network, until: datetime, random: Random) -> Offer:
    ends = network.after(dealer, at, WINDOW_MINUTES)
    minutes = _response(dealer, random)
    answered = network.after(dealer, at, minutes) if minutes < WINDOW_MINUTES else ends
    if answered > until:
        return Offer(turn, dealer.number, "offered", at, ends)
    if minutes >= WINDOW_MINUTES:
        return Offer(turn, dealer.number, "expired", at, ends, ends)
    if random.random() < dealer.behaviour.acceptance:
        return Offer(turn, dealer.number, "accepted", at, ends, answered)
    return Offer(turn, dealer.number, "declined", at, ends, answered, _pick(random, DECLINES))


def _accept(lead: HistoryLead, at: datetime, until: datetime) -> bool:
    if at > until:
        return False
    lead.state, lead.accepted_at = "accepted", at
    return True


def _escalate(lead: HistoryLead, at: datetime, until: datetime, random: Random) -> None:
    """Nobody took it: HQ has it on its desk and in the end calls the customer off."""
    if at > until:
        return
    lead.escalated_at = at
    _close(lead, "lost", at + timedelta(hours=random.uniform(3, 70)), until, "no_dealer")


def _close(lead: HistoryLead, state: State, at: datetime, until: datetime, reason: str | None = None) -> None:
    if at <= until:
        lead.state, lead.closed_at, lead.lost_reason = state, at, reason


def _fulfil(lead: HistoryLead, dealer: Dealer, at: datetime, until: datetime, random: Random) -> None:
    """Ship and deliver an order, unless the customer cancels before it leaves."""
    pace = dealer.behaviour.delivery_days * random.lognormvariate(-0.1, 0.45)
    shipped = at + timedelta(days=0.45 * pace, minutes=random.uniform(20, 300))
    if random.random() < 0.055:
        _close(lead, "lost", at + (shipped - at) * random.uniform(0.2, 0.95), until, "cancelled")
    elif shipped <= until:
        lead.shipped_at = shipped
        _deliver(lead, shipped + timedelta(days=0.55 * pace, hours=random.uniform(1, 8)), until)


def _deliver(lead: HistoryLead, at: datetime, until: datetime) -> None:
    if at <= until:
        lead.state, lead.delivered_at, lead.closed_at, lead.is_paid = "won", at, at, True


def _talk(lead: HistoryLead, dealer: Dealer, at: datetime, until: datetime, random: Random) -> None:
    """A lead without an order: a call, a quotation, then a sale or none."""
    called = at + timedelta(hours=random.uniform(0.2, 5))
    if called > until:
        return
    lead.state = "contacted"
    quoted = called + timedelta(hours=random.uniform(1, 60))
    if quoted <= until and lead.kind != "question":
        lead.state = "quoted"
    decided = quoted + timedelta(days=random.lognormvariate(1.0, 0.7))
    if random.random() < 0.16 + 0.07 * dealer.behaviour.satisfaction:
        if lead.kind in ("quote", "installation") and decided <= until:
            lead.shipped_at = decided
            decided += timedelta(days=dealer.behaviour.delivery_days)
        _deliver(lead, decided, until)
    else:
        _close(lead, "lost", decided, until, _pick(random, LOST))


def _judge(lead: HistoryLead, dealer: Dealer, at: datetime, until: datetime, random: Random) -> None:
    """About half of the customers answer the letter that asks how it went."""
    told = at + timedelta(hours=random.lognormvariate(2.9, 0.9))
    if random.random() > 0.52 or told > until:
        return
    lead.feedback_at = told
    lead.received = random.random() > 0.012
    days = (at - lead.created_at) / timedelta(days=1)
    mean = dealer.behaviour.satisfaction + 0.35 - 0.08 * max(0.0, days - 3)
    lead.satisfaction = max(1, min(5, round(random.gauss(mean, 0.8)))) if lead.received else 1
    if not lead.received:
        lead.feedback = not_received(random, lead.customer.is_woman)
    elif random.random() < 0.42:
        lead.feedback = verdict(random, lead.satisfaction, lead.customer.is_woman)
