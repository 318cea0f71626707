"""Who may do what with which rows of `network`: one table of grants and row-level policies.

`network_tenant` is the group of all tenants' roles; `current_user` is then the tenant itself. Conditions
hold no sub-query and no setting. A table that is missing here fails the build.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.kernel.ids import HQ

TENANT, WORKER, OVERSEER, DIRECTORY = "network_tenant", "network_worker", "network_hq", "network_directory"
GROUPS = (TENANT, WORKER, OVERSEER, DIRECTORY)

ALL = "true"
ME = 'current_user::text COLLATE "default"'
"""The tenant. Names have a collation of their own, and without the columns' one no index would serve a policy."""
OWN = f"owner_id = {ME}"
HELD = f"owner_id = {ME} OR visible_to @> ARRAY[{ME}]"
HQ_OWNS = f"owner_id = '{HQ}'"
HQ_WRITES = f"{OWN} AND owner_id = '{HQ}'"


@dataclass(frozen=True, slots=True)
class Rule:
    """One command of one group: which rows, and if not all columns, which."""

    group: str
    command: str
    rows: str
    columns: str = ""


def _rules(group: str, rows: str, *commands: str) -> tuple[Rule, ...]:
    """`command` or `command(columns)` each, on the same rows."""
    parsed = (command.partition("(") for command in commands)
    return tuple(Rule(group, name, rows, columns.rstrip(")")) for name, _bracket, columns in parsed)


_READ_BY_ALL = tuple(Rule(group, "select", ALL) for group in (TENANT, WORKER, OVERSEER))
_CATALOGUE = (
    *_READ_BY_ALL,
    *_rules(TENANT, HQ_WRITES, "insert", "update", "delete"),
    *_rules(OVERSEER, HQ_OWNS, "insert", "update", "delete"),
)
_LEAD_PROGRESS = (
    "update(state, order_id, accepted_at, shipped_at, delivered_at, closed_at, lost_reason, received, satisfaction,"
    " feedback_at, value_minor, is_paid, lines, visible_to, assignee_id, city_id, region_code, closed_by,"
    " invalid_reason, attempts, contacted_at, quoted_at, quoted_minor, sold_on, sale_document, joined_to, asked,"
    " customer_contacted, customer_bought, customer_value_minor, ask_at, asks, customer_ask_at, customer_asks,"
    " customer_quiet_at, contradiction, contradicted_at, questioned_at, objected_at, settled_at)"
)

_PUBLIC_FACTS = (
    "id, number, slug, kind, parent_id, state, name, legal_name, inn, city_id, timezone, tier, profile, created_at,"
    " activated_at"
)
"""Of a tenant; why HQ suspended or refused it is not among them."""

POLICIES: dict[str, tuple[Rule, ...]] = {
    "regions": _READ_BY_ALL,
    "cities": (*_READ_BY_ALL, Rule(DIRECTORY, "select", ALL)),
    "vat_rates": (*_READ_BY_ALL, *_rules(OVERSEER, ALL, "insert", "update")),
    "tenants": (
        *_rules(TENANT, ALL, f"select({_PUBLIC_FACTS})"),
        *_rules(DIRECTORY, ALL, f"select({_PUBLIC_FACTS})"),
        *_rules(WORKER, ALL, "select"),
        *_rules(OVERSEER, ALL, "select"),
        *_rules(TENANT, f"id = {ME}", "update(name, profile, timezone)"),
        *_rules(OVERSEER, ALL, "update(name, parent_id, state, state_reason, tier, profile, activated_at)"),
    ),
    "hosts": (*_READ_BY_ALL, Rule(DIRECTORY, "select", ALL)),
    "territories": (
        *_rules(TENANT, OWN, "select"),
        *_rules(WORKER, ALL, "select"),
        *_rules(OVERSEER, ALL, "select", "insert", "update(ended_by, ended_at)"),
    ),
    "certificates": (
        *_rules(TENANT, OWN, "select", "update(holder)"),
        *_rules(WORKER, ALL, "select(owner_id, id, scheme, number, valid_from, valid_until, revoked_at)"),
        *_rules(OVERSEER, ALL, "select", "insert", "update"),
    ),
    "tenant_migrations": _rules(OVERSEER, ALL, "select"),
    "dealer_applications": (
        *_rules(TENANT, HQ_WRITES, "select", "insert", "update"),
        *_rules(OVERSEER, HQ_OWNS, "select", "insert", "update"),
    ),
    "categories": _CATALOGUE,
    "attributes": _CATALOGUE,
    "products": _CATALOGUE,
    "prices": _CATALOGUE,
    "dealer_prices": (
        *_rules(TENANT, OWN, "select", "insert", "update", "delete"),
        *_rules(WORKER, ALL, "select"),
        *_rules(OVERSEER, ALL, "select"),
    ),
    "stock": (
        *_rules(TENANT, OWN, "select", "insert", "update", "delete"),
        *_rules(WORKER, ALL, "select", "insert", "update"),
        *_rules(OVERSEER, ALL, "select"),
    ),
    "stock_history": (
        *_rules(TENANT, OWN, "select", "insert", "update"),
        *_rules(WORKER, ALL, "select", "insert", "update", "delete"),
        *_rules(OVERSEER, ALL, "select"),
    ),
    "reservations": (
        *_rules(TENANT, OWN, "select", "insert", "update"),
        *_rules(WORKER, ALL, "select", "insert", "update"),
        *_rules(OVERSEER, ALL, "select"),
    ),
    "leads": (
        *_rules(TENANT, HELD, "select"),
        *_rules(TENANT, OWN, "insert"),
        *_rules(TENANT, f"{OWN} OR assignee_id = {ME}", _LEAD_PROGRESS),
        *_rules(WORKER, ALL, "select", "update"),
        *_rules(WORKER, HQ_OWNS, "insert"),
        *_rules(OVERSEER, ALL, "select", "update"),
    ),
    "lead_contacts": (
        *_rules(TENANT, HELD, "select"),
        *_rules(TENANT, OWN, "insert", "update"),
        *_rules(OVERSEER, HQ_OWNS, "select", "insert", "update"),
        *_rules(WORKER, ALL, "select(owner_id, lead_id, visible_to)", "update(visible_to)"),
    ),
    "lead_messages": (
        *_rules(TENANT, HELD, "select", "insert"),
        *_rules(TENANT, OWN, "delete"),
        *_rules(OVERSEER, HQ_OWNS, "select", "insert"),
        *_rules(WORKER, ALL, "select(owner_id, lead_id, id, visible_to)", "update(visible_to)"),
    ),
    "lead_offers": (
        *_rules(TENANT, f"dealer_id = {ME} OR {OWN}", "select"),
        *_rules(TENANT, f"dealer_id = {ME} OR {OWN}", "update(state, responded_at, reason)"),
        *_rules(WORKER, ALL, "select", "insert", "update"),
        *_rules(OVERSEER, ALL, "select", "insert", "update"),
    ),
    "lead_events": (
        *_rules(TENANT, HELD, "select", "insert"),
        *_rules(TENANT, OWN, "update(data)"),
        *_rules(WORKER, ALL, "select", "insert", "update(visible_to)"),
        *_rules(OVERSEER, ALL, "select", "insert"),
    ),
    "dealer_ratings": (*_READ_BY_ALL, *_rules(WORKER, ALL, "insert", "update")),
    "rating_weeks": (
        *_rules(TENANT, f"tenant_id = {ME}", "select"),
        *_rules(WORKER, ALL, "select", "insert", "update", "delete"),
        *_rules(OVERSEER, ALL, "select"),
    ),
    "sourcing_profiles": (
        *_rules(OVERSEER, HQ_OWNS, "select", "insert", "update", "delete"),
        *_rules(WORKER, ALL, "select"),
        *_rules(WORKER, HQ_OWNS, "insert"),
    ),
    "rehearsals": (
        *_rules(OVERSEER, HQ_OWNS, "select", "insert", "update"),
        *_rules(WORKER, HQ_OWNS, "select", "update"),
    ),
    "routing_runs": (*_rules(WORKER, ALL, "select", "insert"), *_rules(OVERSEER, ALL, "select", "insert")),
    "visits": (
        *_rules(TENANT, OWN, "select", "insert", "update"),
        *_rules(WORKER, ALL, "select"),
        *_rules(OVERSEER, ALL, "select"),
    ),
    "daily_figures": (*_rules(OVERSEER, ALL, "select"), *_rules(WORKER, ALL, "select", "insert", "delete")),
    "figure_days": (*_rules(OVERSEER, ALL, "select"), *_rules(WORKER, ALL, "select", "insert", "delete")),
    "figure_changes": (*_rules(OVERSEER, ALL, "select"), *_rules(WORKER, ALL, "select", "delete")),
    "outbox": (
        *_rules(TENANT, f"tenant_id = {ME}", "select", "insert"),
        *_rules(OVERSEER, f"tenant_id = '{HQ}'", "select", "insert"),
        *_rules(WORKER, ALL, "select", "insert", "update", "delete"),
    ),
    "deliveries": (
        *_rules(TENANT, f"tenant_id = {ME}", "select", "update(state, error, begun_at, done_at)"),
        *_rules(OVERSEER, ALL, "select", "update(state, attempts, losses, next_at, begun_at)"),
        *_rules(WORKER, ALL, "select", "insert", "update", "delete"),
    ),
    "webhooks": (
        *_rules(TENANT, OWN, "select", "insert", "update(failing_since, disabled_at)", "delete"),
        *_rules(WORKER, ALL, "select(owner_id, id, events, disabled_at)"),
    ),
    "webhook_calls": (
        *_rules(TENANT, OWN, "select", "insert", "update(state, attempts, status, error, tried_at, next_at)", "delete"),
        *_rules(WORKER, ALL, "select(created_at)", "delete"),
    ),
    "delivery_acts": (*_rules(WORKER, ALL, "select", "insert"), *_rules(OVERSEER, ALL, "select", "insert")),
}


def statements(table: str) -> Iterator[str]:
    """DDL that gives `network.<table>` its grants and policies, replacing what stood there."""
    yield f"ALTER TABLE network.{table} ENABLE ROW LEVEL SECURITY"
    for group in GROUPS:
        yield f"REVOKE ALL ON network.{table} FROM {group}"
    for rule in POLICIES[table]:
        columns = f" ({rule.columns})" if rule.columns else ""
        yield f"GRANT {rule.command}{columns} ON network.{table} TO {rule.group}"
        name = policy_name(rule)
        yield f"DROP POLICY IF EXISTS {name} ON network.{table}"
        yield f"CREATE POLICY {name} ON network.{table} FOR {rule.command} TO {rule.group} {_clauses(rule)}"


def policy_name(rule: Rule) -> str:
    """`network_tenant_select` and the like; unique on its table."""
    return f"{rule.group}_{rule.command}"


def _clauses(rule: Rule) -> str:
    if rule.command == "insert":
        return f"WITH CHECK ({rule.rows})"
    if rule.command == "update":
        return f"USING ({rule.rows}) WITH CHECK ({rule.rows})"
    return f"USING ({rule.rows})"
