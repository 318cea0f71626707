"""What pages of a lead say of the same customer's other leads, and what a person may do about it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import NamedTuple

from flask import flash, request

from app.kernel.clock import now
from app.kernel.errors import HouseError, Invalid
from app.kernel.words import _
from blueprints.leads import joining
from blueprints.leads.models import Lead
from blueprints.leads.queries import Contact, contact_of, get_lead


class Again(NamedTuple):
    """Leads joined to this one, the one it is joined to, and likely others with whether they may be joined."""

    joined: Sequence[Lead]
    head: Lead | None
    likely: list[tuple[Lead, bool]]


def again_of(lead: Lead, contact: Contact | None) -> Again:
    """The same customer's other leads as far as the speaker may know of them; four queries at most."""
    others = joining.likely(lead, contact) if contact and not lead.joined_to else []
    return Again(
        joining.joined_to(lead), joining.head_of(lead) if lead.joined_to else None,
        [(one, joining.may_join(lead, one)) for one in others],
    )


def join(lead: Lead, *, actor: str) -> Lead:
    """Join a lead to the one the form names; answers the lead to show then, and says what came of it."""
    try:
        into = get_lead(lead.owner_id, _named())
        joining.join(lead=lead, into=into, contact=contact_of(lead), at=now(), actor=actor)
    except HouseError as error:
        flash(error.sentence, "error")
        return lead
    flash(_("Lead № %(number)s is joined to this one.", number=lead.number), "success")
    return into


def part(lead: Lead, *, actor: str) -> None:
    """Undo a joining, and say what came of it."""
    try:
        joining.part(lead=lead, at=now(), actor=actor)
    except HouseError as error:
        flash(error.sentence, "error")
    else:
        flash(_("It is a lead of its own again."), "success")


def _named() -> uuid.UUID:
    try:
        return uuid.UUID(request.form.get("into", ""))
    except ValueError:
        raise Invalid(_("Choose the lead to join it to."), field="into") from None
