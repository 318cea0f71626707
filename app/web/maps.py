"""Maps lie on our own host; where the network names a server of tiles, these lie above them."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, current_app
from markupsafe import Markup

from app.web.headers import allow

TILES = Markup(' data-tiles="{}" data-credit="{}"')


def install(app: Flask) -> None:
    """Let templates ask for the tiles."""
    app.jinja_env.globals["tiles"] = tiles


def tiles() -> Markup:
    """Attributes of a map that tell where its tiles are; the page that bears it may then load them, and no other."""
    settings = current_app.config["ZVENO"]
    if not settings.map_tiles:
        return Markup("")
    address = urlsplit(settings.map_tiles)
    allow("img-src", f"{address.scheme}://{address.netloc.replace('{s}', '*')}")
    return TILES.format(settings.map_tiles, settings.map_credit)
