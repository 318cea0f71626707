"""`zveno events`: who publishes what and who hears it, as `docs/events.md` shows it."""

from __future__ import annotations

from dataclasses import fields
from importlib import import_module
from pathlib import Path

import click

from app.installed import SUBSCRIBERS
from app.kernel.events import EVENTS, SUBSCRIPTIONS
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


@click.command()
@click.option("--write", type=click.Path(dir_okay=False), help="Write the page to this file.")
def events(write: str | None) -> None:
    """Show the wiring of events."""
    if write:
        Path(write).write_text(wiring(), encoding="utf-8")
    else:
        click.echo(wiring(), nl=False)
