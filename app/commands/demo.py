"""`zveno demo`: run the demo network, or load networks of any size."""

from __future__ import annotations

import os
from pathlib import Path

import click

HOME = ".zveno"


@click.group()
def demo() -> None:
    """The demo network of the manufacturer «Очаг»."""


@demo.command()
@click.option("--port", default=8000, show_default=True, envvar="PORT", help="Port of the sites.")
@click.option("--reset", is_flag=True, help="Throw the old network away and begin anew.")
@click.option("--home", default=HOME, show_default=True, type=click.Path(path_type=Path), help="Folder it lives in.")
def run(port: int, reset: bool, home: Path) -> None:
    """Bring up the whole network on this machine and serve it until Ctrl+C."""
    from app.demo.run import run as serve
    from app.demo.supervisor import SupervisorError
    from app.embedded import EmbeddedError

    try:
        serve(home, port=port, reset=reset or os.environ.get("RESET") == "1")
    except (SupervisorError, EmbeddedError) as error:
        raise click.ClickException(str(error)) from None


@demo.command()
@click.option("--dealers", default=24, show_default=True, type=click.IntRange(1, 5000))
@click.option("--products", default=300, show_default=True, type=click.IntRange(10, 20000))
@click.option("--orders", default=3000, show_default=True, type=click.IntRange(0, 500_000))
@click.option("--seed", default=7, show_default=True, help="The same seed makes the same network.")
@click.option("--password", envvar="ZVENO_DEMO_PASSWORD", help="Password of all log-ins; made up when not given.")
def load(dealers: int, products: int, orders: int, seed: int, password: str | None) -> None:
    """Load a network of any size into an empty database (settings from the environment)."""
    import secrets

    from rich.console import Console

    from app.config import load as load_settings
    from app.demo.load import load_demo, stands
    from tenants.migrating import load_models

    load_models()
    settings = load_settings()
    if stands(settings):
        raise click.ClickException("There is a network in this database already; choose an empty one.")
    console = Console(highlight=False)
    password = password or secrets.token_urlsafe(12)
    load_demo(
        settings, password=password, dealers=dealers, products=products, orders=orders, seed=seed,
        progress=console.print,
    )
    console.print(f"Password of all log-ins: {password}")
