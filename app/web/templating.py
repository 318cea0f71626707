"""Pages in the tenant's theme: any template may be overridden by its path in `themes/<name>/templates`."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import count
from pathlib import Path
from typing import Any

import phonenumbers
from flask import Flask, current_app, g, has_request_context, request, url_for
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

from app.kernel.identity import current
from app.web.access import speaker
from app.web.locale import LOCALES, locale
from app.web.pieces import piece, pieces
from tenants.registry import Cache, SiteFacts, TenantFacts, get_tenant, load_site

THEMES = Path(__file__).resolve().parents[2] / "themes"
STATIC = Path(__file__).resolve().parent / "static"

ContextPart = Callable[[], dict[str, Any]]
_parts: list[ContextPart] = []
_views = Cache(fresh=3600)


@dataclass(frozen=True, slots=True)
class SiteView:
    """What templates know of the site they render (see `layouts/base.html`)."""

    name: str
    legal_name: str
    kind: str
    host: str
    theme: str
    palette: dict[str, str]
    logo_url: str | None
    texts: dict[str, Any]
    profile: dict[str, Any]
    network_name: str
    network_profile: dict[str, Any]
    stamp: int = field(default_factory=count().__next__, compare=False)
    """Stands for all of it in the keys of pieces; another view of the same has the same."""

    def text(self, key: str) -> str | None:
        """A text of the tenant's own in the reader's language; without one the page's general words stand there."""
        return (self.texts.get(key) or {}).get(locale())

    @property
    def phone(self) -> str | None:
        """Public phone, in groups that can be read."""
        number = self.profile.get("phone")
        return shown_phone(number) if number else None

    @property
    def network_phone(self) -> str | None:
        """The manufacturer's public phone, in groups that can be read."""
        number = self.network_profile.get("phone")
        return shown_phone(number) if number else None

    @property
    def network_email(self) -> str | None:
        """The manufacturer's public mail address."""
        return self.network_profile.get("email")

    @property
    def email(self) -> str | None:
        """Public mail address."""
        return self.profile.get("email")

    @property
    def address(self) -> str | None:
        """Street address."""
        return self.profile.get("address")

    @property
    def hours(self) -> dict[str, tuple[str, str]]:
        """First opening and last closing of each weekday that has any, `{"mon": ("09:00", "18:00")}`."""
        weekly = (self.profile.get("hours") or {}).get("weekly") or {}
        return {day: (spans[0][0], spans[-1][1]) for day, spans in weekly.items() if spans}


@lru_cache(maxsize=4096)
def shown_phone(number: str) -> str:
    """`+7 800 123-45-67` for `+78001234567`; what is no number stays as it was written."""
    try:
        parsed = phonenumbers.parse(number, "RU")
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def install(app: Flask) -> None:
    """Give the application one environment a theme and language, and the globals every template knows."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.add_extension("jinja2.ext.do")
    app.jinja_env.globals.update(static=static, piece=piece, pieces=pieces)
    app.jinja_env.filters["phone"] = shown_phone
    app.extensions["themes"] = {
        (theme, language): _environment(app, theme, language) for theme in theme_names() for language in LOCALES
    }


def add_context(part: ContextPart) -> ContextPart:
    """Let a subsystem add values every page of a visitor needs, e.g. the number of things in the cart."""
    if part not in _parts:
        _parts.append(part)
    return part


def render(template: str, **values: Any) -> str:
    """Render a template in the theme of the speaking tenant."""
    site = site_view()
    environment: Environment = current_app.extensions["themes"].get((site.theme, locale())) or current_app.jinja_env
    context = {**_common(site), **values}
    current_app.update_template_context(context)
    return environment.get_template(template).render(context)


def site_view() -> SiteView:
    """The site of the tenant that speaks now."""
    tenant_id = current().tenant_id
    facts = get_tenant(tenant_id)  # type: ignore[arg-type]
    return _view(facts, load_site(facts.id))


@cache
def theme_names() -> tuple[str, ...]:
    """Themes that are there, by folder name."""
    return tuple(sorted(path.parent.name for path in THEMES.glob("*/theme.toml")))


@cache
def theme_info(name: str) -> dict[str, Any]:
    """`theme.toml` of a theme: names, description, palettes."""
    return tomllib.loads((THEMES / name / "theme.toml").read_text(encoding="utf-8"))


def static(path: str) -> str:
    """Address of a static file, changing with its content so that it may be kept for long."""
    return f"/static/{path}?v={_digest(path)}"


@cache
def _digest(path: str) -> str:
    file = THEMES / path.removeprefix("themes/") if path.startswith("themes/") else STATIC / path
    return hashlib.sha256(file.read_bytes()).hexdigest()[:10] if file.is_file() else "0"


def _environment(app: Flask, theme: str, language: str) -> Environment:
    loaders = [FileSystemLoader(THEMES / theme / "templates"), app.jinja_env.loader]
    made = app.jinja_env.overlay(loader=ChoiceLoader([loader for loader in loaders if loader]))
    made.language = language
    return made


def _view(facts: TenantFacts, site: SiteFacts) -> SiteView:
    from app.kernel.ids import HQ

    network = facts if facts.is_hq else get_tenant(HQ)
    made = SiteView(
        name=facts.name, legal_name=facts.legal_name, kind=facts.kind, host=facts.host, theme=site.theme,
        palette=site.palette, logo_url=f"/media/{site.logo}" if site.logo else None, texts=site.texts,
        profile=facts.profile, network_name=network.name, network_profile=network.profile,
    )
    _found, known = _views.get(facts.id)
    if known != made:
        _views.put(facts.id, known := made)
    return known


def _common(site: SiteView) -> dict[str, Any]:
    values: dict[str, Any] = {
        "site": site, "locale": locale(), "speaker": None, "csp_nonce": "", "city": None, "cart_count": 0,
        "categories": [], "menu": (), "opened": None, "nav": [],
    }
    if has_request_context():
        values["speaker"] = speaker()
        values["csp_nonce"] = g.get("csp_nonce", "")
        values["other_locale_url"] = _other_locale_url()
        for part in _parts:
            values.update(part())
    return values


def _other_locale_url() -> str:
    other = "en" if locale() == "ru" else "ru"
    arguments = {**request.args.to_dict(), "lang": other}
    if request.endpoint is None:
        return f"/?lang={other}"
    return url_for(request.endpoint, **{**(request.view_args or {}), **arguments})
