"""What HQ decides about a lead by hand, and what a dealer tells of how he takes leads."""

from __future__ import annotations

from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import DataRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.kernel.words import _l
from app.web.forms import Form, strip
from blueprints.leads.rules import LOST_REASONS


class AssignmentForm(Form):
    """Which dealer, and why him."""

    dealer_id = SelectField(_l("Dealer"), [DataRequired()])
    reason = StringField(
        _l("Reason"), [DataRequired(), Length(max=300)], filters=[strip],
        description=_l("The dealer reads it too, and it stays in the history."),
    )


class RecyclingForm(Form):
    """Why a lead is sent round again, and whether who was asked may be asked again."""

    again_reason = StringField(
        _l("Reason"), [DataRequired(), Length(max=300)], filters=[strip],
        description=_l("It stays in the history, and who has the lead now reads it."),
    )
    forgets = BooleanField(_l("Dealers who were asked before may be asked again"))


class ClosingForm(Form):
    """Why there will be no sale."""

    lost_reason = RadioField(_l("Why is there no sale?"), [DataRequired()], choices=list(LOST_REASONS.items()))


class ReceptionForm(Form):
    """How many leads a day, a pause, and where the dealer delivers."""

    capacity = IntegerField(
        _l("Leads a day at most"), [Optional(), NumberRange(1, 9999)],
        description=_l("Counted from midnight in Moscow. Leave it empty to take any number."),
    )
    paused_until = DateField(
        _l("Take no leads until"), [Optional()],
        description=_l("The day you are back. Leads offered to you already stay with you."),
    )
    km = IntegerField(
        _l("You deliver as far as"), [Optional(), NumberRange(1, 5000)],
        description=_l("From your shop as the crow flies."),
    )
    regions = SelectMultipleField(
        _l("You deliver to the whole of these regions"), option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )


class CertificateForm(Form):
    """A certificate that somebody of the dealer's holds."""

    scheme = StringField(
        _l("Scheme"), [DataRequired(), Length(max=80)], filters=[strip],
        description=_l("As the rules of routing call it, for example “Heat pumps”."),
    )
    number = StringField(_l("Number"), [DataRequired(), Length(max=80)], filters=[strip])
    holder = StringField(
        _l("Who holds it"), [Optional(), Length(max=120)], filters=[strip],
        description=_l("Personal data: the dealer and you read it, routing does not."),
    )
    first = DateField(_l("First day"), [DataRequired()])
    last = DateField(_l("Last day"), [DataRequired()])
