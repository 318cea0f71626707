"""What the pages of an order ask."""

from __future__ import annotations

from wtforms import HiddenField, StringField
from wtforms.validators import DataRequired, Length

from app.kernel.words import _l
from app.web.forms import Form, strip


class CardForm(Form):
    """The provider's token for a card; its number never reaches us."""

    card_token = HiddenField(validators=[DataRequired(_l("Enter the card first.")), Length(max=200)])


class FilterForm(Form):
    """Words and state by which staff look for orders."""

    class Meta(Form.Meta):
        """It changes nothing, so it needs no token."""

        csrf = False

    q = StringField(_l("Number, name, phone or e-mail"), filters=[strip])
    state = StringField()
