"""One small network and one Chromium for all journeys; everybody in a journey has a browser context of his own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.journeys.network import SIZE, Network, running
from tests.journeys.person import Person, arrive

Arrive = Callable[[str, str], Person]


@pytest.fixture(scope="session")
def network(browser: Browser) -> Iterator[Network]:
    """The whole network, as `make demo` runs it, but small."""
    folder = Path(tempfile.mkdtemp(prefix="zveno-journeys-"))
    folder.chmod(0o755)
    with running(folder, **SIZE) as network:
        yield network
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def rules_as_before(network: Network) -> Iterator[None]:
    """Other journeys find the rules that were in force."""
    ((before,),) = network.rows("SELECT version FROM network.sourcing_profiles WHERE state = 'active'") or ((0,),)
    yield
    network.rows("UPDATE network.sourcing_profiles SET state = 'retired' WHERE state = 'active'")
    network.rows("UPDATE network.sourcing_profiles SET state = 'active' WHERE version = %(v)s", v=before)
    network.rows("UPDATE network.tenants SET parent_id = NULL WHERE kind = 'dealer'")


@pytest.fixture
def arriving(
    network: Network, browser: Browser, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Arrive]:
    """Lets people arrive: `arriving("phone", "ru")`. When the test fails, what each saw last is kept."""
    people: list[Person] = []

    def come(device: str, locale: str) -> Person:
        people.append(arrive(network, browser, device, locale))
        return people[-1]

    yield come
    has_failed = getattr(request.node, "has_failed", False)
    for number, person in enumerate(people):
        if has_failed:
            file = tmp_path / f"{number}-{person.device}-{person.locale}.png"
            person.page.screenshot(path=file, full_page=True)
            print(f"{person.page.url} as it was: {file}")
        person.page.context.close()
    if has_failed:
        print("\n".join(network.errors()))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Remember on the test whether it failed, for the fixtures that end after it."""
    report = yield
    if report.when == "call":
        item.has_failed = report.failed  # type: ignore[attr-defined]
    return report
