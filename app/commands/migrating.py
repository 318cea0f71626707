"""`zveno tenants migrate | check`: every schema to the newest revision, and whether each is as it should be."""

from __future__ import annotations

from collections import Counter

import click
from rich.console import Console
from rich.progress import Progress

from app.commands.lookup import owner
from tenants import checking
from tenants.migrating import WORKERS, head, migrate_network, migrate_tenants

console = Console()


@click.command()
@click.option("--workers", default=WORKERS, show_default=True, help="Tenants at a time.")
def migrate(workers: int) -> None:
    """Bring `network` and every tenant to the newest revision; resumes where it was interrupted."""
    migrate_network(owner())
    counts: Counter[str] = Counter()
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task(f"to {head('tenant')}", total=None)
        for outcome in migrate_tenants(owner(), workers=workers):
            counts[outcome.state] += 1
            progress.advance(task)
            if outcome.state == "failed":
                console.print(f"{outcome.tenant_id}: {outcome.error}")
    click.echo(f"{counts['done']} migrated, {counts['failed']} failed; all others are at {head('tenant')} already.")
    if counts["interrupted"]:
        click.echo(f"The database went away before {counts['interrupted']} more; the same command resumes.", err=True)
    raise SystemExit(1 if counts["failed"] or counts["interrupted"] else 0)


@click.command()
def check() -> None:
    """Compare the shape of every tenant's schema with what the migrations make."""
    checked = checking.check(owner())
    for drift in checked.drifted:
        click.echo(f"{drift.tenant_id} has drifted:")
        for line in drift.extra:
            click.echo(f"  + {line}")
        for line in drift.missing:
            click.echo(f"  - {line}")
    for tenant_id in checked.behind:
        click.echo(f"{tenant_id} is behind; see `zveno tenants show {tenant_id}`.")
    click.echo(f"{checked.sound} sound, {len(checked.behind)} behind, {len(checked.drifted)} drifted.")
    raise SystemExit(0 if checked.is_sound else 1)
