"""Keys of machines: scopes, revocation, and that nothing else opens their doors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from app.kernel.clock import frozen, now
from blueprints.accounts.errors import KeyTooNarrow
from blueprints.accounts.keys import check_key, make_key
from tests.blueprints.accounts.conftest import People, post
from tests.house import KAZAN, SIBIR, House


def test_a_key_does_what_its_scopes_say(house: House) -> None:
    with house.speaking(KAZAN):
        key, secret = make_key(name="1C", scopes=["stock:write"], at=now())
        assert secret.startswith("zv_")
        assert check_key(secret, "stock:write") == str(key.id)
        with pytest.raises(KeyTooNarrow):
            check_key(secret, "stock:read")
        assert check_key(secret + "x", "stock:write") is None
    with house.speaking(SIBIR):
        assert check_key(secret, "stock:write") is None


def test_use_is_noted_at_most_every_minute(house: House) -> None:
    start = now()
    for seconds, noted in ((0, 0), (30, 0), (90, 90)):
        with frozen(start + timedelta(seconds=seconds)), house.speaking(KAZAN):
            if not seconds:
                _key, secret = make_key(name="1C", scopes=["stock:write"], at=start)
            check_key(secret, "stock:write")
        used = house.scalar("SELECT used_at FROM t_000002.api_keys")
        assert used == start + timedelta(seconds=noted)


def test_an_owner_makes_a_key_sees_it_once_and_revokes_it(people: People, house: House) -> None:
    browser = people.here("olga")
    answer = post(browser, "/desk/keys", name="Склад", scopes=["stock:read", "stock:write"])
    assert answer.status_code == 201
    secret = re.search(r"zv_[\w-]{43}", answer.text)
    assert secret
    assert secret.group() not in browser.get("/desk/keys").text
    key_id = house.scalar("SELECT id FROM t_000002.api_keys")
    post(browser, f"/desk/keys/{key_id}/revocation", page="/desk/keys")
    with house.speaking(KAZAN):
        assert check_key(secret.group(), "stock:read") is None


def test_a_key_without_scopes_or_with_strange_ones_is_not_made(people: People, house: House) -> None:
    browser = people.here("olga")
    for scopes in ([], ["everything"]):
        assert post(browser, "/desk/keys", name="Склад", scopes=scopes).status_code == 422
    assert house.scalar("SELECT count(*) FROM t_000002.api_keys") == 0


def test_managers_make_no_keys(people: People) -> None:
    assert people.here("olga", "manager").get("/desk/keys").status_code == 403


@pytest.fixture
def machine(app: Flask) -> Iterator[str]:
    """A route of machines that is installed: its address and scope."""
    from app.web.access import policy_of

    for rule in app.url_map.iter_rules():
        with app.app_context():
            policy = policy_of(rule.endpoint) or ""
        if policy.startswith("key:") and "GET" in (rule.methods or ()) and not rule.arguments:
            yield rule.rule
            return
    pytest.skip("no section for machines is installed")


def test_a_staff_session_stands_in_for_no_key(people: People, machine: str) -> None:
    assert people.here("olga").get(machine).status_code == 401
