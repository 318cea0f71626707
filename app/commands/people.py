"""`zveno people`: what helps somebody who can no longer come in by himself."""

from __future__ import annotations

import click
from flask_babel import force_locale

from app.commands.lookup import find
from app.factory import create_app
from app.kernel.db import unit_of_work
from app.kernel.identity import speaking_as
from app.kernel.identity import tenant as tenant_identity
from blueprints.accounts import factors
from blueprints.accounts.models import Staff
from blueprints.accounts.queries import find_account


@click.group()
def people() -> None:
    """Staff of the tenants."""


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
