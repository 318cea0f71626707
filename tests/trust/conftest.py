"""The bank of the orders' tests serves here, too."""

from tests.blueprints.orders.conftest import bank, running

__all__ = ["bank", "running"]
