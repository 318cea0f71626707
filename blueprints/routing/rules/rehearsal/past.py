"""What happened, as a rehearsal is given it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from app.kernel.ids import ProductId, TenantId
from blueprints.routing.rules.facts import Candidate, Demand, Ground
from blueprints.routing.rules.rating import Outcome
from blueprints.routing.rules.windows import ALWAYS_OPEN, WorkingHours


class Answer(NamedTuple):
    """How a dealer really answered the offer of a lead; `minutes` are of his working time."""

    offered_at: datetime
    answered_at: datetime
    is_accepted: bool
    minutes: float


class Fact(NamedTuple):
    """From `at` on this is known of how one lead went with a dealer; a later fact of the same `key` says more.

    `is_order` tells leads with an order from those without: they end differently. `is_offer` tells an offer, which
    counts as load, from a lead of the dealer's own site.
    """

    at: datetime
    dealer_id: TenantId
    key: str
    outcome: Outcome
    is_order: bool
    is_offer: bool = True


class Report(NamedTuple):
    """What a dealer said at that instant to have on hand; what it does not name stayed as it was."""

    at: datetime
    dealer_id: TenantId
    levels: Mapping[ProductId, int]


class Taken(NamedTuple):
    """A real offer from before the period: what the dealers' load begins with."""

    dealer_id: TenantId
    at: datetime
    is_refused: bool


@dataclass(frozen=True, slots=True)
class PastDealer:
    """A dealer as he stands, since when he is in the network (None: always was), and when his windows run."""

    candidate: Candidate
    since: datetime | None = None
    hours: WorkingHours = ALWAYS_OPEN


@dataclass(frozen=True, slots=True)
class PastLead:
    """A lead of the period: what was asked, how dealers answered, who held it in the end and what came of it.

    `told` is the kept explanation of its first decision: what was known of stock then.
    """

    demand: Demand
    answers: Mapping[TenantId, Answer] = field(default_factory=dict)
    holder: TenantId | None = None
    accepted_at: datetime | None = None
    closed_at: datetime | None = None
    is_won: bool | None = None
    is_dropped: bool = False
    told: Mapping[str, Any] | None = None
    number: str = ""
    city: int | None = None

    @property
    def is_order(self) -> bool:
        """Whether goods were ordered."""
        return self.demand.kind == "order"


@dataclass(frozen=True)
class History:
    """All a rehearsal needs. `leads` come in order of time and may be read only once; so do facts and reports."""

    since: datetime
    until: datetime
    dealers: Mapping[TenantId, PastDealer]
    leads: Iterable[PastLead]
    count: int
    grounds: Callable[[Demand], Mapping[TenantId, Ground]] = field(default=lambda demand: {})
    """By dealer, the area that holds the customer's place."""
    prices: Mapping[TenantId, Mapping[int, int]] = field(default_factory=dict)
    recommended: Mapping[int, int] = field(default_factory=dict)
    """Prices by product, in kopecks: dealers' own, and the recommended ones."""
    facts: Sequence[Fact] = ()
    reports: Sequence[Report] = ()
    taken: Sequence[Taken] = ()
