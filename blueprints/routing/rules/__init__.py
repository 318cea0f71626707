"""Who gets a lead, why, until when, and how well dealers do: pure decisions on frozen values.

No session, no Flask, no clock: the caller loads facts and passes the time. `wording` alone knows languages.
"""

from blueprints.routing.rules.ability import OFFICE, price_percent
from blueprints.routing.rules.criteria import CRITERIA, Criterion
from blueprints.routing.rules.decide import Decision, Excluded, Ranked, decide, stays_with_owner
from blueprints.routing.rules.explain import Told, explain, parts_kept, told
from blueprints.routing.rules.facts import PLACED, Candidate, Certificate, Demand, Ground, Line, Stock, Verdict
from blueprints.routing.rules.profile import (
    DEFAULT_PROFILE,
    MOST_AT_ONCE,
    WAYS,
    WEEKDAYS,
    Conditions,
    InvalidProfile,
    Profile,
    Strategy,
)
from blueprints.routing.rules.rating import Hint, Outcome, Part, Rating, RatingPolicy, StockAge, rate
from blueprints.routing.rules.split import MOST_PARTS, OrderPart, Split, SplitRule, has_all, lacks
from blueprints.routing.rules.windows import (
    ALWAYS_OPEN,
    InvalidHours,
    WorkingHours,
    after_working_days,
    deadline,
    reminder_at,
    working_minutes,
)
from blueprints.routing.rules.wording import sentence

__all__ = [
    "ALWAYS_OPEN",
    "CRITERIA",
    "DEFAULT_PROFILE",
    "Candidate",
    "Certificate",
    "Conditions",
    "Criterion",
    "Decision",
    "Demand",
    "Excluded",
    "Ground",
    "Hint",
    "InvalidHours",
    "MOST_AT_ONCE",
    "OFFICE",
    "PLACED",
    "WAYS",
    "WEEKDAYS",
    "InvalidProfile",
    "Line",
    "MOST_PARTS",
    "OrderPart",
    "Outcome",
    "Part",
    "Profile",
    "Ranked",
    "Rating",
    "RatingPolicy",
    "Split",
    "SplitRule",
    "Stock",
    "StockAge",
    "Strategy",
    "Told",
    "Verdict",
    "WorkingHours",
    "after_working_days",
    "deadline",
    "decide",
    "explain",
    "has_all",
    "lacks",
    "parts_kept",
    "price_percent",
    "rate",
    "reminder_at",
    "sentence",
    "stays_with_owner",
    "told",
    "working_minutes",
]
