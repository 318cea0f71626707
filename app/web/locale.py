"""Russian or English: the switch is kept in a cookie, else the browser's wish, else the site's default."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from babel.numbers import get_currency_symbol
from flask import Flask, Response, g, has_request_context, request
from flask_babel import Babel, force_locale, format_date, format_datetime, format_decimal
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from app.kernel.money import Money
from app.kernel.words import catalogue, current_locale, gettext

LOCALES = ("ru", "en")
SPEAKS_FOR_ITSELF = re.compile(r"[«»\"“”„]|^(?:ООО|АО|ПАО|НАО|ЗАО|ОАО|ИП)\s")
"""A name with quotation marks of its own, or with a legal form before it."""
YEAR = 365 * 24 * 3600


def install(app: Flask) -> None:
    """Fasten languages, time zones and the number filters to the application."""
    Babel(app, locale_selector=choose, timezone_selector=choose_timezone)
    app.after_request(_keep_choice)
    app.jinja_env.globals.update(_=_worded, gettext=_worded, ngettext=_counted)
    app.jinja_env.filters.update(
        money=format_money, date=format_date, datetime=format_datetime, number=format_decimal, localized=localized,
        quoted=quoted,
    )


def choose() -> str:
    """The language of this request."""
    if not has_request_context():
        return "ru"
    asked = request.args.get("lang") or request.cookies.get("lang")
    return wished(asked, request.headers.get("Accept-Language", ""))


@lru_cache(maxsize=1024)
def wished(asked: str | None, accepted: str) -> str:
    """The language asked for by name, else the one the header `Accept-Language` likes best."""
    if asked in LOCALES:
        return str(asked)
    return parse_accept_header(accepted, LanguageAccept).best_match(LOCALES, default="ru") or "ru"


def choose_timezone() -> str:
    """The time zone of the tenant."""
    facts = g.get("here") if has_request_context() else None
    return facts.timezone if facts else "Europe/Moscow"


def locale() -> str:
    """The language in force, also inside `force_locale`."""
    current = current_locale()
    return current.language if current else "ru"


def format_money(money: Money | int, currency: str = "RUB") -> str:
    """`1 234 567,50 ₽`; kopecks are left out when there are none."""
    value = money if isinstance(money, Money) else Money(int(money), currency)
    return _money(value.minor, value.currency, locale())


@lru_cache(maxsize=4096)
def _money(minor: int, currency: str, language: str) -> str:
    digits = format_decimal(Money(minor).amount, "#,##0" if minor % 100 == 0 else "#,##0.00")
    sign = get_currency_symbol(currency, "ru")
    return f"{digits}\u00a0{sign}" if language == "ru" else f"{sign}{digits}"


def localized(thing: object, field: str = "name") -> str:
    """`name_ru` or `name_en` of a row or dictionary, in the reader's language, Russian where there is no other."""
    get = thing.get if isinstance(thing, dict) else lambda key: getattr(thing, key, None)
    return str(get(f"{field}_{locale()}") or get(f"{field}_ru") or "")


def quoted(name: str) -> str:
    """A name as a sentence takes it: in Russian in guillemets, but never in two pairs; in English as it is."""
    return name if locale() != "ru" or SPEAKS_FOR_ITSELF.search(name) else f"«{name}»"


@pass_eval_context
def _worded(context: EvalContext, message: str, **values: Any) -> str:
    """Jinja's own way with words takes two calls through its context, forty microseconds; a page has a hundred."""
    worded = gettext(message)
    return (Markup(worded) if context.autoescape else worded) % values


@pass_eval_context
def _counted(context: EvalContext, singular: str, plural: str, num: int, **values: Any) -> str:
    worded = catalogue().ngettext(singular, plural, num)
    return (Markup(worded) if context.autoescape else worded) % {"num": num, **values}


def _keep_choice(response: Response) -> Response:
    asked = request.args.get("lang")
    if asked in LOCALES:
        response.set_cookie("lang", asked, max_age=YEAR, samesite="Lax")
    return response


__all__ = ["LOCALES", "choose", "force_locale", "format_money", "install", "locale", "localized", "quoted"]
