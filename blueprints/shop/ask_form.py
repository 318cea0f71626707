"""What a visitor without an order is asked: the same few fields, and those his kind of wish needs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    HiddenField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Email, InputRequired, Optional, ValidationError

from app.kernel.clock import now
from app.kernel.words import _, _l
from app.web.forms import AtMost, Form, phone, strip
from blueprints.leads.rules import ASKINGS, HOURS_WORDS

ONLY_FOR = {
    "wished_on": ("callback", "installation"), "wished_hours": ("callback",), "company": ("quote",),
    "address": ("installation",),
}
"""Fields that only some kinds of wishes have."""
AHEAD = timedelta(days=365)


class AskForm(Form):
    """Whom to call and about what. `website` is for robots; `about` names goods, `dealer` whom the visitor picked."""

    phone = TelField(
        _l("Phone"), filters=[strip], validators=[
            DataRequired(_l("Leave a phone number so that we can call.")), AtMost(40), phone,
        ],
    )
    name = StringField(
        _l("Your name"), filters=[strip], validators=[DataRequired(_l("Tell us your name.")), AtMost(120)]
    )
    email = EmailField(
        _l("E-mail"), filters=[strip],
        validators=[Optional(), Email(_l("This does not look like an e-mail address.")), AtMost(200)],
    )
    company = StringField(_l("Company"), filters=[strip], validators=[Optional(), AtMost(200)])
    city = StringField(_l("City"), filters=[strip], validators=[Optional(), AtMost(60)])
    address = StringField(_l("Street and house"), filters=[strip], validators=[Optional(), AtMost(300)])
    wished_on = DateField(_l("Preferred date"), validators=[Optional()])
    wished_hours = SelectField(_l("Preferred time"), choices=list(HOURS_WORDS.items()), default="soon")
    question = TextAreaField(_l("Your question"), filters=[strip], validators=[AtMost(2000)])
    kind = HiddenField()
    product = HiddenField()
    dealer = HiddenField()
    goods = HiddenField()
    website = StringField(validators=[Optional()])
    consent = BooleanField(
        _l("I agree to the processing of my personal data"),
        validators=[InputRequired(_l("Without your consent we may not keep your phone number."))],
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.kind.data = self.kind.data if self.kind.data in ASKINGS else ""
        for name, kinds in ONLY_FOR.items():
            if self.kind.data not in kinds:
                del self[name]
        self.question.label.text = str(LABELS.get(self.kind.data, self.question.label.text))

    def validate_question(self, field: TextAreaField) -> None:
        """Who asks for a price or for work says of what, unless goods are named already."""
        if self.kind.data == "question" and not field.data:
            raise ValidationError(_("Write your question."))
        if self.kind.data == "quote" and not (field.data or self.product.data or self.goods.data):
            raise ValidationError(_("Write what you need, for example article numbers and quantities."))
        if self.kind.data == "installation" and not (field.data or self.product.data):
            raise ValidationError(_("Write what is to be installed."))

    def validate_wished_on(self, field: DateField) -> None:
        """A day to come, within a year."""
        today = now().date()
        if field.data and not today - timedelta(days=1) <= field.data <= today + AHEAD:
            raise ValidationError(_("Choose a day to come, within a year."))

    @property
    def wanted(self) -> str:
        """The kind of the lead: who did not say it asks a question when he wrote one, else wants to be called."""
        return self.kind.data or ("question" if self.question.data else "callback")

    def said(self, name: str) -> Any:
        """What an optional field holds; None when it is empty or not asked for this kind."""
        field = self._fields.get(name)
        return (field.data or None) if field is not None else None


LABELS = {
    "callback": _l("What is it about?"), "question": _l("Your question"), "quote": _l("What do you need?"),
    "installation": _l("What is to be installed?"),
}
