"""Which cart is this visitor's: a customer's own, or a guest's by the secret in his cookie.

The cookie is for this host alone; the database keeps a hash of it, so that reading one does not give the other.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid

import sqlalchemy as sa
from flask import Response, current_app, g, request

from app.kernel.db import db
from app.web.access import speaker
from blueprints.shop.models import Cart

KEEP = 90 * 24 * 3600


def find_cart(*, lock: bool = False) -> Cart | None:
    """The open cart of whoever visits, if he has one; looked for once a request, and once more to lock it."""
    if lock or "cart" not in g:
        g.cart = _look_up(lock=lock)
    return g.cart


def get_or_open_cart() -> Cart:
    """The visitor's cart, a new one with a new secret if he has none."""
    cart = find_cart(lock=True)
    if cart is None:
        secret = secrets.token_urlsafe(32)
        g.cart = cart = Cart(secret_hash=_hash(secret), customer_id=customer_id(), lines=[])
        db.session.add(cart)
        db.session.flush()
        g.cart_secret = secret
    return cart


def forget_cart() -> None:
    """Look for the visitor's cart anew: it was ordered, or he has signed in."""
    g.pop("cart", None)


def find_guest_cart() -> Cart | None:
    """The open cart of this browser that nobody signed in owns."""
    condition = _by_cookie()
    if condition is None:
        return None
    return db.session.scalar(sa.select(Cart).where(condition, Cart.ordered_at.is_(None)).with_for_update(of=Cart))


def customer_id() -> uuid.UUID | None:
    """The signed-in customer's id; staff who look at their own shop are guests."""
    person = speaker()
    return uuid.UUID(str(person.id)) if person is not None and person.kind == "customer" else None


def keep_secret(response: Response) -> Response:
    """Give a new cart's secret to the browser."""
    secret = g.pop("cart_secret", None)
    if secret is not None:
        is_secure = current_app.config["ZVENO"].site_scheme == "https"
        response.set_cookie(_name(), secret, max_age=KEEP, secure=is_secure, httponly=True, samesite="Lax", path="/")
    return response


def _look_up(*, lock: bool) -> Cart | None:
    condition = _whose()
    if condition is None:
        return None
    query = sa.select(Cart).where(condition, Cart.ordered_at.is_(None)).order_by(Cart.created_at.desc()).limit(1)
    return db.session.scalar(query.with_for_update(of=Cart) if lock else query)


def _whose() -> sa.ColumnElement[bool] | None:
    owner = customer_id()
    return Cart.customer_id == owner if owner is not None else _by_cookie()


def _by_cookie() -> sa.ColumnElement[bool] | None:
    secret = g.get("cart_secret") or request.cookies.get(_name())
    return sa.and_(Cart.secret_hash == _hash(secret), Cart.customer_id.is_(None)) if secret else None


def _name() -> str:
    return "__Host-cart" if current_app.config["ZVENO"].site_scheme == "https" else "cart"


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
