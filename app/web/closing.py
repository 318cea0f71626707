"""Sites that serve nobody now: who may still come in, what visitors read, and why, for the dealer's own staff."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from app.kernel.db import db
from app.kernel.ids import HQ
from app.kernel.words import _
from app.web.access import speaker
from app.web.errors import answer, is_for_people, page
from app.web.links import site_url
from app.web.locale import quoted
from tenants.registry import TenantFacts

OPEN = frozenset({
    "media.own", "media.catalogue", "accounts_desk.sign_in", "accounts_desk.sign_out", "accounts_desk.forgotten",
    "accounts_desk.new_password",
})
"""What answers even at a closed site: its logo, and the door for its staff, who may read why it is closed."""


class Closed(Exception):
    """The site of a tenant that serves nobody now was asked for."""

    def __init__(self, facts: TenantFacts, audience: str) -> None:
        super().__init__(facts.id)
        self.facts = facts
        self.audience = audience


def install(app: Flask) -> None:
    """Fasten the pages of closed sites to the application."""
    app.register_error_handler(Closed, _closed)


def refuse_closed(facts: TenantFacts, audience: str) -> None:
    """A suspended site serves nobody; one that waits for approval serves its own staff only."""
    if facts.state == "active" or request.endpoint in OPEN:
        return
    if facts.state != "pending":
        raise Closed(facts, audience)
    if audience == "visitors" and not _is_staff():
        raise Closed(facts, audience)


def _closed(error: Closed) -> Response:
    state = error.facts.state
    if not is_for_people():
        return answer(503, _sentence(error.facts))
    if error.audience == "staff":
        if not _is_staff():
            return redirect(url_for("accounts_desk.sign_in"))
        return page("errors/closed_to_staff.html", 503, state=state, reason=_reason())
    return page("errors/closed.html", 503, state=state, sentence=_sentence(error.facts), network_url=_network_url())


def _sentence(facts: TenantFacts) -> str:
    return {
        "pending": _("This shop is being prepared and will open soon. Look in again tomorrow."),
        "suspended": _("%(dealer)s takes no orders for the time being.", dealer=quoted(facts.name)),
    }.get(facts.state, _("%(dealer)s is not in business here.", dealer=quoted(facts.name)))


def _network_url() -> str:
    return site_url("/", HQ)


def _is_staff() -> bool:
    person = speaker()
    return person is not None and person.kind == "staff"


def _reason() -> str | None:
    """What the manufacturer wrote when he closed the site that speaks; of others nobody learns it."""
    return db.session.scalar(sa.text("SELECT network.why_closed()"))
