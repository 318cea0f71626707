"""The second factor: who must have one, who has, and what a sign-in therefore leads to."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import redirect, session, url_for
from sqlalchemy.dialects.postgresql import insert
from werkzeug.wrappers import Response

from app.kernel.clock import now
from app.kernel.db import db
from app.kernel.identity import current_tenant
from app.kernel.ids import HQ
from app.kernel.words import _
from app.web.audit import audit
from app.web.links import site_url
from app.web.mail import send_later
from blueprints.accounts import sessions
from blueprints.accounts.errors import FactorNeeded
from blueprints.accounts.limits import HALF
from blueprints.accounts.models import Authenticator, Passkey, RecoveryCode, Staff
from blueprints.accounts.queries import has_factor
from blueprints.accounts.sessions import Account
from tenants import registry
from tenants.models import Site, Tenant

HALF_AGE = timedelta(minutes=10)
RULE = "second_factor"
"""Key of the own rule among the texts of `site`, and of HQ's rule for its dealers in its public profile."""

LEADING = ("owner", "manager")


def let_in(account: Account, target: str) -> Response:
    """What follows a proved password or link: the second factor, its set-up, or the place asked for."""
    if not isinstance(account, Staff):
        sessions.sign_in(account, now())
        return redirect(target, 303)
    if has_factor(account.id):
        session[HALF] = {"id": str(account.id), "at": now().isoformat(), "next": target}
        return redirect(url_for("accounts_security.second"), 303)
    is_limited = is_required(account)
    admit(account, "password", is_limited=is_limited)
    return redirect(url_for("accounts_security.index") if is_limited else target, 303)


def admit(staff: Staff, way: str, *, is_limited: bool = False) -> None:
    """Begin a session of somebody who proved all he has to, and note by which way he came."""
    sessions.sign_in(staff, now(), is_limited=is_limited)
    audit("access.signed_in", f"staff:{staff.id}", actor=f"staff:{staff.id}", way=way)


def half_in() -> tuple[Staff, str] | None:
    """Who has shown his password in this browser a moment ago, and where he wants to go; None when nobody has."""
    half = session.get(HALF)
    if not half or datetime.fromisoformat(half["at"]) < now() - HALF_AGE:
        return None
    staff = db.session.get(Staff, uuid.UUID(half["id"]))
    return (staff, half["next"]) if staff and staff.is_active else None


def is_required(staff: Staff) -> bool:
    """Whether the own rule, or HQ's for the owners of its dealers, asks a second factor of him."""
    return (staff.role in LEADING and own_rule()) or (staff.role == "owner" and network_rule())


def own_rule() -> bool:
    """Whether this tenant asks it of its owners and managers."""
    return bool(registry.load_site(current_tenant()).texts.get(RULE))


def network_rule() -> bool:
    """Whether HQ asks it of all owners in the network, its own too."""
    return bool(registry.get_tenant(HQ).profile.get(RULE))


def set_own_rule(is_asked: bool) -> None:
    """Ask it of owners and managers from now on, those who are signed in too, or no more."""
    statement = insert(Site).values(id=1, texts={RULE: is_asked})
    merged = Site.texts.op("||")(statement.excluded.texts)
    db.session.execute(statement.on_conflict_do_update(index_elements=[Site.id], set_={"texts": merged}))
    _after_rule("second_factor", is_asked, LEADING)


def set_network_rule(is_asked: bool) -> None:
    """Ask it of the owners of HQ and of all dealers from their next sign-in on, or no more; HQ alone may."""
    tenant = db.session.get(Tenant, HQ, with_for_update={"of": Tenant, "key_share": True}) or Tenant()
    tenant.profile = {**tenant.profile, RULE: is_asked}
    db.session.flush()
    _after_rule("second_factor_of_owners", is_asked, ("owner",))


def keep_one(staff: Staff) -> None:
    """Refuse to be left without a second factor where one is required; called after one was taken away."""
    db.session.flush()
    if is_required(staff) and not has_factor(staff.id):
        raise FactorNeeded(_("A second factor is required here. Add another one before you take this one off."))


def taken_up(staff: Staff) -> None:
    """He has what was asked of him: his sessions are no longer limited."""
    db.session.flush()
    sessions.lift_limits(staff)


def reset(staff: Staff) -> None:
    """Take everything off, for somebody who lost telephone and codes; his next sign-in begins anew."""
    for model in (Authenticator, Passkey, RecoveryCode):
        db.session.execute(sa.delete(model).where(model.staff_id == staff.id))
    sessions.end_all_sessions(staff)
    audit("people.factor_reset", f"staff:{staff.id}")
    tell(staff, "reset")


def tell(staff: Staff, change: str) -> None:
    """Mail the person that his second factor changed: `added`, `removed` or `reset`, so a thief's change is seen."""
    send_later(
        to=staff.email, template="mail/factor_changed", locale=staff.locale, name=staff.name, change=change,
        link=site_url("/desk/security"),
    )


def _after_rule(setting: str, is_asked: bool, roles: tuple[str, ...]) -> None:
    registry.forget()
    audit("settings.changed", setting, asked=is_asked)
    for staff in db.session.scalars(sa.select(Staff).where(Staff.role.in_(roles), Staff.is_active)):
        if is_asked and not has_factor(staff.id):
            sessions.limit(staff)
        elif not is_required(staff):
            sessions.lift_limits(staff)

