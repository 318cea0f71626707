"""Words for people, by Flask-Babel; outside an application a message id stands for itself.

Message ids are English; each package keeps its Russian in `translations/ru/LC_MESSAGES`.
"""

from __future__ import annotations

from typing import Any

from flask import has_app_context
from flask_babel import gettext as _babel_gettext
from flask_babel import ngettext as _babel_ngettext
from flask_babel.speaklater import LazyString


def gettext(message: str, **values: Any) -> str:
    """The message in the person's language, its `%(name)s` places filled."""
    if has_app_context():
        return _babel_gettext(message, **values)
    return message % values if values else message


def ngettext(singular: str, plural: str, num: int, **values: Any) -> str:
    """The right plural of the person's language; `%(num)s` is filled too."""
    if has_app_context():
        return _babel_ngettext(singular, plural, num, **values)
    return (singular if num == 1 else plural) % {"num": num, **values}


def lazy_gettext(message: str, **values: Any) -> LazyString:
    """A message worded only when shown, for forms and constants."""
    return LazyString(gettext, message, **values)


_ = gettext
_l = lazy_gettext
