"""The registry as code asks it: which tenant a host means, a tenant's public facts, its site settings.

Answers are kept in the process for a few seconds, so a page costs no look-up; a change is seen
everywhere within `FRESH` seconds, and at once in the process that made it (`forget`).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import sqlalchemy as sa

from app.kernel.db import db, unit_of_work
from app.kernel.identity import directory, speaking_as
from app.kernel.ids import HQ
from tenants.models import Host, Site, Tenant

FRESH = 3.0


@dataclass(frozen=True, slots=True)
class TenantFacts:
    """Public facts of a tenant; `host` is its primary host without port."""

    id: str
    number: int
    slug: str
    kind: str
    state: str
    name: str
    legal_name: str
    inn: str
    city_id: int | None
    timezone: str
    tier: str
    profile: dict[str, Any]
    host: str

    @property
    def is_hq(self) -> bool:
        """Whether this is the manufacturer."""
        return self.kind == "hq"


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """A tenant's own choices for its site (see `tenants.models.Site`)."""

    theme: str = "hearth"
    palette: dict[str, str] = field(default_factory=dict)
    logo: str | None = None
    texts: dict[str, Any] = field(default_factory=dict)
    wizard_step: str = "look"
    default_locale: str = "ru"


class Cache:
    """Values by key for `fresh` seconds, or `times` `FRESH`; bounded, so strangers' hosts cannot fill the memory.

    A tenant's own values are kept under a key that names the tenant.
    """

    LIMIT = 5000
    every: ClassVar[list[Cache]] = []

    def __init__(self, fresh: float | None = None, *, times: int = 1) -> None:
        self._values: dict[Any, tuple[float, Any]] = {}
        self._fresh, self._times = fresh, times
        self.every.append(self)

    def get(self, key: Any) -> tuple[bool, Any]:
        """(found, value)."""
        entry = self._values.get(key)
        if entry is None or time.monotonic() - entry[0] > self._lasts:
            return False, None
        return True, entry[1]

    def expired(self, most: int) -> list[Any]:
        """Keys whose values were something and are too old by now, the oldest first."""
        before = time.monotonic() - self._lasts
        kept = list(self._values.items())
        return [key for key, (at, value) in kept if at < before and value is not None][:most]

    def put(self, key: Any, value: Any) -> None:
        """Keep a value, emptying the cache first when it is full."""
        if len(self._values) >= self.LIMIT:
            self._values.clear()
        self._values.pop(key, None)  # to the end: the oldest stand first
        self._values[key] = (time.monotonic(), value)

    def clear(self) -> None:
        """Forget everything."""
        self._values.clear()

    @property
    def _lasts(self) -> float:
        return self._fresh or FRESH * self._times


_by_host = Cache()
_by_id = Cache(times=2)
"""Outlasts the hosts' answers, which come with it: what a request asks by id while its own transaction is open is at
hand, and no request holds one connection while it waits for another."""
_sites = Cache()

TOGETHER = 200
"""So many hosts whose facts are too old are asked for along with the one that is needed: a thousand tenants who are
visited in turn cost a question in two hundred pages."""

_PRIMARY = sa.orm.aliased(Host)
_FACTS = (
    sa.select(
        Tenant.id, Tenant.number, Tenant.slug, Tenant.kind, Tenant.state, Tenant.name, Tenant.legal_name,
        Tenant.inn, Tenant.city_id, Tenant.timezone, Tenant.tier, Tenant.profile, _PRIMARY.host,
    )
    .join(_PRIMARY, sa.and_(_PRIMARY.tenant_id == Tenant.id, _PRIMARY.is_primary))
)


def find_by_host(host: str) -> TenantFacts | None:
    """The tenant a host name means, by exact match, or None."""
    found, facts = _by_host.get(host)
    if found:
        return facts
    asked = {host, *_by_host.expired(TOGETHER)}
    meant = sa.or_(Host.host.in_(asked), Tenant.id == HQ)  # every site asks something of HQ
    rows = _ask(_FACTS.add_columns(Host.host).join(Host, Host.tenant_id == Tenant.id).where(meant))
    known = {row[-1]: TenantFacts(*row[:-1]) for row in rows}
    for name in asked:
        _by_host.put(name, known.get(name))
    for facts in known.values():
        _by_id.put(facts.id, facts)
    return known.get(host)


def known_host(host: str) -> TenantFacts | None:
    """The tenant a host name means as far as it is at hand; nobody is asked."""
    return _by_host.get(host)[1]


def find_tenant(tenant_id: str) -> TenantFacts | None:
    """Public facts of a tenant by id, or None."""
    found, facts = _by_id.get(tenant_id)
    if not found:
        rows = _ask(_FACTS.where(Tenant.id == tenant_id))
        facts = TenantFacts(*rows[0]) if rows else None
        _by_id.put(tenant_id, facts)
    return facts


def get_tenant(tenant_id: str) -> TenantFacts:
    """Public facts of a tenant by id, or `LookupError`."""
    facts = find_tenant(tenant_id)
    if facts is None:
        raise LookupError(f"no tenant {tenant_id}")
    return facts


def load_site(tenant_id: str) -> SiteFacts:
    """Site settings of the tenant that speaks now; the defaults while it has none."""
    found, value = _sites.get(tenant_id)
    if found:
        return value
    row = db.session.execute(
        sa.select(Site.theme, Site.palette, Site.logo, Site.texts, Site.wizard_step, Site.default_locale)
    ).first()
    facts = SiteFacts(*row) if row else SiteFacts()
    _sites.put(tenant_id, facts)
    return facts


def forget() -> None:
    """Forget what was kept, after a change made in this process."""
    for cache in Cache.every:
        cache.clear()


def _ask(query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
    with speaking_as(directory()), unit_of_work():
        return db.session.execute(query).all()
