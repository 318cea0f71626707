"""Forms: Flask-WTF with its messages in the person's language."""

from __future__ import annotations

from typing import Any

import phonenumbers
from flask_wtf import CSRFProtect, FlaskForm
from wtforms import Field, ValidationError
from wtforms.i18n import get_translations

from app.kernel.errors import HouseError
from app.kernel.words import _
from app.web.locale import locale

csrf = CSRFProtect()


class Form(FlaskForm):
    """Base of all forms; errors of the house may be put at the field they name."""

    class Meta(FlaskForm.Meta):
        """WTForms' own messages in the locale of the request."""

        def get_translations(self, _form: Any) -> Any:
            """WTForms' catalogue of the current language."""
            return get_translations([locale()])

    def blame(self, error: HouseError) -> None:
        """Show an expected refusal at its field, or above the form."""
        field = self._fields.get(error.field or "")
        if field is None:
            self.form_errors.append(error.sentence)
        else:
            field.errors = [*field.errors, error.sentence]


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
