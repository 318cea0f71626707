"""Forms of the way into the network, the set-up wizard, and HQ's decisions."""

from __future__ import annotations

import re
from typing import Any

from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    HiddenField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Email, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from app.kernel.words import _, _l
from app.web.forms import Form, phone, strip
from tenants.shopfront import SERVICES

DAYS = (
    ("mon", _l("Monday")), ("tue", _l("Tuesday")), ("wed", _l("Wednesday")), ("thu", _l("Thursday")),
    ("fri", _l("Friday")), ("sat", _l("Saturday")), ("sun", _l("Sunday")),
)
TIME = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")
PLACE = re.compile(r"(-?\d{1,2}(?:\.\d{1,8})?)[,; ]\s*(-?\d{1,3}(?:\.\d{1,8})?)", re.ASCII)
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class JoinForm(Form):
    """What a would-be dealer tells of himself."""

    company = StringField(_l("Company"), [DataRequired(), Length(2, 200)], filters=[strip])
    inn = StringField(_l("Taxpayer number (INN)"), [DataRequired(), Length(max=20)], filters=[strip])
    city = StringField(_l("City"), [DataRequired(), Length(max=100)], filters=[strip])
    contact_name = StringField(_l("Your name"), [DataRequired(), Length(2, 120)], filters=[strip])
    email = EmailField(_l("Mail"), [DataRequired(), Email(), Length(max=200)], filters=[strip])
    phone = StringField(_l("Phone"), [DataRequired(), phone], filters=[strip])
    slug = StringField(_l("Address of your site"), [DataRequired(), Length(max=63)], filters=[strip])
    password = PasswordField(_l("Password"), [DataRequired()])
    consent = BooleanField(
        _l("I agree that my data are processed to make and run the dealer's site"),
        [DataRequired(_l("Without your consent we may not keep your data."))],
    )


class LookForm(Form):
    """Theme, palette and logo."""

    theme = StringField(_l("Theme"), [DataRequired()])
    palette = StringField(_l("Colours"), [DataRequired()])
    brand = StringField(_l("Main colour"), [Optional()])
    logo = FileField(_l("Logo"))
    logo_is_whole = BooleanField(_l("The logo carries the name of the shop already"))

    def validate_brand(self, field: Field) -> None:
        """A colour as `#rrggbb`."""
        if field.data and not COLOUR.fullmatch(field.data):
            raise ValidationError(_("Write the colour as # and six digits or letters a–f, for example #9a3f1c."))


class ContactsForm(Form):
    """What visitors read: name, phone, mail, address, hours."""

    name = StringField(_l("Name of the shop"), [DataRequired(), Length(2, 120)], filters=[strip])
    phone = StringField(_l("Phone"), [DataRequired(), phone], filters=[strip])
    email = EmailField(_l("Mail"), [DataRequired(), Email(), Length(max=200)], filters=[strip])
    address = StringField(_l("Address"), [Optional(), Length(max=300)], filters=[strip])
    services = SelectMultipleField(
        _l("What you do for customers"), choices=list(SERVICES.items()), option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    about_ru = TextAreaField(_l("About the company, in Russian"), [Optional(), Length(max=3000)], filters=[strip])
    about_en = TextAreaField(_l("About the company, in English"), [Optional(), Length(max=3000)], filters=[strip])
    hours: dict[str, tuple[Field, Field]]

    def hours_of(self) -> list[tuple[str, Any, Field, Field]]:
        """Rows of (day, its name, opening field, closing field)."""
        return [(day, name, self[f"{day}_from"], self[f"{day}_to"]) for day, name in DAYS]

    def weekly(self) -> dict[str, list[list[str]]]:
        """Working hours as `WorkingHours.from_dict` reads them, days off left out."""
        return {
            day: [[opening.data, closing.data]] for day, _name, opening, closing in self.hours_of() if opening.data
        }

    def validate(self, extra_validators: Any = None) -> bool:
        """Each day has both times or none, and closes after it opens."""
        good = super().validate(extra_validators)
        for _day, _name, opening, closing in self.hours_of():
            good = _check_day(opening, closing) and good
        return good


for _day, _name in DAYS:
    setattr(ContactsForm, f"{_day}_from", StringField(_l("Opens"), [Optional()], filters=[strip]))
    setattr(ContactsForm, f"{_day}_to", StringField(_l("Closes"), [Optional()], filters=[strip]))


class PointForm(Form):
    """A further place where customers fetch their goods."""

    id = HiddenField()
    name = StringField(_l("Name of the point"), [DataRequired(), Length(2, 80)], filters=[strip])
    city = StringField(_l("City"), [DataRequired(), Length(max=100)], filters=[strip])
    address = StringField(_l("Address"), [DataRequired(), Length(3, 200)], filters=[strip])
    hours = StringField(
        _l("Hours"), [Optional(), Length(max=100)], filters=[strip], description=_l("For example: daily 10–20")
    )
    place = StringField(
        _l("Place on the map"), [Optional(), Length(max=40)], filters=[strip],
        description=_l("Latitude and longitude, for example 55.796, 49.108"),
    )

    def validate_place(self, field: Field) -> None:
        """Two numbers on the globe."""
        if field.data and self.coordinates is None:
            raise ValidationError(_("Write latitude and longitude, for example 55.796, 49.108."))

    @property
    def coordinates(self) -> tuple[float, float] | None:
        """Latitude and longitude, None where they are not told."""
        found = PLACE.fullmatch(self.place.data or "")
        if found is None:
            return None
        lat, lon = float(found[1]), float(found[2])
        return (lat, lon) if abs(lat) <= 90 and abs(lon) <= 180 else None


class InviteForm(Form):
    """Whom HQ invites."""

    company = StringField(_l("Company"), [DataRequired(), Length(2, 200)], filters=[strip])
    email = EmailField(_l("Mail"), [DataRequired(), Email(), Length(max=200)], filters=[strip])


class ReasonForm(Form):
    """Why HQ refuses or suspends."""

    reason = TextAreaField(_l("Reason, as the dealer will read it"), [DataRequired(), Length(3, 1000)], filters=[strip])


class HeadForm(Form):
    """Which dealer another one belongs to."""

    head_id = SelectField(_l("Head dealer"))


def _check_day(opening: Field, closing: Field) -> bool:
    if not opening.data and not closing.data:
        return True
    times = [_time(field) for field in (opening, closing)]
    if all(times) and times[0] < times[1]:  # type: ignore[operator]
        opening.data, closing.data = times
        return True
    opening.errors = [*opening.errors, _("Write both times as 09:00 and 18:00, the first before the second.")]
    return False


def _time(field: Field) -> str | None:
    found = TIME.fullmatch(field.data or "")
    return f"{int(found[1]):02d}:{found[2]}" if found else None
