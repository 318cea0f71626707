"""The act of destruction and the extract from the journal, as order 179 of Roskomnadzor of 28.10.2022 asks for them.

What is stored are codes and numbers; they are worded when they are printed. Nothing of the erased data is in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.kernel.identity import current_tenant
from blueprints.privacy import wording
from blueprints.privacy.exporting import operator
from tenants.personal_data import HOLDINGS

WAYS = ("row", "pseudonym")


def make_act(
    erased: Mapping[str, int], *, numbers: Sequence[str], reason: str, by: Mapping[str, str], at: datetime,
    operator_id: str | None = None, processors: Sequence[Mapping[str, str]] = (), kept: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """What both papers are printed from: who, whose, what, where, how, why, when."""
    return {
        "operator": operator(operator_id), "processors": [dict(one) for one in processors], "by": dict(by),
        "reason": reason,
        "numbers": sorted(set(numbers)), "system": f"Zveno / {current_tenant()}",
        "at": at.isoformat(timespec="seconds"),
        "categories": [_category(name, rows) for name, rows in erased.items() if rows],
        "kept": [{"table": name, "rows": rows} for name, rows in (kept or {}).items() if rows],
    }


def worded(act: Mapping[str, Any]) -> dict[str, Any]:
    """The act in the reader's language, as its pages show it."""
    return {
        **act,
        "reason": wording.REASON_WORDS[act["reason"]],
        "at": datetime.fromisoformat(act["at"]),
        "categories": [
            {
                **one, "title": wording.TABLE_WORDS.get(one["table"], one["table"]),
                "kinds": ", ".join(str(wording.KIND_WORDS[kind]) for kind in one["kinds"]),
                "way": wording.WAY_WORDS[one["way"]],
            }
            for one in act["categories"]
        ],
        "kept": [
            {"title": wording.TABLE_WORDS[one["table"]], "why": wording.WHY_WORDS[HOLDINGS[one["table"]].why]}
            for one in act["kept"]
        ],
    }


def _category(name: str, rows: int) -> dict[str, Any]:
    holding = HOLDINGS[name]
    kinds = sorted({column.kind for column in holding.personal.values() if column.fate != "kept"})
    return {"table": name, "kinds": kinds, "rows": rows, "way": WAYS[0] if holding.is_deleted else WAYS[1]}
