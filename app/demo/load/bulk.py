"""Bulk loading with the owner's login: rows by COPY, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import sql
from psycopg.types.json import Jsonb


class Copier:
    """Copies rows into tables; dictionaries become jsonb, tuples of text become arrays."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection

    def rows(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Append rows to `schema.table`."""
        schema, name = table.split(".")
        statement = sql.SQL("COPY {}.{} ({}) FROM STDIN").format(
            sql.Identifier(schema), sql.Identifier(name), sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        with self.connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row([_adapted(value) for value in row])

    def execute(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """A statement of the loader's own; its rows, if it has any."""
        cursor = self.connection.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def bulk(owner: sa.Engine) -> Iterator[Copier]:
    """A copier whose work is kept when the block ends well."""
    with owner.begin() as connection:
        yield Copier(connection.connection.driver_connection)


def _adapted(value: Any) -> Any:
    if isinstance(value, dict) or (isinstance(value, list) and value and isinstance(value[0], dict)):
        return Jsonb(value, dumps=_dumps)
    if isinstance(value, tuple):
        return list(value)
    return value


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
