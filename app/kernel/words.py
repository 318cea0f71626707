"""Words for people, by Flask-Babel; outside an application a message id stands for itself.

Message ids are English; each package keeps its Russian in `translations/ru/LC_MESSAGES`.
"""

from __future__ import annotations

from gettext import NullTranslations
from typing import Any

from babel import Locale
from flask import has_app_context
from flask.globals import app_ctx
from flask_babel import force_locale, get_locale, get_translations
from flask_babel.speaklater import LazyString

_catalogues: dict[str, NullTranslations] = {}
_nothing = NullTranslations()


def current_locale() -> Locale | None:
    """The locale in force, also inside `force_locale`; None outside an application.

    Asked for hundreds of times a page, so what Flask-Babel has chosen is read where it keeps it.
    """
    if not has_app_context():
        return None
    return getattr(app_ctx.g.get("_flask_babel"), "babel_locale", None) or get_locale()


def catalogue() -> NullTranslations:
    """The words of the language in force, read from their files once."""
    locale = current_locale()
    return _nothing if locale is None else words_of(locale.language)


def words_of(language: str) -> NullTranslations:
    """The words of a language, of the application at work."""
    found = _catalogues.get(language)
    if found is None:
        with force_locale(language):
            found = _catalogues[language] = get_translations()
    return found


def gettext(message: str, **values: Any) -> str:
    """The message in the person's language, its `%(name)s` places filled."""
    worded = catalogue().gettext(message)
    return worded % values if values else worded


def ngettext(singular: str, plural: str, num: int, **values: Any) -> str:
    """The right plural of the person's language; `%(num)s` is filled too."""
    return catalogue().ngettext(singular, plural, num) % {"num": num, **values}


def lazy_gettext(message: str, **values: Any) -> LazyString:
    """A message worded only when shown, for forms and constants."""
    return LazyString(gettext, message, **values)


_ = gettext
_l = lazy_gettext
