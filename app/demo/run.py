"""`make demo`: brings up a whole network on this machine, shows what it does, and ends all it started."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from app.commands.database import prepare
from app.config import Settings, environment
from app.demo.home import DATABASE, Home, Ports
from app.demo.supervisor import Process, Supervisor, http, require_free, tcp
from app.embedded import EmbeddedPostgres, EmbeddedValkey
from tenants.bootstrap import upgrade
from tenants.cluster import OWNER, WEB, WORKER_LOGIN
from tenants.migrating import load_models
from tenants.owner import owner_engine

HQ_HOST = "ochag.localhost"


def run(folder: Path, *, port: int, reset: bool) -> None:
    """Serve the demo network until a signal comes; `reset` begins anew."""
    home, ports = Home(folder), Ports(port)
    with Supervisor(folder, where=f"http://{HQ_HOST}:{port}") as supervisor:
        _require_ports(ports)
        if reset:
            with supervisor.step("Clearing the old network"):
                _clear(home.folder)
        settings = bring_up(supervisor, home, ports)
        supervisor.announce("Zveno / Звено", _rows(home, settings, ports))
        supervisor.watch()


def bring_up(supervisor: Supervisor, home: Home, ports: Ports, **size: int) -> Settings:
    """Start all that a network needs, loading it first where there is none; `size` as `load_demo` takes it."""
    settings = _start_stores(supervisor, home, ports)
    _bring_up_to_date(supervisor, home, settings, size)
    _start_processes(supervisor, home, settings, ports)
    return settings


def _require_ports(ports: Ports) -> None:
    require_free(ports.site, "the sites", "PORT")
    require_free(ports.mail_page, "the page of mails (PORT + 25)", "PORT")
    require_free(ports.smtp, "mail (PORT + 26)", "PORT")
    require_free(ports.mail_in, "leads by mail (PORT + 28)", "PORT")
    require_free(ports.payments, "the payment emulator (PORT + 27)", "PORT")


def _clear(folder: Path) -> None:
    for server in (EmbeddedPostgres(folder / "postgres"), EmbeddedValkey(folder / "valkey")):
        server.erase()
    for name in ("media", "mails", "payments", "logs"):
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / "secrets.json").unlink(missing_ok=True)


def _start_stores(supervisor: Supervisor, home: Home, ports: Ports) -> Settings:
    postgres, valkey = EmbeddedPostgres(home.folder / "postgres"), EmbeddedValkey(home.folder / "valkey")
    supervisor.start(postgres, "Starting PostgreSQL")
    supervisor.start(valkey, "Starting Valkey")
    return home.settings(postgres.url, valkey.url, ports)


def _bring_up_to_date(supervisor: Supervisor, home: Home, settings: Settings, size: Mapping[str, int]) -> None:
    from app.demo.load import load_demo, stands

    superuser = EmbeddedPostgres(home.folder / "postgres").url
    with supervisor.step("Preparing the database and migrating"):
        prepare(superuser, DATABASE, {login: home.secrets[login] for login in (WEB, WORKER_LOGIN, OWNER)})
        load_models()
        upgrade(owner_engine(settings.database_owner))
    if not stands(settings):
        with supervisor.step("Loading the network of «Очаг»: dealers, catalogue, half a year of history"):
            password, progress = home.secrets["password"], supervisor.console.print
            load_demo(settings, password=password, progress=progress, shows=True, **size)


def _start_processes(supervisor: Supervisor, home: Home, settings: Settings, ports: Ports) -> None:
    logs, env = home.folder / "logs", environment(settings)
    without_owner = {**env, "ZVENO_DATABASE_OWNER": ""}

    def child(name: str, *command: str, **options: object) -> Process:
        own = env if name == "provisioner" else without_owner
        return Process(name, [sys.executable, "-m", *command], logs, env=own, **options)  # type: ignore[arg-type]

    mail = child(
        "mail", "app.demo.mailcatcher", "--smtp-port", str(ports.smtp), "--http-port", str(ports.mail_page),
        "--dir", str(home.folder / "mails"), ready=tcp(ports.smtp),
    )
    payments = child(
        "payments", "app.demo.payments", "--port", str(ports.payments), "--dir", str(home.folder / "payments"),
        "--webhook", f"http://{settings.site_domain}:{ports.site}/webhooks/stripe",
        "--secret", settings.stripe_webhook_secret, ready=tcp(ports.payments),
    )
    letters = child("mail-in", "app.cli", "mail-in", ready=tcp(ports.mail_in))
    web = child("web", "app.cli", "web", ready=http(f"http://127.0.0.1:{ports.site}/readyz"))
    supervisor.start_together([web, mail, payments], "Starting the sites, the mail catcher and the payment emulator")
    behind = [child(name, "app.cli", name) for name in ("provisioner", "worker", "relay", "scheduler")]
    supervisor.start_together(
        [*behind, letters], "Starting provisioner, worker, relay, scheduler and the door for letters"
    )  # a person waits for sites


def _rows(home: Home, settings: Settings, ports: Ports) -> list[tuple[str, str]]:
    """What to print: a name and an address a row, narrow enough for a terminal of eighty columns."""
    from app.demo.load import shown_logins

    site = f"http://{HQ_HOST}:{ports.site}"
    rows = [("Brand's site", site), ("Become a dealer", f"{site}/dealers/join")]
    for name, host, path, email in shown_logins(settings):
        rows += [(name, f"http://{host}:{ports.site}{path}"), ("", email)]
    return [
        *rows,
        ("Password of all", home.secrets["password"]),
        ("Mails", f"http://localhost:{ports.mail_page}"),
        ("Leads by mail", f"leads@{HQ_HOST} by SMTP at 127.0.0.1:{ports.mail_in}"),
        ("API", f"{site}/api/v1/docs"),
        ("Test card", "4242 4242 4242 4242, any date to come, any code"),
        ("Stop", "Ctrl+C"),
    ]
