"""Why a request about personal data cannot be served now."""

from __future__ import annotations

from app.kernel.errors import Invalid, NotFound, Refused
from app.kernel.words import _


class NoSuchRequest(NotFound):
    """Nothing of that number is known here."""

    def __init__(self) -> None:
        super().__init__(_("There is no such request."))


class AlreadyAnswered(Refused):
    """Somebody was faster."""

    def __init__(self) -> None:
        super().__init__(_("This request has been answered already."))


class NotYet(Refused):
    """Something is going on for which the data is needed."""


class WhoIsIt(Invalid):
    """Neither a mail address nor a phone number to look for."""

    def __init__(self) -> None:
        super().__init__(_("Write a mail address or a phone number: by these the data is found."), field="email")
