"""A lead written down by hand: goods by article number, priced as the site prices them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Invalid
from app.kernel.identity import current_tenant
from app.kernel.money import Money
from app.kernel.words import _
from app.web.locale import locale
from blueprints.catalog.models import Product
from blueprints.catalog.prices import prices_for
from blueprints.leads.forms import ManualLeadForm
from blueprints.leads.intake import Asking, Taken, take
from blueprints.leads.queries import Contact
from tenants.models import City, Tenant

LARGEST = 150
"""Cities offered besides those of the dealer's own region."""


def open_by_hand(form: ManualLeadForm, *, actor: str, at: datetime) -> Taken:
    """The lead of a customer who called, or his open one; `Invalid` at `lines` names article numbers nobody knows."""
    lines = _priced(form.wanted(), at)
    asking = Asking(
        kind=form.kind.data, source=form.source.data, city_id=form.city_id.data, lines=lines,
        value=Money(sum(line["minor"] for line in lines)), actor=actor, contact=Contact(
            form.name.data, form.email.data or None, form.phone.data, form.address.data or None,
            form.comment.data or None,
        ),
    )
    return take(asking, at=at)


def cities_to_choose() -> list[tuple[int, str]]:
    """The dealer's own city, those of its region, then the largest; with the region where it is another one."""
    name = City.name_en if locale() == "en" else City.name_ru
    home = sa.select(City.id, City.region_code).join(Tenant, Tenant.city_id == City.id)
    own = home.where(Tenant.id == current_tenant()).cte("home")
    region = sa.select(own.c.region_code).scalar_subquery()
    is_home = sa.func.coalesce(City.id == sa.select(own.c.id).scalar_subquery(), sa.false())
    is_near = sa.func.coalesce(City.region_code == region, sa.false())
    rows = db.session.execute(
        sa.select(City.id, name)
        .where(sa.or_(is_near, City.id.in_(sa.select(City.id).order_by(City.population.desc()).limit(LARGEST))))
        .order_by(is_home.desc(), is_near.desc(), City.population.desc())
    )
    return [(city_id, city_name) for city_id, city_name in rows]


def find_unknown(form: ManualLeadForm) -> Invalid | None:
    """What is to be said at `lines` of article numbers nobody knows, beside whatever else is wrong there."""
    wanted = set(form.wanted())
    unknown = wanted - set(db.session.scalars(sa.select(Product.sku).where(Product.sku.in_(wanted))))
    return _unknown(unknown) if unknown else None


def _unknown(numbers: Iterable[str]) -> Invalid:
    told = ", ".join(sorted(numbers))
    return Invalid(_("There is no such article number: %(numbers)s", numbers=told), field="lines")


def _priced(wanted: Mapping[str, int], at: datetime) -> list[dict[str, Any]]:
    products = db.session.scalars(sa.select(Product).where(Product.sku.in_(list(wanted))).order_by(Product.id)).all()
    if unknown := set(wanted) - {product.sku for product in products}:
        raise _unknown(unknown)
    prices = prices_for([product.id for product in products], at)
    return [_line(product, wanted[product.sku], prices.get(product.id)) for product in products]


def _line(product: Product, quantity: int, price: Any) -> dict[str, Any]:
    return {
        "product_id": product.id, "sku": product.sku, "name_ru": product.name_ru, "name_en": product.name_en,
        "quantity": quantity, "minor": price.money.minor * quantity if price else 0,
    }
