"""Browsers in which somebody signed in before: a cookie says so, and wrong guesses of others do not hold them up.

The cookie names no one: it holds a number of the device and, as hashes, the accounts it is known to. It opens no
door, it only has guesses counted apart (`limits`), so whoever hammers at an address never locks its owner out.
"""

from __future__ import annotations

import hashlib
import secrets

from flask import Response, after_this_request, current_app, request

from app.kernel.errors import HouseError
from app.web.links import read_link, sign

YEAR = 365 * 24 * 3600
MOST_ACCOUNTS = 8


def account_print(kind: str, email: str) -> str:
    """A short hash of an account's kind and mail address."""
    return hashlib.sha256(f"{kind}:{email.strip().lower()}".encode()).hexdigest()[:16]


def known_device(kind: str, email: str) -> str | None:
    """Number of this browser if that account signed in here before."""
    number, accounts = _read()
    return number if account_print(kind, email) in accounts else None


def remember(kind: str, email: str) -> None:
    """Let the answer to this request make the browser known to the account."""
    number, accounts = _read()
    mine = account_print(kind, email)
    known = [mine, *(account for account in accounts if account != mine)][:MOST_ACCOUNTS]
    token = sign("device", f"{number or secrets.token_hex(8)}:{','.join(known)}")

    @after_this_request
    def keep(response: Response) -> Response:
        secure = current_app.config["SESSION_COOKIE_SECURE"]
        response.set_cookie(_name(), token, max_age=YEAR, path="/", secure=secure, httponly=True, samesite="Lax")
        return response


def _read() -> tuple[str, list[str]]:
    try:
        number, _colon, accounts = read_link("device", request.cookies.get(_name(), ""), YEAR).partition(":")
    except HouseError:
        return "", []
    return number, accounts.split(",")


def _name() -> str:
    return "__Host-known" if current_app.config["SESSION_COOKIE_SECURE"] else "known"
