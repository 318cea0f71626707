"""Fields of the API's schemas: bounded, and wrong input is told in the caller's language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from app.kernel.words import _l
from blueprints.integrations.api.section import first_problem

MOST_PIECES = 1_000_000_000
MOST_MINOR = 9_000_000_000_000_000
"""Ninety billion roubles in kopecks; exact in every language's double."""

UNKEPT = re.compile("[\x00\ud800-\udfff]")
"""What no column of text can hold: NUL, and halves of characters."""

_BETWEEN = _l("a whole number from {min} to {max} is asked for")
_LENGTH = _l("from {min} to {max} characters are asked for")
_LINES = _l("from {min} to {max} lines are asked for")
_CHOICE = _l("one of these is asked for: {choices}")


class Shape(ma.Schema):
    """Base of all shapes; what is not known is refused, so that typing errors are noticed."""

    error_messages = {
        "unknown": _l("there is no such field"),
        "type": _l("an object with fields is asked for"),
    }


class Worded(fields.Field):
    """A field that says what is wrong in the caller's language."""

    default_error_messages = {
        "required": _l("must be given"),
        "null": _l("may not be empty"),
        "invalid": _l("cannot be read"),
        "too_large": _l("is too large"),
        "invalid_utf8": _l("cannot be read"),
        "validator_failed": _l("cannot be taken"),
        "type": _l("an object with fields is asked for"),
    }

    def make_error(self, key: str, **_values: Any) -> ma.ValidationError:
        """The sentence, worded now."""
        return ma.ValidationError(str(self.error_messages[key]))


class Text(Worded, fields.String):
    """Some words."""

    def __init__(self, longest: int = 200, shortest: int = 0, **options: Any) -> None:
        super().__init__(validate=validate.Length(shortest, longest, error=_LENGTH), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str | None:
        text = super()._deserialize(value, attr, data, **options)
        if text and UNKEPT.search(text):
            raise self.make_error("invalid")
        return text


class Choice(Worded, fields.String):
    """One of a few codes."""

    def __init__(self, codes: Iterable[str], **options: Any) -> None:
        super().__init__(validate=validate.OneOf(list(codes), error=_CHOICE), **options)


class Whole(Worded, fields.Integer):
    """A whole number between bounds; never a fraction, a string or a boolean."""

    def __init__(self, least: int = 0, most: int = MOST_PIECES, **options: Any) -> None:
        options.setdefault("strict", True)
        super().__init__(validate=validate.Range(least, most, error=_BETWEEN), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> int | None:
        if isinstance(value, bool) or (isinstance(value, str) and self.strict):
            raise self.make_error("invalid")
        return super()._deserialize(value, attr, data, **options)


class Flag(Worded, fields.Boolean):
    """True or false."""


class Uuid(Worded, fields.UUID):
    """An id of the house."""


class Link(Worded, fields.Nested):
    """A shape inside a shape."""


class Rows(Worded, fields.List):
    """A list with bounds."""

    def __init__(self, inner: Any, most: int = 1000, least: int = 0, **options: Any) -> None:
        super().__init__(inner, validate=validate.Length(least, most, error=_LINES), **options)


class Day(Worded, fields.Date):
    """A day, `2026-05-09`."""


class Instant(Worded, fields.AwareDateTime):
    """A point in time, ISO 8601 with its zone; answered in UTC."""

    def __init__(self, **options: Any) -> None:
        super().__init__(default_timezone=UTC, **options)

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **_options: Any) -> str | None:
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if value else None


@dataclass(frozen=True, slots=True)
class Wrong:
    """A line that cannot be taken, and why."""

    raw: Any
    field: str
    problem: str


class EachRow(Rows):
    """A list whose lines stand for themselves: one that is wrong becomes a `Wrong` and stops no other."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        return [self._line(raw, attr, data) for raw in value]

    def _line(self, raw: Any, attr: str | None, data: Any) -> Any:
        try:
            return self.inner.deserialize(raw, attr, data)
        except ma.ValidationError as error:
            field, problem = first_problem(error.messages)
            return Wrong(raw if isinstance(raw, Mapping) else {}, field, problem)
