"""Pages that stand still: about us, delivery and payment, personal data."""

from __future__ import annotations

from app.web.here import here
from app.web.templating import render
from blueprints.shop.browsing import hero_picture
from blueprints.shop.city import find_city
from blueprints.shop.section import shop


@shop.get("/about", access="anyone")
def about() -> str:
    """Who we are, in the owner's own words where he wrote some."""
    return render("shop/about.html", hero=hero_picture(), own_city=find_city(here().city_id))


@shop.get("/delivery", access="anyone")
def delivery() -> str:
    """How goods get to the customer and how he pays."""
    return render("shop/delivery.html", own_city=find_city(here().city_id))


@shop.get("/privacy", access="anyone")
def privacy() -> str:
    """What we do with personal data."""
    return render("shop/privacy.html", facts=here())


@shop.get("/consent", access="anyone")
def consent() -> str:
    """The consent a visitor gives with a form, word by word."""
    return render("shop/consent.html", facts=here())
