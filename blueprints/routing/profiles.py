"""The life of a sourcing profile: drafted, changed, tried, put in force, retired. As HQ.

What was in force is never rewritten: whoever wants it otherwise drafts the next version. The database says so too.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import NotFound, Refused
from app.kernel.ids import HQ, new_id
from app.kernel.words import _
from app.web.audit import audit
from blueprints.accounts.models import Staff
from blueprints.leads.models import Lead
from blueprints.routing import queries, rules
from blueprints.routing.candidates import candidates_for
from blueprints.routing.models import Rehearsal, SourcingProfile
from blueprints.routing.rules.differences import differences

SAMPLES = 20


class Change(NamedTuple):
    """What putting a version in force would change: `count` things against the version `against`, if one is in force.

    `is_rehearsed` says that it was rehearsed as it stands.
    """

    against: int | None
    count: int
    is_rehearsed: bool


class NoProfile(NotFound):
    """There is no such version."""


class NotADraft(Refused):
    """Only drafts change."""


class ChoosesNobody(Refused):
    """Under this draft none of the last leads would find a dealer."""


def all_profiles() -> Sequence[SourcingProfile]:
    """Every version, the newest first."""
    return db.session.scalars(
        sa.select(SourcingProfile).where(SourcingProfile.owner_id == HQ).order_by(SourcingProfile.version.desc())
    ).all()


def authors(rows: Iterable[SourcingProfile]) -> dict[str, str]:
    """Names of those who drafted them, by what `author` says."""
    return names_of_staff(row.author or "" for row in rows)


def names_of_staff(said: Iterable[str]) -> dict[str, str]:
    """Names of HQ's people by what is kept of who did something, `staff:` and the id."""
    ids = {uuid.UUID(one.removeprefix("staff:")) for one in said if one.startswith("staff:")}
    return {f"staff:{one.id}": one.name for one in db.session.scalars(sa.select(Staff).where(Staff.id.in_(ids)))}


def find_profile(version: int, *, lock: bool = False) -> SourcingProfile | None:
    """The version; None once its draft was thrown away."""
    query = sa.select(SourcingProfile).where(SourcingProfile.owner_id == HQ, SourcingProfile.version == version)
    return db.session.scalar(query.with_for_update() if lock else query)


def get_profile(version: int, *, lock: bool = False) -> SourcingProfile:
    """The version, or `NoProfile`."""
    row = find_profile(version, lock=lock)
    if row is None:
        raise NoProfile(_("There is no such version of the rules."))
    return row


def read(row: SourcingProfile) -> rules.Profile:
    """The profile a row holds."""
    return rules.Profile.from_dict({**row.definition, "id": str(row.id), "version": row.version})


def draft(*, definition: Mapping[str, Any], author: str, note: str = "", at: datetime) -> SourcingProfile:
    """A new draft under the next number; `InvalidProfile` if it cannot be used."""
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext("sourcing_profiles"))))
    newest = db.session.scalar(sa.select(sa.func.max(SourcingProfile.version)).where(SourcingProfile.owner_id == HQ))
    whole = rules.Profile.from_dict({**definition, "version": (newest or 0) + 1})
    row = SourcingProfile(
        owner_id=HQ, id=new_id(), version=whole.version, name=whole.name, definition=whole.to_dict(), state="draft",
        author=author, note=note, created_at=at, changed_at=at,
    )
    db.session.add(row)
    db.session.flush()
    audit("routing.drafted", f"profile:{row.version}")
    return row


def change(*, version: int, definition: Mapping[str, Any], note: str, at: datetime) -> SourcingProfile:
    """Rewrite a draft; `NotADraft` for what is or was in force, `InvalidProfile` for what cannot be used."""
    row = get_profile(version, lock=True)
    _need_draft(row)
    whole = rules.Profile.from_dict({**definition, "id": str(row.id), "version": row.version})
    found = differences(row.definition, whole.to_dict())
    if found or note != row.note:
        row.definition, row.name, row.note, row.changed_at = whole.to_dict(), whole.name, note, at
        audit("routing.changed", f"profile:{row.version}", changes=[list(map(_plain, each)) for each in found])
    return row


def activate(*, version: int, at: datetime) -> SourcingProfile:
    """Put a draft, or a version that was in force before, in force; leads on their way keep their offers."""
    row = get_profile(version, lock=True)
    if row.state == "active":
        return row
    _need_to_choose(read(row), at)
    db.session.execute(
        sa.update(SourcingProfile).where(SourcingProfile.owner_id == HQ, SourcingProfile.state == "active")
        .values(state="retired").execution_options(synchronize_session="fetch")
    )
    row.state, row.activated_at = "active", at
    audit("routing.activated", f"profile:{row.version}")
    return row


def change_of(row: SourcingProfile) -> Change:
    """What is to be known before this version is put in force."""
    active = find_active()
    count = len(differences(active.definition, row.definition)) if active else 0
    is_rehearsed = db.session.scalar(sa.select(sa.exists().where(
        Rehearsal.owner_id == HQ, Rehearsal.version == row.version, Rehearsal.state == "done",
        Rehearsal.definition == row.definition,
    )))
    return Change(active.version if active else None, count, bool(is_rehearsed))


def find_active() -> SourcingProfile | None:
    """The version in force."""
    return db.session.scalar(
        sa.select(SourcingProfile).where(SourcingProfile.owner_id == HQ, SourcingProfile.state == "active")
    )


def discard(*, version: int) -> None:
    """Throw a draft away."""
    row = get_profile(version, lock=True)
    _need_draft(row)
    db.session.delete(row)
    audit("routing.discarded", f"profile:{row.version}")


def recent_leads() -> Sequence[Lead]:
    """HQ's last leads, to try a draft on; what is joined to another lead looks for no dealer."""
    return db.session.scalars(
        sa.select(Lead).where(Lead.owner_id == HQ, Lead.joined_to.is_(None))
        .order_by(Lead.created_at.desc(), Lead.id.desc()).limit(SAMPLES)
    ).all()


def try_on(profile: rules.Profile, lead: Lead, at: datetime) -> rules.Decision:
    """Who would get this lead if it came now, whoever was asked before. Nothing is offered or reserved."""
    demand = replace(queries.demand_of(lead, at), asked=frozenset())
    return rules.decide(demand, candidates_for(demand, profile), profile)


def _need_draft(row: SourcingProfile) -> None:
    if row.state != "draft":
        raise NotADraft(_("Version %(number)s is or was in force and does not change. Draft a new one from it.",
                          number=row.version))


def _need_to_choose(profile: rules.Profile, at: datetime) -> None:
    leads = recent_leads()
    if leads and not any(try_on(profile, lead, at).ranking for lead in leads):
        raise ChoosesNobody(_("Under these rules none of the last %(number)s leads would find a dealer. "
                              "Look below who is excluded and why.", number=len(leads)))


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | list | dict) or value is None else str(value)
