"""Machines that call the API: each with a key of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.kernel.clock import now
from app.web.limits import limiter
from blueprints.accounts.keys import make_key
from blueprints.accounts.rules import SCOPES
from tests.house import HQ, KAZAN, House

BASE = "/api/v1"


class Machine:
    """A program with a key, at a tenant's host."""

    def __init__(self, house: House, tenant_id: str, secret: str | None) -> None:
        self.browser = house.visit(tenant_id)
        self.headers = {"Authorization": f"Bearer {secret}"} if secret else {}

    def call(self, method: str, path: str, **options: Any) -> Any:
        """One call; `key` is its Idempotency-Key, `language` what it would like to read."""
        extra = {"Idempotency-Key": options.pop("key", None), "Accept-Language": options.pop("language", None)}
        headers = {**self.headers, **{name: value for name, value in extra.items() if value}}
        return self.browser.open(f"{BASE}{path}", method=method, headers=headers, **options)

    def get(self, path: str, **options: Any) -> Any:
        """Read."""
        return self.call("GET", path, **options)

    def post(self, path: str, **options: Any) -> Any:
        """Make something new."""
        return self.call("POST", path, **options)


@pytest.fixture
def machine(house: House) -> Iterator[Callable[..., Machine]]:
    """`machine(tenant, *scopes)`: with all scopes when none is named."""
    limiter.enabled, before = False, limiter.enabled

    def made(tenant_id: str = KAZAN, *scopes: str, at: str | None = None) -> Machine:
        with house.speaking(tenant_id):
            _key, secret = make_key(name="1C", scopes=scopes or SCOPES, at=now())
        return Machine(house, at or tenant_id, secret)

    yield made
    limiter.enabled = before


__all__ = ["HQ", "KAZAN", "Machine"]
