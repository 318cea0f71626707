"""How pages name the states, numbers and remarks of a table of leads."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel.speaklater import LazyString

from app.kernel.words import _, _l, ngettext
from blueprints.catalog.models import ImportRun
from blueprints.leads.importing.columns import TARGETS
from blueprints.leads.importing.drafts import SENTENCES

STATES: dict[str, tuple[LazyString, str]] = {
    "mapping": (_l("Columns to be chosen"), "warn"), "queued": (_l("In the queue"), "info"),
    "running": (_l("In progress"), "info"), "done": (_l("Done"), "good"), "failed": (_l("Not taken"), "bad"),
}
FORMATS: dict[str, str] = {"csv": ""}
COUNTS: dict[str, LazyString] = {
    "new": _l("New leads"), "joined": _l("Joined to open leads"), "known": _l("Taken before"),
    "left_out": _l("Rows left out"),
}


def counts_of(run: ImportRun) -> list[tuple[str, int]]:
    """The numbers of a finished table."""
    return [(str(label), run.counts.get(key, 0)) for key, label in COUNTS.items()]


def summary(run: ImportRun) -> str:
    """One line about a finished table."""
    if run.state == "failed":
        return run.error or ""
    if run.state != "done":
        return ""
    return ", ".join(f"{str(label).lower()}: {run.counts.get(key, 0)}" for key, label in COUNTS.items())


def report_summary(run: ImportRun) -> str:
    """How much is to be mended."""
    told = run.counts.get("errors", 0) + run.counts.get("warnings", 0)
    return ngettext("%(num)s remark", "%(num)s remarks", told)


def sentence(code: str, params: Mapping[str, str | int]) -> str:
    """A remark in the reader's language."""
    return str(SENTENCES[code]) % params if code in SENTENCES else code


def field_of(field: str | None) -> str:
    """The column as people call it."""
    return str(TARGETS.get(field or "", _("File") if field == "file" else "")) if field else ""


def place_of(place: str) -> str:
    """Which row of the table."""
    return _("Row %(number)s", number=place) if place else ""
