"""Shared by both trees: run inside the connection the caller hands over, or render SQL."""

from __future__ import annotations

from typing import Any

from alembic import context

from app.kernel.db import db
from tenants.migrating import load_models


def run(tree: str) -> None:
    """Migrate `tree` ("network" or "tenant"); the caller owns transaction and search path."""
    load_models()
    connection = context.config.attributes.get("connection")
    options: dict[str, Any] = {
        "target_metadata": db.metadata,
        "version_table": "schema_version",
        "include_name": include_name(tree),
        "include_object": include_object(tree),
        "include_schemas": tree == "network",
        "compare_type": True,
        "transactional_ddl": False,
        "transaction_per_migration": False,
    }
    if tree == "network":
        options["version_table_schema"] = "network"
    if context.is_offline_mode():
        context.configure(dialect_name="postgresql", literal_binds=True, **options)
    else:
        context.configure(connection=connection, **options)
    context.run_migrations()


def include_name(tree: str) -> Any:
    """Look only at the schema the tree is about."""

    def include(name: str | None, kind: str, _parents: Any) -> bool:
        return kind != "schema" or name == ("network" if tree == "network" else None)

    return include


def include_object(tree: str) -> Any:
    """Tables of `network` belong to one tree, tables without a schema to the other."""

    def include(item: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
        if kind == "table":
            return name != "schema_version" and (item.schema == "network") == (tree == "network")
        return True

    return include
