"""`zveno mail-in`, the door for leads by mail, and `zveno leads receive`, the same for a pipe."""

from __future__ import annotations

import signal
import sys
import threading
from dataclasses import replace

import click

from app import logs
from app.config import load
from app.factory import create_app


@click.command("mail-in")
def mail_in() -> None:
    """Take letters to leads@… in by SMTP at ZVENO_MAIL_IN, an address of this machine."""
    from blueprints.leads.mailbox.door import controller

    logs.configure()
    settings = replace(load(), database_owner="")
    host, _colon, port = settings.mail_in.rpartition(":")
    door, done = controller(create_app(settings), host, int(port)), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    door.start()
    done.wait()
    door.stop()


@click.group()
def leads() -> None:
    """Leads from the command line."""


@leads.command()
@click.option("--to", "address", required=True, help="The address the letter was sent to; it decides whose lead it is.")
def receive(address: str) -> None:
    """Take the letter on standard input in; ends with 67 (no such user) when nobody takes leads at the address."""
    from blueprints.leads.mailbox.door import deliver
    from blueprints.leads.mailbox.letter import LARGEST

    raw = sys.stdin.buffer.read(LARGEST + 1)
    try:
        state, reason = deliver(create_app(replace(load(), database_owner="")), address, raw)
    except LookupError:
        click.echo(f"Nobody takes leads at {address}.", err=True)
        sys.exit(67)
    click.echo(state if reason is None else f"{state}: {reason}")
