"""Sections and who may enter: every route declares its access policy, or the application does not start.

Policies: `anyone`; `customer`; `clerk`, `manager`, `owner` (staff of at least that role); `link` (the
view checks a signed link); `key:<scope>` (a machine's API key with that scope).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, current_app, g, redirect, request, url_for
from flask_login import LoginManager, current_user
from werkzeug.wrappers import Response

ROLES = {"clerk": 1, "manager": 2, "owner": 3}
PLAIN = frozenset({"anyone", "link", "customer", *ROLES})

SET_UP = "accounts_security.index"
SET_UP_BLUEPRINT = SET_UP.partition(".")[0]

login_manager = LoginManager()
KeyCheck = Callable[[str, str], "str | None"]
_key_check: list[KeyCheck] = []


class Section(Blueprint):
    """A blueprint whose every route names its access policy; its audience stands in `app.installed`."""

    audience = "visitors"

    def __init__(self, name: str, import_name: str, **options: Any) -> None:
        options.setdefault("template_folder", "templates")
        super().__init__(name, import_name, **options)
        self.policies: dict[str, str] = {}

    def add_url_rule(
        self, rule: str, endpoint: str | None = None, view_func: Any = None, *args: Any, **options: Any
    ) -> None:
        """As Flask's, with `access=` required."""
        access = options.pop("access", None)
        if access is None or not (access in PLAIN or access.startswith("key:")):
            raise TypeError(f"{self.name}: the route {rule} does not declare its access policy")
        self.policies[endpoint or view_func.__name__] = access
        super().add_url_rule(rule, endpoint, view_func, *args, **options)


def use_key_check(check: KeyCheck) -> None:
    """Let `check(secret, scope)` decide on API keys; it answers the key's id or None."""
    _key_check[:] = [check]


def policy_of(endpoint: str) -> str | None:
    """The declared policy of an endpoint, None outside sections."""
    name, _dot, view = endpoint.rpartition(".")
    section = current_app.blueprints.get(name)
    return section.policies.get(view) if isinstance(section, Section) else None


def install(app: Any) -> None:
    """Fasten access checks to the application; after the boundary, before any view."""
    login_manager.init_app(app)
    login_manager.session_protection = None  # sessions live in the database and are revocable there
    app.before_request(_check)


def speaker() -> Any:
    """The signed-in person or None."""
    user = current_user
    return user if user and user.is_authenticated else None


def _check() -> Response | None:
    access = policy_of(request.endpoint or "")
    if access in (None, "anyone", "link"):
        return None
    if access.startswith("key:"):
        return _check_key(access.removeprefix("key:"))
    person = speaker()
    if access == "customer":
        return None if person and person.kind == "customer" else redirect(_sign_in("accounts.sign_in"))
    if not person or person.kind != "staff":
        return redirect(_sign_in("accounts_desk.sign_in"))
    if person.is_limited and request.blueprint != SET_UP_BLUEPRINT:
        return redirect(url_for(SET_UP), 303)
    if ROLES[person.role] < ROLES[access]:
        abort(403)
    return None


def _check_key(scope: str) -> None:
    """A machine shows its key on each call; somebody signed in at the desk is no machine."""
    kind, _space, secret = request.headers.get("Authorization", "").partition(" ")
    secret = secret if kind.lower() == "bearer" else request.headers.get("X-API-Key", "")
    key_id = _key_check[0](secret.strip(), scope) if secret and _key_check else None
    if key_id is None:
        abort(401)
    g.actor = f"key:{key_id}"


def _sign_in(endpoint: str) -> str:
    target = request.full_path.rstrip("?") if request.method == "GET" else None
    return url_for(endpoint, next=target)
