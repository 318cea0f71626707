"""`zveno events`: who publishes what and who hears it, as `docs/events.md` shows it; what could not be delivered."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from importlib import import_module
from pathlib import Path

import click
import sqlalchemy as sa

from app.config import load
from app.factory import create_app
from app.installed import SUBSCRIBERS
from app.kernel import dead_letters
from app.kernel.clock import now
from app.kernel.db import db, unit_of_work
from app.kernel.events import EVENTS, SUBSCRIPTIONS, Delivery
from app.kernel.identity import network_worker, speaking_as
from app.kernel.jobs import PERIODIC


def wiring() -> str:
    """The wiring of events and duties as Markdown."""
    import_module("app.worker")
    for module in SUBSCRIBERS:
        import_module(module)
    lines = ["# Events", "", "Written by `zveno events`; a test holds this page against the code.", ""]
    lines += ["| event | fields | heard by | speaking as |", "|---|---|---|---|"]
    for name in sorted(EVENTS):
        columns = " ".join(f"`{field.name}`" for field in fields(EVENTS[name]))
        ears = sorted(SUBSCRIPTIONS.get(name, ()), key=lambda ear: ear.name) or [None]
        for ear in ears:
            heard = f"`{ear.name}` | `{ear.speaks}`" if ear else "nobody yet | "
            lines.append(f"| `{name}` | {columns} | {heard} |")
    lines += ["", "## Periodic duties", "", "| duty | every |", "|---|---|"]
    lines += [f"| `{name}` | {PERIODIC[name].seconds} s |" for name in sorted(PERIODIC)]
    return "\n".join(lines) + "\n"


@click.group(invoke_without_command=True)
@click.option("--write", type=click.Path(dir_okay=False), help="Write the page to this file.")
@click.pass_context
def events(context: click.Context, write: str | None) -> None:
    """Show the wiring of events, and look after those that could not be delivered."""
    if context.invoked_subcommand:
        return
    if write:
        Path(write).write_text(wiring(), encoding="utf-8")
    else:
        click.echo(wiring(), nl=False)


@events.command()
@click.option("--limit", default=50, show_default=True, help="So many, the latest first.")
def dead(limit: int) -> None:
    """List deliveries that were given up."""
    with _network():
        rows = db.session.scalars(
            sa.select(Delivery).where(Delivery.state == "dead").order_by(Delivery.died_at.desc()).limit(limit)
        ).all()
    for one in rows:
        click.echo(f"{one.event_id}  {one.died_at:%Y-%m-%d %H:%M}  {one.tenant_id}  {one.event} -> {one.handler}")
        click.echo(f"    {one.attempts} tries, {one.error}")
    click.echo(f"{len(rows)} dead")


@events.command()
@click.argument("event_id", type=click.UUID)
def replay(event_id: uuid.UUID) -> None:
    """Send every dead delivery of an event again."""
    with _network():
        keys = dead_letters.find(event_id)
        for key in keys:
            dead_letters.replay(key, actor="command", at=now())
    _tell(keys, "on its way again")


@events.command("set-aside")
@click.argument("event_id", type=click.UUID)
@click.option("--reason", required=True, help="Why nothing is to be done.")
def set_aside(event_id: uuid.UUID, reason: str) -> None:
    """Set the dead deliveries of an event aside, for a reason that stays with them."""
    with _network():
        keys = dead_letters.find(event_id, "dead")
        for key in keys:
            dead_letters.set_aside(key, reason=reason, actor="command", at=now())
    _tell(keys, "set aside")


@contextmanager
def _network() -> Iterator[None]:
    """One unit of work as the network's worker."""
    app = create_app(replace(load(), database_owner=""), login="worker")
    with app.app_context(), speaking_as(network_worker()), unit_of_work():
        yield


def _tell(keys: list[dead_letters.Key], what: str) -> None:
    if not keys:
        raise click.ClickException("Nothing of this event is dead.")
    for _tenant_id, _event_id, handler in keys:
        click.echo(f"{handler} is {what}")
