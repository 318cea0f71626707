"""What HQ says when it sets a task aside."""

from __future__ import annotations

from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from app.kernel.words import _l
from app.web.forms import Form, strip


class AsideForm(Form):
    """Why nothing is to be done."""

    reason = TextAreaField(
        _l("Why nothing is to be done"), [DataRequired(_l("Write why, it stays in the history.")), Length(3, 1000)],
        filters=[strip],
    )
