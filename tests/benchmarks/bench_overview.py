"""HQ's overview over 50,000 leads of half a year and 1,000 dealers: time of its statements, as HQ, in the database.

`make bench ARGS=tests/benchmarks/bench_overview.py`. Two baselines in the same run: the same page while no day is
counted, from the leads alone, and the least any overview does, one count over the same leads.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from time import perf_counter

import pytest
import sqlalchemy as sa

from app.kernel.clock import now
from app.kernel.db import db
from app.kernel.identity import hq
from blueprints.analytics import attention, dealers, overview, queries
from blueprints.analytics.rules import Filters, read_filters
from blueprints.leads.models import Lead
from tests.blueprints.analytics.network import empty, fill
from tests.blueprints.analytics.test_counting import count
from tests.house import House

LEADS, DEALERS, PRODUCTS, ROUNDS = 50_000, 1_000, 300, 9
AIM_MS = 200
STATEMENTS = 13


@contextmanager
def timed(house: House) -> Iterator[list[tuple[float, str]]]:
    """Milliseconds and text of each statement, without those that only take the role on."""
    with house.web.app_context():
        engine = db.engine
    seen: list[tuple[float, str]] = []
    started: list[float] = []

    def before(*_event: object) -> None:
        started.append(perf_counter())

    def after(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "set_config" not in statement:
            seen.append(((perf_counter() - started[-1]) * 1_000, statement))

    sa.event.listen(engine, "before_cursor_execute", before)
    sa.event.listen(engine, "after_cursor_execute", after)
    yield seen
    sa.event.remove(engine, "before_cursor_execute", before)
    sa.event.remove(engine, "after_cursor_execute", after)


def the_page(filters: Filters) -> None:
    """Every statement of the overview's page."""
    at = now()
    view = overview.load(filters, at)
    rows = dealers.figures(dealers.everybody(), filters, view.figures)
    page = dealers.timed(dealers.page_of(dealers.arranged(rows, "-leads"), 1), filters)
    dealers.stock_facts([row.id for row in page.items])
    attention.attention(at)
    queries.comments(filters)
    queries.region_names()


@pytest.fixture
def large(house: House) -> Iterator[House]:
    """The network of the benchmark."""
    fill(house, now(), leads=LEADS, dealers=DEALERS, products=PRODUCTS)
    yield house
    empty(house)


def test_overview_of_a_large_network(large: House) -> None:
    for state in ("from the leads", "from counted days"):
        for period in ("month", "half"):
            measure(large, state, period)
        count(large)


def measure(large: House, state: str, period: str) -> None:
    """Print medians of all statements of the page."""
    filters = read_filters({"period": period}, at=now(), zone="Europe/Moscow")
    rounds, baselines = [], []
    for _round in range(ROUNDS):
        with timed(large) as seen, large.speaking(hq()):
            the_page(filters)
        rounds.append(seen)
        with timed(large) as counted, large.speaking(hq()):
            db.session.scalar(sa.select(sa.func.count()).select_from(Lead).where(*queries.matching(filters)))
        baselines.append(counted[0][0])
    total = median(sum(took for took, _statement in seen) for seen in rounds)
    print(f"\n{period}, {state}: {total:.0f} ms in {len(rounds[0])} statements (aim {AIM_MS}); one count"
          f" {median(baselines):.1f} ms, ratio {total / median(baselines):.0f}")
    for number, (_took, statement) in enumerate(rounds[0]):
        each = median(seen[number][0] for seen in rounds)
        print(f"  {each:6.1f} ms  {' '.join(statement.split())[:90]}")
    assert len(rounds[0]) <= STATEMENTS
