"""The bank of the tests, started once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from app.config import Settings
from tests.blueprints.orders.cards import joined, running_bank


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the running emulator."""
    with running_bank(tmp_path_factory.mktemp("bank")) as base:
        yield base


@pytest.fixture
def bank(running: str, settings: Settings, apps: dict[str, Flask]) -> Iterator[str]:
    """Address of the emulator, which is the house's gateway for this test: each new application joins its own."""
    with joined(settings, running):
        yield running
