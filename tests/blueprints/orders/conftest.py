"""The bank of the tests, started once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from app.config import Settings
from tests.blueprints.orders.cards import running_bank


@pytest.fixture(scope="session")
def bank(tmp_path_factory: pytest.TempPathFactory, settings: Settings, apps: dict[str, Flask]) -> Iterator[str]:
    """Address of the running emulator, which is the house's gateway meanwhile."""
    with running_bank(tmp_path_factory.mktemp("bank"), settings) as base:
        yield base
