"""Forms of signing in, of passwords, people and keys."""

from __future__ import annotations

from wtforms import (
    BooleanField,
    EmailField,
    Field,
    HiddenField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    ValidationError,
)
from wtforms.validators import DataRequired, Email, Length
from wtforms.widgets import CheckboxInput, ListWidget

from app.kernel.words import _, _l
from app.web.forms import Form, phone, strip
from blueprints.accounts.rules import LONGEST, SHORTEST

LOCALE_CHOICES = [("ru", "Русский"), ("en", "English")]
ROLE_WORDS = {"clerk": _l("Clerk"), "manager": _l("Manager"), "owner": _l("Owner")}
ROLE_DUTIES = {
    "clerk": _l("Works on leads and orders"),
    "manager": _l("Also stock, prices, the site and people"),
    "owner": _l("Everything, also keys for other systems"),
}
SCOPE_WORDS = {
    "catalogue:read": _l("Read the catalogue"), "catalogue:write": _l("Change the catalogue"),
    "stock:read": _l("Read stock"), "stock:write": _l("Report stock"),
    "orders:read": _l("Read orders"), "orders:write": _l("Change orders"),
    "leads:read": _l("Read leads"), "leads:write": _l("Answer leads"),
}


def at_least_one(_form: Form, field: Field) -> None:
    """Validator of several boxes; `DataRequired` would have the browser insist on each of them."""
    if not field.data:
        raise ValidationError(_("Tick at least one box."))


def _email() -> EmailField:
    return EmailField(
        _l("Mail address"), filters=[strip], validators=[DataRequired(), Email(), Length(max=254)],
        render_kw={"autocomplete": "email", "inputmode": "email", "spellcheck": "false"},
    )


def _name() -> StringField:
    return StringField(
        _l("Name"), filters=[strip], validators=[DataRequired(), Length(max=120)], render_kw={"autocomplete": "name"}
    )


def _new_password() -> PasswordField:
    return PasswordField(
        _l("New password"), validators=[DataRequired(), Length(max=LONGEST)],
        description=_l("At least %(number)s characters; a few words in a row will do.", number=SHORTEST),
        render_kw={"autocomplete": "new-password", "minlength": SHORTEST},
    )


def _language() -> SelectField:
    return SelectField(_l("Language of mails"), choices=LOCALE_CHOICES)


class SignInForm(Form):
    """Mail address and password."""

    email = EmailField(
        _l("Mail address"), filters=[strip], validators=[DataRequired(), Length(max=254)],
        render_kw={"autocomplete": "username", "inputmode": "email", "spellcheck": "false"},
    )
    password = PasswordField(
        _l("Password"), validators=[DataRequired(), Length(max=LONGEST)],
        render_kw={"autocomplete": "current-password"},
    )


class CodeForm(Form):
    """A code of the app, or one on paper."""

    code = StringField(
        _l("Code"), filters=[strip], validators=[DataRequired(), Length(max=40)],
        render_kw={"autocomplete": "one-time-code", "spellcheck": "false", "autocapitalize": "off"},
    )


class PasskeyForm(Form):
    """What the browser answers when it has made a passkey, and what its owner calls it."""

    name = StringField(
        _l("Name of the passkey"), filters=[strip], validators=[Length(max=80)],
        description=_l("For example “Work phone”; empty means the name of this device."),
        render_kw={"autocomplete": "off"},
    )
    answer = HiddenField(validators=[Length(max=20000)])


class AddressForm(Form):
    """Where to send a link."""

    email = _email()


class NewPasswordForm(Form):
    """A new password after a link."""

    password = _new_password()


class WelcomeForm(Form):
    """An invited person's name and first password."""

    name = _name()
    password = _new_password()


class ChangePasswordForm(Form):
    """A new password of somebody who knows the current one."""

    current = PasswordField(
        _l("Current password"), validators=[DataRequired(), Length(max=LONGEST)],
        render_kw={"autocomplete": "current-password"},
    )
    password = _new_password()


class ProfileForm(Form):
    """What staff may change about themselves."""

    name = _name()
    locale = _language()


class CustomerForm(ProfileForm):
    """What customers may change about themselves."""

    phone = TelField(
        _l("Phone"), filters=[strip], validators=[Length(max=40), phone], render_kw={"autocomplete": "tel"}
    )


class RegistrationForm(Form):
    """The rest of a customer's registration, after his mail address is proved."""

    name = _name()
    phone = TelField(
        _l("Phone"), filters=[strip], validators=[Length(max=40), phone], render_kw={"autocomplete": "tel"}
    )
    password = _new_password()
    consent = BooleanField(_l("I agree to the processing of my personal data"), validators=[DataRequired()])


class InvitationForm(Form):
    """Whom to invite, as what; `choices` of the role are set to those the inviter may give."""

    name = _name()
    email = _email()
    role = SelectField(_l("Role"))


class KeyForm(Form):
    """A name by which people know the key, and what it may do."""

    name = StringField(
        _l("Name of the key"), filters=[strip], validators=[DataRequired(), Length(max=80)],
        description=_l("What it is for, for example “1C, warehouse”."),
    )
    scopes = SelectMultipleField(
        _l("What it may do"), choices=list(SCOPE_WORDS.items()), validators=[at_least_one],
        widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(),
    )
