"""Ratings of dealers: computed anew from what happened, kept with parts and hints, and remembered week by week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.kernel.db import db
from blueprints.leads.models import DealerRating
from blueprints.routing import queries, rules
from blueprints.routing.models import RatingWeek
from blueprints.routing.outcomes import outcomes_of, stock_ages
from blueprints.routing.rules.rating import PARTS
from tenants.models import Tenant

STALE = timedelta(hours=6)
"""Old outcomes fade without an event, so a rating is no older than this."""
AT_ONCE = 100
REMEMBERED = timedelta(weeks=60)


def rate_all(dealer_ids: Sequence[str], at: datetime) -> dict[str, rules.Rating]:
    """Rate these dealers by the rules in force and keep it; a fixed number of queries."""
    policy = _policy()
    outcomes, ages = outcomes_of(dealer_ids, at), stock_ages(dealer_ids, at)
    found = {each: rules.rate(outcomes.get(each, ()), at, policy, ages.get(each)) for each in sorted(dealer_ids)}
    if found:
        _keep([_row(each, rating, outcomes.get(each, ()), policy, at) for each, rating in found.items()])
        remember(found, at)
    return found


def look_back(dealer_ids: Sequence[str], *, weeks: int, at: datetime) -> None:
    """Remember how the ratings would have stood in the weeks before, by what is known of them now."""
    outcomes, policy = outcomes_of(dealer_ids, at), _policy()
    for ago in range(weeks, 0, -1):
        then = at - timedelta(weeks=ago)
        remember({each: rules.rate(outcomes.get(each, ()), then, policy) for each in dealer_ids}, then)


def refresh(*, at: datetime) -> int:
    """Rate the dealers anew whose rating is oldest, some at a time; answers how many.

    A rating that was made before the rules in force came into force is due at once.
    """
    active = queries.find_active_profile()
    due = max(at - STALE, active.since) if active and active.since else at - STALE
    dealers = db.session.scalars(
        sa.select(DealerRating.tenant_id).join(Tenant, Tenant.id == DealerRating.tenant_id)
        .where(DealerRating.updated_at < due, Tenant.state.in_(("active", "suspended")))
        .order_by(DealerRating.updated_at, DealerRating.tenant_id).limit(AT_ONCE)
    ).all()
    rate_all(dealers, at)
    return len(dealers)


def forget(*, at: datetime) -> int:
    """Weeks nobody looks at any more; answers how many rows."""
    gone = db.session.execute(sa.delete(RatingWeek).where(RatingWeek.week < week_of(at - REMEMBERED)))
    return gone.rowcount


def remember(found: Mapping[str, rules.Rating], at: datetime) -> None:
    """Note the ratings as those of the week; the last of a week stays."""
    rows = [
        {
            "tenant_id": dealer, "week": week_of(at), "score": rating.score,
            "parts": {part.code: round(part.score, 4) for part in rating.parts if part.value is not None},
        }
        for dealer, rating in found.items()
    ]
    statement = insert(RatingWeek).values(rows)
    told = statement.excluded
    db.session.execute(statement.on_conflict_do_update(
        index_elements=[RatingWeek.tenant_id, RatingWeek.week], set_={"score": told.score, "parts": told.parts}
    ))


def week_of(at: datetime) -> date:
    """The Monday of the week at HQ's office."""
    day = at.astimezone(rules.OFFICE).date()
    return day - timedelta(days=day.weekday())


def _policy() -> rules.RatingPolicy:
    active = queries.find_active_profile()
    return active.profile.rating if active else rules.RatingPolicy()


def _keep(rows: list[dict[str, Any]]) -> None:
    statement = insert(DealerRating).values(rows)
    told = statement.excluded
    db.session.execute(statement.on_conflict_do_update(
        index_elements=[DealerRating.tenant_id],
        set_={name: getattr(told, name) for name in rows[0] if name != "tenant_id"},
    ))


def _row(
    dealer_id: str, rating: rules.Rating, outcomes: Sequence[rules.Outcome], policy: rules.RatingPolicy, at: datetime
) -> dict[str, Any]:
    stars = [outcome.satisfaction for outcome in outcomes if outcome.satisfaction]
    return {
        "tenant_id": dealer_id, "score": rating.score, "reviews": len(stars), "updated_at": at,
        "stars": sum(stars) / len(stars) if stars else None,
        "parts": {
            "count": rating.count, "outcomes": len(outcomes),
            "since": min(outcome.at for outcome in outcomes).isoformat() if outcomes else None,
            "parts": [part._asdict() for part in rating.parts], "hints": [hint._asdict() for hint in rating.hints],
            "weights": {code: round(policy.weight(code) / policy.whole, 4) for code in PARTS},
            "terms": {name: getattr(policy, name) for name in policy.terms() if name not in PARTS},
        },
    }
