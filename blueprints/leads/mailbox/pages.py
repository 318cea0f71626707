"""The desk's page of letters: where to write to, and what became of each letter."""

from __future__ import annotations

from flask import request

from app.kernel.words import _l
from app.web.access import Section
from app.web.here import here
from app.web.templating import render
from blueprints.leads.mailbox.service import BOX, letters

mailbox = Section("lead_mail", __name__)

REASONS = {
    "too_large": _l("Larger than 1 MB"), "broken": _l("Cannot be read"), "automatic": _l("An answer of a machine"),
    "bulk": _l("A mass mail"), "loop": _l("Our own mail came back"), "empty": _l("No words in it"),
    "no_contact": _l("Nobody to call or write to"),
}
STATES = {"lead": (_l("New lead"), "good"), "joined": (_l("Joined"), "info"), "rejected": (_l("No lead"), "warn")}


@mailbox.get("/leads/mail", access="manager")
def index() -> str:
    """Letters that came, the newest first."""
    page = letters(page=request.args.get("page", 1, type=int))
    return render(
        "leads/mail.html", page=page, owner=here().id, address=f"{BOX}@{here().host}", reasons=REASONS, states=STATES,
    )
