"""The life of a rehearsal: asked for by HQ, taken up by one process, told how far it is, and decided upon.

`ask`, `cancel` and `decide` speak as HQ, the rest as the network's worker. A process that is lost with its rehearsal
leaves no beat; the rehearsal then waits again, and is given up after `MAX_LOSSES`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import sqlalchemy as sa

from app.kernel.clock import now
from app.kernel.db import db, unit_of_work
from app.kernel.errors import Invalid, NotFound, Refused
from app.kernel.ids import HQ, new_id
from app.kernel.words import _
from app.web.audit import audit
from blueprints.routing import profiles, queries, rules
from blueprints.routing.models import Rehearsal
from blueprints.routing.rehearsal import loading
from blueprints.routing.rules.rehearsal import replay, summary_of

PERIODS = (30, 90, 180)
SHOWN = 20
MOST_LEADS = 200_000
BEAT = 0.7
"""Seconds between two words of how far it is."""
LOST = timedelta(seconds=45)
"""Without a beat for so long, nobody works on it any more."""
MAX_LOSSES = 3


class NoRehearsal(NotFound):
    """There is no such rehearsal."""


class UnderWay(Refused):
    """This version is being rehearsed already, or has been decided upon."""


class NothingToRehearse(Invalid):
    """No lead of the period came as far as routing."""


class Cancelled(Exception):
    """Somebody called it off."""


def rehearsals_of(version: int) -> Sequence[Rehearsal]:
    """The latest rehearsals of a version, newest first."""
    return db.session.scalars(
        sa.select(Rehearsal).where(Rehearsal.owner_id == HQ, Rehearsal.version == version)
        .options(sa.orm.defer(Rehearsal.summary), sa.orm.defer(Rehearsal.definition))
        .order_by(Rehearsal.asked_at.desc(), Rehearsal.id).limit(SHOWN)
    ).all()


def get_rehearsal(version: int, rehearsal_id: uuid.UUID, *, lock: bool = False) -> Rehearsal:
    """The rehearsal, or `NoRehearsal`."""
    query = sa.select(Rehearsal).where(
        Rehearsal.owner_id == HQ, Rehearsal.version == version, Rehearsal.id == rehearsal_id
    )
    row = db.session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NoRehearsal(_("There is no such rehearsal."))
    return row


def ask(*, version: int, days: int, started_by: str, at: datetime) -> Rehearsal:
    """Let a version be rehearsed on the last `days`; it begins when a process is free."""
    profile = profiles.get_profile(version, lock=True)
    if any(row.state in ("queued", "running") for row in rehearsals_of(version)):
        raise UnderWay(_("This version is being rehearsed already. Wait for the end, or call it off."))
    since = at - timedelta(days=days)
    total = _need_leads(since, at)
    active = queries.find_active_profile()
    row = Rehearsal(
        owner_id=HQ, id=new_id(), version=version, against=active.profile.version if active else None,
        definition=profile.definition, since=since, until=at, total=total, started_by=started_by, asked_at=at,
    )
    db.session.add(row)
    db.session.flush()
    audit("routing.rehearsed", f"profile:{version}", days=days, leads=total)
    return row


def cancel(*, version: int, rehearsal_id: uuid.UUID, at: datetime) -> None:
    """Call it off; one that is over stays as it is."""
    row = get_rehearsal(version, rehearsal_id, lock=True)
    if row.state in ("queued", "running"):
        row.state, row.ended_at = "cancelled", at


def decide(*, version: int, rehearsal_id: uuid.UUID, decision: str, note: str, decided_by: str, at: datetime) -> None:
    """Put the rehearsed version in force, or throw the draft away; who, when and why is kept with both."""
    row = get_rehearsal(version, rehearsal_id, lock=True)
    if row.state != "done":
        raise UnderWay(_("This rehearsal has no result to decide by."))
    if row.decision:
        raise UnderWay(_("This has been decided already."))
    if decision == "activated":
        if not note.strip():
            raise Invalid(_("Say in a few words why: it is kept with these rules."), field="note")
        if is_outdated(row):
            raise UnderWay(_("The draft was changed after this rehearsal. Rehearse it again, then decide."))
        profile = profiles.activate(version=version, at=at)
        profile.note = profile.note or note.strip()[:500]
    else:
        profiles.discard(version=version)
    row.decision, row.decision_note, row.decided_by, row.decided_at = decision, note.strip()[:500], decided_by, at
    audit("routing.decided", f"profile:{version}", decision=decision, rehearsal=str(row.id))


def is_outdated(row: Rehearsal) -> bool:
    """Whether the version says something else today than when it was rehearsed."""
    return profiles.get_profile(row.version).definition != row.definition


# -- as the network's worker ---------------------------------------------------------------------


def hand_out(*, at: datetime) -> uuid.UUID | None:
    """The rehearsal that a new process is to take up, if any: one at a time, the one asked for first.

    One that was handed out and not begun, or begun and without a beat, was lost with its process.
    """
    rows = db.session.scalars(
        sa.select(Rehearsal).where(Rehearsal.owner_id == HQ, Rehearsal.state.in_(("queued", "running")))
        .order_by(Rehearsal.asked_at).with_for_update(skip_locked=True)
        .options(sa.orm.defer(Rehearsal.summary), sa.orm.defer(Rehearsal.definition))
    ).all()
    for row in rows:
        if row.beat_at is not None and row.beat_at < at - LOST:
            _lose(row, at)
    waiting = [row for row in rows if row.state in ("queued", "running")]
    if not waiting or any(row.beat_at for row in waiting):
        return None
    waiting[0].beat_at = at
    return waiting[0].id


def run(rehearsal_id: uuid.UUID) -> None:
    """Take it up and bring it to an end; nothing if somebody else did, or it was called off."""
    with unit_of_work():
        row = _begin(rehearsal_id)
        if row is None:
            return
        since, until, seed = row.since, row.until, row.seed
        draft = _read(row.definition, row.version)
    try:
        with unit_of_work():
            summary = rehearse(draft, since=since, until=until, seed=seed, progress=_beating(rehearsal_id))
    except Cancelled:
        return
    except Exception as error:
        _end(rehearsal_id, state="failed", problem=type(error).__name__)
        raise
    _end(rehearsal_id, state="done", summary=summary, done=summary["leads"])


def rehearse(
    draft: rules.Profile, *, since: datetime, until: datetime, seed: int = 1,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """Replay the period under the draft and under the rules in force; answers `summary_of`'s JSON."""
    _need_leads(since, until)
    active = queries.find_active_profile()
    against = active.profile if active else rules.DEFAULT_PROFILE
    asks_stock = any(profile.asks(code) for profile in (draft, against) for code in ("stock_now", "freshness"))
    history = loading.load_history(since, until, asks_stock=asks_stock)
    result = replay(history, [against, draft], seed=seed, progress=progress)
    return summary_of(result, history, [against, draft], seed=seed)


def _need_leads(since: datetime, until: datetime) -> int:
    total = loading.count_of(since, until)
    if not total:
        raise NothingToRehearse(_("There were no leads in this period, so there is nothing to rehearse."), field="days")
    if total > MOST_LEADS:
        raise NothingToRehearse(
            _("There are %(count)s leads in this period, more than a rehearsal takes. Choose a shorter one.",
              count=total), field="days",
        )
    return total


def _read(definition: dict[str, Any], version: int) -> rules.Profile:
    return rules.Profile.from_dict({**definition, "id": f"version-{version}", "version": version})


def _lose(row: Rehearsal, at: datetime) -> None:
    row.losses, row.state, row.beat_at, row.done = row.losses + 1, "queued", None, 0
    if row.losses >= MAX_LOSSES:
        row.state, row.ended_at, row.problem = "failed", at, "lost"


def _begin(rehearsal_id: uuid.UUID) -> Rehearsal | None:
    row = db.session.scalar(
        sa.select(Rehearsal).where(Rehearsal.owner_id == HQ, Rehearsal.id == rehearsal_id, Rehearsal.state == "queued")
        .with_for_update()
    )
    if row is not None:
        row.state, row.began_at, row.beat_at, row.done = "running", now(), now(), 0
    return row


def _beating(rehearsal_id: uuid.UUID) -> Callable[[int], None]:
    """Tells how far it is, not too often, and hears whether it was called off."""
    last = 0.0

    def tell(done: int) -> None:
        nonlocal last
        if monotonic() - last < BEAT:
            return
        last = monotonic()
        with unit_of_work(separate=True):
            told = db.session.execute(
                sa.update(Rehearsal)
                .where(Rehearsal.owner_id == HQ, Rehearsal.id == rehearsal_id, Rehearsal.state == "running")
                .values(done=done, beat_at=now()).execution_options(synchronize_session=False)
            )
        if not told.rowcount:
            raise Cancelled

    return tell


def _end(rehearsal_id: uuid.UUID, **values: Any) -> None:
    with unit_of_work():
        db.session.execute(
            sa.update(Rehearsal)
            .where(Rehearsal.owner_id == HQ, Rehearsal.id == rehearsal_id, Rehearsal.state == "running")
            .values(ended_at=now(), **values).execution_options(synchronize_session=False)
        )
