"""`zveno figures`: the figures of HQ's overview that are counted by day."""

from __future__ import annotations

import click

from app.factory import create_app
from app.kernel.clock import now
from app.kernel.db import unit_of_work
from app.kernel.identity import network_worker, speaking_as
from blueprints.analytics import counting


@click.group()
def figures() -> None:
    """Figures of HQ's overview, counted by day."""


@figures.command()
def rebuild() -> None:
    """Count every day anew from the leads themselves; the overview is right meanwhile, only slower."""
    with create_app(login="worker").app_context(), speaking_as(network_worker()):
        with unit_of_work():
            counting.forget()
        total = 0
        while days := _count():
            total += days
            click.echo(f"{total} days counted")


def _count() -> int:
    with unit_of_work():
        return counting.count_days(now())
