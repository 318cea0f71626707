"""The overview: every figure is the length of the list it leads to, in a fixed number of statements."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape
from io import BytesIO

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from app.kernel.clock import now
from app.kernel.db import db
from app.kernel.identity import hq
from app.kernel.spreadsheets import open_table
from blueprints.analytics import dealers, overview, queries
from blueprints.analytics.attention import attention
from blueprints.analytics.figures import read
from blueprints.analytics.rules import Filters, read_filters
from blueprints.leads.queries import search_leads
from tests.blueprints.analytics.network import empty, fill
from tests.house import HQ, KAZAN, SIBIR, House

BUDGET = 16
"""Statements of the whole page: twelve of the overview itself, the rest tells who asks and on which site."""


def filters(**args: str) -> Filters:
    return read_filters({"period": "half", **args}, at=now(), zone="Europe/Moscow")


@contextmanager
def counted(house: House) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("SELECT") and "set_config" not in statement:
            seen.append(statement)

    with house.web.app_context():
        engine = db.engine
    sa.event.listen(engine, "after_cursor_execute", note)
    yield seen
    sa.event.remove(engine, "after_cursor_execute", note)


def test_young_network_says_that_it_is_just_beginning(hq_browser: FlaskClient) -> None:
    assert "Nothing here for this choice" in hq_browser.get("/hq/?lang=en").text
    assert "По этому выбору ничего нет" in hq_browser.get("/hq/?lang=ru").text


def test_overview_is_closed_to_strangers_and_to_dealers_hosts(house: House) -> None:
    assert house.visit(HQ).get("/hq/").status_code == 302
    assert house.visit(KAZAN).get("/hq/").status_code == 404


@pytest.mark.parametrize("chosen", [{}, {"source": "phone"}, {"dealer": SIBIR}, {"region": "73"}, {"period": "week"}])
def test_every_step_of_the_funnel_counts_the_list_it_leads_to(house: House, chosen: dict[str, str]) -> None:
    fill(house, now(), leads=300)
    asked = filters(**chosen)
    with house.speaking(hq()):
        figures = queries.find_figures(asked, now()).now
        steps = {name: getattr(figures, name) for name in overview.LIST_STATES}
        listed = {
            name: search_leads(
                state=state or "", since=asked.period.since, until=asked.period.until, source=asked.source or "",
                dealer=asked.dealer or "", region=asked.region or "",
            ).total
            for name, state in overview.LIST_STATES.items()
        }
    assert steps == listed


def test_pleased_customers_are_a_share_of_those_who_answered(house: House, hq_browser: FlaskClient) -> None:
    fill(house, now(), leads=300)
    with house.speaking(hq()):
        figure = overview.load(filters(), now()).now
    assert 0 < figure.satisfied < figure.answers < figure.delivered
    step = hq_browser.get("/hq/?period=half&lang=en").text.partition(f", of {figure.answers} who answered")[2]
    share = step.partition('funnel__share">')[2].partition(" %")[0]
    assert share == str(round(100 * figure.satisfied / figure.answers))


def test_parts_add_up_to_the_whole(house: House) -> None:
    fill(house, now(), leads=300)
    with house.speaking(hq()):
        view = overview.load(filters(), now())
        by_dealer = dealers.figures(dealers.everybody(), filters(), view.figures)
    assert sum(row.leads for row in view.groups.regions) == sum(row.leads for row in view.groups.sources) == 300
    assert sum(row.delivered for row in by_dealer) == view.now.delivered
    assert sum(minor for *_step, minor in view.line) == view.now.delivered_minor == sum(row.minor for row in by_dealer)
    assert sum(row.offers for row in by_dealer) == sum(view.offers.states.values())
    assert sum(count for _reason, count, _minor in view.groups.losses) == view.now.lost


def test_figures_of_answers_are_those_of_postgres(house: House) -> None:
    fill(house, now(), leads=100)
    seconds = sorted(float(value) for (value,) in house.rows(  # type: ignore[arg-type]
        "SELECT extract(epoch FROM accepted_at - offered_at) FROM network.leads"
        " WHERE accepted_at IS NOT NULL AND offered_at IS NOT NULL"
    ))
    middle = (seconds[(len(seconds) - 1) // 2] + seconds[len(seconds) // 2]) / 2
    with house.speaking(hq()):
        figures = queries.find_figures(filters(), now()).now
    assert figures.median == pytest.approx(middle)


@pytest.mark.parametrize("path", ["/hq/?period=half", f"/hq/dealers/{KAZAN}/card?period=half"])
def test_page_takes_a_fixed_number_of_statements(hq_browser: FlaskClient, house: House, path: str) -> None:
    numbers = []
    for leads in (3, 200):
        fill(house, now(), leads=leads)
        hq_browser.get(path)
        with counted(house) as seen:
            assert hq_browser.get(path).status_code == 200
        numbers.append(len(seen))
        empty(house)
    assert numbers[0] == numbers[1] <= BUDGET


def test_a_figure_leads_to_its_leads_and_keeps_the_filters(hq_browser: FlaskClient, house: House) -> None:
    fill(house, now(), leads=100)
    page = hq_browser.get("/hq/?period=half&source=brand_site&lang=en").text
    links = [unescape(link) for link in re.findall(r'class="funnel__step" href="([^"]+)"', page)]
    assert len(links) == 5
    assert all("source=brand_site" in link and "since=" in link and "until=" in link for link in links)
    assert hq_browser.get(links[2]).status_code == 200


@pytest.mark.parametrize("sort", ["name", "-name", *dealers.SORTS, *(f"-{name}" for name in dealers.SORTS)])
def test_dealers_stand_in_the_order_asked_for(house: House, sort: str) -> None:
    fill(house, now(), leads=60)
    with house.speaking(hq()):
        rows = dealers.arranged(dealers.figures(
            dealers.everybody(), filters(), read(filters(), now()), dealers.medians(filters())
        ), sort)
    measure: Callable[..., object] = dealers.SORTS.get(sort.lstrip("-"), lambda row: row.name.casefold())
    values = [measure(row) for row in rows if measure(row) is not None]
    assert values == sorted(values, reverse=sort[0] == "-")  # type: ignore[type-var]


@pytest.mark.parametrize("table", ["dealers", "regions", "sources"])
def test_tables_leave_as_csv_and_xlsx_alike(hq_browser: FlaskClient, house: House, table: str) -> None:
    fill(house, now(), leads=60)
    files = [hq_browser.get(f"/hq/overview/{table}.{kind}?period=half&lang=ru") for kind in ("csv", "xlsx")]
    read = []
    for answer in files:
        with open_table(BytesIO(answer.data)) as opened:
            read.append([row.cells[:3] for row in opened.rows()])
    assert [[str(cell) for cell in row] for row in read[0]] == [[str(cell) for cell in row] for row in read[1]]
    assert len(read[0]) > 1


def test_a_name_that_is_a_formula_leaves_as_text(hq_browser: FlaskClient, house: House) -> None:
    with house.speaking(KAZAN):
        db.session.execute(sa.text("UPDATE network.tenants SET name = '=1+1' WHERE id = :id"), {"id": KAZAN})
    body = hq_browser.get("/hq/overview/dealers.csv").data.decode("utf-8-sig")
    with house.speaking(KAZAN):
        db.session.execute(sa.text("UPDATE network.tenants SET name = 'Тепло Казань' WHERE id = :id"), {"id": KAZAN})
    assert "'=1+1" in body


def test_what_waits_is_counted_and_shown(house: House) -> None:
    fill(house, now(), leads=200)
    waits = house.scalar("SELECT count(*) FROM network.leads WHERE state = 'new' AND escalated_at IS NOT NULL")
    with house.speaking(hq()):
        waiting = attention(now())
    assert waiting.counts["escalated"] == waits
    assert [item.kind for item in waiting.items][:3] == ["escalated"] * 3
    assert waiting.counts["dead"] == 0


@pytest.mark.parametrize("address", [
    "period=nonsense", "since=2026-99-99&until=x", "since=2026-12-31&until=2020-01-01", "page=999999999999",
    "page=-1", "sort=password", "region=%27%3B--", "dealer=t_999999",
])
def test_odd_addresses_get_a_page(hq_browser: FlaskClient, address: str) -> None:
    assert hq_browser.get(f"/hq/?{address}").status_code == 200


def test_unknown_dealer_has_no_card(hq_browser: FlaskClient) -> None:
    assert hq_browser.get("/hq/dealers/t_000999/card").status_code == 404
    assert hq_browser.get(f"/hq/dealers/{HQ}/card").status_code == 404

