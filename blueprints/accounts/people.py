"""Staff of a tenant: inviting them, giving roles, letting them go. Nobody reaches above his own role."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.words import _
from app.web.audit import audit
from app.web.mail import send_later
from app.web.templating import site_view
from blueprints.accounts import rules
from blueprints.accounts.errors import AddressTaken, AlreadyIn, LastOwner, NotYours
from blueprints.accounts.models import Staff
from blueprints.accounts.queries import find_account
from blueprints.accounts.service import create_staff, password_link
from blueprints.accounts.sessions import Person, end_all_sessions


def invite(*, actor: Person, email: str, name: str, role: str, at: datetime) -> Staff:
    """A new member of staff without a password, and a mail with the link to set one."""
    if not rules.may_give(actor.role or "", role):
        raise NotYours(_("You cannot give a role above your own."), field="role")
    if find_account("staff", email):
        raise AddressTaken(_("Somebody with this address is on the list already."), field="email")
    staff = create_staff(email=email, name=name, role=role, locale=actor.locale, at=at)
    send_invitation(actor=actor, staff=staff)
    audit("people.invited", f"staff:{staff.id}", role=role)
    return staff


def send_invitation(*, actor: Person, staff: Staff) -> None:
    """Mail the link once more; for people who have no password yet."""
    _check_reach(actor, staff, staff.role)
    if staff.password_hash is not None:
        raise AlreadyIn(_("%(name)s has set a password already.", name=staff.name))
    send_later(
        to=staff.email, template="mail/invitation", locale=staff.locale, name=staff.name, inviter=actor.name,
        site_name=site_view().name, link=password_link(staff, "invite"),
    )


def change_role(*, actor: Person, staff: Staff, role: str) -> None:
    """Give another role; his open sessions have it from their next request."""
    _check_reach(actor, staff, role)
    if role != "owner":
        _keep_an_owner(staff)
    audit("people.role_changed", f"staff:{staff.id}", before=staff.role, now=role)
    staff.role = role


def deactivate(*, actor: Person, staff: Staff) -> None:
    """Let somebody in no more, and end his sessions."""
    _check_reach(actor, staff, staff.role)
    _keep_an_owner(staff)
    staff.is_active = False
    end_all_sessions(staff)
    audit("people.deactivated", f"staff:{staff.id}")


def end_sessions(*, actor: Person, staff: Staff) -> None:
    """Sign somebody out everywhere, for a telephone was lost; he may sign in again."""
    _check_reach(actor, staff, staff.role)
    audit("people.sessions_ended", f"staff:{staff.id}", count=end_all_sessions(staff))


def activate(*, actor: Person, staff: Staff) -> None:
    """Let somebody in again, with the password he had."""
    _check_reach(actor, staff, staff.role)
    staff.is_active = True
    audit("people.activated", f"staff:{staff.id}")


def _check_reach(actor: Person, staff: Staff, role: str) -> None:
    if staff.id == actor.id:
        raise NotYours(_("Ask a colleague to change your own role or access."))
    if not rules.may_change(actor.role or "", staff.role, role):
        raise NotYours(_("You cannot change somebody whose role is above your own, nor give a higher one."))


def _keep_an_owner(leaving: Staff) -> None:
    """Refuse to lose the last owner who can sign in; all owners are locked, so two cannot leave at once."""
    owners = db.session.scalars(
        sa.select(Staff).where(Staff.role == "owner", Staff.is_active, Staff.password_hash.is_not(None))
        .order_by(Staff.id).with_for_update().execution_options(populate_existing=True)
    ).all()
    if [owner.id for owner in owners] == [leaving.id]:
        raise LastOwner(_("This is the last owner. Make somebody else an owner first."))
