"""Where a database has sensitive values: the columns of type core.encrypted_value and
core.keyed_hash, from its catalog, and how many values of which key they hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

from pgerp.errors import PgerpError
from pgerp.session import privilege_error, tenant_names

_TABLES = """
SELECT
    n.nspname::text,
    c.relname::text,
    pg_get_userbyid(c.relowner)::text,
    bool_or(a.attname = 'tenant_id'),
    coalesce(array_agg(a.attname::text ORDER BY a.attnum)
        FILTER (WHERE a.atttypid = to_regtype('core.encrypted_value')), '{}'),
    coalesce(array_agg(a.attname::text ORDER BY a.attnum)
        FILTER (WHERE a.atttypid = to_regtype('core.keyed_hash')), '{}'),
    coalesce(array_agg(a.attname::text ORDER BY array_position(i.indkey::smallint[], a.attnum))
        FILTER (WHERE a.attnum = ANY (i.indkey::smallint[])), '{}'),
    coalesce(
        array_agg(
            format_type(a.atttypid, a.atttypmod)
            ORDER BY array_position(i.indkey::smallint[], a.attnum)
        ) FILTER (WHERE a.attnum = ANY (i.indkey::smallint[])), '{}'
    )
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_index AS i ON i.indrelid = c.oid AND i.indisprimary
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
GROUP BY c.oid, n.nspname, c.relname, c.relowner
HAVING bool_or(a.atttypid IN (to_regtype('core.encrypted_value'), to_regtype('core.keyed_hash')))
ORDER BY n.nspname, c.relname
"""


@dataclass(frozen=True)
class Table:
    """A table with sensitive columns.

    Attributes:
        schema: Its schema.
        relation: Its name in it.
        owner: The role that owns it, as which its rows are read and rewritten.
        has_tenant: Whether it has tenant_id, so that row security shows one tenant at a time.
        pairs: Column of the encrypted value -> column of its keyed hash, None without one.
        key: The columns of its primary key -> their types.
    """

    schema: str
    relation: str
    owner: str
    has_tenant: bool
    pairs: dict[str, str | None]
    key: dict[str, str]

    @property
    def columns(self) -> list[str]:
        """Its sensitive columns, each value's before its hash's."""
        return [column for pair in self.pairs.items() for column in pair if column is not None]

    @property
    def name(self) -> str:
        """Schema and table, for messages."""
        return f"{self.schema}.{self.relation}"

    @property
    def identifier(self) -> sql.Identifier:
        """Its name, to be put into a statement."""
        return sql.Identifier(self.schema, self.relation)

    def of_tenant(self, tenant_id: int | None) -> sql.Composable:
        """Return the condition for rows of a tenant, whatever row security shows."""
        return sql.SQL("true" if tenant_id is None else f"tenant_id = {tenant_id:d}")


def find_tables(conn: psycopg.Connection) -> list[Table]:
    """Return the tables with sensitive columns.

    Raises:
        PgerpError: The database has no such types; a table has no primary key, or a keyed hash
            whose value is not beside it.
    """
    row = conn.execute("SELECT to_regtype('core.keyed_hash') IS NULL").fetchone()
    if row is None or row[0]:
        raise PgerpError(
            "the database has no type core.keyed_hash",
            where=conn.info.dbname,
            hint="Bring it up to date first: pgerp up.",
        )
    return [_table(*row) for row in conn.execute(_TABLES).fetchall()]


def _table(
    schema: str,
    relation: str,
    owner: str,
    has_tenant: bool,
    encrypted: list[str],
    hashes: list[str],
    key: list[str],
    types: list[str],
) -> Table:
    pairs: dict[str, str | None] = {}
    for column in encrypted:
        beside = f"{column.removesuffix('_encrypted')}_hash"
        pairs[column] = beside if beside in hashes else None
    if alone := sorted(set(hashes) - set(pairs.values())):
        raise PgerpError(
            f"the keyed hash {alone[0]} has no encrypted value beside it",
            where=f"{schema}.{relation}",
            detail="It could not be made again under another key.",
            hint="x_hash belongs to x_encrypted, of type core.encrypted_value, in the same table.",
        )
    if not key:
        raise PgerpError(
            "the table has no primary key",
            where=f"{schema}.{relation}",
            hint="Its rows could not be told apart.",
        )
    return Table(schema, relation, owner, has_tenant, pairs, dict(zip(key, types, strict=True)))


def tenants_of(conn: psycopg.Connection, table: Table) -> list[int | None]:
    """Return the tenants that may have rows in a table; [None] for one without tenants.

    Raises:
        PgerpError: The role may not become pgerp_owner, who alone sees all tenants: a client would
            take what it sees for everything.
    """
    if not table.has_tenant:
        return [None]
    with conn.transaction():
        _become(conn, "pgerp_owner")
        return [*sorted(tenant_names(conn).values())]


def _become(conn: psycopg.Connection, role: str) -> None:
    try:
        conn.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
    except psycopg.errors.InsufficientPrivilege as error:
        raise privilege_error(conn, error) from error


@contextmanager
def inside(conn: psycopg.Connection, table: Table, tenant_id: int | None) -> Iterator[None]:
    """Open a transaction as the table's owner, who sees the rows of one tenant, active or not.

    Without a token: who may become the owner needs none, and an inactive tenant gets none.

    Raises:
        PgerpError: The role may not become the owner.
    """
    with conn.transaction():
        _become(conn, table.owner)
        entered = "" if tenant_id is None else str(tenant_id)
        # Who is acting is then the login role.
        conn.execute(
            "SELECT set_config('pgerp.tenant_id', %s, true), set_config('pgerp.actor', '', true)",
            [entered],
        )
        yield


def count_values(conn: psycopg.Connection) -> dict[tuple[str, str], Counter[str]]:
    """Return (table, column) -> key id -> how many values all tenants together have of it.

    Raises:
        PgerpError: As `find_tables` and `inside`.
    """
    counts: dict[tuple[str, str], Counter[str]] = {}
    for table in find_tables(conn):
        for tenant_id in tenants_of(conn, table):
            with inside(conn, table, tenant_id):
                for column in table.columns:
                    query = sql.SQL(
                        "SELECT split_part({column}, ':', 1), count(*) FROM {table}"
                        " WHERE {column} IS NOT NULL AND {among} GROUP BY 1"
                    ).format(
                        column=sql.Identifier(column),
                        table=table.identifier,
                        among=table.of_tenant(tenant_id),
                    )
                    counted = counts.setdefault((table.name, column), Counter())
                    counted.update(dict(conn.execute(query).fetchall()))
    return counts
