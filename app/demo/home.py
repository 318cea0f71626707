"""The demo's home folder: where its servers, secrets, files and logs are kept between starts."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import sqlalchemy as sa

from app.config import Settings
from tenants.cluster import OWNER, WEB, WORKER_LOGIN

DATABASE = "zveno"


@dataclass(frozen=True)
class Ports:
    """Ports of the demo: the site's, and four beside it that follow it."""

    site: int

    @property
    def mail_page(self) -> int:
        """Page to read mails."""
        return self.site + 25

    @property
    def smtp(self) -> int:
        """Where mails are handed in."""
        return self.site + 26

    @property
    def mail_in(self) -> int:
        """Where letters to leads@… come in."""
        return self.site + 28

    @property
    def payments(self) -> int:
        """The payment emulator."""
        return self.site + 27


class Home:
    """A folder and the secrets made for it once; nothing secret stands in the project."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()

    @cached_property
    def secrets(self) -> dict[str, str]:
        """Passwords and keys, made at the first start, readable by the owner only."""
        file = self.folder / "secrets.json"
        if file.exists():
            return json.loads(file.read_text(encoding="utf-8"))
        made = {name: secrets.token_urlsafe(24) for name in (WEB, WORKER_LOGIN, OWNER, "webhook")}
        made |= {"secret_key": secrets.token_urlsafe(48), "password": _spoken_password()}
        self.folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            json.dump(made, out)
        return made

    def settings(self, superuser: str, queue: str, ports: Ports) -> Settings:
        """Settings of a network that runs on the servers of this home."""
        address = sa.make_url(superuser).set(database=DATABASE)

        def login(name: str) -> str:
            return address.set(username=name, password=self.secrets[name]).render_as_string(hide_password=False)

        return Settings(
            database_web=login(WEB), database_worker=login(WORKER_LOGIN), database_owner=login(OWNER), queue=queue,
            secret_key=self.secrets["secret_key"], site_port=ports.site, data_dir=str(self.folder),
            smtp=f"smtp://127.0.0.1:{ports.smtp}", mail_from="no-reply@ochag.localhost",
            mail_in=f"127.0.0.1:{ports.mail_in}",
            stripe_secret_key="sk_test_demo", stripe_publishable_key="pk_test_demo",
            stripe_webhook_secret=f"whsec_{self.secrets['webhook']}",
            stripe_api=f"http://127.0.0.1:{ports.payments}",
            stripe_js=f"http://localhost:{ports.payments}/js.stripe.com/v3/",
        )


def _spoken_password() -> str:
    """A password that is easy to type from a screen: four groups of letters."""
    letters = "abcdefghkmnpqrstuvwxyz"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(3))
