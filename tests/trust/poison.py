"""`python -m tests.trust.poison worker|relay|scheduler`: a process of the house that also hears events of the tests.

`Poisoned` kills whoever hears it, `Knocked` leaves a row, `Held` does so once the file it names exists; and each
second there is a duty that kills whoever runs it.
"""

from __future__ import annotations

import os
import signal
import time
import uuid
from pathlib import Path

from app.kernel.db import db
from app.kernel.events import event, subscribe
from app.kernel.jobs import every
from blueprints.accounts.models import Customer

PATIENCE = 60.0


@event
class Poisoned:
    """Nobody survives this."""

    tenant_id: str


@event
class Knocked:
    """Anybody can stand this."""

    tenant_id: str


@event
class Held:
    """To be handled when a file exists."""

    tenant_id: str
    path: str


@subscribe(Poisoned, speaks="tenant_id")
def swallow(_event: Poisoned) -> None:
    """End the process as the kernel does when memory is out."""
    os.kill(os.getpid(), signal.SIGKILL)


@subscribe(Knocked, speaks="tenant_id")
def open_door(_event: Knocked) -> None:
    """Leave a trace."""
    db.session.add(Customer(email=f"{uuid.uuid4()}@example.ru", name="Сосед"))


@subscribe(Held, speaks="tenant_id")
def hold(held: Held) -> None:
    """Wait at work, with a trace that a rollback takes away."""
    db.session.add(Customer(email=f"{uuid.uuid4()}@example.ru", name="Терпение"))
    db.session.flush()
    deadline = time.monotonic() + PATIENCE
    while not Path(held.path).exists() and time.monotonic() < deadline:
        time.sleep(0.05)


@every(seconds=1)
def poisonous() -> None:
    """End the process, whatever the hour."""
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    from app.cli import main

    main()
