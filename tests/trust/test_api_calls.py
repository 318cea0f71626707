"""The whole API called as its own description allows, and as it does not, by every kind of machine.

Calls are made up from the description that everybody can read: right ones, and ones with a wrong type, bound,
name or media type. No answer may be an error of ours, and each has to be as the description promises.
How many calls each machine makes stands in `ZVENO_TEST_API_CALLS`; more than a few hundred take minutes.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core import NOT_SET
from schemathesis.specs.openapi import checks

from app.kernel.clock import now
from app.web.limits import limiter
from blueprints.accounts.keys import make_key
from blueprints.accounts.rules import SCOPES
from tests.factories.leads import KAZAN_CITY, add_products, give_stock, open_lead
from tests.house import HOSTS, HQ, KAZAN, SIBIR, House

CALLS = int(os.environ.get("ZVENO_TEST_API_CALLS", "150"))
READING = tuple(scope for scope in SCOPES if scope.endswith(":read"))


class Actor(NamedTuple):
    """A machine: at whose site, with whose key, of what scopes."""

    at: str
    key_of: str | None
    scopes: tuple[str, ...]
    answers: frozenset[int]
    """Nothing else may be answered."""


ANY = frozenset(range(200, 500))
NO_SUCH_ADDRESS = frozenset({404, 405})
STRANGER, NARROW = NO_SUCH_ADDRESS | {401}, NO_SUCH_ADDRESS | {401, 403}
ACTORS = {
    "no key": Actor(KAZAN, None, (), STRANGER),
    "key of another site": Actor(KAZAN, SIBIR, tuple(SCOPES), STRANGER),
    "key without scopes": Actor(KAZAN, KAZAN, (), NARROW),
    "reader": Actor(KAZAN, KAZAN, READING, ANY),
    "writer": Actor(KAZAN, KAZAN, tuple(SCOPES), ANY),
    "HQ": Actor(HQ, HQ, tuple(SCOPES), ANY),
}
HELD = [
    not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
    checks.response_headers_conformance, checks.response_schema_conformance,
]


@pytest.fixture
def known(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, list[str]]]:
    """Things there are, by the name of the place in an address: made-up ids would meet nothing but 404."""
    monkeypatch.setattr(limiter, "enabled", False)
    products = add_products(house, 3)
    give_stock(house, KAZAN, dict.fromkeys(products, 50))
    leads = [str(open_lead(house, owner, {products[0]: 1})) for owner in (KAZAN, KAZAN, HQ)]
    house.work()
    yield {"sku": ["SKU-1", "SKU-2"], "lead_id": leads, "order_id": leads, "city_id": [str(KAZAN_CITY)]}


@pytest.mark.parametrize("name", list(ACTORS))
def test_every_call_is_answered_as_described(house: House, known: dict[str, list[str]], name: str) -> None:
    actor, answered = ACTORS[name], Counter[int]()
    described = schemathesis.openapi.from_dict(house.visit(actor.at).get("/api/v1/openapi.json").get_json())
    described.app = house.web
    headers = _headers(house, actor)
    operations = [found.ok() for found in described.get_all_operations()]
    for number, operation in enumerate(operations):
        _try(operation, known, number, lambda *tried: answered.update([_judge(*tried, actor, headers)]))
    print(f"\n{name}: {sum(answered.values())} calls, {dict(sorted(answered.items()))}")
    assert sum(answered.values()) >= CALLS * 0.8
    assert set(answered) <= actor.answers


def _try(operation: Any, known: dict[str, list[str]], number: int, judge: Any) -> None:
    modes = [operation.as_strategy(generation_mode=mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)]

    @seed(number)
    @settings(
        max_examples=max(3, CALLS // 22), deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(modes), place=st.integers(0, 4))
    def calls(case: Any, place: int) -> None:
        mended = [key for key in set(case.path_parameters or {}) & set(known) if place < len(known[key])]
        for key in mended:
            case.path_parameters[key] = known[key][place]
        judge(case, not mended)

    calls()


def _headers(house: House, actor: Actor) -> dict[str, str]:
    if actor.key_of is None:
        return {}
    with house.speaking(actor.key_of):
        _key, secret = make_key(name="1C", scopes=actor.scopes, at=now())
    return {"Authorization": f"Bearer {secret}"}


def _judge(case: Any, is_as_made: bool, actor: Actor, headers: dict[str, str]) -> int:
    limiter.enabled = False
    response = case.call(base_url=f"http://{HOSTS[actor.at]}", headers=headers)
    is_wrong = is_as_made and case.body is not NOT_SET and case.meta.generation.mode is GenerationMode.NEGATIVE
    is_wrong &= case.method != "PATCH"  # the batch of stock answers each line for itself
    case.validate_response(response, checks=[*HELD, checks.negative_data_rejection] if is_wrong else HELD)
    return response.status_code
