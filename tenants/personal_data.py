"""The dictionary of personal data: each column that can hold words, in every table, and what it holds.

A table stands in `HOLDINGS` when it holds personal data, else in `PLAIN`; each of its columns of text, JSON, bytes
or addresses is named there. A column that is missing fails the build. Export, erasure and retention run on this
table alone (`blueprints/privacy`), so what is declared is found, handed out and erased.

Order: a table stands after those whose rows lead to its own; erasure goes the other way.
"""

from __future__ import annotations

from app.kernel.privacy import Column, Holding


def _mail(column: str) -> str:
    return f"lower({column}) = ANY (:emails)"


def _phone(column: str) -> str:
    return rf"right(regexp_replace({column}, '\D', '', 'g'), 10) = ANY (:phones)"


def _quoted(column: str) -> str:
    """Whether a text quotes the person's mail address or phone number."""
    return f"lower(CAST({column} AS text)) ~ ANY (:quotes)"


def _lead(state: str) -> str:
    """Rows of the speaker's own leads that ended so, before the term."""
    return (
        "lead_id IN (SELECT id FROM network.leads WHERE owner_id = current_user"
        f" AND state IN ({state}) AND closed_at < :before)"
    )


CUSTOMER, STAFF, DEALER = ("customer",), ("staff",), ("dealer",)
LOST, WON = "'lost', 'invalid'", "'won'"
OWN = "owner_id = current_user"
IS_LEFT = "coalesce(email, phone, address, comment, company, feedback) IS NOT NULL"
"""Of a contact: something is left to erase."""

_CONTACT = {
    "name": Column("name", "name"), "email": Column("contact", "null"), "phone": Column("contact", "null"),
    "address": Column("address", "null"), "comment": Column("free_text", "null"),
    "company": Column("name", "null"), "feedback": Column("free_text", "null"),
}
_CONTACT_ENDS = {
    "lost_leads": f"{_lead(LOST)} AND {IS_LEFT}", "sales": f"{_lead(WON)} AND {IS_LEFT}",
}
_IN_ORDER = {"email": "contact->>'email'", "phone": "contact->>'phone'"}
_OF_STAFF = "staff_id = ANY (:staff)"
_GONE = Column("credential", "row")

HOLDINGS: dict[str, Holding] = {
    "staff": Holding(
        whose=STAFF, purpose="work", basis="contract", plain="role locale", shown="role created_at is_active",
        find=f"id = ANY (:staff) OR {_mail('email')}", yields={"staff": "id", "names": "name"},
        personal={
            "email": Column("contact", "mailbox"), "name": Column("name", "name"),
            "password_hash": Column("credential", "null"),
        },
    ),
    "customers": Holding(
        whose=CUSTOMER, purpose="account", basis="consent", plain="locale", shown="locale consent_at created_at",
        find=f"id = ANY (:customers) OR {_mail('email')} OR {_phone('phone')}", yields={"customers": "id"},
        personal={
            "email": Column("contact", "row"), "name": Column("name", "row"), "phone": Column("contact", "row"),
            "password_hash": _GONE,
        },
    ),
    "orders": Holding(
        whose=CUSTOMER, purpose="order", basis="contract", shown="number placed_at state total_minor currency",
        plain="number state delivery_method pickup payment_method currency source campaign promise locale"
              " cancel_reason",
        find=f"customer_id = ANY (:customers) OR {_mail(_IN_ORDER['email'])} OR {_phone(_IN_ORDER['phone'])}",
        yields={"orders": "id", "carts": "cart_id", "leads": "lead_id", "numbers": "number"},
        personal={"contact": Column("contact", "contact"), "customer_id": Column("technical", "null")},
        ends={"sales": f"placed_at < :before AND coalesce({_IN_ORDER['email']}, {_IN_ORDER['phone']}) IS NOT NULL"},
    ),
    "own_contacts": Holding(
        whose=CUSTOMER, purpose="lead", basis="consent",
        find=f"lead_id = ANY (:leads) OR {_mail('email')} OR {_phone('phone')}", yields={"leads": "lead_id"},
        personal=_CONTACT, ends=_CONTACT_ENDS,
    ),
    "network.lead_contacts": Holding(
        whose=CUSTOMER, purpose="lead", basis="consent", plain="owner_id visible_to",
        find=f"{OWN} AND (lead_id = ANY (:leads) OR {_mail('email')} OR {_phone('phone')})",
        yields={"leads": "lead_id"}, personal=_CONTACT,
        ends={term: f"{OWN} AND {condition}" for term, condition in _CONTACT_ENDS.items()},
    ),
    "network.leads": Holding(
        whose=CUSTOMER, purpose="lead", basis="contract", shown="number kind state created_at satisfaction lines",
        plain="owner_id number assignee_id visible_to kind source campaign region_code lines currency delivery_method"
              " pickup payment_method locale state lost_reason closed_by invalid_reason sale_document preferred_id"
              " own_dealer_id external_id wished_hours contradiction",
        find=f"{OWN} AND id = ANY (:leads)", yields={"numbers": "number"},
        personal={"city_id": Column("address", "kept"), "satisfaction": Column("free_text", "kept")},
        why="statistics",
    ),
    "network.lead_messages": Holding(
        whose=CUSTOMER, purpose="lead", basis="consent", plain="owner_id visible_to author", shown="author at",
        find=f"{OWN} AND lead_id = ANY (:leads)", personal={"body": Column("free_text", "row")},
        ends={"lost_leads": f"{OWN} AND {_lead(LOST)}", "sales": f"{OWN} AND {_lead(WON)}"},
    ),
    "network.lead_events": Holding(
        whose=CUSTOMER, purpose="lead", basis="interest", plain="owner_id visible_to actor kind", shown="kind at",
        find=f"{OWN} AND lead_id = ANY (:leads) AND data <> '{{}}'", personal={"data": Column("free_text", "empty")},
        ends={"lost_leads": f"{OWN} AND data <> '{{}}' AND {_lead(LOST)}"},
    ),
    "payments": Holding(
        whose=CUSTOMER, purpose="payment", basis="law", plain="provider state currency refund_asked_by returns",
        shown="provider state created_at",
        find="order_id = ANY (:orders)",
        personal={"reference": Column("payment", "kept"), "error": Column("payment", "kept")}, why="accounting",
    ),
    "carts": Holding(
        whose=CUSTOMER, purpose="order", basis="contract", plain="source campaign", shown="created_at ordered_at",
        find="id = ANY (:carts) OR customer_id = ANY (:customers)",
        personal={"secret_hash": Column("technical", "row"), "customer_id": Column("technical", "row")},
        ends={"carts": "coalesce(ordered_at, created_at) < :before"},
    ),
    "web_sessions": Holding(
        whose=("customer", "staff"), purpose="security", basis="interest", shown="created_at seen_at",
        find=f"{_OF_STAFF} OR customer_id = ANY (:customers)",
        personal={
            "secret_hash": _GONE, "address": Column("technical", "row"), "agent": Column("technical", "row"),
        },
        ends={"sessions": "expires_at < :before"},
    ),
    "authenticators": Holding(
        whose=STAFF, purpose="security", basis="contract", find=_OF_STAFF, shown="created_at confirmed_at",
        personal={"sealed_secret": _GONE},
    ),
    "recovery_codes": Holding(
        whose=STAFF, purpose="security", basis="contract", find=_OF_STAFF, shown="used_at",
        personal={"code_hash": _GONE},
    ),
    "passkeys": Holding(
        whose=STAFF, purpose="security", basis="contract", find=_OF_STAFF, shown="created_at used_at", plain="host",
        personal={"credential_id": _GONE, "public_key": _GONE, "name": Column("technical", "row")},
    ),
    "audit_log": Holding(
        whose=STAFF, purpose="security", basis="interest", plain="action request_id prev_hash hash",
        find="actor = ANY (SELECT 'staff:' || s FROM unnest(CAST(:staff AS text[])) s)", shown="at action",
        why="journal",
        personal={
            "actor": Column("technical", "kept"), "subject": Column("technical", "kept"),
            "address": Column("technical", "kept"), "details": Column("technical", "kept"),
        },
    ),
    "import_runs": Holding(
        whose=STAFF, purpose="work", basis="contract", shown="created_at filename", find="started_by = ANY (:names)",
        plain="purpose filename format stored_as mapping state counts error",
        personal={"started_by": Column("name", "name")},
    ),
    "network.dealer_applications": Holding(
        whose=DEALER, purpose="dealing", basis="consent", shown="state company created_at",
        plain="owner_id state company inn region_code slug locale refusal_reason tenant_id",
        find=f"{OWN} AND ({_mail('email')} OR {_phone('phone')})",
        personal={
            "contact_name": Column("name", "name"), "email": Column("contact", "mailbox"),
            "phone": Column("contact", "null"), "password_hash": Column("credential", "null"),
        },
        ends={
            "applications": f"{OWN} AND state IN ('invited', 'new', 'refused') AND created_at < :before"
                            " AND email NOT LIKE '%@erased.invalid'",
        },
    ),
    "network.certificates": Holding(
        whose=STAFF, purpose="work", basis="contract", shown="scheme number valid_until",
        plain="owner_id scheme number", find=f"{OWN} AND holder = ANY (:names)",
        personal={"holder": Column("name", "null")},
    ),
    "network.tenants": Holding(
        whose=DEALER, purpose="dealing", basis="contract", find="false", why="public",
        plain="id slug kind parent_id state state_reason name timezone tier",
        personal={
            "legal_name": Column("name", "kept"), "inn": Column("technical", "kept"),
            "profile": Column("contact", "kept"),
        },
    ),
    "mails": Holding(
        whose=("customer", "staff", "dealer"), purpose="letters", basis="contract", plain="template locale",
        shown="created_at sent_at template",
        find=f"{_mail('to_address')} OR params->>'number' = ANY (:numbers) OR {_quoted('params')}",
        personal={"to_address": Column("contact", "row"), "params": Column("letter", "row")},
        ends={"letters": "created_at < :before"},
    ),
    "incoming_mail": Holding(
        whose=CUSTOMER, purpose="letters", basis="interest", plain="mark state reason", shown="received_at state",
        find=f"{_mail('sender')} OR lead_id = ANY (:leads)",
        personal={"sender": Column("contact", "row"), "subject": Column("letter", "row")},
        ends={"letters": "received_at < :before"},
    ),
    "idempotency_keys": Holding(
        whose=CUSTOMER, purpose="machines", basis="interest", plain="actor key request_hash", shown="created_at",
        find=f"{_quoted('reply')} OR reply->>'id' = ANY (CAST(:leads AS text[])) OR reply->>'number' = ANY (:numbers)",
        personal={"reply": Column("letter", "null")},
        ends={"replies": "created_at < :before AND reply IS NOT NULL"},
    ),
    "personal_requests": Holding(
        whose=("customer", "staff", "dealer"), purpose="requests", basis="law", shown="number kind received_at state",
        plain="kind whose origin identification state fingerprints", why="acts",
        find=f"{_mail('email')} OR {_phone('phone')}",
        personal={
            "name": Column("name", "null"), "email": Column("contact", "null"), "phone": Column("contact", "null"),
            "reason": Column("free_text", "null"), "handled_by": Column("name", "kept"), "act": Column("name", "kept"),
        },
        ends={"acts": "received_at < :before"}, ends_with_row=True,
    ),
}

PLAIN: dict[str, str] = {
    "api_keys": "name secret_hash scopes",
    "cart_lines": "",
    "import_lines": "place field code params level",
    "offers": "currency external_id",
    "order_lines": "sku name_ru name_en",
    "site": "theme palette logo texts wizard_step default_locale",
    "network.attributes": "owner_id code external_id name_ru name_en kind unit_ru unit_en choices",
    "network.categories": "owner_id external_id slug name_ru name_en path",
    "network.cities": "slug name_ru name_en region_code timezone",
    "network.daily_figures": "kind key",
    "network.dealer_prices": "owner_id",
    "network.dealer_ratings": "tenant_id parts",
    "network.deliveries": "tenant_id handler owner_id event state error ids",
    "network.delivery_acts": "tenant_id handler kind actor reason",
    "network.figure_changes": "",
    "network.figure_days": "zone",
    "network.hosts": "host tenant_id",
    "network.lead_offers": "owner_id dealer_id way state reason handed_by",
    "network.outbox": "tenant_id name payload trace",
    "network.prices": "price_type owner_id currency",
    "network.products": "owner_id external_id sku slug barcode name_ru name_en description_ru description_en unit"
                        " vat_code attributes images state content_hash search search_text",
    "network.rating_weeks": "tenant_id parts",
    "network.regions": "code name_ru name_en",
    "network.rehearsals": "owner_id definition state started_by problem summary decision decided_by decision_note",
    "network.reservations": "owner_id state",
    "network.routing_runs": "owner_id chosen_id asked explanation split",
    "network.sourcing_profiles": "owner_id name definition state author note",
    "network.stock": "owner_id",
    "network.stock_history": "owner_id levels",
    "network.tenant_migrations": "tenant_id revision state error",
    "network.territories": "owner_id shape kind region_code outline category_ids name note drawn_by ended_by",
    "network.vat_rates": "code",
    "network.webhook_calls": "owner_id event payload state error",
    "network.webhooks": "owner_id url events sealed_secret",
    "network.visits": "owner_id source",
}
"""Tables without personal data, and their columns that hold words."""
