"""`zveno metrics`: the operators' door, and the dashboards that show what comes out of it."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import click

from app import logs


@click.group()
def metrics() -> None:
    """Show operators what the network is doing."""


@metrics.command()
@click.option("--bind", default="127.0.0.1:9465", show_default=True, help="Address and port.")
@click.option("--backups", type=click.Path(path_type=Path), help="Folder of `zveno db backup`, to tell its age.")
def serve(bind: str, backups: Path | None) -> None:
    """Answer Prometheus at /metrics, for all processes of this machine."""
    from prometheus_client import CollectorRegistry

    from app.config import load
    from app.watch.door import Door, make
    from app.watch.shared import Shared
    from app.watch.state import State

    logs.configure()
    settings = load()
    host, _colon, port = bind.rpartition(":")
    if not settings.metrics_dir:
        raise click.ClickException("Set ZVENO_METRICS_DIR: the folder where processes of this machine share numbers.")
    if not settings.metrics_token and not ipaddress.ip_address(host.strip("[]")).is_loopback:
        raise click.ClickException("Set ZVENO_METRICS_TOKEN: beyond this machine nobody may look without one.")
    registry = CollectorRegistry()
    registry.register(Shared(Path(settings.metrics_dir)))
    registry.register(State(settings, backups))
    make(host, int(port), Door(registry, settings.metrics_token)).serve_forever()


@metrics.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def dashboards(folder: Path) -> None:
    """Write the dashboards for Grafana into a folder."""
    from app.watch.dashboards import DASHBOARDS, as_json

    folder.mkdir(parents=True, exist_ok=True)
    for dashboard in DASHBOARDS:
        (folder / f"{dashboard.name}.json").write_text(as_json(dashboard), encoding="utf-8")
