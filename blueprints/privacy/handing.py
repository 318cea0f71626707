"""Handing an export out as a file for programs."""

from __future__ import annotations

import json
from typing import Any

from flask import Response


def as_file(document: dict[str, Any]) -> Response:
    """The export as JSON to be saved, in words and not in escapes; nobody on the way may keep it."""
    body = json.dumps(document, ensure_ascii=False, indent=2)
    return Response(body, mimetype="application/json", headers={
        "Content-Disposition": 'attachment; filename="personal-data.json"', "Cache-Control": "no-store",
    })
