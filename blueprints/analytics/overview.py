"""The overview put together: what the pages show, in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from flask import url_for

from app.kernel.words import _, ngettext
from app.web.locale import localized
from blueprints.analytics import dealers, queries, wording
from blueprints.analytics.dealers import DealerFigures
from blueprints.analytics.figures import Figure, Figures
from blueprints.analytics.queries import Groups, OfferTotals
from blueprints.analytics.rules import Filters, change, share
from blueprints.analytics.wording import compact_money as _money
from tenants.models import Region

LIST_STATES = {
    "leads": None, "offered": "was_offered", "accepted": "was_accepted", "delivered": "won", "satisfied": "satisfied",
}
"""How HQ's list of leads names the steps of the funnel."""


@dataclass(frozen=True, slots=True)
class Overview:
    """Figures of the period and of the one before. `visits` is None where the filters make them meaningless."""

    filters: Filters
    figures: Figures
    visits_by_source: dict[str, int]
    visits_before: int
    groups: Groups
    line: list[Any]
    offers: OfferTotals

    @property
    def now(self) -> Figure:
        """Sums of the period."""
        return self.figures.now

    @property
    def before(self) -> Figure:
        """Sums of the period before."""
        return self.figures.before

    @property
    def visits(self) -> int | None:
        """Visits of the period; unknown by region."""
        return None if self.filters.region else sum(self.visits_by_source.values())

    @property
    def is_empty(self) -> bool:
        """Whether the period has nothing to show."""
        return not self.now.leads and not self.visits

    @property
    def average_minor(self) -> float | None:
        """The average order."""
        return share(self.now.order_minor, self.now.orders)

    @property
    def stars(self) -> list[tuple[int, int]]:
        """How many customers gave five stars, four and so on."""
        return [(stars, getattr(self.now, f"stars_{stars}")) for stars in (5, 4, 3, 2, 1)]


def load(filters: Filters, at: datetime) -> Overview:
    """Everything but dealers, comments and what waits."""
    found = queries.find_figures(filters, at)
    by_source, visits_before = queries.visits(found)
    return Overview(
        filters, found, by_source, visits_before, queries.groups(found), queries.line(filters, found),
        queries.offers(found),
    )


def leads_href(filters: Filters, **changes: str | None) -> str:
    """The list of the leads a figure counts."""
    return url_for("hq_leads.index", **filters.lead_args(**changes))


def funnel(overview: Overview) -> list[dict[str, Any]]:
    """Steps as `ui.funnel` takes them, each with its share of the step before; the pleased, of those who answered."""
    labels = {
        "leads": _("Leads"), "offered": _("With a dealer"), "accepted": _("Accepted in the end"),
        "delivered": _("Delivered"), "satisfied": ngettext(
            "Satisfied, 4–5 stars, of %(num)s who answered", "Satisfied, 4–5 stars, of %(num)s who answered",
            overview.now.answers,
        ),
    }
    steps, before = [], overview.visits
    if before is not None:
        # they outnumber everything that follows: a bar of theirs would make all others invisible
        steps.append({"label": _("Visits"), "value": before, "share": None, "bare": True})
    for name, label in labels.items():
        value = getattr(overview.now, name)
        href = leads_href(overview.filters, state=LIST_STATES[name])
        of = overview.now.answers if name == "satisfied" else before  # who said nothing is neither pleased nor not
        steps.append({"label": label, "value": value, "share": share(value, of), "href": href})
        before = value
    return steps


def tiles(overview: Overview) -> list[dict[str, Any]]:
    """The figures of the morning as `ui.stat` takes them."""
    now, before, filters = overview.now, overview.before, overview.filters
    answers = ngettext("%(num)s answer", "%(num)s answers", now.answers)
    return [
        _tile(_("Leads"), wording.number(now.leads), change(now.leads, before.leads), href=leads_href(filters)),
        _tile(
            _("Delivered"), wording.number(now.delivered), change(now.delivered, before.delivered),
            href=leads_href(filters, state="won"),
        ),
        _tile(_("Delivered for"), _money(now.delivered_minor), change(now.delivered_minor, before.delivered_minor)),
        _tile(
            _("Average order placed"), _money(overview.average_minor),
            change(overview.average_minor, share(before.order_minor, before.orders)),
            hint=ngettext("%(num)s order", "%(num)s orders", now.orders),
        ),
        _tile(
            _("Typical time to acceptance"), wording.duration(now.median), change(now.median, before.median),
            is_less_better=True,
        ),
        _tile(_("Customers’ mark"), wording.stars(now.stars), change(now.stars, before.stars), hint=answers),
    ]


def money(overview: Overview) -> list[dict[str, Any]]:
    """The way of the money as `ui.stat` takes it."""
    now, before, filters = overview.now, overview.before, overview.filters
    rows = (
        (_("All leads"), now.minor, before.minor, None, False),
        (_("Accepted in the end"), now.accepted_minor, before.accepted_minor, "was_accepted", False),
        (_("Delivered"), now.delivered_minor, before.delivered_minor, "won", False),
        (_("Lost value"), now.lost_minor, before.lost_minor, "lost", True),
    )
    return [
        _tile(label, _money(value), change(value, earlier), href=leads_href(filters, state=state), is_less_better=bad)
        for label, value, earlier, state, bad in rows
    ]


def points(rows: Sequence[DealerFigures], filters: Filters) -> list[dict[str, Any]]:
    """Dealers on the map: as large as their leads, toned by how they do."""
    busiest = sorted((row for row in rows if row.lat is not None), key=lambda row: -row.leads)[: dealers.ON_MAP]
    href = card_href("DEALER", filters)
    # few figures are told many times, and each time is a look-up of words and of how numbers are written
    words = _PointWords(cache(_leads), cache(wording.percent), cache(wording.stars))
    return [
        {
            "lat": row.lat, "lon": row.lon, "label": row.name, "weight": row.leads, "tone": row.tone or "",
            "href": href.replace("DEALER", row.id), "text": _point_text(row, words),
        }
        for row in busiest
    ]


class _PointWords(NamedTuple):
    leads: Callable[[int], str]
    percent: Callable[[float | None], str]
    stars: Callable[[float | None], str]


def _point_text(row: DealerFigures, words: _PointWords) -> str:
    share_ = None if row.acceptance is None else round(row.acceptance, 2)
    known = [
        str(localized(row.city)), words.leads(row.leads), _("accepts %(share)s", share=words.percent(share_))
    ]
    if row.stars is not None:
        known.append(_("mark %(stars)s", stars=words.stars(round(row.stars, 1))))
    return ", ".join(part for part in known if part)


def _leads(number: int) -> str:
    return ngettext("%(num)s lead", "%(num)s leads", number)


def card_href(dealer_id: str, filters: Filters) -> str:
    """A dealer's card for the same period."""
    return url_for("hq_overview.card", dealer_id=dealer_id, **filters.args(dealer=None, source=None, region=None))


def charts(overview: Overview) -> list[dict[str, Any]]:
    """The lines of the period as `ui.chart` takes them; money in roubles."""
    labels = [step.isoformat() for step, *_values in overview.line]
    orders, delivered, minor = ([row[place] for row in overview.line] for place in (1, 2, 3))
    is_weekly = overview.filters.period.step == "week"
    return [
        {
            "caption": _("Orders by week") if is_weekly else _("Orders by day"), "labels": labels, "unit": "number",
            "series": [{"name": _("Ordered"), "values": orders}, {"name": _("Delivered"), "values": delivered}],
        },
        {
            "caption": _("Delivered for, by week") if is_weekly else _("Delivered for, by day"), "labels": labels,
            "unit": "money", "series": [{"name": _("Delivered"), "values": [each / 100 for each in minor]}],
        },
    ]


def by_code(regions: Sequence[Region]) -> dict[str, str]:
    """Names of regions in the reader's language."""
    return {region.code: localized(region) for region in regions}


def _tile(
    label: str, value: str, grown: float | None, *, href: str | None = None, hint: str | None = None,
    is_less_better: bool = False,
) -> dict[str, Any]:
    trend = wording.change_words(grown)
    tone = None if trend is None else "good" if (grown < 0) == is_less_better else "bad"  # type: ignore[operator]
    return {"label": label, "value": value, "trend": trend, "tone": tone, "href": href, "hint": hint}


__all__ = [
    "Overview", "by_code", "card_href", "charts", "funnel", "leads_href", "load", "money", "points", "tiles",
]
