"""The composition root: the only module that knows every part and joins them."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import Literal

import sqlalchemy as sa
from flask import Flask
from whitenoise import WhiteNoise

from app import logs
from app.config import Settings, load
from app.installed import MODELS, SECTIONS, SUBSCRIBERS, Installed
from app.kernel import tracing
from app.kernel.db import ExtendedCursor, db, guard
from app.kernel.ports import PaymentGateway, provide_later
from app.web import (
    access,
    boundary,
    closing,
    errors,
    folding,
    forms,
    front,
    headers,
    limits,
    locale,
    maps,
    navigation,
    sessions,
    templating,
    traced,
)

Login = Literal["web", "worker"]

MAX_UPLOAD = 64 * 1024 * 1024
STATIC_AGE = 3600
_UNPREPARED = {"prepare_threshold": None}
"""A statement prepared on one connection of a pooler in transaction mode is not known on the next."""


def create_app(settings: Settings | None = None, login: Login = "web") -> Flask:
    """The application, speaking to the database with the login of a web process or of a worker."""
    settings = settings or load()
    app = Flask("zveno", root_path=str(templating.STATIC.parent), static_folder=None, template_folder="templates")
    app.jinja_environment = folding.Templates
    _configure(app, settings, login)
    if settings.traces:
        tracing.start_for(settings.traces, f"zveno-{login}", settings.traces_percent)
    _install_frame(app)
    for module in MODELS:
        import_module(module)
    for module in SUBSCRIBERS:
        import_module(module)
    for installed in SECTIONS:
        _mount(app, installed)
    _join_ports(settings)
    templating.install(app)
    _serve_static(app)
    return app


def _configure(app: Flask, settings: Settings, login: Login) -> None:
    address = settings.database_web if login == "web" else settings.database_worker
    app.config.update(
        ZVENO=settings,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=_driver(address),
        SQLALCHEMY_ENGINE_OPTIONS={
            "connect_args": {"cursor_factory": ExtendedCursor, **(_UNPREPARED if settings.database_pooled else {})},
            "hide_parameters": True, "pool_size": 4, "max_overflow": 4, "pool_recycle": 1800, "pool_pre_ping": False,
        },
        MAX_CONTENT_LENGTH=MAX_UPLOAD,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        SESSION_COOKIE_NAME="__Host-zveno" if settings.site_scheme == "https" else "zveno",
        SESSION_COOKIE_SECURE=settings.site_scheme == "https",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        BABEL_DEFAULT_LOCALE="en",
        BABEL_TRANSLATION_DIRECTORIES=";".join(_translations()),
        WTF_CSRF_TIME_LIMIT=None,
        TEMPLATES_AUTO_RELOAD=settings.debug,
    )


def _install_frame(app: Flask) -> None:
    app.session_interface = sessions.TenantSessions()
    db.init_app(app)
    with app.app_context():
        guard(db.engine)
    logs.install(app)
    traced.install(app)
    headers.install(app)
    locale.install(app)
    front.install(app, logs.note_request)
    boundary.install(app)
    access.install(app)
    limits.install(app)
    forms.install(app)
    maps.install(app)
    errors.install(app)
    closing.install(app)
    navigation.install(app)


def _mount(app: Flask, installed: Installed) -> None:
    module, _colon, name = installed.path.partition(":")
    section = getattr(import_module(module), name)
    section.audience = installed.audience
    if hasattr(section, "register_api"):
        section.register_api(app, installed.prefix)
        return
    app.register_blueprint(section, url_prefix=installed.prefix or None)
    if installed.audience == "machines":
        forms.csrf.exempt(section)


def _join_ports(settings: Settings) -> None:
    """Join what low subsystems need with what implements it."""
    provide_later(PaymentGateway, partial(_stripe, settings))


def _stripe(settings: Settings) -> PaymentGateway:
    from blueprints.integrations.payments.gateway import StripeGateway  # a fifth of all that is imported at a start

    return StripeGateway(settings)


def _serve_static(app: Flask) -> None:
    """Static files before anything else, those of a theme under `/static/themes/<name>/`."""
    noise = WhiteNoise(
        app.wsgi_app, root=str(templating.STATIC), prefix="static/", max_age=STATIC_AGE,
        autorefresh=app.config["ZVENO"].debug,
    )
    for theme in templating.theme_names():
        folder = templating.THEMES / theme
        for file in (*folder.glob("*.css"), *(folder / "static").rglob("*")):
            if file.is_file():
                noise.add_file_to_dictionary(f"/static/themes/{theme}/{file.relative_to(folder)}", str(file))
    app.wsgi_app = noise  # type: ignore[method-assign]


def _translations() -> list[str]:
    root = templating.THEMES.parent
    rooms = ("app/*/translations", "tenants/translations", "blueprints/*/translations")
    return sorted(str(path) for room in rooms for path in root.glob(room))


def _driver(address: str) -> str:
    return sa.make_url(address).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
