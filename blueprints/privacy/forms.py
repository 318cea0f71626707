"""What is asked about a request for personal data."""

from __future__ import annotations

from wtforms import BooleanField, EmailField, PasswordField, RadioField, SelectField, StringField, TelField
from wtforms.validators import DataRequired, Email, Length, Optional

from app.kernel.words import _l
from app.web.forms import Form, phone, strip
from blueprints.privacy.wording import IDENTIFICATION_WORDS, KINDS_OF_REQUEST, PEOPLE_WORDS


class RequestForm(Form):
    """Who asks for what, and how staff made sure that it is he."""

    kind = RadioField(_l("What the person wants"), choices=list(KINDS_OF_REQUEST.items()), default="export")
    whose = SelectField(_l("Who it is to us"), choices=list(PEOPLE_WORDS.items()))
    identification = SelectField(_l("How you made sure who asks"), choices=list(IDENTIFICATION_WORDS.items()))
    name = StringField(_l("Name"), [Optional(), Length(max=200)], filters=[strip])
    email = EmailField(
        _l("E-mail"), [Optional(), Email(_l("This does not look like an e-mail address.")), Length(max=200)],
        filters=[strip], description=_l("Data is found by mail address and phone: everything that bears either."),
    )
    phone = TelField(_l("Phone"), [Optional(), Length(max=40), phone], filters=[strip])


class RefusalForm(Form):
    """Why it will not be done."""

    reason = StringField(_l("Why not"), [DataRequired(), Length(max=500)], filters=[strip])


class ProofForm(Form):
    """The password once more: whoever found the door open gets nothing."""

    password = PasswordField(
        _l("Your password"), [DataRequired(), Length(max=128)], render_kw={"autocomplete": "current-password"}
    )


class ErasureForm(ProofForm):
    """As above, and that it is meant."""

    sure = BooleanField(_l("I understand that this cannot be undone"), [DataRequired()])
