"""Five families of error. Concrete ones live in the subsystem and say a sentence a person can act on.

Only `app.web` knows which status code belongs to which family.
"""

from __future__ import annotations


class HouseError(Exception):
    """An expected refusal, told to the person in one sentence of his language."""

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field

    def __str__(self) -> str:
        return str(self.sentence)


class NotFound(HouseError):
    """What was asked for does not exist, or not for this person."""


class Forbidden(HouseError):
    """The person is known and may not do this."""


class Invalid(HouseError):
    """The input cannot be taken; `field` names the place to mend."""


class Refused(HouseError):
    """The input is well-formed, but the state of things does not allow it."""


class Unavailable(HouseError):
    """A part we depend on does not answer now; trying again later is right."""
