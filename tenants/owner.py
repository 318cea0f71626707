"""The owner's door: the login that may change shapes. Only the provisioner and the command line hold it."""

from __future__ import annotations

from functools import cache

import sqlalchemy as sa

from app.kernel.errors import Unavailable
from app.kernel.words import _


class NoOwner(Unavailable):
    """This process was not given the owner's login, and rightly so."""


def owner_engine(address: str) -> sa.Engine:
    """Engine of the owner's login; `NoOwner` when the process does not hold it."""
    if not address:
        raise NoOwner(_("This process may not make or change tenants; the provisioner does."))
    return _engine(address)


@cache
def _engine(address: str) -> sa.Engine:
    url = sa.make_url(address).set(drivername="postgresql+psycopg")
    return sa.create_engine(url, pool_size=2, pool_pre_ping=True)
