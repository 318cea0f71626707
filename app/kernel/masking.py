"""What a log may not hold: mail addresses and phone numbers of people, and rows a database quotes in its complaints."""

from __future__ import annotations

import re
from typing import Any

HIDDEN = "…"
MAIL = re.compile(r"[^\s<>'\"(),;:=/]+@[^\s<>'\"(),;:=/]+\.[^\s<>'\"(),;:=/]+")
PHONE = re.compile(r"(?<![\w.-])(?:\+\d{1,3}|[78])[\s(-]*\d{3}[\s)-]*\d{3}[\s-]*\d{2}[\s-]*\d{2}(?![\w-])")
QUOTED_ROW = re.compile(r"^(DETAIL|CONTEXT):.*$", re.MULTILINE)
"""PostgreSQL's own words about a row it refused: the values of the row."""


def masked(text: str) -> str:
    """The text without addresses, numbers and quoted rows."""
    return PHONE.sub(HIDDEN, MAIL.sub(HIDDEN, QUOTED_ROW.sub(rf"\1: {HIDDEN}", text)))


def masked_value(value: Any) -> Any:
    """The same for whatever a line of a log holds, however deep."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {key: masked_value(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [masked_value(one) for one in value]
    return value if isinstance(value, (int, float, bool, type(None))) else masked(str(value))
