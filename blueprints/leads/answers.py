"""Words about an outcome: the customer's on his order or on a talk without one, and HQ's where two words differ."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from wtforms import Field, RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from app.kernel.money import Money, TooLarge
from app.kernel.words import _, _l
from app.web.forms import Form, strip
from blueprints.leads import customer, outcome, service
from blueprints.leads.models import Lead

YES_NO = [("yes", _l("Yes")), ("no", _l("No"))]


class ReceiptForm(Form):
    """Received? How content?"""

    received = RadioField(
        _l("Have you received everything?"), [DataRequired()],
        choices=[("yes", _l("Yes, everything")), ("no", _l("No"))],
    )
    stars = RadioField(_l("How satisfied are you?"), [Optional()], choices=[(str(n), str(n)) for n in range(1, 6)])
    comment = TextAreaField(_l("A few words, if you like"), [Optional(), Length(max=2000)], filters=[strip])

    @classmethod
    def of(cls, lead: Lead, comment: str | None) -> ReceiptForm:
        """The form as it was answered before."""
        return cls(received=_said(lead.received), stars=str(lead.satisfaction or ""), comment=comment)

    def validate(self, extra_validators: Any = None) -> bool:
        """Who has the goods is asked for stars."""
        is_valid = super().validate(extra_validators)
        if self.received.data == "yes" and not self.stars.data:
            self.stars.errors = [_("Choose from one to five stars.")]
            return False
        return is_valid

    @property
    def satisfaction(self) -> int | None:
        """Stars as a number, None when none were given."""
        return int(self.stars.data) if self.stars.data else None

    def tell(self, lead: Lead, *, at: datetime) -> None:
        """Take the answer down."""
        service.confirm(
            lead=lead, received=self.received.data == "yes", satisfaction=self.satisfaction,
            comment=self.comment.data, at=at,
        )


class TalkForm(Form):
    """Called? Bought, for how much? How content?"""

    contacted = RadioField(_l("Did anybody get in touch with you?"), [DataRequired()], choices=YES_NO)
    bought = RadioField(_l("Did you buy?"), [DataRequired()], choices=YES_NO)
    value = StringField(_l("For about how much?"), [Optional(), Length(max=30)], filters=[strip])
    stars = RadioField(_l("How satisfied are you?"), [Optional()], choices=[(str(n), str(n)) for n in range(1, 6)])
    comment = TextAreaField(_l("A few words, if you like"), [Optional(), Length(max=2000)], filters=[strip])

    @classmethod
    def of(cls, lead: Lead, comment: str | None) -> TalkForm:
        """The form as it was answered before."""
        minor = lead.customer_value_minor
        return cls(
            contacted=_said(lead.customer_contacted), bought=_said(lead.customer_bought), comment=comment,
            value=f"{Decimal(minor) / 100:f}".removesuffix(".00") if minor else "", stars=str(lead.satisfaction or ""),
        )

    def validate_value(self, field: Field) -> None:
        """A sum as people write it."""
        read_sum(field.data)

    @property
    def satisfaction(self) -> int | None:
        """Stars as a number, None when none were given."""
        return int(self.stars.data) if self.stars.data else None

    def tell(self, lead: Lead, *, at: datetime) -> None:
        """Take the answer down."""
        customer.tell(
            lead=lead, contacted=self.contacted.data == "yes", bought=self.bought.data == "yes",
            value=Money.told(self.value.data) if self.value.data else None, satisfaction=self.satisfaction,
            comment=self.comment.data, at=at,
        )


class SettlementForm(Form):
    """Who is right, for what sum, and why HQ thinks so."""

    version = RadioField(
        _l("Who is right?"), [DataRequired()],
        choices=[
            ("customer", _l("The customer: the lead is put right")), ("dealer", _l("The dealer: it stays as it is")),
        ],
    )
    value = StringField(
        _l("Sum, if you know it better"), [Optional(), Length(max=30)], filters=[strip],
        description=_l("Left empty, the customer's sum counts."),
    )
    reason = StringField(
        _l("Reason"), [DataRequired(), Length(max=300)], filters=[strip],
        description=_l("The dealer reads it too, and it stays in the history."),
    )

    def validate_value(self, field: Field) -> None:
        """A sum as people write it."""
        read_sum(field.data)

    @property
    def sum(self) -> Money | None:
        """The sum HQ knows better, None when it does not."""
        return Money.told(self.value.data) if self.value.data else None


def read_sum(text: str | None) -> None:
    """Refuse what is no sum; nothing at all is none."""
    try:
        if text:
            Money.told(text)
    except TooLarge:
        raise ValidationError(outcome.too_large().sentence) from None
    except ValueError:
        raise ValidationError(_("Write a sum in roubles, like 12 500 or 12 500,50.")) from None


def _said(word: bool | None) -> str | None:
    return None if word is None else "yes" if word else "no"
