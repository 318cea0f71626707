"""The section of every page a visitor reads; the modules beside it hang their pages on it."""

from app.web.access import Section

shop = Section("shop", __name__)
