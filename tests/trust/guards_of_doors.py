"""The guards of `hostile_doors`, switched off one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import sqlalchemy as sa
from flask import Response

from app.web import access, boundary, cache, headers, limits, links, sessions
from blueprints.accounts import sessions as people
from blueprints.integrations.api import lead_reads
from tenants import registry
from tests.trust.guards import (
    GUARDS,
    TENANT_KEY,
    Off,
    _any_person,
    granted,
    patched,
    without_row_security,
    without_tags,
)
from tests.trust.hostile_doors import GUESS
from tests.trust.village import Inhabitant, Village

SERIALIZER, LOADS = links._serializer, links.URLSafeTimedSerializer.loads
ANYBODY = (people.login_manager, "_user_callback", _any_person)


def together(*offs: Off) -> Off:
    """Several guards at once, where one stands behind another."""

    @contextmanager
    def off(village: Village, me: Inhabitant, other: Inhabitant) -> Iterator[None]:
        with ExitStack() as stack:
            for one in offs:
                stack.enter_context(one(village, me, other))
            yield

    return off


@contextmanager
def open_to_origins(village: Village, _me: Inhabitant, _other: Inhabitant) -> Iterator[None]:
    """Answers that any page may read."""

    def allow(response: Response) -> Response:
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    village.web.after_request_funcs.setdefault(None, []).append(allow)
    try:
        yield
    finally:
        village.web.after_request_funcs[None].remove(allow)


@contextmanager
def owner_of_his_tables(village: Village, me: Inhabitant, _other: Inhabitant) -> Iterator[None]:
    """A tenant's role that owns a table of its schema, as a careless set-up leaves it."""
    ((owner,),) = village.rows(
        f"SELECT tableowner FROM pg_tables WHERE schemaname = '{me.id}' AND tablename = 'customers'"
    )
    village.do(f"ALTER TABLE {me.id}.customers OWNER TO {me.id}")
    try:
        yield
    finally:
        village.do(f"ALTER TABLE {me.id}.customers OWNER TO {owner}", f"GRANT ALL ON {me.id}.customers TO {me.id}")


def one_purpose(_purpose: str, tenant_id: str) -> object:
    """Tokens that are good for anything."""
    return SERIALIZER("any", tenant_id)


def _unsigned(token: str) -> bytes:
    return token.rsplit(".", 2)[0].encode()


def last_of_all(_key: object) -> tuple[bool, object]:
    """Whatever was kept last, for whomever."""
    values = list(registry._by_host._values.values())
    return (True, values[-1][1]) if values else (False, None)


KEYS_OF_ANOTHER = GUARDS["signed link of another"]
MORE_GUARDS: dict[str, Off] = {
    "link: registration of another": KEYS_OF_ANOTHER,
    "link: offer of another, from his mail": together(KEYS_OF_ANOTHER, without_row_security),
    "link: made for something else": patched((links, "_serializer", one_purpose)),
    "link: long over": patched((links.URLSafeTimedSerializer, "loads", lambda self, text, **_more: LOADS(self, text))),
    "link: changed by hand": patched(
        (links.URLSafeTimedSerializer, "loads", lambda self, token, **_more: self.load_payload(_unsigned(token)))
    ),
    "cookie: written by hand": patched(
        (sessions, "tenant_key", lambda _secret, tenant_id, purpose: TENANT_KEY(GUESS, tenant_id, purpose)), ANYBODY
    ),
    "cookie: kept after signing out": patched(ANYBODY),
    "customer at the desk": patched((access, "policy_of", lambda _endpoint: "anyone")),
    "HQ's desk at a dealer's": patched((boundary, "_check_audience", lambda _facts, _audience: None)),
    "ids of another at the desk": without_row_security,
    "ids of another over the API": together(patched((lead_reads, "_concerns_me", sa.true)), without_row_security),
    "exports by another's cookie": GUARDS["cookie of another"],
    "read by a page of another origin": open_to_origins,
    "framed by another": patched((headers, "_policy", lambda: "default-src 'self'")),
    "limits of another used up": patched((limits, "find_here", lambda: None)),
    "caches: pages kept for strangers": patched(
        (cache, "current_tenant", lambda: "anybody"), (cache, "key_of", lambda environ: environ["PATH_INFO"])
    ),
    "caches: whose host": patched((registry._by_host, "get", last_of_all)),
    "sql: settings that last": without_tags,
    "sql: objects of his own": together(granted("CREATE ON SCHEMA {me} TO {me}"), without_tags),
    "sql: files of the server": granted("EXECUTE ON FUNCTION pg_catalog.pg_read_file(text) TO PUBLIC"),
    "sql: rights given away": together(owner_of_his_tables, without_tags),
    "sql: rows written in another's name": without_row_security,
}

