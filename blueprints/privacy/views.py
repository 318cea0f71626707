"""A customer's own data on his account page: to have, and to have destroyed. Each asks for the password once more."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response

from app.kernel.clock import now
from app.kernel.errors import HouseError
from app.kernel.words import _
from app.web.access import Section, speaker
from app.web.limits import limiter
from app.web.templating import render
from blueprints.accounts.models import Customer
from blueprints.accounts.queries import get_account
from blueprints.accounts.service import account_parts, authenticate
from blueprints.accounts.sessions import Person
from blueprints.privacy import exporting, service
from blueprints.privacy.forms import ErasureForm, ProofForm
from blueprints.privacy.handing import as_file

own_data = Section("own_data", __name__)
BY_HIMSELF = {"post": "customer", "id": ""}


@own_data.get("/data", access="customer")
def show() -> str:
    """Both wishes on one page."""
    return _page()


@own_data.post("/data/export", access="customer")
@limiter.limit("10 per hour")
def export() -> Response | str | tuple[str, int]:
    """Everything that is kept, as a page or a file."""
    form = ProofForm()
    if not _is_proved(form):
        return _page(proof=form), 422
    asked = service.ask_by_account(customer=_customer(), kind="export", at=now())
    document = service.export(request=asked, by=_by(), at=now())
    if request.form.get("as") == "json":
        return as_file(document)
    return render("privacy/copy.html", document=document, label=exporting.label, lines=exporting.lines)


@own_data.post("/data/erasure", access="customer")
@limiter.limit("10 per hour")
def destroy() -> str | tuple[str, int]:
    """Destroy it all; the account goes with it, and so does this session."""
    form = ErasureForm()
    if not _is_proved(form):
        return _page(erasure=form), 422
    try:
        asked = service.ask_by_account(customer=_customer(), kind="erasure", at=now())
        service.destroy(request=asked, by=_by(), at=now())
    except HouseError as error:
        form.blame(error)
        return _page(erasure=form), 409
    return render("privacy/gone.html", number=asked.number, speaker=None)


def own_part(_person: Person) -> tuple[str, dict[str, Any]]:
    """What the account page shows of it."""
    return "privacy/part.html", {"link": url_for("own_data.show")}


account_parts.append(own_part)


def _is_proved(form: ProofForm) -> bool:
    if not form.validate_on_submit():
        return False
    try:
        authenticate(kind="customer", email=speaker().email, password=form.password.data or "")
    except HouseError:
        form.password.errors = [_("This is not your current password.")]
        return False
    return True


def _customer() -> Customer:
    account = get_account(speaker())
    assert isinstance(account, Customer)
    return account


def _by() -> dict[str, str]:
    return {"name": service.SYSTEM["name"], **BY_HIMSELF}


def _page(proof: ProofForm | None = None, erasure: ErasureForm | None = None) -> str:
    return render(
        "privacy/own.html", proof=proof or ProofForm(formdata=None), erasure=erasure or ErasureForm(formdata=None)
    )
