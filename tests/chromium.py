"""The system's Chromium: one for all tests of a process, for Playwright bears no second one beside it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

ARGUMENTS = (
    "--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-dev-shm-usage",
)


def chromium() -> str | None:
    """The system's Chromium, under whichever name."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((found for name in names if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; without one journeys are skipped, unless `ZVENO_REQUIRE_BROWSER=1` insists."""
    executable = chromium()
    if executable is None:
        if os.environ.get("ZVENO_REQUIRE_BROWSER") == "1":
            pytest.fail("ZVENO_REQUIRE_BROWSER is set, but there is no Chromium.")
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        yield browser
        browser.close()
