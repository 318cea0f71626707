"""Front page, lists and product pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from flask import Response, make_response, request, url_for
from werkzeug.exceptions import NotFound as NoSuchPage

from app.kernel.clock import now
from app.kernel.errors import NotFound
from app.kernel.ids import HQ
from app.kernel.words import _
from app.web.cache import kept_for_strangers
from app.web.here import here
from app.web.locale import localized
from app.web.media import folder
from app.web.templating import render
from blueprints.catalog.models import Product
from blueprints.catalog.prices import EffectivePrice, prices_for
from blueprints.catalog.promise import Promise, promises_for
from blueprints.catalog.queries import Listing, Wish, category_tree, definitions, find_product, popular, search, similar
from blueprints.catalog.shelf import ProductFacts
from blueprints.catalog.tree import Node
from blueprints.shop import structured, wording
from blueprints.shop.asked import address, read_wish
from blueprints.shop.asking import ask_form
from blueprints.shop.cart.service import quantity_in_cart
from blueprints.shop.city import current_city, find_city
from blueprints.shop.section import shop

POPULAR, SIMILAR = 12, 4
HERO = ("hero.webp", "hero.jpg", "hero.png")


class NoSuchProduct(NotFound):
    """It is not sold here, or never was."""


@dataclass(frozen=True, slots=True)
class Card:
    """A product as lists show it; `version` is that of the shelf it was taken from."""

    product: Product | ProductFacts
    price: EffectivePrice | None
    promise: Promise
    version: str = ""

    @property
    def is_orderable(self) -> bool:
        """Whether it has a price and is to be had at all."""
        return self.price is not None and self.promise.code != "out"

    @property
    def key(self) -> tuple[Any, ...]:
        """All that its looks depend on: with another product, attribute or category the version is another."""
        return self.version, self.product.id, self.price, self.promise.code, self.promise.days

    @property
    def facts(self) -> str:
        """The few facts by which one chooses."""
        return wording.card_facts(self.product, definitions())

    @property
    def image(self) -> str | None:
        """Address of its first picture."""
        return picture(self.product.images[0]) if self.product.images else None


def picture(name: str) -> str:
    """Address of a picture of the master catalogue."""
    return url_for("media.catalogue", name=name)


@shop.get("/", access="anyone")
@kept_for_strangers
def home() -> str:
    """The front page: who we are, where to begin, what sells, how it works."""
    at = now()
    return render(
        "shop/home.html", hero=hero_picture(), cards=_cards(popular(POPULAR, at), at), icon_of=wording.icon_of,
        own_city=find_city(here().city_id), ld=[structured.organization()],
    )


@shop.get("/catalogue", access="anyone")
@kept_for_strangers
def catalogue() -> Response:
    """Everything, or what the words find."""
    return _list(None)


@shop.get("/catalogue/<slug>", access="anyone")
@kept_for_strangers
def category(slug: str) -> Response:
    """One category and what is below it."""
    node = category_tree().by_slug.get(slug)
    if node is None:
        raise NoSuchPage
    return _list(node)


@shop.get("/p/<slug>", access="anyone")
@kept_for_strangers
def product(slug: str) -> str:
    """One product: pictures, facts, price, promise."""
    found, at = find_product(slug), now()
    if found is None:
        raise NoSuchProduct(_("This product is not sold here. Perhaps the catalogue has one like it."))
    node = category_tree().by_id.get(found.category_id or 0)
    promise = promises_for([found.id], city=current_city(), at=at)[found.id]
    card = Card(found, prices_for([found.id], at).get(found.id), promise)
    trail = _trail(node)
    return render(
        "shop/product.html", card=card, product=found, similar=_cards(similar(found, SIMILAR, at), at),
        trail=[*trail, (localized(found), None)], facts=wording.facts_of(found, definitions()), picture=picture,
        form=ask_form(found), in_cart=quantity_in_cart(found.id),
        ld=[structured.product(card), structured.breadcrumbs(trail, localized(found))],
    )


def _list(node: Node | None) -> Response:
    wish, city, at = read_wish(request.args, definitions(), node), current_city(), now()
    listing = search(wish, city_id=city.id if city else None, at=at)
    is_part = request.headers.get("HX-Request") == "true"
    trail = _trail(node)
    page = render(
        "shop/_results.html" if is_part else "shop/list.html", wish=wish, node=node, listing=listing, is_part=is_part,
        cards=_cards(listing, at), address=partial(address, request.args),
        value_text=wording.value_text, number_text=wording.number_text, icon_of=wording.icon_of,
        trail=trail, title=_title(wish), ld=[structured.breadcrumbs(trail)] if node else [],
    )
    pushed = {"HX-Push-Url": request.path + address(request.args)} if is_part else {}
    return make_response(page, {"Vary": "HX-Request", **pushed})


def _cards(listing: Listing, at: datetime) -> list[Card]:
    """Cards with price and promise, in one query."""
    products = listing.page.items
    promises = promises_for([product.id for product in products], city=current_city(), at=at)
    return [Card(one, listing.prices.get(one.id), promises[one.id], listing.version) for one in products]


def _title(wish: Wish) -> str:
    if wish.words.strip():
        return _("Search: %(words)s", words=wish.words.strip())
    return localized(wish.category) if wish.category else _("Catalogue")


def _trail(node: Node | None) -> list[tuple[str, str | None]]:
    above = [(localized(one), url_for("shop.category", slug=one.slug)) for one in (node.trail if node else [])]
    return [(_("Home"), url_for("shop.home")), (_("Catalogue"), url_for("shop.catalogue")), *above]


def hero_picture() -> str | None:
    """The brand's picture for front pages, if it has one."""
    place: Path = folder(HQ) / "catalogue"
    return next((picture(name) for name in HERO if (place / name).is_file()), None)
