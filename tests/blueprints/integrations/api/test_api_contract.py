"""What holds for every call of the API: keys, scopes, refusals, and its own description."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from app.web.limits import limiter
from blueprints.integrations.api import section
from tests.blueprints.integrations.api.conftest import Machine
from tests.house import HQ, KAZAN, SIBIR, House

Machines = Callable[..., Machine]
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
def described(house: House) -> dict[str, Any]:
    """The description as anybody reads it."""
    return house.visit(KAZAN).get("/api/v1/openapi.json").get_json()


def operations(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and operation of each call."""
    for path, item in described["paths"].items():
        for method, operation in item.items():
            assert method in METHODS
            yield path, method, operation


def parts(thing: Any) -> Iterator[dict[str, Any]]:
    """Every object in a tree."""
    if isinstance(thing, dict):
        yield thing
        for value in thing.values():
            yield from parts(value)
    if isinstance(thing, list):
        for value in thing:
            yield from parts(value)


def test_every_operation_says_what_it_does(described: dict[str, Any]) -> None:
    found = list(operations(described))
    ids = [operation["operationId"] for _path, _method, operation in found]
    assert len(ids) == len(set(ids)) == 32
    tags = {tag["name"] for tag in described["tags"]}
    for path, method, operation in found:
        assert operation["summary"], (path, method)
        assert len(operation["description"]) > len(operation["summary"]), (path, method)
        assert set(operation["tags"]) <= tags, (path, method)
        assert {"401", "403", "404", "409", "422", "429"} < set(operation["responses"]), (path, method)
        assert operation["security"][0]["key"][0].partition(":")[2] == ("read" if method == "get" else "write")


def test_the_description_is_whole(described: dict[str, Any]) -> None:
    assert described["openapi"] == "3.1.0"
    assert described["servers"] == [{"url": "http://teplo-kazan.localhost:8000"}]
    assert described["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    for part in parts(described):
        if "$ref" in part and isinstance(part["$ref"], str):
            place = described
            for step in part["$ref"].removeprefix("#/").split("/"):
                place = place[step]
        if "integer" in (part.get("type") or ()):
            assert {"minimum", "maximum"} <= set(part), part
        if part.get("type") == "array":
            assert "items" in part and "maxItems" in part, part


def test_every_place_in_a_path_is_described(described: dict[str, Any]) -> None:
    for path, _method, operation in operations(described):
        named = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
        assert named == {part.strip("{}") for part in path.split("/") if part.startswith("{")}
        assert all(one["description"] for one in operation["parameters"]), path


def test_the_description_tells_of_every_route(app: Flask, described: dict[str, Any]) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    routes = {name.removeprefix("api.") for name in endpoints if name.startswith("api.")}
    told = {operation["operationId"] for _path, _method, operation in operations(described)}
    assert routes - told == {"openapi", "docs"}


def test_the_description_is_worded_in_both_languages(house: House) -> None:
    visitor = house.visit(KAZAN)
    told = {
        language: visitor.get("/api/v1/openapi.json", headers={"Accept-Language": language}).get_json()
        for language in ("ru", "en")
    }
    assert told["en"]["paths"]["/api/v1/stock"]["get"]["summary"] == "List own stock"
    assert told["ru"]["paths"]["/api/v1/stock"]["get"]["summary"] == "Список своих остатков"


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_page_shows_every_call(house: House, described: dict[str, Any], language: str) -> None:
    page = house.visit(HQ).get(f"/api/v1/docs?lang={language}")
    assert page.status_code == 200
    assert all(f'id="{operation["operationId"]}"' in page.text for _path, _method, operation in operations(described))
    assert "style=" not in page.text


def calls(described: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Method, path with some names in it, and scope of each call."""
    filled = {"{sku}": "X", "{lead_id}": "0190b5c0-0000-7000-8000-000000000000"}
    for path, method, operation in operations(described):
        for mark, value in {**filled, "{order_id}": filled["{lead_id}"]}.items():
            path = path.replace(mark, value)
        yield method.upper(), path.removeprefix("/api/v1"), operation["security"][0]["key"][0]


def test_no_call_is_answered_without_a_key(house: House, described: dict[str, Any]) -> None:
    nobody = Machine(house, KAZAN, None)
    for method, path, _scope in calls(described):
        answer = nobody.call(method, path, json={}, language="en")
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer"), path
        assert answer.get_json()["message"].startswith("Show a key of this site")


def test_a_key_of_another_tenant_opens_nothing(described: dict[str, Any], machine: Machines) -> None:
    stranger = machine(SIBIR, at=KAZAN)
    assert {stranger.call(method, path, json={}).status_code for method, path, _scope in calls(described)} == {401}


def test_a_key_does_no_more_than_its_scopes(described: dict[str, Any], machine: Machines) -> None:
    for scope in ("stock:read", "leads:write"):
        caller = machine(KAZAN, scope)
        for method, path, needed in calls(described):
            refused = caller.call(method, path, json={}).status_code == 403
            assert refused == (needed != scope), (method, path)


def test_a_method_that_is_not_there_names_those_that_are(machine: Machines) -> None:
    answer = machine().call("DELETE", "/stock")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS, PATCH")
    assert answer.get_json()["code"] == 405


def test_refusals_are_worded_as_the_caller_reads(machine: Machines) -> None:
    caller = machine()
    said = {language: caller.get("/products?limit=0", language=language).get_json() for language in ("ru", "en")}
    assert said["en"] == {
        "code": 422, "field": "limit", "message": "“limit”: a whole number from 1 to 200 is asked for",
    }
    assert said["ru"]["message"] == "«limit»: нужно целое число от 1 до 200"


@pytest.mark.parametrize("body", ["{", '"text"', "[]", "null", "\ud800".encode("utf-8", "surrogatepass")])
def test_bodies_that_are_no_objects_are_refused(machine: Machines, body: Any) -> None:
    answer = machine().call("PATCH", "/stock", data=body, content_type="application/json")
    assert answer.status_code in (400, 422)
    assert answer.get_json()["message"]


def test_calls_are_counted_by_key(house: House, machine: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = machine(), machine()
    monkeypatch.setattr(limiter, "enabled", True)
    monkeypatch.setattr(section, "PER_MINUTE", 3)
    answers = [first.get("/categories", language="en") for _each in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].get_json()["message"] == "Too many calls. Wait a minute, then go on."
    assert int(answers[-1].headers["Retry-After"]) <= 61
    assert second.get("/categories").status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/no-such", "/api/v1/leads/12", "/api/no-such"])
def test_a_wrong_address_is_named_to_the_machine(house: House, path: str) -> None:
    reply = house.visit(KAZAN).get(f"{path}?lang=en")
    assert reply.status_code == 404
    assert reply.get_json() == {"code": 404, "message": f"There is no resource at {path}."}


def test_a_wrong_method_is_named_to_the_machine(house: House) -> None:
    reply = house.visit(KAZAN).delete("/api/v1/products?lang=en")
    assert reply.status_code == 405
    assert "does not take DELETE" in reply.get_json()["message"]
    assert "GET" in reply.headers["Allow"]
