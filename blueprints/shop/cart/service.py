"""Verbs on carts: put in, change, take out, join a guest's with a customer's."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.kernel.db import db
from app.kernel.errors import Invalid
from app.kernel.words import _
from blueprints.accounts.sessions import Person
from blueprints.catalog.goods import is_listed
from blueprints.shop.cart.cookie import find_cart, find_guest_cart, forget_cart, get_or_open_cart
from blueprints.shop.models import Cart, CartLine

MOST = 9999

_PUT = insert(CartLine.__table__)
_ADD = _PUT.on_conflict_do_update(
    index_elements=["cart_id", "product_id"],
    set_={"quantity": sa.func.least(CartLine.quantity + _PUT.excluded.quantity, MOST)},
)


class NotSoldHere(Invalid):
    """The product does not exist, or this site does not list it."""


def put_in(*, product_id: int, quantity: int) -> None:
    """So many more of a product in the visitor's cart."""
    if not is_listed(product_id):
        raise NotSoldHere(_("This product is not sold here."))
    add_lines(get_or_open_cart(), [(product_id, quantity)])


def change_quantity(*, product_id: int, quantity: int) -> None:
    """So many of a product; nothing happens when it is not in the cart."""
    cart = find_cart(lock=True)
    if cart is not None:
        db.session.execute(
            sa.update(CartLine).where(CartLine.cart_id == cart.id, CartLine.product_id == product_id)
            .values(quantity=_bounded(quantity)).execution_options(synchronize_session=False)
        )
        db.session.expire(cart, ["lines"])


def take_out(*, product_id: int) -> None:
    """The product leaves the cart."""
    cart = find_cart(lock=True)
    if cart is not None:
        db.session.execute(
            sa.delete(CartLine).where(CartLine.cart_id == cart.id, CartLine.product_id == product_id)
            .execution_options(synchronize_session=False)
        )
        db.session.expire(cart, ["lines"])


def add_lines(cart: Cart, lines: Iterable[tuple[int, int]]) -> None:
    """Add `(product_id, quantity)` to what is there."""
    rows = [
        {"cart_id": cart.id, "product_id": product_id, "quantity": _bounded(quantity)}
        for product_id, quantity in lines
    ]
    if rows:
        db.session.execute(_ADD, rows)
        db.session.expire(cart, ["lines"])


def join_carts(person: Person, _before: Mapping[str, Any]) -> None:
    """What a guest chose becomes the customer's when he signs in."""
    forget_cart()
    guest = find_guest_cart() if person.kind == "customer" else None
    if guest is None:
        return
    owner = uuid.UUID(str(person.id))
    own = db.session.scalar(
        sa.select(Cart).where(Cart.customer_id == owner, Cart.ordered_at.is_(None)).with_for_update(of=Cart)
        .order_by(Cart.created_at.desc()).limit(1)
    )
    if own is None:
        guest.customer_id = owner
        return
    add_lines(own, [(line.product_id, line.quantity) for line in guest.lines])
    db.session.delete(guest)


def quantity_in_cart(product_id: int) -> int:
    """How many of a product lie in the visitor's cart."""
    cart = find_cart()
    return next((line.quantity for line in cart.lines if line.product_id == product_id), 0) if cart else 0


def count_pieces() -> int:
    """How many things lie in the visitor's cart."""
    cart = find_cart()
    return sum(line.quantity for line in cart.lines) if cart else 0


def _bounded(quantity: int) -> int:
    return max(1, min(quantity, MOST))
