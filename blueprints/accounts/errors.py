"""What accounts refuse, each with one sentence a person can act on."""

from __future__ import annotations

from app.kernel.errors import Forbidden, Invalid, NotFound, Refused


class WrongPassword(Invalid):
    """Mail address and password do not belong together; never says which of them is wrong."""


class WeakPassword(Invalid):
    """The new password is too easy to guess, too short or too long."""


class AddressTaken(Invalid):
    """Somebody with this mail address is here already."""


class LinkSpent(Refused):
    """The link has done its work once, or the account has changed since."""


class NotYours(Forbidden):
    """The role does not reach that far."""


class AlreadyIn(Refused):
    """An invitation is of no use to somebody who accepted one."""


class LastOwner(Refused):
    """Without this person nobody could run the site."""


class NoSuchPerson(NotFound):
    """Nobody here has that id."""


class KeyTooNarrow(Forbidden):
    """The key is in force, and lacks the scope."""


class NoSuchKey(NotFound):
    """No API key has that id."""


class PasskeyRefused(Invalid):
    """What the browser answered is no passkey of this person for this host and challenge."""


class WrongCode(Invalid):
    """Neither the app's code for now nor an unused one on paper."""


class FactorNeeded(Refused):
    """The rules of the house ask for a second factor, and this was the last one."""
