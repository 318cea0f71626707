"""What the checkout asks."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, EmailField, HiddenField, RadioField, StringField, TelField, TextAreaField
from wtforms.validators import DataRequired, Email, InputRequired, Length, ValidationError

from app.kernel.words import _, _l
from app.web.forms import Form, phone, strip

COURIER, CARRIER, PICKUP = "courier", "carrier", "pickup"
CARD, ON_DELIVERY = "card", "on_delivery"


class CheckoutForm(Form):
    """One page: where, how, to whom, paid how. `key` names the cart, `seen` what it showed."""

    key = HiddenField()
    seen = HiddenField()
    delivery_method = RadioField(
        _l("Delivery"), validators=[InputRequired(_l("Choose how you want to get the goods."))]
    )
    point = StringField()
    address = StringField(_l("Address"), filters=[strip], validators=[Length(max=300)])
    name = StringField(
        _l("Name"), filters=[strip], validators=[DataRequired(_l("Tell us your name.")), Length(max=120)]
    )
    phone = TelField(
        _l("Phone"), filters=[strip],
        validators=[DataRequired(_l("Leave a phone number: the courier will call before he comes.")), phone],
    )
    email = EmailField(
        _l("E-mail"), filters=[strip],
        validators=[
            DataRequired(_l("Leave an e-mail address: the order and its link go there.")),
            Email(_l("This does not look like an e-mail address.")), Length(max=200),
        ],
    )
    comment = TextAreaField(_l("Comment"), filters=[strip], validators=[Length(max=1000)])
    payment_method = RadioField(_l("Payment"), validators=[InputRequired(_l("Choose how you want to pay."))])
    consent = BooleanField(validators=[InputRequired(_l("We need your consent to handle the order."))])

    def __init__(self, *args: Any, has_cards: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.points: frozenset[str] = frozenset()
        self.delivery_method.choices = [(COURIER, ""), (CARRIER, ""), (PICKUP, "")]
        self.address.flags.required = True
        self.payment_method.choices = [*([(CARD, "")] if has_cards else []), (ON_DELIVERY, "")]

    def validate_point(self, field: StringField) -> None:
        """Who comes himself says where to, where there is a choice."""
        if self.delivery_method.data == PICKUP and self.points and field.data not in self.points:
            raise ValidationError(_("Choose where you want to fetch the goods."))

    def validate_address(self, field: StringField) -> None:
        """Whoever does not come himself has to be found."""
        if self.delivery_method.data in (COURIER, CARRIER) and not field.data:
            raise ValidationError(_("Write the street and the house, or the carrier's branch."))
