"""Figures in words: durations, short money, shares and changes, sources and reasons."""

from __future__ import annotations

from collections.abc import Iterable

from babel.numbers import format_compact_currency, get_currency_symbol
from flask_babel import format_decimal, get_locale
from flask_babel.speaklater import LazyString
from markupsafe import Markup

from app.kernel.words import _, _l
from blueprints.leads.rules import DECLINE_REASONS, ENDED_WORDS, SOURCE_WORDS

MINUTE, HOUR, DAY = 60, 3600, 86_400

SOURCES: dict[str, LazyString] = {**SOURCE_WORDS, "ads": _l("Advertising"), "form": _l("Form on the site")}
DECLINES: dict[str, LazyString] = {
    "no_stock": _l("Not in stock"), "busy": _l("No time to serve it"), "not_worth_it": _l("Not worth the trouble"),
    **DECLINE_REASONS,
}
LOSSES: dict[str, LazyString] = {"too_slow": _l("Took too long"), **ENDED_WORDS}
PERIODS: dict[str, LazyString] = {
    "week": _l("7 days"), "month": _l("30 days"), "quarter": _l("Quarter"), "half": _l("Half a year"),
}


def duration(seconds: float | None) -> str:
    """`42 min`, `3 h 10 min`, `2 d 4 h`; a dash when unknown."""
    if seconds is None:
        return "—"
    if seconds < MINUTE:
        return _("under a minute")
    minutes = round(seconds / MINUTE)
    if minutes < 60:
        return _("%(minutes)s min", minutes=minutes)
    if minutes < DAY // MINUTE:
        return _two(_("%(hours)s h", hours=minutes // 60), minutes % 60 and _("%(minutes)s min", minutes=minutes % 60))
    hours = round(seconds / HOUR)
    return _two(_("%(days)s d", days=hours // 24), hours % 24 and _("%(hours)s h", hours=hours % 24))


def compact_money(minor: float | None, currency: str = "RUB") -> str:
    """`1.8 million roubles` where room is short; a dash when unknown."""
    if minor is None:
        return "—"
    digits = 0 if 100_000 <= minor / 100 < 1_000_000 else 1
    text = format_compact_currency(minor / 100, currency, locale=get_locale(), fraction_digits=digits)
    return text.replace(currency, get_currency_symbol(currency, "ru"))


def number(value: int) -> str:
    """`12 345`."""
    return format_decimal(value)


def stars(value: float | None) -> str:
    """`4.6`; a dash when nobody gave any."""
    return "—" if value is None else format_decimal(round(float(value), 1), "0.0")


def percent(part: float | None) -> str:
    """`42 %`; a dash when unknown."""
    if part is None:
        return "—"
    value = 100 * part
    digits = "#,##0.0" if 0 < value < 10 else "#,##0"
    return f"{format_decimal(value, digits)}\u00a0%"


def change_words(part: float | None) -> str | None:
    """`+12 %` or `−3 %`; None when nothing changed or nothing is known."""
    if part is None or abs(part) < 0.005:
        return None
    return f"{'+' if part > 0 else '−'}{format_decimal(abs(100 * part), '#,##0')}\u00a0%"


def source_word(source: str | None) -> str:
    """What a source is called."""
    return str(SOURCES.get(source or "", source or "—"))


def decline_word(reason: str | None) -> str:
    """Why a dealer refused."""
    return str(DECLINES.get(reason, reason)) if reason else _("No reason given")


def loss_word(reason: str | None) -> str:
    """Why a lead ended without a sale."""
    return str(LOSSES.get(reason, reason)) if reason else _("No reason given")


def _two(first: str, second: str | int) -> str:
    return f"{first} {second}" if second else first


def options(pairs: Iterable[tuple[str, object]], chosen: str | None) -> Markup:
    """Options of a list to choose from; a thousand dealers are too many for a template's loop."""
    selected = {chosen: Markup(" selected")}
    return Markup("").join(
        Markup('<option value="%s"%s>%s</option>') % (value, selected.get(value, ""), text) for value, text in pairs
    )
