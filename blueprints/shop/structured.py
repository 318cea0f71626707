"""Facts of a page for search engines, as schema.org names them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from app.web.here import here
from app.web.links import site_url
from app.web.locale import localized
from app.web.templating import site_view
from blueprints.catalog.promise import Promise
from blueprints.shop.city import find_city

if TYPE_CHECKING:
    from blueprints.shop.browsing import Card
    from blueprints.shop.where import DealerCard

CONTEXT = "https://schema.org"
DAYS = {
    "mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday", "sat": "Saturday",
    "sun": "Sunday",
}


def product(card: Card) -> dict[str, Any]:
    """A product with its offer."""
    goods = card.product
    described: dict[str, Any] = {
        "@context": CONTEXT, "@type": "Product", "name": localized(goods), "sku": goods.sku,
        "description": localized(goods, "description") or localized(goods),
        "image": [site_url(f"/media/catalogue/{name}") for name in goods.images],
        "brand": {"@type": "Brand", "name": site_view().network_name},
    }
    if goods.barcode:
        described["gtin"] = goods.barcode
    if card.price:
        described["offers"] = {
            "@type": "Offer", "url": site_url(f"/p/{goods.slug}"), "priceCurrency": card.price.money.currency,
            "price": str(card.price.money.amount), "itemCondition": f"{CONTEXT}/NewCondition",
            "availability": f"{CONTEXT}/{_availability(card.promise)}",
        }
    return described


def _availability(promise: Promise) -> str:
    if promise.code == "out":
        return "OutOfStock"
    return "BackOrder" if promise.days is None else "InStock"


def breadcrumbs(trail: Sequence[tuple[str, str | None]], last: str | None = None) -> dict[str, Any]:
    """The way to a page."""
    steps: list[tuple[str, str | None]] = [*trail, *([(last, None)] if last else [])]
    return {
        "@context": CONTEXT, "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name, **({"item": site_url(path)} if path else {})}
            for place, (name, path) in enumerate(steps, 1)
        ],
    }


def organization() -> dict[str, Any]:
    """The brand, or the dealer as a shop with its address and hours."""
    site, facts = site_view(), here()
    described: dict[str, Any] = {
        "@context": CONTEXT, "@type": "Organization" if facts.is_hq else "LocalBusiness", "name": site.name,
        "url": site_url("/"), "telephone": site.phone, "email": site.email,
    }
    if not facts.is_hq:
        city = find_city(facts.city_id)
        described["address"] = {
            "@type": "PostalAddress", "addressCountry": "RU", "streetAddress": site.address,
            "addressLocality": localized(city) if city else None,
        }
        described["openingHoursSpecification"] = [
            {"@type": "OpeningHoursSpecification", "dayOfWeek": DAYS[day], "opens": opens, "closes": closes}
            for day, (opens, closes) in site.hours.items() if day in DAYS
        ]
    return {key: value for key, value in described.items() if value}


def dealers(cards: Iterable[DealerCard]) -> dict[str, Any]:
    """Dealers as a list of shops, each with its address, hours, place and stars."""
    return {
        "@context": CONTEXT, "@type": "ItemList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "item": _shop(card)} for place, card in enumerate(cards, 1)
        ],
    }


def _shop(card: DealerCard) -> dict[str, Any]:
    lat, lon = card.place
    described = {
        "@type": "LocalBusiness", "name": card.name, "url": card.url.partition("?")[0],
        "telephone": card.profile.get("phone"), "address": {
            "@type": "PostalAddress", "addressCountry": "RU", "addressLocality": card.city,
            **({"streetAddress": card.profile["address"]} if card.profile.get("address") else {}),
        },
        "geo": {"@type": "GeoCoordinates", "latitude": lat, "longitude": lon},
        "openingHoursSpecification": [
            {"@type": "OpeningHoursSpecification", "dayOfWeek": DAYS[day], "opens": opens, "closes": closes}
            for day, (opens, closes) in card.hours.items() if day in DAYS
        ],
    }
    if card.reviews and card.stars:
        described["aggregateRating"] = {
            "@type": "AggregateRating", "ratingValue": round(card.stars, 1), "reviewCount": card.reviews,
        }
    return {key: value for key, value in described.items() if value}
