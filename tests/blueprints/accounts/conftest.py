"""People of the tenants under test, and their browsers."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from app.kernel.clock import now
from app.web.limits import limiter
from blueprints.accounts.passwords import hash_password
from blueprints.accounts.service import create_staff
from tests.house import KAZAN, Browser, House, token_of

PASSWORD = "кот ходит по крыше"


class People:
    """Makes staff and lets them sign in."""

    def __init__(self, house: House) -> None:
        self.house = house

    def staff(
        self, name: str, role: str = "owner", tenant_id: str = KAZAN, password: str | None = PASSWORD
    ) -> uuid.UUID:
        """A member of staff `<name>@example.ru`; answers the id."""
        with self.house.speaking(tenant_id):
            hashed = hash_password(password) if password else None
            return create_staff(
                email=f"{name}@example.ru", name=name.title(), role=role, password_hash=hashed, at=now()
            ).id

    def sign_in(
        self, name: str, tenant_id: str = KAZAN, password: str = PASSWORD, door: str = "/desk/sign-in"
    ) -> Browser:
        """A browser in which that person signed in."""
        browser = self.house.visit(tenant_id)
        answer = post(browser, door, email=f"{name}@example.ru", password=password)
        assert answer.status_code == 303, answer.text
        return browser

    def here(self, name: str, role: str = "owner") -> Browser:
        """Made and signed in."""
        self.staff(name, role)
        return self.sign_in(name)


@pytest.fixture
def people(house: House) -> People:
    """People of this test."""
    return People(house)


@pytest.fixture
def unlimited() -> Iterator[None]:
    """Without limits on how often."""
    limiter.enabled, before = False, limiter.enabled
    yield
    limiter.enabled = before


def post(browser: Browser, path: str, page: str | None = None, **values: Any) -> Any:
    """Fill in the form of a page (the path itself unless another one carries it) and send it."""
    token = token_of(browser.get(page or path).text)
    return browser.post(path, data={"csrf_token": token, **values})


def links_in_mails(house: House, template: str) -> list[str]:
    """Paths of the links in the mails of one template, the oldest first."""
    rows = house.rows(
        "SELECT params->>'link' FROM t_000002.mails WHERE template = %(template)s ORDER BY id", template=template
    )
    return [re.sub(r"^https?://[^/]+", "", str(link)) for (link,) in rows]
