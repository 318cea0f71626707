"""What is installed: the modules with tables, the sections with pages, the ears for events. A table to read."""

from __future__ import annotations

from typing import NamedTuple

MODELS = (
    "app.kernel.events",
    "app.web.models",
    "tenants.models",
    "blueprints.accounts.models",
    "blueprints.catalog.models",
    "blueprints.leads.models",
    "blueprints.orders.models",
    "blueprints.shop.models",
    "blueprints.sites.models",
    "blueprints.routing.models",
    "blueprints.analytics.models",
    "blueprints.privacy.models",
    "blueprints.integrations.webhooks.models",
)


class Installed(NamedTuple):
    """A section: where it is, where it is mounted, whom it is for.

    Audiences: `visitors` (every tenant's site), `brand` (HQ's site only), `staff` (every tenant's
    desk), `hq` (HQ's desk, speaking as `network_hq`), `machines` (API and webhooks), `house` (health).
    """

    path: str
    prefix: str
    audience: str


SECTIONS: tuple[Installed, ...] = (
    Installed("app.web.health:health", "", "house"),
    Installed("app.web.media:media", "", "visitors"),
    Installed("blueprints.accounts.views:accounts", "/account", "visitors"),
    Installed("blueprints.accounts.desk:desk", "/desk", "staff"),
    Installed("blueprints.accounts.security:security", "/desk", "staff"),
    Installed("blueprints.accounts.oversight:oversight", "/desk", "staff"),
    Installed("blueprints.sites.views:sites", "", "brand"),
    Installed("blueprints.sites.wizard:wizard", "/desk", "staff"),
    Installed("blueprints.sites.hq:hq_dealers", "/hq", "hq"),
    Installed("blueprints.leads.desk:desk", "/desk", "staff"),
    Installed("blueprints.leads.importing.pages:imports", "/desk", "staff"),
    Installed("blueprints.leads.mailbox.pages:mailbox", "/desk", "staff"),
    Installed("blueprints.leads.link_views:links", "/l", "visitors"),
    Installed("blueprints.routing.desk:desk", "/desk", "staff"),
    Installed("blueprints.leads.terms_page:hq_terms", "/hq/leads/settings", "hq"),
    Installed("blueprints.leads.hq:hq_disputes", "/hq/leads/contradictions", "hq"),
    Installed("blueprints.routing.standing_pages:desk", "/desk", "staff"),
    Installed("blueprints.routing.hq:hq_leads", "/hq/leads", "hq"),
    Installed("blueprints.routing.ratings_page:hq_ratings", "/hq/routing/ratings", "hq"),
    Installed("blueprints.routing.certificates_page:hq_certificates", "/hq/certificates", "hq"),
    Installed("blueprints.routing.profile_pages:hq_routing", "/hq/routing", "hq"),
    Installed("blueprints.routing.territories.hq:hq_territories", "/hq/territories", "hq"),
    Installed("blueprints.routing.territories.desk:desk", "/desk", "staff"),
    Installed("blueprints.routing.rehearsal.pages:hq_rehearsals", "/hq/routing", "hq"),
    Installed("blueprints.analytics.hq:hq_overview", "/hq", "hq"),
    Installed("blueprints.shop.views:shop", "", "visitors"),
    Installed("blueprints.shop.cart.checkout:cart", "", "visitors"),
    Installed("blueprints.orders.views:orders", "", "visitors"),
    Installed("blueprints.orders.desk:desk", "/desk", "staff"),
    Installed("blueprints.catalog.stock_desk:stock_desk", "/desk", "staff"),
    Installed("blueprints.catalog.hq:hq_catalogue", "/hq", "hq"),
    Installed("blueprints.integrations.failures.hq:hq_failures", "/hq/failures", "hq"),
    Installed("blueprints.privacy.views:own_data", "/account", "visitors"),
    Installed("blueprints.privacy.desk:desk", "/desk", "staff"),
    Installed("blueprints.integrations.webhooks.desk:desk", "/desk/webhooks", "staff"),
    Installed("blueprints.integrations.onec.views:exchange", "/exchange", "machines"),
    Installed("blueprints.integrations.payments.views:webhooks", "/webhooks", "machines"),
    Installed("blueprints.integrations.api.views:api", "/api/v1", "machines"),
)

SUBSCRIBERS: tuple[str, ...] = (
    "app.web.mail",
    "blueprints.catalog.subscribers",
    "blueprints.sites.subscribers",
    "blueprints.leads.subscribers",
    "blueprints.leads.jobs",
    "blueprints.orders.subscribers",
    "blueprints.routing.subscribers",
    "blueprints.routing.jobs",
    "blueprints.routing.following",
    "blueprints.routing.rehearsal.jobs",
    "blueprints.analytics.jobs",
    "blueprints.integrations.api.keeping",
    "blueprints.integrations.webhooks.subscribers",
    "blueprints.privacy.subscribers",
    "blueprints.privacy.retention",
)
"""Modules whose functions hear events or have periodic duties."""
