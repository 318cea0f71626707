"""`zveno routing`: rehearse a version of the rules on past leads."""

from __future__ import annotations

import json
import os
import re
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import click
import sqlalchemy as sa
from flask import Flask
from flask_babel import force_locale
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from app import logs
from app.config import load
from app.factory import create_app
from app.kernel import garbage
from app.kernel.clock import now
from app.kernel.db import db, unit_of_work
from app.kernel.errors import HouseError
from app.kernel.identity import network_worker, speaking_as
from app.kernel.ids import HQ
from blueprints.routing import profiles, queries
from blueprints.routing.models import SourcingProfile
from blueprints.routing.rehearsal import loading, service, wording

SHOWN = 15
PERIOD = re.compile(r"(\d{1,4})d")

console = Console()


class Instant(click.ParamType):
    """`90d` (so many days before now) or a date."""

    name = "DAYS or DATE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """As an instant."""
        if isinstance(value, datetime):
            return value
        if match := PERIOD.fullmatch(value):
            return now() - timedelta(days=int(match[1]))
        try:
            return datetime.fromisoformat(value).replace(tzinfo=UTC)
        except ValueError:
            self.fail(f"{value!r} is neither a number of days like 90d nor a date like 2026-03-01", param, ctx)


@click.group()
def routing() -> None:
    """Rules by which leads find their dealer."""


@routing.command()
@click.argument("profile")
@click.option("--since", default="90d", show_default=True, type=Instant(), help="From when: 90d, or a date.")
@click.option("--until", default="0d", type=Instant(), help="Until when; until now if not given.")
@click.option("--seed", default=1, show_default=True, help="The same seed draws the same answers.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole result as JSON.")
def rehearse(profile: str, since: datetime, until: datetime, seed: int, as_json: bool) -> None:
    """Replay past leads under PROFILE (its number or its name), beside what happened and the rules in force."""
    if since >= until:
        raise click.ClickException("The period ends before it begins.")
    app = _app()
    try:
        with app.app_context(), force_locale("en"), speaking_as(network_worker()), unit_of_work():
            draft = profiles.read(_find(profile))
            with _bar(as_json) as bar:
                task = bar.add_task("Replaying", total=loading.count_of(since, until))
                summary = service.rehearse(
                    draft, since=since, until=until, seed=seed, progress=lambda done: bar.update(task, completed=done)
                )
            if as_json:
                click.echo(json.dumps(summary, ensure_ascii=False, indent=1))
            else:
                _print(summary)
    except HouseError as error:
        raise click.ClickException(str(error.sentence)) from None


@routing.command(name="take-up", hidden=True)
@click.argument("rehearsal_id", type=click.UUID)
def take_up(rehearsal_id: uuid.UUID) -> None:
    """Run a rehearsal that HQ asked for at its desk, out of the way of everything else on this machine."""
    os.nice(10)
    logs.configure()
    with _app().app_context(), force_locale("en"), speaking_as(network_worker()):
        service.run(rehearsal_id)


def _app() -> Flask:
    app = create_app(replace(load(), database_owner=""), login="worker")
    garbage.set_aside()
    return app


def _find(profile: str) -> SourcingProfile:
    if profile.isdecimal() and len(profile) < 9:
        return profiles.get_profile(int(profile))
    row = db.session.scalar(
        sa.select(SourcingProfile).where(SourcingProfile.owner_id == HQ, SourcingProfile.name == profile)
        .order_by(SourcingProfile.version.desc()).limit(1)
    )
    if row is None:
        raise profiles.NoProfile(f"There is no version of the rules with the number or name {profile!r}.")
    return row


def _bar(is_silent: bool) -> Progress:
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
    )
    return Progress(*columns, console=Console(stderr=True), transient=True, disable=is_silent)


def _print(summary: dict[str, Any]) -> None:
    names = queries.names_of(line[0] for line in summary["dealers"])
    console.print(f"[bold]{wording.HEADLINES[wording.head_of(summary)]}[/bold]")
    for sentence in (*wording.verdict(summary, names), *wording.warnings(summary), *wording.honesty(summary),
                     *wording.known(summary)):
        console.print(sentence, highlight=False)
    table = Table("", *(str(label) for label in wording.COLUMNS.values()))
    for line in wording.measures(summary):
        table.add_row(line.label, *map(str, line.values))
    console.print(table)
    dealers = Table("dealer", *(str(label) for label in wording.COLUMNS.values()), "draft less in force")
    for dealer_id, past, active, draft, *_worth in summary["dealers"][:SHOWN]:
        dealers.add_row(names.get(dealer_id, dealer_id), str(past), str(active), str(draft), f"{draft - active:+d}")
    console.print(dealers)
