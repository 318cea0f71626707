"""What commands about tenants share: the owner's door, one tenant by id or slug, where its files are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa

from app.config import load
from app.kernel.errors import HouseError
from tenants.models import Tenant
from tenants.names import BadSlug, check_slug
from tenants.owner import owner_engine


def owner() -> sa.Engine:
    """The engine of the owner's login."""
    return owner_engine(load().database_owner)


def find(tenant: str) -> dict[str, Any]:
    """The registry's row of a tenant by id or slug; ends the command when there is none."""
    with owner().connect() as connection:
        row = connection.execute(
            sa.select(Tenant.__table__).where(sa.or_(Tenant.id == tenant, Tenant.slug == tenant))
        ).mappings().first()
    if row is None:
        raise click.ClickException(f"There is no tenant {tenant}.")
    return dict(row)


def folders(tenant_id: str) -> tuple[Path, Path]:
    """All folders a tenant has files in: pictures, uploads on their way."""
    settings = load()
    return settings.media_dir / tenant_id, Path(settings.data_dir).resolve() / "imports" / tenant_id


def wished(slug: str) -> str:
    """The slug, if it can be had."""
    try:
        return check_slug(slug)
    except BadSlug as error:
        raise click.BadParameter(str(error), param_hint="SLUG") from None


@contextmanager
def sentences() -> Iterator[None]:
    """An expected refusal ends the command with its sentence."""
    try:
        yield
    except HouseError as error:
        raise click.ClickException(str(error)) from None
