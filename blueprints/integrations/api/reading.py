"""The description made readable for people: calls by subject, fields as a flat list, an example of each body."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

DEEPEST = 4
BILLION = 1_000_000_000
EXAMPLES = {
    "sku": "OC-24-K", "name": "Анна Ковалёва", "phone": "+7 916 123-45-67", "email": "anna@example.ru",
    "minor": 4_590_000, "compare_at_minor": 4_990_000, "on_hand": 12, "quantity": 1, "city_id": "551487",
    "address": "Казань, ул. Баумана, 5", "comment": "После шести", "campaign": "autumn", "skus": ["OC-24-K"],
    "body": "Здравствуйте! Заказ привезём завтра с 10 до 14.", "is_listed": True,
}


@dataclass(frozen=True, slots=True)
class Row:
    """A field of a body: `items[].sku`, its type in short, its bounds and words."""

    name: str
    kind: str
    is_required: bool
    note: str


def groups_of(described: dict[str, Any]) -> list[dict[str, Any]]:
    """Subjects with their calls, as the page shows them."""
    calls = [
        _call(described, path, method, operation)
        for path, item in described["paths"].items() for method, operation in item.items()
    ]
    return [{**tag, "calls": [call for call in calls if call["tag"] == tag["name"]]} for tag in described["tags"]]


def _call(described: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    shapes = described["components"]["schemas"]
    body = _content(operation.get("requestBody", {}))
    good = next(code for code in operation["responses"] if code.startswith("2"))
    answer = _content(operation["responses"][good])
    return {
        "id": operation["operationId"], "path": path, "method": method.upper(), "tag": operation["tags"][0],
        "summary": operation["summary"], "description": operation["description"],
        "parameters": [{**one, "kind": _kind(one["schema"])} for one in operation["parameters"]],
        "body": list(_rows(body, shapes)), "example": _written(_example("", body, shapes)) if body else None,
        "answer": list(_rows(answer, shapes)), "status": good,
    }


def _written(example: Any) -> str:
    return json.dumps(example, ensure_ascii=False, indent=2)


def _content(holder: dict[str, Any]) -> dict[str, Any]:
    return holder.get("content", {}).get("application/json", {}).get("schema", {})


def _open(schema: dict[str, Any], shapes: dict[str, Any]) -> dict[str, Any]:
    """The schema itself, whether it is named, may be null, or stands there."""
    one = next((each for each in schema.get("anyOf", ()) if each.get("type") != "null"), schema)
    return shapes[one["$ref"].rpartition("/")[2]] if "$ref" in one else one


def _rows(schema: dict[str, Any], shapes: dict[str, Any], above: str = "", depth: int = 0) -> Iterator[Row]:
    here = _open(schema, shapes)
    if here.get("type") == "array":
        yield from _rows(here["items"], shapes, f"{above}[]", depth)
        return
    for name, field in here.get("properties", {}).items():
        inner, full = _open(field, shapes), f"{above}.{name}".lstrip(".")
        kind = _kind(inner, is_nullable="anyOf" in field)
        yield Row(full, kind, name in here.get("required", ()), field.get("description", ""))
        if depth < DEEPEST:
            yield from _rows(inner, shapes, full, depth + 1)


def _kind(schema: dict[str, Any], *, is_nullable: bool = False) -> str:
    """`integer 0…1000`, `string | null`, `ru | en`."""
    types = schema.get("type", "")
    kinds = [types] if isinstance(types, str) else list(types)
    if is_nullable:
        kinds.append("null")
    if "enum" in schema:
        kinds = [str(one) for one in schema["enum"] if one is not None] + kinds[1:]
    form = f" {schema['format']}" if "format" in schema else ""
    return " | ".join(kinds) + _bounds(schema) + form


def _bounds(schema: dict[str, Any]) -> str:
    """Bounds worth reading: who asks for less than a billion wants to be told."""
    if "maximum" not in schema:
        return ""
    return f" {schema['minimum']}…{schema['maximum']}" if schema["maximum"] < BILLION else f" ≥ {schema['minimum']}"


def _example(name: str, schema: dict[str, Any], shapes: dict[str, Any]) -> Any:
    here = _open(schema, shapes)
    if name in EXAMPLES:
        return EXAMPLES[name]
    if "enum" in here:
        return here["enum"][0]
    if here.get("type") == "array":
        return [_example("", here["items"], shapes)]
    if "properties" in here:
        return {key: _example(key, value, shapes) for key, value in here["properties"].items()}
    return here.get("default", "")
