"""`zveno people`: the first owner of a tenant, and help for one who can no longer come in by himself."""

from __future__ import annotations

import click
from flask_babel import force_locale

from app.commands.lookup import find
from app.factory import create_app
from app.kernel.clock import now
from app.kernel.db import unit_of_work
from app.kernel.identity import speaking_as
from app.kernel.identity import tenant as tenant_identity
from app.web.audit import audit
from blueprints.accounts import factors
from blueprints.accounts.models import Staff
from blueprints.accounts.queries import find_account
from blueprints.accounts.service import create_staff, password_link


@click.group()
def people() -> None:
    """Staff of the tenants."""


@people.command(name="add-owner")
@click.argument("tenant")
@click.argument("email")
@click.option("--name", required=True, help="Name of the person.")
@click.option("--locale", type=click.Choice(["ru", "en"]), default="ru", show_default=True)
def add_owner(tenant: str, email: str, name: str, locale: str) -> None:
    """Make an owner of TENANT and print the link at which he sets his password, good for a week."""
    identity = tenant_identity(find(tenant)["id"])
    with create_app().app_context(), force_locale("en"), speaking_as(identity), unit_of_work():
        if find_account("staff", email):
            raise click.ClickException(f"Somebody at {tenant} has the address {email} already.")
        staff = create_staff(email=email, name=name, role="owner", locale=locale, at=now())
        audit("people.invited", f"staff:{staff.id}", role="owner")
        link = password_link(staff, "invite")
    click.echo(link)


@people.command(name="take-factor-off")
@click.argument("tenant")
@click.argument("email")
def take_factor_off(tenant: str, email: str) -> None:
    """Let the last owner of TENANT who lost telephone and codes sign in with the password alone; he is told by mail."""
    tenant_id = find(tenant)["id"]
    identity = tenant_identity(tenant_id)
    with create_app().app_context(), force_locale("en"), speaking_as(identity), unit_of_work():
        staff = find_account("staff", email)
        if not isinstance(staff, Staff):
            raise click.ClickException(f"Nobody at {tenant} has the address {email}.")
        factors.reset(staff)
    click.echo(f"{tenant_id}: the second factor of {email} is taken off; the journal says so.")
