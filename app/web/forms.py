"""Forms: Flask-WTF with its messages in the person's language."""

from __future__ import annotations

import re
import secrets
from typing import Any

import phonenumbers
from flask import Flask, current_app, g, request
from flask_wtf import CSRFProtect, FlaskForm
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup
from wtforms import Field, StringField, ValidationError
from wtforms.i18n import get_translations
from wtforms.validators import Length

from app.kernel.errors import HouseError
from app.kernel.words import _
from app.web.access import speaker
from app.web.locale import locale


class Guard(CSRFProtect):
    """Tokens for whoever is signed in; of all others it is enough that the browser says the page was ours.

    A page kept for strangers bears no token (see `docs/decisions/pages-for-strangers.md`).
    """

    def protect(self, *args: Any, **options: Any) -> None:
        """Refuse a form that another site made the browser send."""
        if speaker() is None and is_from_here():
            g.csrf_valid = True
            return
        super().protect(*args, **options)


csrf = Guard()
FIELD = Markup('<input type="hidden" name="csrf_token" value="{}">')
TOKEN_PLACE = Markup(f"<!--{secrets.token_hex(16)}-->")
"""Stands for the token in a piece that is kept (see `app.web.pieces`)."""
UNKEPT = re.compile("[\x00\ud800-\udfff]")


def is_from_here() -> bool:
    """Whether the browser itself says that a page of this very host sent the request."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == f"{current_app.config['ZVENO'].site_scheme}://{request.host}"


def install(app: Flask) -> None:
    """Fasten the guard of forms to the application."""
    csrf.init_app(app)
    app.jinja_env.globals["token_field"] = token_field


def token_field() -> Markup:
    """The token of this visitor's session for a form; nothing on a page that is kept for strangers."""
    if g.get("makes_piece"):
        return TOKEN_PLACE
    return Markup("") if g.get("is_stranger") else FIELD.format(generate_csrf())


class Form(FlaskForm):
    """Base of all forms; errors of the house may be put at the field they name."""

    class Meta(FlaskForm.Meta):
        """WTForms' own messages in the locale of the request."""

        @property
        def csrf(self) -> bool:
            """Whether the form bears a token."""
            return not g.get("is_stranger")

        def get_translations(self, _form: Any) -> Any:
            """WTForms' catalogue of the current language."""
            return get_translations([locale()])

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            """Text without signs that no column can hold; nobody types them."""
            if issubclass(unbound_field.field_class, StringField):
                options = {**options, "filters": (keepable, *unbound_field.kwargs.get("filters", ()))}
            return unbound_field.bind(form=form, **options)

    def validate(self, extra_validators: Any = None) -> bool:
        """What cannot be read is said once: in the words of a validator, where one refuses it too."""
        is_valid = super().validate(extra_validators)
        for field in self:
            told = [error for error in field.errors if error not in field.process_errors]
            if field.process_errors and told:
                field.errors = told
        return bool(is_valid)

    def blame(self, error: HouseError) -> None:
        """Show an expected refusal at its field, or above the form."""
        field = self._fields.get(error.field or "")
        if field is None:
            self.form_errors.append(error.sentence)
        else:
            field.errors = [*field.errors, error.sentence]


class AtMost(Length):
    """No more than so many characters. `Length` has the browser cut what is longer, unseen; this one is read."""

    def __init__(self, most: int) -> None:
        super().__init__(max=most)
        self.field_flags = {}


def keepable(value: str | None) -> str | None:
    """Filter: without NUL and halves of characters."""
    return UNKEPT.sub("", value) if isinstance(value, str) else value


def strip(value: str | None) -> str | None:
    """Filter: without blanks at the ends."""
    return value.strip() if isinstance(value, str) else value


def phone(_form: Form, field: Field) -> None:
    """Validator: a phone number as people write it, kept in international form `+79161234567`."""
    if not field.data:
        return
    try:
        number = phonenumbers.parse(field.data, "RU")
    except phonenumbers.NumberParseException:
        raise ValidationError(_("Write the phone number with its area code, for example +7 916 123-45-67.")) from None
    if not phonenumbers.is_possible_number(number):
        raise ValidationError(_("Write the phone number with its area code, for example +7 916 123-45-67."))
    field.data = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
