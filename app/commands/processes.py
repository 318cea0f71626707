"""The long-running processes: web, worker, provisioner, relay, scheduler."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click

from app import logs
from app.config import load
from app.factory import create_app
from app.kernel import garbage, metrics


@click.command()
@click.option("--bind", default=None, help="Address and port, by default the site's port on all loopback names.")
@click.option("--workers", default=2, show_default=True, help="Processes.")
@click.option("--threads", default=4, show_default=True, help="Threads a process.")
def web(bind: str | None, workers: int, threads: int) -> None:
    """Serve the sites of all tenants by gunicorn."""
    settings = load()
    script = Path(sys.executable).with_name("gunicorn")  # started as a module it could not start its successor
    os.execv(
        sys.executable,
        [
            sys.executable, str(script), "wsgi:app", "--bind", bind or f"127.0.0.1:{settings.site_port}",
            "--workers", str(workers), "--threads", str(threads), "--worker-class", "gthread",
            "--preload", "--timeout", "60", "--graceful-timeout", "10", "--keep-alive", "5", "--log-level", "warning",
        ],
    )


@click.command()
def worker() -> None:
    """Handle events and periodic duties."""
    from app.prefork import keep
    from app.worker import EVENTS_QUEUE, work

    logs.configure()
    app = create_app(replace(load(), database_owner=""), login="worker")
    keep(_counted("worker", lambda: work(app, (EVENTS_QUEUE,))))


@click.command()
def provisioner() -> None:
    """Make tenants: the only worker that holds the owner's login."""
    import tenants.provisioning  # noqa: F401 -- now, so that the first dealer does not wait for it
    from app.prefork import keep
    from app.worker import PROVISION_QUEUE, work

    logs.configure()
    app = create_app(login="worker")
    keep(_counted("provisioner", lambda: work(app, (PROVISION_QUEUE,))))


@click.command()
def relay() -> None:
    """Hand events of the outbox to workers."""
    from app.relay import relay as run

    logs.configure()
    app = create_app(replace(load(), database_owner=""), login="worker")
    _counted("relay", lambda: run(app))()


@click.command()
def scheduler() -> None:
    """Wake periodic duties."""
    from app.duties import schedule

    logs.configure()
    app = create_app(replace(load(), database_owner=""), login="worker")
    _counted("scheduler", lambda: schedule(app))()


def _counted(kind: str, run: Callable[[], None]) -> Callable[[], None]:
    """The work of a process, which is among the metrics while it lives."""

    def counted() -> None:
        garbage.set_aside()
        metrics.PROCESSES.labels(kind).set(1)
        run()

    return counted
