"""How often somebody may try to sign in or ask for mails: per person, per address, over all, and per known device.

A browser in which the person signed in before is counted for itself alone, so a stranger's guesses at an address
never keep its owner out. On any other device they make him wait, and the link in his mailbox still opens.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from flask import Response, request, session
from flask_limiter import RequestLimit

from app.kernel.metrics import SIGN_INS
from app.kernel.words import _, ngettext
from app.web.access import speaker
from app.web.errors import page
from app.web.here import here
from app.web.limits import limiter, tenant_and_address
from blueprints.accounts.devices import account_print, known_device

View = TypeVar("View", bound=Callable[..., Any])

PER_DEVICE = "5 per minute; 40 per hour"
PER_PERSON = "5 per minute; 40 per hour"
PER_ADDRESS = "20 per minute; 200 per hour"
OVERALL = "300 per minute"

HALF = "half"
"""Where the browser's session keeps who has shown his password and not yet the second factor."""


def limit_attempts(view: View) -> View:
    """Count posts that failed, so that guessing is slow and colleagues behind one address are not."""
    return _limit(view, "attempts", lambda response: response.status_code == 422)


def limit_requests(view: View) -> View:
    """Count every post, for views that send mail and always give the same answer."""
    return _limit(view, "requests", None)


def wait_sentence(seconds: int) -> str:
    """How long to wait, as people say it."""
    if seconds < 60:
        return ngettext("Try again in %(num)s second.", "Try again in %(num)s seconds.", max(seconds, 1))
    return ngettext("Try again in %(num)s minute.", "Try again in %(num)s minutes.", -(-seconds // 60))


def _limit(view: View, purpose: str, counts: Callable[[Response], bool] | None) -> View:
    for name, rate, key, exempt in (
        ("device", PER_DEVICE, _device, lambda: not _is_known()),
        ("person", PER_PERSON, _person, lambda: _is_known() or not request.form.get("email")),
        ("address", PER_ADDRESS, tenant_and_address, _is_known),
        ("all", OVERALL, _tenant, _is_known),
    ):
        view = limiter.shared_limit(
            rate, scope=f"accounts-{purpose}-{name}", key_func=key, methods=["POST"], deduct_when=counts,
            exempt_when=exempt, on_breach=partial(_refuse, purpose),
        )(view)
    return view


def _refuse(purpose: str, limit: RequestLimit) -> Response:
    if purpose == "attempts":
        SIGN_INS.labels(_kind(), "limit").inc()
    wait = max(1, round(limit.reset_at - time.time()))
    door = "accounts" if _kind() == "customer" else "accounts_desk"
    response = page(
        "accounts/wait.html", 429, sentence=wait_sentence(wait), door=door, may_ask_link=purpose == "attempts",
        title=_("Too many attempts") if purpose == "attempts" else _("Too many requests"),
    )
    response.headers["Retry-After"] = str(wait)
    return response


def _kind() -> str:
    return "customer" if request.blueprint == "accounts" else "staff"


def _is_known() -> bool:
    return bool(_known())


def _known() -> str | None:
    """The device that is counted apart; who is signed in, or half in, is known by his session instead."""
    email = request.form.get("email")
    return known_device(_kind(), email) if email else _insider()


def _insider() -> str | None:
    person = speaker()
    return str(person.id) if person else (session.get(HALF) or {}).get("id")


def _device() -> str:
    return f"{here().id}:{_known()}:{account_print(_kind(), request.form.get('email', ''))}"


def _person() -> str:
    return f"{here().id}:{account_print(_kind(), request.form.get('email', ''))}"


def _tenant() -> str:
    return here().id
