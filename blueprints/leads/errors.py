"""Why a verb on a lead may be refused."""

from __future__ import annotations

from app.kernel.errors import Forbidden, Invalid, NotFound, Refused


class NoSuchLead(NotFound):
    """There is no such lead, or it is not this person's."""


class TakenByAnother(Refused):
    """The lead went to somebody else."""


class WindowEnded(Refused):
    """The time to answer is over."""


class OutOfGoods(Refused):
    """What the customer wants is not in the dealer's stock any more."""


class WrongMoment(Refused):
    """The lead's state does not allow this now."""


class FeedbackClosed(Refused):
    """The week in which the customer's word may change is over."""


class NotYours(Forbidden):
    """Only who holds the lead may do this."""


class EmptyMessage(Invalid):
    """A message without words."""
