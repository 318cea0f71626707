"""HQ's rehearsals of a version: begin one, watch it, and decide by what came of it."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, redirect, request, url_for

from app.kernel.clock import now
from app.kernel.errors import HouseError
from app.kernel.words import _
from app.web.access import Section, speaker
from app.web.templating import render
from blueprints.routing import profile_words as words
from blueprints.routing import profiles, queries, rules
from blueprints.routing.models import Rehearsal, SourcingProfile
from blueprints.routing.rehearsal import service, wording

hq_rehearsals = Section("hq_rehearsals", __name__)

Answer = Any
DEALERS_SHOWN = 12


@hq_rehearsals.get("/<int:version>/rehearsals", access="manager")
def index(version: int) -> str:
    """Rehearsals of a version, and what to begin another with."""
    return _list(profiles.get_profile(version))


@hq_rehearsals.post("/<int:version>/rehearsals", access="manager")
def begin(version: int) -> Answer:
    """Ask for one."""
    days = request.form.get("days", "")
    if days not in {str(one) for one in service.PERIODS}:
        return _list(profiles.get_profile(version), _("Choose a period.")), 422
    try:
        row = service.ask(version=version, days=int(days), started_by=_me(), at=now())
    except HouseError as error:
        return _list(profiles.get_profile(version), str(error.sentence)), 422
    return redirect(url_for("hq_rehearsals.show", version=version, rehearsal_id=row.id))


@hq_rehearsals.get("/<int:version>/rehearsals/<uuid:rehearsal_id>", access="manager")
def show(version: int, rehearsal_id: uuid.UUID) -> str:
    """How far it is, or what came of it."""
    return _page(service.get_rehearsal(version, rehearsal_id))


@hq_rehearsals.post("/<int:version>/rehearsals/<uuid:rehearsal_id>/cancellation", access="manager")
def cancel(version: int, rehearsal_id: uuid.UUID) -> Answer:
    """Call it off."""
    service.cancel(version=version, rehearsal_id=rehearsal_id, at=now())
    return redirect(url_for("hq_rehearsals.show", version=version, rehearsal_id=rehearsal_id))


@hq_rehearsals.post("/<int:version>/rehearsals/<uuid:rehearsal_id>/decision", access="manager")
def decide(version: int, rehearsal_id: uuid.UUID) -> Answer:
    """Put the rehearsed version in force, or throw it away."""
    decision = "discarded" if request.form.get("decision") == "discarded" else "activated"
    try:
        service.decide(
            version=version, rehearsal_id=rehearsal_id, decision=decision, note=request.form.get("note", ""),
            decided_by=_me(), at=now(),
        )
    except rules.InvalidProfile as error:
        return _page(service.get_rehearsal(version, rehearsal_id), problem=" ".join(error.problems)), 422
    except HouseError as error:
        return _page(service.get_rehearsal(version, rehearsal_id), problem=str(error.sentence)), 422
    if decision == "discarded":
        flash(_("The draft is gone."), "success")
    else:
        flash(_("These rules are in force from now on. Leads on their way keep their offers."), "success")
    return redirect(url_for("hq_routing.index"))


def _list(row: SourcingProfile, problem: str = "") -> str:
    found = service.rehearsals_of(row.version)
    return render(
        "routing/rehearsals.html", row=row, found=found, words=words, wording=wording, periods=service.PERIODS,
        people=profiles.names_of_staff(one.started_by for one in found), problem=problem,
        chosen=request.form.get("days", "90"),
    )


def _page(row: Rehearsal, problem: str = "") -> str:
    base = {"row": row, "wording": wording, "people": profiles.names_of_staff((row.started_by, row.decided_by or ""))}
    if row.state != "done" or row.summary is None:
        return render("routing/rehearsal_under_way.html", **base, seconds_left=_seconds_left(row))
    named = wording.dealers_in(row.summary)
    cities = queries.cities_of(one["city"] for one in row.summary["examples"] if one["city"])
    return render(
        "routing/rehearsal.html", **base, **_standing(row), summary=row.summary,
        names=queries.names_of(named), cities=cities, problem=problem, note=request.form.get("note", ""),
        shown=DEALERS_SHOWN,
    )


def _standing(row: Rehearsal) -> dict[str, Any]:
    """The version as it stands now, the one in force, and what to ask before it is put in force."""
    version, active = profiles.find_profile(row.version), profiles.find_active()
    asked = words.to_confirm(version.version, version.name, profiles.change_of(version)) if version else ""
    return {"version": version, "in_force": active.version if active else None, "to_confirm": asked}


def _seconds_left(row: Rehearsal) -> float | None:
    """By how long it took so far; None while that says nothing yet."""
    if row.state != "running" or not row.began_at or row.done < max(20, row.total / 100):
        return None
    return (now() - row.began_at).total_seconds() / row.done * max(0, row.total - row.done)


def _me() -> str:
    return f"staff:{speaker().id}"
