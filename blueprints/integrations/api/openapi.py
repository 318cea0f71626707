"""The description of the API in OpenAPI 3.1, worded in the reader's language, and the page to try it."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, jsonify
from flask_babel.speaklater import LazyString

from app.kernel.words import _, _l
from app.web.links import site_url
from app.web.templating import render
from blueprints.integrations.api import schemas
from blueprints.integrations.api.reading import groups_of
from blueprints.integrations.api.section import PER_MINUTE, TAGS, Telling, api

REFUSALS = {
    "400": _l("The call could not be read."),
    "401": _l("There is no key, or it is not in force on this site."),
    "403": _l("The key lacks the scope."),
    "404": _l("There is no such thing, or it is not yours."),
    "409": _l("The state of things does not allow it now."),
    "422": _l("A value cannot be taken; `field` names it."),
    "429": _l("Too many calls; `Retry-After` says how many seconds to wait."),
}
PLACES = {
    "sku": _l("Article number of the product."),
    "order_id": _l("Id of the order."),
    "lead_id": _l("Id of the lead."),
    "Idempotency-Key": _l("Any text of your own. A call repeated with it has one effect and gets the same reply."),
}
ABOUT = _l(
    "Catalogue, stock, prices, orders and leads of one site of the network. A key belongs to one site and is made at "
    "its desk. Lists are read page by page: pass `next` as `cursor` until it is `null`. Amounts are integers in minor "
    "units (kopecks), times are ISO 8601 in UTC, ids are strings. Refusals say one sentence in Russian or English, as "
    "`Accept-Language` asks. A key may make %(calls)s calls in a minute.", calls=PER_MINUTE,
)


_REFUSED = {code: {"$ref": f"#/components/responses/{code}"} for code in REFUSALS}
_FOREIGN = ("ErrorSchema", "PaginationMetadataSchema")
"""Shapes the describing machinery adds for errors and pages that are not ours."""

api.refusal = schemas.Error


@api.get("/openapi.json", access="anyone")
def openapi() -> Response:
    """The description for programs."""
    response = jsonify(description())
    response.headers["Vary"] = "Accept-Language, Cookie"
    return response


@api.get("/docs", access="anyone")
def docs() -> str:
    """The description for people, with a form to try each call."""
    described = description()
    return render("api/docs.html", api=described, groups=groups_of(described))


def description() -> dict[str, Any]:
    """OpenAPI 3.1 of this API at this site, in the language in force."""
    plain = current_app.extensions["api_description"].to_dict()
    found = {path: _operations(item) for path, item in plain["paths"].items()}
    return worded({
        "openapi": plain["openapi"],
        "info": {**plain["info"], "title": _("Zveno API"), "description": ABOUT},
        "servers": [{"url": site_url("/").rstrip("/")}],
        "tags": [{"name": name, "description": words} for name, words in TAGS.items()],
        "security": [{"key": []}],
        "paths": {path: operations for path, operations in found.items() if operations},
        "components": {
            "schemas": _shapes(plain["components"]["schemas"]),
            "responses": {code: _refusal(words) for code, words in REFUSALS.items()},
            "securitySchemes": {"key": {
                "type": "http", "scheme": "bearer",
                "description": _("A key of this site, `zv_…`; it may also stand in `X-API-Key`."),
            }},
        },
    })


def worded(thing: Any) -> Any:
    """The same with every text in the language in force."""
    if isinstance(thing, dict):
        return {key: worded(value) for key, value in thing.items()}
    if isinstance(thing, (list, tuple)):
        return [worded(one) for one in thing]
    return str(thing) if isinstance(thing, LazyString) else thing


def _operations(item: dict[str, Any]) -> dict[str, Any]:
    shared = item.get("parameters", [])
    return {
        method: _operation(operation, shared, api.tellings[operation["operationId"]])
        for method, operation in item.items()
        if method != "parameters" and operation.get("operationId") in api.tellings
    }


def _operation(operation: dict[str, Any], shared: list[Any], telling: Telling) -> dict[str, Any]:
    scope = telling.access.removeprefix("key:")
    return {
        **operation,
        "summary": telling.summary,
        "description": _("%(what)s Scope: `%(scope)s`.", what=telling.description, scope=scope),
        "parameters": [_parameter(one) for one in (*shared, *operation.get("parameters", []))],
        "responses": {**operation["responses"], **_REFUSED},
        "security": [{"key": [scope]}],
    }


def _shapes(shapes: dict[str, Any]) -> dict[str, Any]:
    """Shapes by name; answers may gain fields, so none is described as closed."""
    return {
        name: {key: value for key, value in shape.items() if value is not False}
        for name, shape in shapes.items() if name not in _FOREIGN
    }


def _parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    return {"description": PLACES.get(parameter["name"], ""), **parameter}


def _refusal(words: Any) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
