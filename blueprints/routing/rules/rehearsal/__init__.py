"""A rehearsal: past leads decided anew under other rules, with nothing known that was not known then. Pure.

`past` holds what happened, `knowledge` what of it was known at an instant, `record` what that lets expect of a dealer,
`shortlist` whom rules can choose at all, `world` the load that follows from decisions of its own, `replay` goes
through the period lead by lead, and `measures` says what came of it.
"""

from blueprints.routing.rules.rehearsal.measures import summary_of
from blueprints.routing.rules.rehearsal.past import Answer, Fact, History, PastDealer, PastLead
from blueprints.routing.rules.rehearsal.replay import Replay, replay

__all__ = ["Answer", "Fact", "History", "PastDealer", "PastLead", "Replay", "replay", "summary_of"]
