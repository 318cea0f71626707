"""Who speaks to the database now.

An identity is a PostgreSQL role and the schema its unqualified names mean. It stands in a context
variable; while none is set every statement is refused, so forgetting it fails loudly.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from app.kernel.ids import HQ, TenantId


class NobodySpeaks(RuntimeError):
    """Code reached for the database before it was said who speaks."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A role to take on, and the tenant whose schema it works in, if any."""

    role: str
    tenant_id: TenantId | None = None

    @property
    def search_path(self) -> str:
        """The tenant's schema and `ext`; never `public`."""
        return f"{self.tenant_id}, ext" if self.tenant_id else "ext"


def tenant(tenant_id: str) -> Identity:
    """The tenant itself: its one schema, its own rows of `network`."""
    return Identity(tenant_id, TenantId(tenant_id))


def hq() -> Identity:
    """HQ at its own desk: all of `network` it may oversee and its own schema, no dealer's."""
    return Identity("network_hq", HQ)


def network_worker() -> Identity:
    """Work that spans tenants: all of `network`, no tenant's schema."""
    return Identity("network_worker")


def directory() -> Identity:
    """Host to tenant, before anybody else speaks."""
    return Identity("network_directory")


_speaker: ContextVar[Identity | None] = ContextVar("speaker", default=None)


def current() -> Identity:
    """The identity that speaks now, or `NobodySpeaks`."""
    identity = _speaker.get()
    if identity is None:
        raise NobodySpeaks("no identity is set; wrap the code in speaking_as(...)")
    return identity


def current_or_none() -> Identity | None:
    """The identity that speaks now, if any."""
    return _speaker.get()


def current_tenant() -> TenantId:
    """The tenant in whose schema we work, or `NobodySpeaks`."""
    tenant_id = current().tenant_id
    if tenant_id is None:
        raise NobodySpeaks(f"{current().role} works in no tenant's schema")
    return tenant_id


@contextmanager
def speaking_as(identity: Identity | None) -> Iterator[None]:
    """Speak as `identity` inside the block; `None` silences."""
    token = _speaker.set(identity)
    try:
        yield
    finally:
        _speaker.reset(token)
