"""Where a dealer's customers may fetch their goods: his shop, and further points he names in his public profile.

A further point is kept as `{id, name, city_id, address, hours, lat, lon}`, place and hours perhaps empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MAIN = "main"
MOST_POINTS = 20


@dataclass(frozen=True, slots=True)
class Point:
    """A place where goods are handed over; `id` is unique for its dealer, `main` is his shop."""

    dealer_id: str
    id: str
    name: str
    city_id: int | None
    address: str
    hours: str = ""
    lat: float | None = None
    lon: float | None = None

    @property
    def key(self) -> str:
        """Its name in forms."""
        return f"{self.dealer_id}:{self.id}"

    def where(self, *town: str) -> str:
        """The address behind the town, unless it begins with the town itself; `town` is its name in any languages."""
        is_named = self.address.split(",")[0].strip().casefold() in {name.casefold() for name in town}
        return ", ".join(filter(None, ("" if is_named else town[0] if town else "", self.address)))

    def as_json(self) -> dict[str, Any]:
        """What an order and its lead keep of it: public facts, as they were when it was chosen."""
        return {"dealer_id": self.dealer_id, "id": self.id, "name": self.name, "address": self.address,
                "hours": self.hours}


def points_of(dealer_id: str, name: str, city_id: int | None, profile: Mapping[str, Any]) -> list[Point]:
    """The dealer's points, his shop first."""
    main = Point(dealer_id, MAIN, name, city_id, profile.get("address") or "", "", profile.get("lat"),
                 profile.get("lon"))
    return [main, *(
        Point(dealer_id, each["id"], each["name"], each["city_id"], each["address"], each.get("hours") or "",
              each.get("lat"), each.get("lon"))
        for each in profile.get("points") or ()
    )]
