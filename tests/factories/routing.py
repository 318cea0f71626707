"""Dealers and demands for tests and benchmarks of routing, the same for the same seed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from app.kernel.identity import hq
from app.kernel.ids import HQ, ProductId, tenant_id
from blueprints.routing import profiles
from blueprints.routing.rules import Candidate, Demand, Ground, Line, Profile, Stock, WorkingHours
from blueprints.routing.rules.presets import definition_of
from tests.house import House

AT = datetime(2026, 3, 11, 9, 30, tzinfo=UTC)
PUMP, BOILER, PIPE = ProductId(1), ProductId(2), ProductId(3)
ZONES = ("Europe/Kaliningrad", "Europe/Moscow", "Asia/Yekaterinburg", "Asia/Novosibirsk", "Asia/Vladivostok")
WEEK = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def office_hours(timezone: str = "Europe/Moscow") -> WorkingHours:
    """Monday to Friday, nine to six, closed on Russian holidays."""
    return WorkingHours.from_dict({"timezone": timezone, "weekly": WEEK, "holidays": "RU"})


def moscow_order(*, lead_id: str = "lead-1", lines: tuple[Line, ...] = (Line(PUMP, 2),)) -> Demand:
    """An order from Moscow on the brand's site."""
    return Demand(lead_id=lead_id, owner_id=HQ, at=AT, lat=55.7558, lon=37.6173, region_code="RU-MOW", lines=lines)


def network(size: int, seed: int = 1) -> list[Candidate]:
    """Dealers all over the country: a fifth in Moscow's region, most with the goods, each with a history."""
    chance = Random(seed)
    return [_dealer(number, chance) for number in range(2, size + 2)]


def profile_of(*criteria: str | tuple[str, dict[str, object]], **more: object) -> Profile:
    """A profile of one strategy with these criteria, each a code or a code with parameters."""
    told = [(each, {}) if isinstance(each, str) else each for each in criteria]
    strategy = {"name": "only", "criteria": [{"code": code, "params": params} for code, params in told]}
    return Profile.from_dict({"id": "p", "version": 1, "strategies": [strategy], **more})


def put_in_force(
    house: House, way: str, broadcast_to: int = 3, preset: str = "nearest_with_stock", **more: Any
) -> None:
    """Rules of HQ that offer leads in this way."""
    definition = definition_of(preset, way) | more
    definition["strategies"][0] |= {"way": way, "broadcast_to": broadcast_to}
    with house.speaking(hq()):
        row = profiles.draft(definition=definition, author="staff:0", at=AT)
        profiles.activate(version=row.version, at=AT)


def _dealer(number: int, chance: Random) -> Candidate:
    kind = chance.choice(["exclusive", "primary", "shared"])
    region = "RU-MOW" if chance.random() < 0.2 else f"RU-{chance.randrange(80)}"
    goods = [product for product in (PUMP, BOILER, PIPE) if chance.random() < 0.9]
    return Candidate(
        dealer_id=tenant_id(number),
        name=f"Dealer {number}",
        lat=chance.uniform(43, 68),
        lon=chance.uniform(20, 135),
        territory=Ground(kind, number) if region == "RU-MOW" else None,
        stock={
            product: Stock(chance.randrange(1, 40), AT - timedelta(hours=chance.expovariate(1 / 72)))
            for product in goods
        },
        rating=chance.uniform(0.2, 1),
        rating_count=chance.randrange(0, 200),
        hours=office_hours(chance.choice(ZONES)),
        open_offers=chance.randrange(3),
        today_count=chance.randrange(6),
        capacity=chance.choice([None, 5, 10, 20]),
    )
