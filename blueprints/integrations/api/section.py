"""The section of `/api/v1`: a section of the house that also describes itself in OpenAPI."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, NoReturn

from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import resolve_schema_cls
from flask import Flask, Response, g, jsonify
from flask_babel.speaklater import LazyString
from flask_smorest import Api
from flask_smorest import Blueprint as DescribedBlueprint
from marshmallow import Schema, ValidationError
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import Unauthorized

from app.kernel.errors import Invalid
from app.kernel.words import _, _l
from app.web import forms
from app.web.access import Section
from app.web.here import mark_failed
from app.web.limits import limiter, tenant_and_address

VERSION = "1.0.0"
PER_MINUTE = 600
"""Calls one key may make in a minute."""


class Telling(NamedTuple):
    """What the description says of an operation, in the reader's language."""

    summary: LazyString
    description: LazyString
    access: str


class HouseParser(FlaskParser):
    """Reads input by schema; the first thing wrong becomes a sentence of the house."""

    def handle_error(self, error: ValidationError, *_args: Any, **_options: Any) -> NoReturn:
        """Name the field and what is wrong with it."""
        field, problem = first_problem(_inside(error.messages))
        raise Invalid(_("“%(field)s”: %(problem)s", field=field, problem=problem), field=field)


class HouseApi(Api):
    """The describing machinery without its own error pages: those of the house answer."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """Errors are `app.web.errors`'."""


class ApiSection(Section, DescribedBlueprint):
    """A section whose routes say `access=`, `tag=` and `says=(summary, description)`; no `says` hides a route."""

    ARGUMENTS_PARSER = HouseParser()
    refusal: type[Schema]
    """The shape every refusal has."""

    def __init__(self, name: str, import_name: str, **options: Any) -> None:
        super().__init__(name, import_name, **options)
        self.tellings: dict[str, Telling] = {}

    def add_url_rule(
        self, rule: str, endpoint: str | None = None, view_func: Any = None, *args: Any, **options: Any
    ) -> None:
        """As the section's, remembering what the description will say."""
        name = endpoint or view_func.__name__
        says = options.pop("says", None)
        if says:
            self.tellings[name] = Telling(*says, options.get("access", ""))
        options["tags"] = [options.pop("tag", "")]
        told = view_func.__dict__.setdefault("_apidoc", {}).setdefault("manual_doc", {})
        told["operationId"] = name
        super().add_url_rule(rule, name, view_func, *args, **options)

    def register_api(self, app: Flask, prefix: str) -> None:
        """Mount the section; machines show keys, so forms' tokens are not asked for."""
        plugin = MarshmallowPlugin(schema_name_resolver=_name_of)
        described = HouseApi(app, spec_kwargs={
            "title": "Zveno", "version": VERSION, "openapi_version": "3.1.0", "marshmallow_plugin": plugin,
        })
        described.register_blueprint(self, url_prefix=prefix)
        described.spec.components.schema("Error", schema=self.refusal)
        app.extensions["api_description"] = described.spec
        forms.csrf.exempt(self)


def first_problem(messages: Any, path: str = "") -> tuple[str, str]:
    """`(field, what is wrong)` of the first thing that a schema found, `items.3.on_hand` for one in a list."""
    if isinstance(messages, Mapping):
        key, inner = next(iter(messages.items()))
        part = "" if key == "_schema" else str(key)
        return first_problem(inner, ".".join(filter(None, (path, part))))
    if isinstance(messages, list):
        return first_problem(messages[0], path)
    return path, str(messages)


def caller() -> str:
    """Who is counted: a key, or an address where no key is asked for."""
    return g.get("actor") or tenant_and_address()


def _name_of(schema: Any) -> str:
    """What the description calls a shape."""
    return resolve_schema_cls(schema).__name__.removesuffix("Shape")


def _inside(messages: Any) -> Any:
    """What was found in the body, query or headers, without the name of the place."""
    return next(iter(messages.values())) if isinstance(messages, Mapping) else messages


api = ApiSection("api", __name__)
limiter.limit(lambda: f"{PER_MINUTE} per minute", key_func=caller)(api)


@api.errorhandler(Unauthorized)
def key_needed(_error: Unauthorized) -> Response:
    """A machine is asked for its key, not to sign in."""
    mark_failed()
    sentence = _("Show a key of this site that is in force: “Authorization: Bearer zv_…”.")
    response = jsonify({"code": 401, "message": sentence})
    response.status_code = 401
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


TAGS = {
    "catalogue": _l("Products, categories and cities: what the manufacturer publishes and this site shows."),
    "stock": _l("What the owner of the key has on hand."),
    "prices": _l("The owner's own prices; without one the manufacturer's recommended price is in force."),
    "orders": _l("Orders placed on this site."),
    "leads": _l("Customers' wishes, offered or taken: answer, ship, deliver, write."),
}
