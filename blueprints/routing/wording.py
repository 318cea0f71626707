"""A rating and an explanation as pages show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from flask_babel import format_percent
from flask_babel.speaklater import LazyString

from app.kernel.words import _, _l
from app.web.locale import localized
from blueprints.leads.models import DealerRating
from blueprints.routing import rules
from blueprints.routing.models import RoutingRun
from blueprints.routing.territories.queries import area_names


class Number(NamedTuple):
    """One side of a rating: its name, what was measured, in words."""

    label: str
    value: str


class CandidateLine(NamedTuple):
    """What a decision says of one dealer, in words."""

    dealer_id: str
    rank: int | None
    is_chosen: bool
    is_missed: bool
    reasons: dict[str, str]
    """By the code of the criterion they belong to."""
    part: tuple[tuple[int, int], ...] = ()
    """Of an order that was split, what he got of it."""


CRITERIA: dict[str, LazyString] = {
    "own_dealer": _l("Customer"), "territory": _l("Territory"), "exclusivity": _l("Exclusive right"),
    "stock_now": _l("Goods in stock"), "freshness": _l("Freshness"),
    "distance": _l("Distance"), "rating": _l("Rating"), "capacity": _l("Load"), "working_hours": _l("Hours"),
    "tier": _l("Tier"), "response": _l("Speed of answer"), "fair_share": _l("Share of leads"),
    "round_robin": _l("Turn"), "certificate": _l("Certificate"), "price": _l("Price"), "delivery": _l("Delivery"),
    "explore": _l("New dealer"),
}
"""The columns of a decision; what belongs to none of them is said under the dealer's name."""


def numbers_of(rating: DealerRating | None) -> list[Number]:
    """The measured sides of a rating beside its stars; a dash where nothing is known yet."""
    parts = {part["code"]: part["value"] for part in (rating.parts.get("parts", ()) if rating else ())}
    return [
        Number(_("Answer, median"), _minutes(parts.get("response"))),
        Number(_("Offers accepted"), _percent(parts.get("acceptance"))),
        Number(_("Brought to a sale"), _percent(parts.get("conversion"))),
    ]


def numbers_in(told: Iterable[rules.Told]) -> set[int]:
    """Numbers of the areas that explanations name."""
    verdicts = (verdict for one in told for verdict in one.verdicts)
    return {int(verdict.values[0]) for verdict in verdicts if verdict.reason in rules.PLACED and verdict.values}


def places_of(runs: Iterable[RoutingRun]) -> dict[int, str]:
    """Names of the areas that decisions speak of, by number."""
    told = (rules.told(run.explanation, dealer_id) for run in runs for dealer_id in run.explanation["lines"])
    return area_names(numbers_in(one for one in told if one))


def candidates_of(run: RoutingRun, places: Mapping[int, str]) -> list[CandidateLine]:
    """Every candidate of a decision for HQ: the ranking first, then the excluded."""
    missed, asked = run.explanation.get("missed", ()), run.asked or [run.chosen_id]
    lines = [
        _candidate(run, dealer_id, dealer_id in asked, dealer_id in missed, places)
        for dealer_id in run.explanation["lines"]
    ]
    return sorted(lines, key=lambda line: (line.rank is None, line.rank or 0, line.dealer_id))


def parts_in_words(
    split: Mapping[str, Any] | None, dealers: Mapping[str, str], goods: Mapping[int, str]
) -> list[tuple[str, str]]:
    """Who got which part of an order that was split, and what nobody got: name and goods, in words."""
    if not split:
        return []
    told = [(dealers.get(dealer, dealer), listed_by(goods, part)) for dealer, part in split["parts"].items()]
    if split["owed"]:
        told.append((_("Of this not in stock yet"), listed_by(goods, split["owed"])))
    if split["left"]:
        told.append((_("Stays with HQ"), listed_by(goods, split["left"])))
    return told


def listed_by(goods: Mapping[int, str], lines: Iterable[Sequence[int]]) -> str:
    """`[product, pieces]` with their names, one after another."""
    return _in_line((goods.get(product, f"№ {product}"), pieces) for product, pieces in lines)


def listed(lines: Iterable[Mapping[str, Any]]) -> str:
    """Lines of a lead with their pieces, one after another."""
    return _in_line((localized(line), line["quantity"]) for line in lines)


def _in_line(goods: Iterable[tuple[str, int]]) -> str:
    return ", ".join(_("%(name)s, %(count)s pcs", name=name, count=pieces) for name, pieces in goods)


def columns_of(candidates: Iterable[CandidateLine]) -> dict[str, LazyString]:
    """The criteria that said something of a candidate, in the order of the page."""
    said = {code for one in candidates for code in one.reasons}
    return {code: label for code, label in CRITERIA.items() if code in said}


def _candidate(
    run: RoutingRun, dealer_id: str, is_chosen: bool, is_missed: bool, places: Mapping[int, str]
) -> CandidateLine:
    told = rules.told(run.explanation, dealer_id)
    assert told is not None
    reasons = dict(_reason(verdict, places) for verdict in told.verdicts)
    part = tuple(map(tuple, run.split["parts"].get(dealer_id, ()))) if run.split else ()
    return CandidateLine(dealer_id, told.rank, is_chosen, is_missed, reasons, part)


def _reason(verdict: rules.Verdict, places: Mapping[int, str]) -> tuple[str, str]:
    """The criterion and what it found; the column says “Distance” already."""
    code = verdict.reason.partition(".")[0]
    told = rules.sentence(verdict.reason, verdict.values, places=places)
    return code, told.removeprefix(f"{CRITERIA.get(code, '')} ")


def _minutes(value: float | None) -> str:
    return "—" if value is None else _("%(minutes)s min", minutes=round(value))


def _percent(value: float | None) -> str:
    return "—" if value is None else format_percent(value, "#,##0 %")
