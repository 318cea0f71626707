"""Ready-made strategies to begin a profile from; each is a draft like any other once it is taken."""

from __future__ import annotations

from typing import Any

from app.kernel.words import _l
from blueprints.routing.rules.criteria import CRITERIA

Steps = tuple[tuple[str, dict[str, Any]], ...]

GOODS: Steps = (
    ("stock_now", {"partial": "exclude"}), ("freshness", {"half_life_days": 3, "limit_days": 14, "precision": 0.25}),
)
PRESETS: dict[str, tuple[Any, Any, Steps]] = {
    "nearest_with_stock": (
        _l("Nearest with stock"), _l("Who has all the goods and lies nearest; outsiders after those of the region."),
        (("territory", {"outside": "last"}), *GOODS, ("distance", {"precision": 0.05}), ("rating", {})),
    ),
    "geography": (
        _l("Geography only"), _l("The dealer of the region, and of several the nearest; stock is not asked."),
        (("territory", {"outside": "last"}), ("distance", {})),
    ),
    "best_rated": (
        _l("Best rated in the territory"), _l("Of the dealers of the region the one who did best."),
        (("territory", {"outside": "exclude"}), *GOODS, ("rating", {"precision": 0.02}), ("distance", {})),
    ),
    "certified_first": (
        _l("Certified first"),
        _l("Of the dealers of the region who holds a valid certificate comes first; then stock, distance, rating."),
        (("territory", {"outside": "last", "precision": 1}), ("certificate", {"missing": "last"}), *GOODS,
         ("distance", {"precision": 0.05}), ("rating", {})),
    ),
    "fair_share": (
        _l("Fair share"), _l("Of the dealers of the region with the goods, who got the fewest leads lately."),
        (("territory", {"outside": "last", "precision": 1}), *GOODS, ("fair_share", {}), ("distance", {})),
    ),
}
"""Name, what it does, its criteria."""


def definition_of(preset: str, name: str) -> dict[str, Any]:
    """The definition of a profile that begins with this preset; criteria the house does not know are left out."""
    _name, _says, steps = PRESETS[preset]
    criteria = [{"code": code, "params": dict(params)} for code, params in steps if code in CRITERIA]
    return {
        "name": name, "window_minutes": 120, "reminder_minutes": 30, "max_rounds": 5,
        "strategies": [{"name": "orders", "priority": 10, "conditions": {}, "criteria": criteria, "fallback": None}],
    }
