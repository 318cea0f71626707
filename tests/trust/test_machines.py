"""Checkout with stock, and money by card, in any order of steps: what stands is what a simple model says.

Hypothesis chooses the steps and shrinks what fails to the shortest story. `ZVENO_TEST_STEPS` says how many of each
machine; `make trust` takes the full length.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from tenants.owner import owner_engine
from tenants.provisioning import NewTenant, provision
from tests.house import House
from tests.trust.checkout_machine import CheckoutMachine
from tests.trust.money_machine import MoneyMachine
from tests.trust.offer_machine import BERLIN, BRANCH, PARENTS, OfferMachine

STEPS, A_STORY = int(os.environ.get("ZVENO_TEST_STEPS", "200")), 50


@pytest.fixture
def quiet(house: House) -> Iterator[House]:
    yield house
    for machine in (CheckoutMachine, MoneyMachine, OfferMachine):
        machine.house = None  # type: ignore[assignment]


def test_stock_is_what_the_orders_make_of_it(quiet: House) -> None:
    run(CheckoutMachine, quiet)


def test_money_is_where_the_orders_say(quiet: House, bank: str) -> None:
    MoneyMachine.bank = bank
    run(MoneyMachine, quiet)


def test_leads_are_with_whom_their_way_leads(quiet: House) -> None:
    owner = owner_engine(quiet.settings.database_owner)
    for number, (dealer, zone) in enumerate([(BRANCH, "Europe/Moscow"), (BERLIN, "Europe/Berlin")]):
        with owner.begin() as connection:
            assert dealer == provision(connection, NewTenant(
                slug=f"more-{number}", name=f"Дилер {number}", legal_name="ООО", inn="7736207543", timezone=zone,
                hosts=(f"more-{number}.localhost",), parent_id=PARENTS.get(dealer),
            ))
    owner.dispose()
    OfferMachine.turns.clear()
    run(OfferMachine, quiet)
    print(dict(OfferMachine.turns))
    assert sum(OfferMachine.turns.values()) >= STEPS // 50, "the model saw nothing happen"


def run(machine: type[RuleBasedStateMachine], house: House) -> None:
    """So many steps in stories of fifty."""
    machine.house, machine.steps = house, 0  # type: ignore[attr-defined]
    run_state_machine_as_test(machine, settings=settings(
        max_examples=max(1, STEPS // A_STORY), stateful_step_count=A_STORY, deadline=None, database=None,
        suppress_health_check=list(HealthCheck), print_blob=True,
    ))
    taken = machine.steps  # type: ignore[attr-defined]
    print(f"\n{machine.__name__}: {taken} steps, model and database agree after each")
    assert taken >= STEPS // 4
