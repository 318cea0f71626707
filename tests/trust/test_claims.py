"""Many dealers claim one broadcast at the same moment: exactly one wins, and only he reads whom to call.

Each has a connection of his own, so that all claims are in the database at once. `ZVENO_TEST_CLAIMERS` says how many
dealers, `ZVENO_TEST_CLAIMS` how often; `make trust` takes the full length.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from uuid import UUID

import psycopg
import pytest

from app.kernel.identity import network_worker
from blueprints.routing import service
from tenants.owner import owner_engine
from tenants.provisioning import NewTenant, provision
from tests.factories.leads import MORNING, open_lead
from tests.factories.routing import put_in_force
from tests.house import HQ, House

DEALERS, ROUNDS = int(os.environ.get("ZVENO_TEST_CLAIMERS", "16")), int(os.environ.get("ZVENO_TEST_CLAIMS", "25"))


@pytest.fixture
def dealers(house: House) -> list[str]:
    """As many dealers, besides the two of the house who stand aside."""
    owner = owner_engine(house.settings.database_owner)
    made = []
    for number in range(DEALERS):
        with owner.begin() as connection:
            made.append(str(provision(connection, NewTenant(
                slug=f"claimer-{number}", name=f"Дилер {number}", legal_name="ООО", inn="7736207543",
                hosts=(f"claimer-{number}.localhost",), territories=(("73", "shared"),),
            ))))
    owner.dispose()
    return made


class Claimers:
    """The dealers at their connections, let loose on a lead together."""

    def __init__(self, connections: dict[str, psycopg.Connection]) -> None:
        self.connections = connections
        self.readers: list[str] = []

    def claim(self, lead_id: UUID) -> dict[str, str]:
        """What the database said to each."""
        gate, said = threading.Barrier(len(self.connections)), dict[str, str]()
        self.readers = []

        def press(dealer: str, connection: psycopg.Connection) -> None:
            with connection.transaction():
                connection.execute("SELECT set_config('role', %s, true)", [dealer])
                gate.wait(60)
                row = connection.execute("SELECT network.claim_lead(%s, %s, %s)", [HQ, lead_id, MORNING]).fetchone()
                said[dealer] = str(row and row[0])
            with connection.transaction():
                connection.execute("SELECT set_config('role', %s, true)", [dealer])
                found = connection.execute("SELECT phone FROM network.lead_contacts WHERE lead_id = %s", [lead_id])
                if found.fetchall():
                    self.readers.append(dealer)

        threads = [threading.Thread(target=press, args=each) for each in self.connections.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return said


@pytest.fixture
def claimers(house: House, dealers: list[str]) -> Iterator[Claimers]:
    with ExitStack() as stack:
        yield Claimers({
            dealer: stack.enter_context(psycopg.connect(house.settings.database_web, autocommit=True))
            for dealer in dealers
        })


def test_a_broadcast_is_claimed_by_exactly_one(house: House, dealers: list[str], claimers: Claimers) -> None:
    put_in_force(house, "broadcast", DEALERS, "geography")
    winners, began = Counter[str](), time.monotonic()
    for _round in range(ROUNDS):
        lead_id = open_lead(house, HQ, {}, MORNING)
        with house.speaking(network_worker()):
            assert service.route(owner_id=HQ, lead_id=lead_id, at=MORNING)
        said = claimers.claim(lead_id)
        (winner,) = [dealer for dealer, word in said.items() if word == "taken"]
        assert Counter(said.values()) == {"taken": 1, "gone": DEALERS - 1}
        assert claimers.readers == [winner]
        assert house.rows("SELECT state, assignee_id FROM network.leads WHERE id = %(id)s", id=lead_id) == [
            ("accepted", winner)
        ]
        offers = dict(house.rows("SELECT dealer_id, state FROM network.lead_offers WHERE lead_id = %(id)s", id=lead_id))
        assert Counter(offers.values()) == {"accepted": 1, "withdrawn": len(offers) - 1}
        assert offers[winner] == "accepted"
        winners[winner] += 1
    print(f"\n{ROUNDS} broadcasts, {DEALERS} dealers at once: one winner each time, {len(winners)} different ones,"
          f" {time.monotonic() - began:.0f} s")
