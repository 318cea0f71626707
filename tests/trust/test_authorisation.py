"""Every route against everybody who may not enter: drawn from the routes themselves, so a new one is tried at once."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import pytest
from werkzeug.routing import AnyConverter, IntegerConverter, Rule, UUIDConverter
from werkzeug.test import TestResponse

from app.kernel.clock import now
from app.web import access as doors
from app.web.access import ROLES, policy_of
from app.web.links import sign
from blueprints.accounts import keys, service
from blueprints.accounts.models import Customer
from blueprints.accounts.passwords import hash_password
from tests.factories.leads import open_lead
from tests.house import HOSTS, HQ, KAZAN, SIBIR, Browser, House, token_of

PASSWORD = "a long word for everybody"
HOME = {"brand": HQ, "hq": HQ}
"""At whose host the routes of an audience are; all others are tried at Kazan's."""


class Door(NamedTuple):
    """A route with a method, at the host it is meant for."""

    at: str
    path: str
    method: str
    endpoint: str
    policy: str
    audience: str


class Visitor(NamedTuple):
    """Somebody with a browser at one host: of which tenant, in which role."""

    name: str
    tenant_id: str
    role: str
    browser: Browser


@pytest.fixture
def crowd(house: House) -> list[Visitor]:
    """Everybody there is, at Kazan's host and at HQ's."""
    house_of = {KAZAN: "Kazan", HQ: "HQ", SIBIR: "Sibir"}
    crowd = [Visitor("a stranger", at, "", house.visit(at)) for at in (KAZAN, HQ)]
    for at in (KAZAN, HQ, SIBIR):
        _settle(house, at)
        crowd += [
            Visitor(f"{role} of {house_of[at]}", at, role, _signed_in(house, at, role)) for role in ("customer", *ROLES)
        ]
    return crowd


def test_desks_open_to_their_own_staff_of_that_role_only(house: House, crowd: list[Visitor]) -> None:
    doors_ = [door for door in routes(house) if door.policy in ROLES]
    assert refused(house, doors_, crowd) == []
    assert len(doors_) > 50
    assert opened(doors_, crowd) > 10


def test_account_pages_open_to_customers_of_that_site_only(house: House, crowd: list[Visitor]) -> None:
    doors_ = [door for door in routes(house) if door.policy == "customer"]
    assert refused(house, doors_, crowd) == []
    assert opened(doors_, crowd) > 0


def test_hqs_desk_does_not_exist_at_a_dealers_host(house: House, crowd: list[Visitor]) -> None:
    doors_ = [door._replace(at=KAZAN) for door in routes(house) if door.audience in ("hq", "brand")]
    owner = next(one for one in crowd if (one.tenant_id, one.role) == (KAZAN, "owner"))
    assert {_knock(owner.browser, door).status_code for door in doors_} == {404}


def test_links_open_to_tokens_of_their_purpose_and_tenant_only(house: House) -> None:
    lead_id = open_lead(house, KAZAN, {})
    wrong, doors_ = {}, [door for door in routes(house) if "TOKEN" in door.path]
    assert len(doors_) > 10
    for door in doors_:
        browser = house.visit(door.at)
        for name, token in _wrong_tokens(house, door.at, f"{KAZAN}:{lead_id}", str(lead_id)).items():
            reply = _knock(browser, door._replace(path=door.path.replace("TOKEN", token)))
            if not _is_shut(reply):
                wrong[f"{door.method} {door.path} with {name}"] = reply.status_code
    assert wrong == {}


def test_machines_need_a_key_of_that_tenant_and_scope(house: House, crowd: list[Visitor]) -> None:
    doors_ = [door for door in routes(house) if door.policy.startswith("key:")]
    if not doors_:
        pytest.skip("no machine has anything to call yet")
    scopes = {door.policy.removeprefix("key:") for door in doors_}
    made = {scope: _key(house, KAZAN, scopes - {scope}) for scope in scopes}
    foreign, right = _key(house, SIBIR, scopes), _key(house, KAZAN, scopes)
    stranger, owner = house.visit(KAZAN), next(one for one in crowd if (one.tenant_id, one.role) == (KAZAN, "owner"))
    wrong = []
    for door in doors_:
        tries = {
            "no key": (stranger, ""), "another scope": (stranger, made[door.policy.removeprefix("key:")]),
            "another tenant's": (stranger, foreign), "the owner's cookie": (owner.browser, ""),
            "nonsense": (stranger, "x"),
        }
        for name, (browser, key) in tries.items():
            reply = _knock(browser, door, key)
            if reply.status_code != (403 if name == "another scope" else 401):
                wrong.append(f"{door.method} {door.path} with {name}: {reply.status_code}")
    assert wrong == []
    assert any(_knock(stranger, door, right).status_code == 200 for door in doors_ if door.method == "GET")


def test_open_pages_break_for_nobody(house: House, crowd: list[Visitor]) -> None:
    doors_ = [door for door in routes(house) if door.policy == "anyone" and door.method == "GET"]
    broken = [
        f"{one.name}: {door.path} {reply.status_code}"
        for door in doors_ for one in crowd if one.browser.site.endswith(HOSTS[door.at])
        if (reply := _knock(one.browser, door)).status_code >= 500
    ]
    assert broken == []


def test_control_without_the_check_the_matrix_sees_open_doors(
    house: House, crowd: list[Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    functions = house.web.before_request_funcs[None]
    monkeypatch.setitem(
        house.web.before_request_funcs, None, [each for each in functions if each is not doors._check]
    )
    doors_ = [door for door in routes(house) if door.policy == "clerk" and door.method == "GET"][:5]
    assert len(refused(house, doors_, crowd)) > len(doors_)


def refused(house: House, doors_: Iterable[Door], crowd: list[Visitor]) -> list[str]:
    """Everybody who got through a door, or broke it, without the right to."""
    wrong, tries = [], Counter[str]()
    for door in doors_:
        for one in crowd:
            browser = _at(house, one, door.at)
            if browser is None or may(one, door):
                continue
            tries[one.name] += 1
            reply = _knock(browser, door)
            if not _is_shut(reply):
                wrong.append(f"{one.name}: {door.method} {door.path} {reply.status_code} {reply.location or ''}")
    print(f"\n{sum(tries.values())} tries by {len(tries)} kinds of people, {len(wrong)} got through")
    return wrong


def opened(doors_: Iterable[Door], crowd: list[Visitor]) -> int:
    """How many pages opened to an owner or customer who has the right: else the matrix would prove nothing."""
    rightful = [one for one in crowd if one.role in ("owner", "customer")]
    return sum(
        _knock(one.browser, door).status_code == 200
        for door in doors_ for one in rightful if door.method == "GET" and one.tenant_id == door.at and may(one, door)
    )


def may(one: Visitor, door: Door) -> bool:
    """Whether the declared policy lets him in."""
    if one.tenant_id != door.at:
        return False
    if door.policy == "customer":
        return one.role == "customer"
    return one.role in ROLES and ROLES[one.role] >= ROLES[door.policy]


def routes(house: House) -> Iterator[Door]:
    """Every route with every method, its parameters filled with plausible values."""
    lead_id, rules = uuid.uuid4(), house.web.url_map
    for rule in rules.iter_rules():
        with house.web.app_context():
            policy = policy_of(rule.endpoint) or "anyone"
        audience = getattr(house.web.blueprints.get(rule.endpoint.rpartition(".")[0]), "audience", "visitors")
        path = rules.bind("x").build(rule.endpoint, _plausible(rule, lead_id), method=_method(rule))
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Door(HOME.get(audience, KAZAN), path, method, rule.endpoint, policy, audience)


def _method(rule: Rule) -> str:
    return next(iter((rule.methods or {"GET"}) - {"HEAD", "OPTIONS"}))


def _plausible(rule: Rule, lead_id: uuid.UUID) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, converter in rule._converters.items():
        if isinstance(converter, UUIDConverter):
            values[name] = lead_id
        elif isinstance(converter, IntegerConverter):
            values[name] = 1
        elif isinstance(converter, AnyConverter):
            values[name] = sorted(converter.items)[0]
        else:
            values[name] = {"token": "TOKEN", "owner_id": HQ, "dealer_id": KAZAN}.get(name, "x")
    return values


def _knock(browser: Browser, door: Door, key: str = "") -> TestResponse:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    if door.method == "GET":
        return browser.get(door.path, headers=headers)
    data = {} if door.audience == "machines" else {"csrf_token": _csrf(browser)}
    return browser.open(door.path, method=door.method, data=data, headers=headers)


def _csrf(browser: Browser) -> str:
    """A token of the browser's own session, from a page that is open to all; asked for once."""
    if "csrf" not in vars(browser):
        vars(browser)["csrf"] = token_of(browser.get("/account/password").text)
    return str(vars(browser)["csrf"])


def _is_shut(reply: TestResponse) -> bool:
    if reply.status_code in (302, 303):
        return "/sign-in" in reply.location
    return 400 <= reply.status_code < 500


def _at(house: House, one: Visitor, at: str) -> Browser | None:
    """His browser at that host; from elsewhere he brings his cookies along by hand, except strangers."""
    if one.tenant_id == at:
        return one.browser
    if not one.role:
        return None
    browser = house.visit(at)
    cookie = one.browser.get_cookie("zveno", domain=HOSTS[one.tenant_id].partition(":")[0])
    assert cookie is not None
    browser.set_cookie("zveno", cookie.value, domain=HOSTS[at].partition(":")[0])
    return browser


def _settle(house: House, at: str) -> None:
    with house.speaking(at):
        hashed = hash_password(PASSWORD)
        for role in ROLES:
            service.create_staff(email=f"{role}@example.ru", name=role, role=role, password_hash=hashed, at=now())
        service.db.session.add(Customer(email="customer@example.ru", name="customer", password_hash=hashed))


def _signed_in(house: House, at: str, role: str) -> Browser:
    browser, door = house.visit(at), "/account/sign-in" if role == "customer" else "/desk/sign-in"
    form = {"email": f"{role}@example.ru", "password": PASSWORD, "csrf_token": token_of(browser.get(door).text)}
    assert browser.post(door, data=form).status_code == 303
    return browser


def _key(house: House, at: str, scopes: Iterable[str]) -> str:
    with house.speaking(at):
        return keys.make_key(name="machine", scopes=scopes, at=now())[1]


def _wrong_tokens(house: House, at: str, *subjects: str) -> dict[str, str]:
    with house.speaking(at):
        tokens = {f"another purpose ({subject[:8]})": sign("something else", subject) for subject in subjects}
    with house.speaking(SIBIR):
        for purpose in (
            "offer", "feedback", "request", "order", "enter", "reset:staff", "invite:staff", "register", "checkout",
        ):
            tokens[f"{purpose} of Sibir"] = sign(purpose, subjects[-1])
    return {**tokens, "nonsense": "x.y.z", "nothing": "-"}
