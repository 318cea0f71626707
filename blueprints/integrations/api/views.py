"""The whole of `/api/v1`: importing this module puts every route in place."""

from __future__ import annotations

from blueprints.integrations.api import catalogue, lead_outcomes, leads, openapi, orders, prices, stock
from blueprints.integrations.api.section import api

__all__ = ["api", "catalogue", "lead_outcomes", "leads", "openapi", "orders", "prices", "stock"]
