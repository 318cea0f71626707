"""What search engines read: `robots.txt` and the map of the site."""

from __future__ import annotations

from xml.sax.saxutils import escape

import sqlalchemy as sa
from flask import Response

from app.kernel.db import db
from app.web.here import here
from app.web.links import site_url
from blueprints.catalog.models import Product
from blueprints.catalog.queries import category_tree
from blueprints.catalog.tree import listed
from blueprints.shop.section import shop

PRIVATE = ("/desk", "/hq", "/account", "/cart", "/checkout", "/l/", "/api/", "/exchange/", "/city", "/ask")
PAGES = ("/", "/catalogue", "/dealers", "/about", "/delivery", "/contacts")
MOST = 45_000
"""A map of a site may hold 50,000 addresses."""


@shop.get("/robots.txt", access="anyone")
def robots() -> Response:
    """Where robots have no business, and the map."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in PRIVATE), "", f"Sitemap: {site_url('/sitemap.xml')}"]
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


@shop.get("/sitemap.xml", access="anyone")
def sitemap() -> Response:
    """Every page worth finding; products with the day they changed."""
    products = db.session.execute(
        sa.select(Product.slug, Product.updated_at).where(*listed()).order_by(Product.id).limit(MOST)
    )
    entries = [(path, None) for path in PAGES if here().is_hq or path != "/dealers"]
    entries += [(f"/catalogue/{node.slug}", None) for node in category_tree() if node.products]
    entries += [(f"/p/{slug}", f"{changed:%Y-%m-%d}") for slug, changed in products]
    body = "".join(_entry(path, day) for path, day in entries)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    return Response(f"{head}{body}</urlset>\n", mimetype="application/xml")


def _entry(path: str, day: str | None) -> str:
    changed = f"<lastmod>{day}</lastmod>" if day else ""
    return f"<url><loc>{escape(site_url(path))}</loc>{changed}</url>\n"
