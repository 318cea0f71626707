"""Periodic duties, declared where they belong and woken by the scheduler."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Periodic:
    """A function without arguments, run every `seconds` as `network_worker` in one unit of work."""

    function: Callable[[], None]
    seconds: int

    @property
    def name(self) -> str:
        """Dotted name, as sent through the queue."""
        return f"{self.function.__module__}.{self.function.__qualname__}"


PERIODIC: dict[str, Periodic] = {}

DUTY = "PeriodicDuty"
"""What stands in place of an event where a duty is counted among the deliveries."""


def every(*, seconds: int) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Run the function every so many seconds; runs may be skipped or doubled, so it must be idempotent."""

    def register(function: Callable[[], None]) -> Callable[[], None]:
        duty = Periodic(function, seconds)
        PERIODIC[duty.name] = duty
        return function

    return register
