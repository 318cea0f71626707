"""What every page of a visitor knows besides its own: the categories of the menu and his city."""

from __future__ import annotations

from typing import Any

from flask import current_app, request

from app.web.templating import add_context
from blueprints.catalog.queries import category_tree
from blueprints.shop.city import current_city, is_guessed


@add_context
def shop_context() -> dict[str, Any]:
    """On visitors' pages `city` and whether it is a guess, the first level of `categories`, what `menu` shows of them
    and which is `opened`."""
    section = current_app.blueprints.get(request.blueprint or "")
    if getattr(section, "audience", "visitors") not in ("visitors", "brand"):
        return {}
    categories = [node for node in category_tree().roots if node.products]
    return {
        "categories": categories, "menu": tuple(node.key for node in categories), "city": current_city(),
        "is_city_guessed": is_guessed(),
        "opened": next((node.slug for node in categories if request.path == f"/catalogue/{node.slug}"), None),
    }
