"""What HQ decides about a lead by hand."""

from __future__ import annotations

from wtforms import BooleanField, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, Length

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
