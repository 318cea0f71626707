"""What an owner watches and rules over: the journal, who needs a second factor, who lost his."""

from __future__ import annotations

import uuid

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.kernel.words import _
from app.web.access import Section, speaker
from app.web.audit import ACTIONS, GROUPS
from app.web.here import here
from app.web.templating import render
from blueprints.accounts import factors, journal, queries
from blueprints.accounts.errors import NotYours

oversight = Section("accounts_oversight", __name__)


@oversight.get("/journal", access="owner")
def index() -> str:
    """Who did what, the latest first."""
    group = request.args.get("group", "")
    asked = journal.Asked(
        group=group if group in GROUPS else "", actor=request.args.get("actor", "")[:60],
        since=request.args.get("since", "")[:10], until=request.args.get("until", "")[:10],
    )
    page = journal.entries(asked, request.args.get("page", 1, int))
    return render(
        "accounts/journal.html", page=page, asked=asked, groups=GROUPS, actions=ACTIONS,
        names=journal.names(page.items), people=journal.actors(), told=journal.details_told,
    )


@oversight.get("/rules", access="owner")
def rules() -> str:
    """What is asked of those who sign in."""
    return render(
        "accounts/rules.html", own=factors.own_rule(), network=factors.network_rule(), is_hq=here().is_hq,
        lacking=journal.without_factor(),
    )


@oversight.post("/rules", access="owner")
def set_rules() -> Response:
    """Ask for a second factor, or no more."""
    if (own := request.form.get("own") == "1") != factors.own_rule():
        factors.set_own_rule(own)
    if here().is_hq and (network := request.form.get("network") == "1") != factors.network_rule():
        factors.set_network_rule(network)
    flash(_("Saved."), "success")
    return redirect(url_for("accounts_oversight.rules"), 303)


@oversight.post("/people/<uuid:staff_id>/factor/removal", access="owner")
def reset_factor(staff_id: uuid.UUID) -> Response:
    """Take off the second factor of a colleague who lost telephone and codes."""
    if staff_id == speaker().id:
        raise NotYours(_("Your own second factor you change on your own page."))
    factors.reset(queries.get_staff(staff_id))
    flash(_("The second factor is taken off; the next sign-in needs the password alone."), "success")
    return redirect(url_for("accounts_oversight.rules"), 303)
