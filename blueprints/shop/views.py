"""Joins the visitors' pages: whoever installs the shop names this module."""

from blueprints.shop import asking, browsing, context, info, places, robots, where
from blueprints.shop.section import shop

__all__ = ["asking", "browsing", "context", "info", "places", "robots", "shop", "where"]
