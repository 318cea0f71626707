"""Which tenant the running request is for, by its header `Host`; and that what it did shall not be kept."""

from __future__ import annotations

import re

from flask import abort, g, has_request_context, request

from tenants.registry import TenantFacts, find_by_host

HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")


def here() -> TenantFacts:
    """The tenant of this request, or 404."""
    facts = find_here()
    if facts is None:
        abort(404)
    return facts


def find_here() -> TenantFacts | None:
    """The tenant the request's host means, looked up once a request; None for a stranger."""
    if not has_request_context():
        return None
    if "here" not in g:
        name = host_name(request.host)
        g.here = find_by_host(name) if name else None
    return g.here


def host_name(host: str) -> str:
    """The name in a header `Host`, without its port; empty when it is none."""
    name = host.rsplit(":", 1)[0].lower() if "[" not in host else ""
    return name if HOST.fullmatch(name) else ""


def mark_failed() -> None:
    """Let the unit of work of this request roll back."""
    work = g.get("work")
    if work is not None:
        work.failed = True
