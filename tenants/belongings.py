"""What belongs to a dealer, table by table: what his archive holds, what a clone takes along, what a drop erases.

A table of his schema goes into his archive unless it is named here. A table of `network` is declared like its
policies; one that is missing here fails the build. Why so: `docs/decisions/a-tenants-whole-life.md`.
"""

from __future__ import annotations

from dataclasses import dataclass

ERASE, KEEP = "erase", "keep"


@dataclass(frozen=True, slots=True)
class Share:
    """A dealer's rows of a table of `network`: those where one of `columns` names him.

    `is_exported`: he alone writes them, so they go into his archive. `at_drop`: erased with him, or kept for HQ
    under his number.
    """

    columns: tuple[str, ...]
    at_drop: str
    is_exported: bool = False

    @property
    def owner(self) -> str:
        """The column that a restore fills with the tenant restored to."""
        return self.columns[0]


SHARES: dict[str, Share | None] = {
    "regions": None,
    "cities": None,
    "vat_rates": None,
    "categories": None,
    "attributes": None,
    "products": None,
    "prices": None,
    "sourcing_profiles": None,
    "rehearsals": None,
    "daily_figures": None,
    "figure_days": None,
    "figure_changes": None,
    "tenants": Share(("id",), KEEP),
    "hosts": Share(("tenant_id",), ERASE),
    "territories": Share(("owner_id",), ERASE),
    "certificates": Share(("owner_id",), ERASE),
    "tenant_migrations": Share(("tenant_id",), ERASE),
    "dealer_applications": Share(("tenant_id",), ERASE),
    "dealer_prices": Share(("owner_id",), ERASE, is_exported=True),
    "stock": Share(("owner_id",), ERASE, is_exported=True),
    "stock_history": Share(("owner_id",), ERASE, is_exported=True),
    "reservations": Share(("owner_id",), ERASE, is_exported=True),
    "leads": Share(("owner_id",), KEEP, is_exported=True),
    "lead_contacts": Share(("owner_id",), ERASE, is_exported=True),
    "lead_messages": Share(("owner_id",), ERASE, is_exported=True),
    "lead_events": Share(("owner_id",), KEEP, is_exported=True),
    "lead_offers": Share(("owner_id", "dealer_id"), KEEP),
    "routing_runs": Share(("owner_id",), KEEP),
    "rating_weeks": Share(("tenant_id",), ERASE),
    "dealer_ratings": Share(("tenant_id",), ERASE),
    "visits": Share(("owner_id",), KEEP, is_exported=True),
    "outbox": Share(("tenant_id",), ERASE),
    "deliveries": Share(("tenant_id", "owner_id"), ERASE),
    "webhooks": Share(("owner_id",), ERASE),
    "webhook_calls": Share(("owner_id",), ERASE),
    "delivery_acts": Share(("tenant_id",), KEEP),
}
"""None: HQ's and everybody's, no dealer has rows there. Order: a parent stands before its children."""

UNWANTED = frozenset({"schema_version", "web_sessions"})
"""Tables of a schema that no archive holds: a session that was ended must not come back to life."""

SHOP = frozenset({"site", "offers"})
"""What makes the shop, and all that a clone takes of the schema; of `network` it takes the stock."""

PEOPLE = frozenset({"staff", "customers"})
"""Whom a clone takes along when asked, with their passwords and without sessions and keys."""

SHUT = {
    "staff": ("password_hash", "is_active"),
    "customers": ("password_hash",),
    "api_keys": ("revoked_at",),
}
"""What a restore in place leaves as it is now: a key revoked or a password changed since stays so."""

PRESENT = frozenset({
    "audit_log", "personal_requests", "authenticators", "recovery_codes", "passkeys", "idempotency_keys",
})
"""Tables that a restore in place leaves as they are now: the journal and what people asked to be erased are not undone,
a lost telephone is no second factor again, and what was spent once is not spent again."""

REGISTERED = ("name", "profile", "timezone")
"""Columns of `network.tenants` the dealer writes himself, so a restore brings them back; the others are HQ's say."""


def erased() -> list[tuple[str, Share]]:
    """Tables whose rows go with a dealer, children first."""
    return [(name, share) for name, share in reversed(SHARES.items()) if share and share.at_drop == ERASE]


def exported() -> list[tuple[str, Share]]:
    """Tables of `network` whose rows go into his archive, parents first."""
    return [(name, share) for name, share in SHARES.items() if share and share.is_exported]
