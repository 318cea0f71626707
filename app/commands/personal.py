"""`zveno personal`: the dictionary of personal data, as `docs/personal-data.md` shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click

from app.config import Settings
from app.kernel.privacy import Holding
from blueprints.privacy import wording
from blueprints.privacy.rules import TERMS
from tenants.personal_data import HOLDINGS, PLAIN

FATE_WORDS = {
    "row": "the row goes", "null": "emptied", "name": "a pseudonym", "empty": "emptied", "mailbox": "a pseudonym",
    "contact": "a pseudonym", "kept": "kept",
}
HEAD = """# Personal data

Written by `zveno personal dictionary --write docs/personal-data.md`; a test holds this page against \
`tenants/personal_data.py`, and another insists that every column that can hold words is declared there. How a request \
is served stands in [operating](operating.md), why an act names nobody in \
[the decision](decisions/an-act-names-orders-not-people.md).

The operator of data is the tenant on whose site the person left it. Tables of `network` hold rows of many operators; \
each reaches his own.
"""


def dictionary() -> str:
    """The dictionary as Markdown."""
    lines = [HEAD, "## What is kept", ""]
    for name, holding in HOLDINGS.items():
        lines += [*_section(name, holding), ""]
    lines += ["## How long", "", "| of | days | setting |", "|---|---|---|"]
    for term, name in TERMS.items():
        lines.append(f"| {wording.TERM_WORDS[term]} | {_default(name)} | `ZVENO_{name.upper()}` |")
    lines += ["", "What has no term is kept until the person asks, or the account is closed.", ""]
    lines += ["## Tables without personal data", "", " ".join(f"`{name}`" for name in sorted(PLAIN))]
    return "\n".join(lines) + "\n"


def _section(name: str, holding: Holding) -> Iterator[str]:
    whose = ", ".join(str(wording.PEOPLE_WORDS[one]).lower() for one in holding.whose)
    yield f"### `{name}`: {wording.TABLE_WORDS[name]}"
    yield ""
    purpose, ground = wording.PURPOSE_WORDS[holding.purpose], wording.BASIS_WORDS[holding.basis]
    yield f"Whose: {whose}. Purpose: {purpose}. Ground: {ground}."
    if holding.ends:
        yield f"Ends by the term of {', '.join(str(wording.TERM_WORDS[term]) for term in holding.ends)}."
    if holding.why:
        yield f"Kept because: {wording.WHY_WORDS[holding.why]}."
    yield from ("", "| column | class | when the person is erased |", "|---|---|---|")
    for column, facts in holding.personal.items():
        yield f"| `{column}` | {wording.KIND_WORDS[facts.kind]} | {FATE_WORDS[facts.fate]} |"


def _default(name: str) -> object:
    return next(field.default for field in fields(Settings) if field.name == name)


@click.group()
def personal() -> None:
    """Show what personal data is kept and for how long."""


@personal.command("dictionary")
@click.option("--write", type=click.Path(dir_okay=False), help="Write the page to this file.")
def show(write: str | None) -> None:
    """Print the dictionary of columns."""
    if write:
        Path(write).write_text(dictionary(), encoding="utf-8")
    else:
        click.echo(dictionary(), nl=False)
