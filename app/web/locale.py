"""Russian or English: the switch is kept in a cookie, else the browser's wish, else the site's default."""

from __future__ import annotations

import re

from babel.numbers import get_currency_symbol
from flask import Flask, Response, g, has_app_context, has_request_context, request
from flask.globals import app_ctx
from flask_babel import Babel, force_locale, format_date, format_datetime, format_decimal, get_locale

from app.kernel.money import Money

LOCALES = ("ru", "en")
SPEAKS_FOR_ITSELF = re.compile(r"[«»\"“”„]|^(?:ООО|АО|ПАО|НАО|ЗАО|ОАО|ИП)\s")
"""A name with quotation marks of its own, or with a legal form before it."""
YEAR = 365 * 24 * 3600


def install(app: Flask) -> None:
    """Fasten languages, time zones and the number filters to the application."""
    Babel(app, locale_selector=choose, timezone_selector=choose_timezone)
    app.after_request(_keep_choice)
    app.jinja_env.filters.update(
        money=format_money, date=format_date, datetime=format_datetime, number=format_decimal, localized=localized,
        quoted=quoted,
    )


def choose() -> str:
    """The language of this request."""
    if not has_request_context():
        return "ru"
    asked = request.args.get("lang") or request.cookies.get("lang")
    if asked in LOCALES:
        return asked
    return request.accept_languages.best_match(LOCALES, default="ru") or "ru"


def choose_timezone() -> str:
    """The time zone of the tenant."""
    facts = g.get("here") if has_request_context() else None
    return facts.timezone if facts else "Europe/Moscow"


def locale() -> str:
    """The language in force, also inside `force_locale`."""
    kept = app_ctx.g.get("_flask_babel") if has_app_context() else None  # asked hundreds of times a page
    current = getattr(kept, "babel_locale", None) or get_locale()
    return current.language if current else "ru"


def format_money(money: Money | int, currency: str = "RUB") -> str:
    """`1 234 567,50 ₽`; kopecks are left out when there are none."""
    value = money if isinstance(money, Money) else Money(int(money), currency)
    digits = format_decimal(value.amount, "#,##0" if value.minor % 100 == 0 else "#,##0.00")
    sign = get_currency_symbol(value.currency, "ru")
    return f"{digits}\u00a0{sign}" if locale() == "ru" else f"{sign}{digits}"


def localized(thing: object, field: str = "name") -> str:
    """`name_ru` or `name_en` of a row or dictionary, in the reader's language, Russian where there is no other."""
    get = thing.get if isinstance(thing, dict) else lambda key: getattr(thing, key, None)
    return str(get(f"{field}_{locale()}") or get(f"{field}_ru") or "")


def quoted(name: str) -> str:
    """A name as a sentence takes it: in Russian in guillemets, but never in two pairs; in English as it is."""
    return name if locale() != "ru" or SPEAKS_FOR_ITSELF.search(name) else f"«{name}»"


def _keep_choice(response: Response) -> Response:
    asked = request.args.get("lang")
    if asked in LOCALES:
        response.set_cookie("lang", asked, max_age=YEAR, samesite="Lax")
    return response


__all__ = ["LOCALES", "choose", "force_locale", "format_money", "install", "locale", "localized", "quoted"]
