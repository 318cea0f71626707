"""Input about leads: a lead written down by hand."""

from __future__ import annotations

import re
from collections.abc import Mapping

from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Email, Optional, ValidationError

from app.kernel.words import _, _l
from app.web.forms import AtMost, Form, phone, strip
from blueprints.leads import rules

LINE = re.compile(r"(?P<sku>\S+)(?:\s*(?:[xх×*,;]|\s)\s*(?P<quantity>\d{1,4})(?:\s*\S{1,4}\.?)?)?", re.IGNORECASE)


class ManualLeadForm(Form):
    """A customer who called or came in."""

    name = StringField(_l("Customer's name"), [DataRequired(), AtMost(200)], filters=[strip])
    phone = StringField(_l("Phone"), [DataRequired(), AtMost(40), phone], filters=[strip])
    email = StringField(_l("E-mail"), [Optional(), Email(), AtMost(200)], filters=[strip])
    source = SelectField(_l("How he came"), choices=[(one, rules.SOURCE_WORDS[one]) for one in rules.MANUAL_SOURCES])
    kind = SelectField(_l("What he wants"), choices=list(rules.KIND_WORDS.items()))
    city_id = SelectField(_l("City"), coerce=int)
    address = StringField(_l("Address"), [Optional(), AtMost(300)], filters=[strip])
    lines = TextAreaField(
        _l("Goods"), [Optional(), AtMost(4000)],
        description=_l("One line each: article number and quantity, for example “OC-24-K 2”."),
    )
    comment = TextAreaField(_l("Note"), [Optional(), AtMost(2000)], filters=[strip])

    def validate_lines(self, field: TextAreaField) -> None:
        """Every line is an article number and perhaps a quantity."""
        lines = (line.strip() for line in (field.data or "").splitlines())
        if wrong := [line for line in lines if line and not LINE.fullmatch(line)]:
            raise ValidationError(
                " ".join(_("“%(line)s” is no article number with a quantity.", line=line) for line in wrong)
            )

    def wanted(self) -> Mapping[str, int]:
        """Quantities by article number."""
        found = (LINE.fullmatch(line.strip()) for line in (self.lines.data or "").splitlines())
        return {one["sku"]: int(one["quantity"] or 1) for one in found if one}
