"""Customers of a tenant's site: the mail address is proved first, then the account is made.

So nobody can make an account with somebody else's address, and the answer never tells who has one.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.words import _
from app.web.links import read_link, sign, site_url
from app.web.mail import send_later
from blueprints.accounts.errors import LinkSpent
from blueprints.accounts.models import Customer
from blueprints.accounts.passwords import check_new, hash_password
from blueprints.accounts.queries import find_customer
from blueprints.accounts.service import password_link

REGISTRATION_AGE = 3 * 24 * 3600


def registration_link(email: str) -> str:
    """Address where whoever reads this mailbox makes his account; fit for mails about an order too."""
    return site_url(f"/account/register/{sign('register', email.strip().lower())}")


def request_registration(*, email: str, locale: str) -> None:
    """Mail a link to register, or to set a new password where there is an account already."""
    customer = find_customer(email)
    if customer is None:
        send_later(to=email, template="mail/confirm_address", locale=locale, link=registration_link(email))
    else:
        send_later(
            to=customer.email, template="mail/already_registered", locale=customer.locale, name=customer.name,
            link=password_link(customer, "reset"),
        )


def read_registration(token: str) -> str:
    """The proved mail address of a registration link; `LinkSpent` once the account is there."""
    email = read_link("register", token, REGISTRATION_AGE)
    if find_customer(email):
        raise LinkSpent(_("You have an account already. Sign in with your password."))
    return email


def register(*, email: str, name: str, phone: str | None, password: str, locale: str, at: datetime) -> Customer:
    """A customer who consented at `at`; a second click of the same link finds `LinkSpent`."""
    check_new(password, email, name)
    customer = Customer(
        email=email, name=name, phone=phone or None, password_hash=hash_password(password), locale=locale,
        consent_at=at, created_at=at,
    )
    try:
        with db.session.begin_nested():
            db.session.add(customer)
    except sa.exc.IntegrityError:
        raise LinkSpent(_("You have an account already. Sign in with your password.")) from None
    return customer
