"""The shape of a schema as PostgreSQL knows it: its tables parents first, its sequences, and a hash to tell drift.

Two schemas have the same hash when they hold the same tables, columns, constraints, indexes, sequences, rights,
triggers, policies and functions, whatever their name and the order their columns were added in.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from graphlib import TopologicalSorter

import sqlalchemy as sa

from app.kernel.ids import HQ

TEMPLATE = "t_000000"
"""Name of the schema made as the migrations make it, to compare with, and rolled back; no tenant has this number."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with the columns that hold data of their own, and its key."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]


_TABLES = """
SELECT c.relname,
       array_agg(a.attname::text ORDER BY a.attnum),
       (SELECT coalesce(array_agg(k.attname::text ORDER BY k.attnum), '{}')
        FROM pg_index i JOIN pg_attribute k ON k.attrelid = i.indexrelid
        WHERE i.indrelid = c.oid AND i.indisprimary)
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
WHERE c.relnamespace = CAST(:schema AS regnamespace) AND c.relkind = 'r'
GROUP BY c.oid ORDER BY c.relname
"""
_PARENTS = """
SELECT child.relname, parent.relname
FROM pg_constraint f JOIN pg_class child ON child.oid = f.conrelid JOIN pg_class parent ON parent.oid = f.confrelid
WHERE f.contype = 'f' AND f.connamespace = CAST(:schema AS regnamespace) AND child.oid <> parent.oid
"""

LINES = r"""
WITH spaces AS (SELECT oid, nspname::text AS name FROM pg_namespace WHERE nspname = ANY (:schemas)),
relations AS (
    SELECT c.*, s.name AS space FROM pg_class c JOIN spaces s ON s.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'i')
),
rights AS (
    SELECT r.space, r.relname, pg_get_userbyid(a.grantee)::text AS grantee, a.privilege_type AS privilege
    FROM relations r, aclexplode(r.relacl) a WHERE r.relkind <> 'i' AND a.grantee <> r.relowner
)
SELECT space, concat_ws(' ', 'relation', relname, relkind, relrowsecurity) AS line FROM relations WHERE relkind <> 'i'
UNION ALL
SELECT r.space, concat_ws(' ', 'column', r.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                          a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid))
FROM relations r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum WHERE r.relkind <> 'i' AND r.relkind <> 'S'
UNION ALL
SELECT r.space, concat_ws(' ', 'constraint', r.relname, k.conname, k.convalidated, pg_get_constraintdef(k.oid))
FROM relations r JOIN pg_constraint k ON k.conrelid = r.oid WHERE k.contype <> 'n'
UNION ALL
SELECT r.space, concat_ws(' ', 'index', r.relname, i.indisvalid, pg_get_indexdef(i.indexrelid))
FROM relations r JOIN pg_index i ON i.indexrelid = r.oid
UNION ALL
SELECT r.space, concat_ws(' ', 'sequence', r.relname, q.seqstart, q.seqincrement, q.seqmin, q.seqmax, q.seqcycle)
FROM relations r JOIN pg_sequence q ON q.seqrelid = r.oid
UNION ALL
SELECT r.space, concat_ws(' ', 'trigger', r.relname, t.tgenabled, pg_get_triggerdef(t.oid))
FROM relations r JOIN pg_trigger t ON t.tgrelid = r.oid WHERE NOT t.tgisinternal
UNION ALL
SELECT r.space, concat_ws(' ', 'policy', r.relname, p.polname, p.polcmd, pg_get_expr(p.polqual, p.polrelid),
                          pg_get_expr(p.polwithcheck, p.polrelid))
FROM relations r JOIN pg_policy p ON p.polrelid = r.oid
UNION ALL
SELECT s.name, concat_ws(' ', 'function', pg_get_functiondef(p.oid))
FROM pg_proc p JOIN spaces s ON s.oid = p.pronamespace WHERE p.prokind IN ('f', 'p')
UNION ALL
SELECT space, concat_ws(' ', 'right', relname, grantee, privilege) FROM rights
UNION ALL
SELECT s.name, concat_ws(' ', 'right of the schema', pg_get_userbyid(a.grantee), a.privilege_type)
FROM pg_namespace n JOIN spaces s ON s.oid = n.oid, aclexplode(n.nspacl) a WHERE a.grantee <> n.nspowner
"""
_PLAIN = rf"""
SELECT space, replace(line, space, '~') AS line FROM ({LINES}) everything
WHERE NOT (space = '{HQ}' AND line LIKE 'right %network_hq%')
"""
"""HQ's own schema is open to `network_hq` besides; a dealer's that is would be drift."""
_HASHES = rf"""
SELECT space, md5(string_agg(line, E'\n' ORDER BY line COLLATE "C")) FROM ({_PLAIN}) plain GROUP BY space
"""


def tables(connection: sa.Connection, schema: str) -> list[Table]:
    """Tables of the schema; whoever is pointed to comes before who points."""
    rows = connection.execute(sa.text(_TABLES), {"schema": schema})
    found = {name: Table(name, tuple(columns), tuple(key)) for name, columns, key in rows}
    order = TopologicalSorter({name: set() for name in found})
    for child, parent in connection.execute(sa.text(_PARENTS), {"schema": schema}):
        if parent in found:
            order.add(child, parent)
    return [found[name] for name in order.static_order()]


def pointers(connection: sa.Connection, schema: str, table: str) -> list[tuple[str, str, str]]:
    """Foreign keys of a table to others of its schema: own column, the other table, its column."""
    query = """
        SELECT mine.attname, parent.relname, theirs.attname
        FROM pg_constraint f JOIN pg_class parent ON parent.oid = f.confrelid
        CROSS JOIN LATERAL unnest(f.conkey, f.confkey) AS pair(mine, theirs)
        JOIN pg_attribute mine ON mine.attrelid = f.conrelid AND mine.attnum = pair.mine
        JOIN pg_attribute theirs ON theirs.attrelid = f.confrelid AND theirs.attnum = pair.theirs
        WHERE f.contype = 'f' AND f.conrelid = CAST(:table AS regclass)
          AND parent.relnamespace = CAST(:schema AS regnamespace)
    """
    rows = connection.execute(sa.text(query), {"schema": schema, "table": f"{schema}.{table}"})
    return [(mine, parent, theirs) for mine, parent, theirs in rows]


def sequences(connection: sa.Connection, schema: str) -> dict[str, int]:
    """Where each sequence of the schema that was ever asked stands."""
    query = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = :schema AND last_value IS NOT NULL"
    return dict(connection.execute(sa.text(query), {"schema": schema}).all())


def hashes(connection: sa.Connection, schemas: list[str]) -> dict[str, str]:
    """The hash of each schema's shape."""
    return dict(connection.execute(sa.text(_HASHES), {"schemas": schemas}).all())


def lines(connection: sa.Connection, schema: str) -> set[str]:
    """The shape of a schema in words, its own name as `~`."""
    return set(connection.scalars(sa.text(f"SELECT line FROM ({_PLAIN}) plain"), {"schemas": [schema]}))


@contextmanager
def template(owner: sa.Engine) -> Iterator[sa.Connection]:
    """A connection that sees the schema `TEMPLATE` made as a new tenant's is; nothing of it stays."""
    from tenants.provisioning import make_schema

    with owner.connect() as connection, connection.begin() as transaction:
        connection.exec_driver_sql(f"CREATE ROLE {TEMPLATE} NOLOGIN")
        make_schema(connection, TEMPLATE)
        connection.exec_driver_sql("SET LOCAL search_path = pg_catalog")
        yield connection
        transaction.rollback()
