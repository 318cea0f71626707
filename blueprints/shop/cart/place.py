"""Where to: the city the visitor picked, else that of the dealer whose site this is."""

from __future__ import annotations

from flask import session

from app.kernel.db import db
from app.web.here import here
from tenants.models import City

PICKED = "city_id"


def chosen_city() -> City | None:
    """The city goods shall go to, if known."""
    city_id = session.get(PICKED) or (None if here().is_hq else here().city_id)
    return db.session.get(City, city_id) if city_id else None
