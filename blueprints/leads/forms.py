"""Input about leads: a lead written down by hand."""

from __future__ import annotations

import re
from collections.abc import Mapping

from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Email, Length, Optional, ValidationError

from app.kernel.words import _, _l
from app.web.forms import Form, phone, strip
from blueprints.leads import rules

LINE = re.compile(r"(?P<sku>\S+)(?:\s*(?:[xх×*,;]|\s)\s*(?P<quantity>\d{1,4})(?:\s*\S{1,4}\.?)?)?", re.IGNORECASE)


class ManualLeadForm(Form):
    """A customer who called or came in."""

    name = StringField(_l("Customer's name"), [DataRequired(), Length(max=200)], filters=[strip])
    phone = StringField(_l("Phone"), [DataRequired(), Length(max=40), phone], filters=[strip])
    email = StringField(_l("E-mail"), [Optional(), Email(), Length(max=200)], filters=[strip])
    source = SelectField(_l("How he came"), choices=[(one, rules.SOURCE_WORDS[one]) for one in rules.MANUAL_SOURCES])
    kind = SelectField(_l("What he wants"), choices=list(rules.KIND_WORDS.items()))
    city_id = SelectField(_l("City"), coerce=int)
    address = StringField(_l("Address"), [Optional(), Length(max=300)], filters=[strip])
    lines = TextAreaField(
        _l("Goods"), [Optional(), Length(max=4000)],
        description=_l("One line each: article number and quantity, for example “OC-24-K 2”."),
    )
    comment = TextAreaField(_l("Note"), [Optional(), Length(max=2000)], filters=[strip])

    def validate_lines(self, field: TextAreaField) -> None:
        """Every line is an article number and perhaps a quantity."""
        for line in (field.data or "").splitlines():
            if line.strip() and not LINE.fullmatch(line.strip()):
                raise ValidationError(_("“%(line)s” is no article number with a quantity.", line=line.strip()))

    def wanted(self) -> Mapping[str, int]:
        """Quantities by article number."""
        found = (LINE.fullmatch(line.strip()) for line in (self.lines.data or "").splitlines())
        return {one["sku"]: int(one["quantity"] or 1) for one in found if one}
