"""The tenants of the demo: HQ and the dealers, their staff, their looks."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from argon2 import PasswordHasher

from app.config import Settings
from app.demo.data.areas import areas
from app.demo.data.dealers import Dealer
from app.demo.data.pictures import hero, logo
from app.demo.load.studio import Studio
from app.kernel.ids import HQ, TenantId, new_id
from app.web.templating import theme_info
from tenants.bootstrap import ensure_hq
from tenants.models import Tenant, Territory
from tenants.provisioning import NewTenant, provision

MOSCOW = 524901
MONTH, PAPERS = timedelta(days=30.4), timedelta(days=2, hours=5)
HQ_COLOURS = ("#9a3f1c", "#f4a259")
HQ_STAFF = (("hq@example.ru", "Ольга Белинская", "owner"), ("manager@example.ru", "Павел Дубровский", "manager"),
            ("clerk@example.ru", "Марина Зимина", "clerk"))  # fmt: skip
ABOUT_HQ = {
    "ru": "«Очаг» делает тепло с 1994 года: котлы, тепловые насосы, радиаторы и всё, что их соединяет. Мы собираем "
    "технику в Калуге и Миассе, а ставят и обслуживают её дилеры, которые живут рядом с вами.",
    "en": "Ochag has been making heat since 1994: boilers, heat pumps, radiators and all that joins them. We build the "
    "equipment in Kaluga and Miass; it is installed and looked after by dealers who live near you.",
}


SERVICES = {
    "standard": ["delivery", "pickup"], "partner": ["delivery", "pickup", "installation"],
    "premium": ["delivery", "pickup", "installation"],
}
"""What a demo dealer of each tier does for customers."""


def make_tenants(
    owner: sa.Engine, settings: Settings, who: Sequence[Dealer], until: datetime, progress: Callable[[str], object]
) -> Mapping[int, TenantId]:
    """Provision HQ and the dealers; answers tenant ids by dealer number, HQ's under 0."""
    hosts = (f"ochag.{settings.site_domain}", settings.site_domain)
    weekly = {day: [["09:00", "20:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat")}
    ensure_hq(owner, NewTenant(
        slug="ochag", name="Очаг", legal_name="АО «Очаг»", inn="0027015840", kind="hq", hosts=hosts, city_id=MOSCOW,
        profile={
            "phone": "+78000000194", "email": "hq@example.ru", "address": "Калуга, Тепличный проезд, 7",
            "lat": 54.53, "lon": 36.27, "hours": {"timezone": "Europe/Moscow", "weekly": weekly, "holidays": "RU"},
        },
    ))
    ids: dict[int, TenantId] = {0: HQ}
    for dealer in who:
        with owner.begin() as connection:
            ids[dealer.number] = provision(connection, _tenant(dealer, settings))
            _date(connection, ids[dealer.number], until - dealer.months_in * MONTH)
        if dealer.number % 100 == 0 or dealer.number == len(who):
            progress(f"  {dealer.number} dealers of {len(who)}")
    return ids


def _date(connection: sa.Connection, tenant_id: TenantId, since: datetime) -> None:
    """A dealer applies, and is active once his papers are read."""
    dates = {"created_at": since, "activated_at": since + PAPERS}
    connection.execute(sa.update(Tenant).where(Tenant.id == tenant_id).values(**dates))


def _tenant(dealer: Dealer, settings: Settings) -> NewTenant:
    return NewTenant(
        slug=dealer.slug, name=dealer.name, legal_name=dealer.legal_name, inn=dealer.inn,
        hosts=(f"{dealer.slug}.{settings.site_domain}",), city_id=dealer.city.id, timezone=dealer.city.timezone,
        tier=dealer.tier, territories=tuple(dealer.territories),
        profile={
            "phone": dealer.phone, "email": dealer.email, "address": f"{dealer.city.name_ru}, {dealer.address}",
            "lat": dealer.lat, "lon": dealer.lon, "hours": dict(dealer.hours), "services": SERVICES[dealer.tier],
        },
    )


def give_areas(owner: sa.Engine, ids: Mapping[int, TenantId], who: Sequence[Dealer], until: datetime) -> None:
    """Circles, towns and an outline beside the regions."""
    with owner.begin() as connection:
        for area in areas(who):
            city = area.city
            connection.execute(sa.insert(Territory).values(
                owner_id=ids[area.dealer], shape=area.shape, kind=area.kind, city_id=city.id if city else None,
                lat=city.lat if city and area.radius_km else None, lon=city.lon if city and area.radius_km else None,
                radius_km=area.radius_km, outline=area.points or None, name=area.name, note=area.note,
                drawn_at=until - MONTH,
            ))


def make_staff(
    owner: sa.Engine, settings: Settings, ids: Mapping[int, TenantId], who: Sequence[Dealer], *, password: str
) -> None:
    """Owners, managers and clerks; all demo log-ins share one password, made when the demo was."""
    hashed = PasswordHasher(
        time_cost=settings.argon2_time, memory_cost=settings.argon2_memory_kib, parallelism=1
    ).hash(password)
    with owner.begin() as connection:
        for email, name, role in HQ_STAFF:
            _staff(connection, HQ, email, name, role, hashed)
        for dealer in who:
            surname, first, *_patronymic = dealer.director.split()
            _staff(connection, ids[dealer.number], dealer.email, f"{first} {surname}", "owner", hashed)


def _staff(connection: sa.Connection, schema: str, email: str, name: str, role: str, hashed: str) -> None:
    connection.execute(
        sa.text(
            f"INSERT INTO {schema}.staff (id, email, name, role, password_hash)"
            " VALUES (:id, :email, :name, :role, :hash)"
        ),
        {"id": new_id(), "email": email, "name": name, "role": role, "hash": hashed},
    )


def furnish_sites(
    owner: sa.Engine, studio: Studio, settings: Settings, ids: Mapping[int, TenantId], who: Sequence[Dealer]
) -> None:
    """Give every site its theme, palette and logo, and the brand its front page."""
    studio.order(settings.media_dir / HQ / "catalogue" / "hero.webp", hero)
    with owner.begin() as connection:
        _site(connection, HQ, "hearth", None, HQ_COLOURS, ABOUT_HQ)
        _order_logo(studio, settings, HQ, "Очаг", HQ_COLOURS)
        for dealer in who:
            tenant_id = ids[dealer.number]
            _site(connection, tenant_id, dealer.theme, dealer.palette[0], dealer.palette, _about(dealer))
            _order_logo(studio, settings, tenant_id, dealer.name, dealer.palette)


def _about(dealer: Dealer) -> dict[str, str]:
    return {
        "ru": f"{dealer.name}, {dealer.city.name_ru}: официальный дилер «Очага». Подбираем, привозим, ставим.",
        "en": f"{dealer.name}, {dealer.city.name_en}: an official dealer of Ochag. We choose, deliver and install.",
    }


def _order_logo(studio: Studio, settings: Settings, tenant_id: str, name: str, colours: tuple[str, str]) -> None:
    studio.order(settings.media_dir / tenant_id / _logo_of(tenant_id), logo, name, colours)


def _logo_of(tenant_id: str) -> str:
    return f"{uuid.uuid5(uuid.NAMESPACE_DNS, tenant_id).hex}.png"


def _site(
    connection: sa.Connection, tenant_id: str, theme: str, brand: str | None, colours: tuple[str, str],
    about: dict[str, str],
) -> None:
    palette = dict(theme_info(theme)["palettes"][0]["colours"])
    if brand:
        palette |= {"brand": brand, "brand_ink": "#ffffff", "accent": colours[1]}
    statement = sa.text(
        f"INSERT INTO {tenant_id}.site (id, theme, palette, logo, texts, wizard_step)"
        " VALUES (1, :theme, :palette, :logo, :texts, 'done')"
    ).bindparams(sa.bindparam("palette", type_=sa.JSON), sa.bindparam("texts", type_=sa.JSON))
    connection.execute(
        statement, {"theme": theme, "palette": palette, "logo": _logo_of(tenant_id), "texts": {"about": about}}
    )
