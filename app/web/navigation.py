"""What stands in the navigation of the desks: one table to read. Pages that are not installed are left out."""

from __future__ import annotations

from typing import Any, NamedTuple

from flask import Flask, current_app, request, url_for
from flask_babel.speaklater import LazyString

from app.kernel.words import _l
from app.web.access import ROLES, speaker
from app.web.here import find_here
from app.web.templating import add_context


class Entry(NamedTuple):
    """A page of a desk: `audience` is `staff` (a dealer's desk) or `hq`; `role` the least role that may enter."""

    endpoint: str
    label: LazyString
    icon: str
    audience: str
    role: str = "clerk"


ENTRIES = (
    Entry("routing_desk.home", _l("Today"), "house", "staff"),
    Entry("leads_desk.inbox", _l("Leads"), "inbox", "staff"),
    Entry("orders_desk.index", _l("Orders"), "receipt", "staff"),
    Entry("stock_desk.index", _l("Stock and prices"), "package", "staff"),
    Entry("territory_desk.mine", _l("Territory"), "map", "staff"),
    Entry("sites_wizard.settings", _l("Site"), "store", "staff", "manager"),
    Entry("accounts_desk.people", _l("People"), "users", "staff", "manager"),
    Entry("privacy_desk.index", _l("Personal data"), "shield-check", "staff", "manager"),
    Entry("accounts_desk.keys", _l("API keys"), "key", "staff", "owner"),
    Entry("webhooks_desk.index", _l("Webhooks"), "send", "staff", "owner"),
    Entry("accounts_oversight.index", _l("Journal"), "history", "staff", "owner"),
    Entry("hq_overview.index", _l("Overview"), "chart-line", "hq"),
    Entry("hq_leads.index", _l("Leads"), "inbox", "hq"),
    Entry("hq_dealers.index", _l("Dealers"), "store", "hq"),
    Entry("hq_catalogue.index", _l("Catalogue"), "package", "hq"),
    Entry("hq_routing.index", _l("Routing"), "route", "hq", "manager"),
    Entry("hq_territories.index", _l("Territories"), "map", "hq"),
    Entry("hq_failures.index", _l("Failures"), "triangle-alert", "hq"),
    Entry("sites_wizard.settings", _l("Site"), "palette", "hq", "manager"),
    Entry("accounts_desk.people", _l("People"), "users", "hq", "manager"),
    Entry("privacy_desk.index", _l("Personal data"), "shield-check", "hq", "manager"),
    Entry("accounts_desk.keys", _l("API keys"), "key", "hq", "owner"),
    Entry("webhooks_desk.index", _l("Webhooks"), "send", "hq", "owner"),
    Entry("accounts_oversight.index", _l("Journal"), "history", "hq", "owner"),
)


def desk_nav(role: str, audience: str) -> list[dict[str, Any]]:
    """Entries a person of that role may open at that desk, as `layouts/desk.html` takes them."""
    return [
        {
            "href": (href := url_for(entry.endpoint)), "label": entry.label, "icon": entry.icon,
            "active": _is_under(request.path, href),
        }
        for entry in ENTRIES
        if entry.audience == audience and ROLES[role] >= ROLES[entry.role]
        and entry.endpoint in current_app.view_functions
    ]


def _is_under(path: str, href: str) -> bool:
    """Whether a page belongs to an entry; the front page of a desk stands for itself alone."""
    return path == href or (href.count("/") > 1 and path.startswith(f"{href}/"))


def install(_app: Flask) -> None:
    """Give the pages of desks their navigation."""
    add_context(navigation)


def navigation() -> dict[str, Any]:
    """The navigation of the desk a signed-in member of staff looks at; nothing on visitors' pages."""
    person, facts = speaker(), find_here()
    section = current_app.blueprints.get(request.blueprint or "")
    if person is None or person.kind != "staff" or getattr(section, "audience", "") not in ("staff", "hq"):
        return {}
    return {"nav": desk_nav(person.role, "hq" if facts and facts.is_hq else "staff")}
