"""Budgets: every page asks the same number of statements for one row, ten or a hundred, and for a thousand tenants.

The pages are drawn from the routes themselves, so a new one is tried from its first day; how many statements a page
may ask stands in `budgets.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import redis
import sqlalchemy as sa
from flask import Flask
from werkzeug.routing import AnyConverter, Rule

from app.config import Settings
from app.kernel.clock import now
from app.kernel.db import db
from app.kernel.identity import speaking_as
from app.web.access import ROLES, policy_of
from app.web.links import sign
from blueprints.accounts import keys
from blueprints.leads.letters import FEEDBACK, OFFER, REQUEST
from blueprints.leads.models import Lead
from blueprints.sites.service import CONFIRM
from blueprints.sites.views import PROGRESS
from tenants import registry
from tests.factories import plenty
from tests.factories.plenty import OFFERED, OWN, PASSWORD, PRAISED, SOLD, key
from tests.house import HQ, KAZAN, Browser, House, token_of

BUDGETS = tomllib.loads((Path(__file__).parent / "budgets.toml").read_text(encoding="utf-8"))
ROWS, TENANTS = (1, 10, 100), 1000
SCOPES = ("catalogue:read", "leads:read", "orders:read", "stock:read")
MACHINE = "machine"
PEOPLE = ("", "customer", "owner", MACHINE)

PARAMETERS: dict[str, Any] = {
    "owner_id": HQ, "lead_id": key(1, SOLD), "order_id": key(1), "request_id": key(1), "run_id": key(1),
    "version": 101, "rehearsal_id": key(1), "number": 1,
    "tenant_id": HQ, "event_id": key(1), "webhook_id": key(1),
    "handler": "routing.subscribers.route_lead", "dealer_id": KAZAN,
    "slug": "category-1", "sku": "SKU-1", "name": "x.webp", "token": "TOKEN",
}
OF_ENDPOINTS: dict[str, dict[str, Any]] = {
    "shop.product": {"slug": "pump-1"}, "api.show_lead": {"lead_id": key(1, OWN)},
    **{
        f"{section}.{name}": {"run_id": key(1, family)}
        for section, family in (("hq_catalogue", 1), ("lead_imports", 2))
        for name in ("import_run", "import_columns", "import_progress", "import_report")
    },
}
ASKED = {"api.find_cities": "?search=Казань"}
"""What a page has to be asked to show anything."""

LINKS: dict[str, tuple[str, str, str]] = {
    "orders.track": (KAZAN, "order", str(key(1))),
    "leads_links.offer": (KAZAN, OFFER, f"{HQ}:{key(1, OFFERED)}"),
    "leads_links.step": (KAZAN, OFFER, f"{HQ}:{key(1, OFFERED)}"),
    "leads_links.feedback": (HQ, FEEDBACK, str(key(1, PRAISED))),
    "leads_links.quiet": (HQ, FEEDBACK, str(key(1, PRAISED))),
    "leads_links.request_page": (HQ, REQUEST, str(key(1, PRAISED))),
    "sites.ask": (HQ, CONFIRM, str(key(1))),
    "sites.sent": (HQ, PROGRESS, str(key(1))),
    "sites.progress": (HQ, PROGRESS, str(key(1))),
    "accounts.finish": (KAZAN, "register", "new@example.ru"),
}
"""Pages behind a link: where, and what its token says to whom."""


class Page(NamedTuple):
    """A page as somebody opens it: a route, at one host, by whom."""

    endpoint: str
    at: str
    who: str
    path: str


class Asked(NamedTuple):
    """What a page cost."""

    statements: int
    round_trips: int
    status: int


Costs = dict[Page, dict[str, Asked]]
Browsers = dict[tuple[str, str], Browser]


@pytest.fixture(scope="module")
def house(apps: dict[str, Flask], services: tuple[str, str], settings: Settings) -> Iterator[House]:
    """One house for all of these tests: filling it is what takes the time."""
    house = House(apps["web"], apps["worker"], settings, services[0])
    with speaking_as(None):
        yield house
    plenty.empty(house)
    house.clean()


@pytest.fixture(scope="module")
def costs(house: House) -> Costs:
    """Every page at each size, and one that asks for each row on purpose."""
    for at in (HQ, KAZAN):
        plenty.settle(house, at)
    browsers = {(at, who): _signed_in(house, at, who) for at in (HQ, KAZAN) for who in PEOPLE}
    costs: Costs = {}
    filled = 0
    for rows in ROWS:
        plenty.fill(house, filled + 1, rows)
        registry.forget()
        filled = rows
        _walk(house, browsers, f"{rows} rows", costs)
        with wasteful(house):
            _ask(house, browsers, WASTEFUL, f"{rows} rows", costs)
    plenty.fill_tenants(house, TENANTS)
    registry.forget()
    _walk(house, browsers, f"{TENANTS} tenants", costs)
    return costs


WASTEFUL = Page("leads_desk.inbox", KAZAN, "wasteful", "/desk/leads")


def test_every_page_asks_the_same_whatever_it_shows(costs: Costs) -> None:
    uneven = {
        f"{page.endpoint} at {page.at}": {size: asked.statements for size, asked in sizes.items()}
        for page, sizes in _proper(costs) if len({asked.statements for asked in sizes.values()}) > 1
    }
    assert uneven == {}


def test_no_page_asks_more_than_its_budget(costs: Costs) -> None:
    over = {
        f"{page.endpoint} at {page.at}": asked.statements
        for page, sizes in _proper(costs) for asked in sizes.values()
        if asked.statements > BUDGETS["pages"].get(page.endpoint, BUDGETS["ceiling"])
    }
    assert over == {}


def test_every_page_answers_at_one_host_at_least(costs: Costs) -> None:
    answered = {page.endpoint for page, sizes in costs.items() if {asked.status for asked in sizes.values()} == {200}}
    assert {page.endpoint for page in costs} - answered == set(BUDGETS["elsewhere"])
    assert all(asked.status < 500 for sizes in costs.values() for asked in sizes.values())


def test_every_route_is_tried_or_named_with_its_reason(house: House, costs: Costs) -> None:
    tried = {page.endpoint for page in costs}
    readable = {rule.endpoint for rule in house.web.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert readable - tried - {"static"} == set(BUDGETS["untried"])
    assert all(BUDGETS["untried"].values())


def test_every_table_has_its_rows(house: House, costs: Costs) -> None:
    assert costs
    poor = [table.fullname for table in db.metadata.sorted_tables if _rows(house, table) < ROWS[-1]]
    assert sorted(poor) == sorted(BUDGETS["small"])


def test_control_a_page_that_asks_for_each_row_is_seen(costs: Costs) -> None:
    numbers = [asked.statements for asked in costs[WASTEFUL._replace(path="")].values()]
    assert numbers[0] < numbers[1] < numbers[2]


def _proper(costs: Costs) -> Iterator[tuple[Page, dict[str, Asked]]]:
    return ((page, sizes) for page, sizes in costs.items() if page.who != WASTEFUL.who)


@contextmanager
def wasteful(house: House) -> Iterator[None]:
    """The dealer's list of leads as it must not be: each lead looked at by a statement of its own."""
    views, name = house.web.view_functions, WASTEFUL.endpoint
    proper = views[name]

    def page(**values: Any) -> Any:
        for lead_id in db.session.scalars(sa.select(Lead.id)).all():
            db.session.execute(sa.select(Lead.state).where(Lead.id == lead_id))
        return proper(**values)

    views[name] = page
    yield
    views[name] = proper


def pages(house: House) -> Iterator[Page]:
    """Every route that can be read, at the hosts and by the people it is for."""
    routes = house.web.url_map.bind("x")
    for rule in house.web.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in ("static", *BUDGETS["untried"]):
            continue
        path = routes.build(rule.endpoint, _parameters(rule), method="GET") + ASKED.get(rule.endpoint, "")
        for at, who in _whom(house, rule):
            if rule.endpoint in LINKS:
                path = path.replace("TOKEN", _token(house, *LINKS[rule.endpoint]))
            yield Page(rule.endpoint, at, who, path)


def _whom(house: House, rule: Rule) -> list[tuple[str, str]]:
    with house.web.app_context():
        policy = policy_of(rule.endpoint) or "anyone"
    audience = getattr(house.web.blueprints.get(rule.endpoint.rpartition(".")[0]), "audience", "visitors")
    if rule.endpoint in LINKS:
        return [(LINKS[rule.endpoint][0], "")]
    if policy.startswith("key:"):
        return [(at, MACHINE) for at in (HQ, KAZAN)]
    who = "owner" if policy in ROLES else "customer" if audience == "visitors" else ""
    return [(at, who) for at in ((HQ,) if audience in ("hq", "brand") else (HQ, KAZAN))]


def _parameters(rule: Rule) -> dict[str, Any]:
    known = {**PARAMETERS, **OF_ENDPOINTS.get(rule.endpoint, {})}
    return {
        name: sorted(converter.items)[0] if isinstance(converter, AnyConverter) else known[name]
        for name, converter in rule._converters.items()
    }


def _token(house: House, at: str, purpose: str, subject: str) -> str:
    with house.speaking(at):
        return sign(purpose, subject)


def _walk(house: House, browsers: Browsers, size: str, costs: Costs) -> None:
    for page in pages(house):
        _ask(house, browsers, page, size, costs)


def _ask(house: House, browsers: Browsers, page: Page, size: str, costs: Costs) -> None:
    browser = browsers[page.at, "owner" if page.who == WASTEFUL.who else page.who]
    sizes = costs.setdefault(page._replace(path=""), {})
    sizes[size] = _asked(house, browser, page.path)
    if len({asked.statements for asked in sizes.values()}) > 1 or len(sizes) == 1:
        sizes[size] = _asked(house, browser, page.path)  # what a process learns once is not the page's


def _asked(house: House, browser: Browser, path: str) -> Asked:
    with counted(house) as seen:
        reply = browser.get(path)
    return Asked(len(seen["sql"]), len(seen["valkey"]), reply.status_code)


@contextmanager
def counted(house: House) -> Iterator[dict[str, list[object]]]:
    """Statements and round trips to Valkey; to say who speaks is no statement of the page."""
    seen: dict[str, list[object]] = {"sql": [], "valkey": []}

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "set_config" not in statement:
            seen["sql"].append(statement)

    send = redis.Connection.send_packed_command

    def sent(connection: redis.Connection, command: Any, **options: Any) -> None:
        seen["valkey"].append(command)
        send(connection, command, **options)

    with house.web.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redis.Connection, "send_packed_command", sent)
        yield seen
    sa.event.remove(engine, "before_cursor_execute", note)


def _signed_in(house: House, at: str, who: str) -> Browser:
    browser = house.visit(at)
    browser.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 Firefox"
    if who == MACHINE:
        with house.speaking(at):
            browser.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {keys.make_key(name='x', scopes=SCOPES, at=now())[1]}"
    elif who:
        door = "/account/sign-in" if who == "customer" else "/desk/sign-in"
        form = {"email": f"{who}@example.ru", "password": PASSWORD, "csrf_token": token_of(browser.get(door).text)}
        assert browser.post(door, data=form).status_code == 303
    return browser


def _rows(house: House, table: sa.Table) -> int:
    name = table.fullname if table.schema else f"{KAZAN}.{table.name}"
    return int(str(house.scalar(f"SELECT count(*) FROM {name}")))
