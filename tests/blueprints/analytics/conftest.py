"""HQ at its desk."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.blueprints.accounts.conftest import People
from tests.house import HQ, House


@pytest.fixture
def hq_browser(house: House) -> FlaskClient:
    """A clerk of HQ, signed in."""
    people = People(house)
    people.staff("vera", "clerk", HQ)
    return people.sign_in("vera", HQ)
