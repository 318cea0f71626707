"""How often somebody may try to sign in or ask for mails: per person, per address and over all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Response, request

from app.web.boundary import here
from app.web.limits import limiter, tenant_and_address

View = TypeVar("View", bound=Callable[..., Any])

PER_PERSON = "5 per minute; 40 per hour"
PER_ADDRESS = "20 per minute; 200 per hour"
OVERALL = "300 per minute"


def limit_attempts(view: View) -> View:
    """Count posts that failed, so that guessing is slow and colleagues behind one address are not."""
    return _limit(view, "attempts", lambda response: response.status_code == 422)


def limit_requests(view: View) -> View:
    """Count every post, for views that send mail and always give the same answer."""
    return _limit(view, "requests", None)


def _limit(view: View, purpose: str, counts: Callable[[Response], bool] | None) -> View:
    for name, rate, key in (
        ("person", PER_PERSON, _person), ("address", PER_ADDRESS, tenant_and_address), ("all", OVERALL, _tenant),
    ):
        scope = f"accounts-{purpose}-{name}"
        view = limiter.shared_limit(rate, scope=scope, key_func=key, methods=["POST"], deduct_when=counts)(view)
    return view


def _person() -> str:
    return f"{here().id}:{request.form.get('email', '').strip().lower()[:254]}"


def _tenant() -> str:
    return here().id
