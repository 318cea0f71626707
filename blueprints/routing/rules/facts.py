"""What a routing decision is made from: the demand, the dealers who may serve it, and judgements of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from app.kernel.ids import ProductId, TenantId
from blueprints.routing.rules.windows import WorkingHours

TerritoryKind = Literal["exclusive", "primary", "shared"]
PLACED = frozenset({"territory.exclusive", "territory.primary", "territory.shared", "territory.other_goods"})
"""Reasons whose one value is the number of an area; their score is the same for all."""
LeadKind = Literal["order", "callback", "question", "quote", "installation"]


class Line(NamedTuple):
    """So many pieces of one product."""

    product_id: ProductId
    quantity: int


class Stock(NamedTuple):
    """Pieces free to promise (on hand less reserved), and when the dealer last reported them."""

    available: int
    reported_at: datetime


class Ground(NamedTuple):
    """The dealer's area that holds the customer's place, the best kind of it if there are several.

    It `is_for_goods` the customer wants, unless all of the dealer's areas there are for other goods.
    """

    kind: TerritoryKind
    number: int
    is_for_goods: bool = True

    @property
    def is_exclusive(self) -> bool:
        """Whether the dealer is promised to be alone there with these goods."""
        return self.kind == "exclusive" and self.is_for_goods


class Verdict(NamedTuple):
    """One criterion's judgement of one dealer: 0..1, or `None` to exclude him; why, and the numbers of that reason."""

    score: float | None
    reason: str
    values: tuple[float, ...] = ()


class Ranked(NamedTuple):
    """A dealer who may be offered the lead; rank 1 is first."""

    dealer_id: TenantId
    rank: int
    verdicts: tuple[Verdict, ...]


class Excluded(NamedTuple):
    """A dealer who may not, with all that was found about him."""

    dealer_id: TenantId
    verdicts: tuple[Verdict, ...]

    @property
    def reasons(self) -> tuple[Verdict, ...]:
        """Only what excludes him."""
        return tuple(each for each in self.verdicts if each.score is None)


class Certificate(NamedTuple):
    """A certificate of some scheme, valid from one instant until another; `is_revoked` says what ends it."""

    scheme: str
    since: datetime
    until: datetime
    is_revoked: bool = False


@dataclass(frozen=True, slots=True)
class Demand:
    """A lead that looks for a dealer. `at` is aware; `value_minor` counts kopecks; `asked` were offered it before.

    The customer of one that `is_fetched` comes for the goods himself. Goods of one that `is_wish` are only asked about:
    by stock they rank dealers and exclude none. `categories` are those of its goods, and those above them. `picked_id`
    is the dealer the customer himself asked for. `line_minors` are the sums of its lines.
    `siblings` counts the other parts of the same order, `None` stands for a lead without an order, never split.
    """

    lead_id: str
    owner_id: TenantId
    at: datetime
    source: str = "brand_site"
    kind: LeadKind = "order"
    lat: float | None = None
    lon: float | None = None
    region_code: str | None = None
    city_id: int | None = None
    lines: tuple[Line, ...] = ()
    value_minor: int = 0
    own_dealer_id: TenantId | None = None
    picked_id: TenantId | None = None
    asked: frozenset[TenantId] = frozenset()
    is_fetched: bool = False
    is_wish: bool = False
    categories: frozenset[int] = frozenset()
    line_minors: tuple[int, ...] = ()
    siblings: int | None = None

    @property
    def customer(self) -> str:
        """`known` when a dealer serves him already, else `new`."""
        return "new" if self.own_dealer_id is None else "known"


@dataclass(slots=True)
class Candidate:
    """A dealer as routing sees him. `rating` is 0..1 from `rating_count` outcomes; `capacity` is leads a day.

    `response_minutes` is the median of his answers in working time, `recent_count` offers of the last thirty days,
    `price_percent` his price of the demanded goods against the recommended one. He brings goods as far as
    `delivers_km` and to the regions `delivers_to`; both `None`: he told nothing. Until `paused_until` he takes nothing.
    He `is_shut_out` where another dealer, and not he, serves the customer's place exclusively.

    A value that nobody changes, and yet not frozen: a decision makes a thousand, and frozen they take eight times as
    long to make. What follows from no lead comes first.
    """

    dealer_id: TenantId
    name: str = ""
    is_suspended: bool = False
    tier: str | None = None
    lat: float | None = None
    lon: float | None = None
    hours: WorkingHours | None = None
    capacity: int | None = None
    rating: float | None = None
    rating_count: float = 0
    response_minutes: float | None = None
    paused_until: datetime | None = None
    delivers_km: float | None = None
    delivers_to: frozenset[str] | None = None
    territory: Ground | None = None
    is_shut_out: bool = False
    stock: Mapping[ProductId, Stock] = field(default_factory=dict)
    open_offers: int = 0
    today_count: int = 0
    recent_count: int = 0
    last_offer_at: datetime | None = None
    certificates: tuple[Certificate, ...] = ()
    price_percent: int = 100
