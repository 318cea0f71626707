"""Dealers who join while the axe falls: they press the button of their mail again until their site stands."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
import uuid
from dataclasses import dataclass, field

import requests
import sqlalchemy as sa

from app.config import environment
from app.kernel.clock import now
from app.kernel.db import db
from app.web.links import sign
from blueprints.sites.models import DealerApplication
from blueprints.sites.service import CONFIRM
from tests.house import HQ, House
from tests.trust.street import HOSTS, KAZAN_CITY, PATIENCE, ROOT, Street, hidden

INN = 7_728_000_000


def slug_of(number: int) -> str:
    """A name in letters: digits that look alike, or come twice, would be refused as another's."""
    return "teplo-v-dom-" + "".join("bdfgkmpstz"[int(digit)] + "e" for digit in str(number))


def invite(house: House, total: int) -> list[str]:
    """So many applications whose mail is on its way; answers the tokens in those mails."""
    tokens = []
    with house.speaking(HQ):
        for number in range(total):
            one = DealerApplication(
                owner_id=HQ, id=uuid.uuid4(), state="new", company=f"ООО «Тепло {number}»", inn=str(INN + number),
                slug=slug_of(number), city_id=KAZAN_CITY, region_code="73", contact_name="Анна Орлова",
                email=f"owner{number}@example.ru", phone="+79161234567", password_hash="none", locale="ru",
                consent_at=now(),
            )
            db.session.add(one)
            tokens.append(sign(CONFIRM, str(one.id)))
    return tokens


@dataclass(slots=True)
class Crowd:
    """Applicants in several threads, and what became of them."""

    street: Street
    tokens: list[str]
    settled: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def run(self, threads: int) -> list[threading.Thread]:
        """Let them confirm, one after the other in each thread."""
        waiting, lock = iter(self.tokens), threading.Lock()

        def join() -> None:
            while True:
                with lock:
                    token = next(waiting, None)
                if token is None:
                    return
                try:
                    self._confirm(token)
                    self.settled.append(token)
                except Exception as error:  # told at the end, with all others
                    self.failures.append(f"{type(error).__name__}: {error}")

        started = [threading.Thread(target=join, daemon=True) for _thread in range(threads)]
        for thread in started:
            thread.start()
        return started

    def _confirm(self, token: str) -> None:
        browser = requests.Session()
        browser.headers["Host"] = f"{HOSTS[HQ]}:{self.street.settings.site_port}"
        path = f"/dealers/confirm/{token}"
        page = self._insist(browser, "GET", path, 200).text
        progress = self._insist(browser, "POST", path, 302, csrf_token=hidden(page, "csrf_token")).headers["Location"]
        self._insist(browser, "GET", progress, 302)

    def _insist(self, browser: requests.Session, method: str, path: str, wanted: int, **form: str) -> requests.Response:
        """Ask again until the answer is the wanted one: a site that is being made is looked at each half second."""
        address = f"http://127.0.0.1:{self.street.settings.site_port}{path}"
        deadline, status = time.monotonic() + PATIENCE, 0
        while time.monotonic() < deadline:
            try:
                reply = browser.request(method, address, timeout=15, allow_redirects=False, data=form or None)
                status = reply.status_code
                if status == wanted:
                    return reply
            except requests.RequestException:
                pass
            time.sleep(0.5)
        raise AssertionError(f"{method} {path}: {status} and not {wanted} in {PATIENCE:.0f} s")


@dataclass(slots=True)
class Command:
    """`zveno tenants add` by the operator, killed in the middle of its work and typed again."""

    street: Street
    slugs: list[str] = field(default_factory=list)

    def kill_one(self) -> None:
        """Start one for a new dealer, wait until the owner's login works in the database, and kill it."""
        slug = f"teplo-po-komande-{len(self.slugs)}"
        self.slugs.append(slug)
        process = self._start(slug)
        while process.poll() is None and not self.street.rows(
            f"SELECT 1 FROM pg_stat_activity WHERE usename = 'zveno_owner' AND application_name = '{slug}'"
        ):
            time.sleep(0.01)
        time.sleep(random.random() / 5)
        process.kill()
        process.wait()

    def again(self) -> None:
        """Type all commands again: each dealer is made now, or was before."""
        for slug in self.slugs:
            self._start(slug).wait(PATIENCE)

    def _start(self, slug: str) -> subprocess.Popen[bytes]:
        url = sa.make_url(self.street.settings.database_owner).update_query_dict({"application_name": slug})
        owner = {"ZVENO_DATABASE_OWNER": url.render_as_string(hide_password=False)}
        return subprocess.Popen(
            [sys.executable, "-m", "app.cli", "tenants", "add", slug, "--name", f"Тепло {slug}"], cwd=ROOT,
            env={**os.environ, **environment(self.street.settings), **owner}, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
