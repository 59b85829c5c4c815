"""What can be tried on each object of the catalog, as SQL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import ClientCursor

from tests.identity.matrix import whole_tenant
from tests.identity.questions import questions
from tests.identity.two_businesses import Side

RELATIONS = """
SELECT
    format('%I.%I', n.nspname, c.relname),
    CASE WHEN c.relispartition THEN 'partition' ELSE k.kind END,
    c.oid,
    ARRAY(
        SELECT a.attname::text FROM pg_attribute AS a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
    ),
    ARRAY(
        SELECT a.attname::text FROM pg_attribute AS a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            AND a.attgenerated = '' AND a.attidentity <> 'a'
            AND (c.relkind <> 'v' OR pg_column_is_updatable(c.oid, a.attnum, false))
        ORDER BY a.attnum
    )
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN (VALUES
    ('r', 'table'), ('p', 'table'), ('f', 'table'), ('v', 'view'), ('m', 'materialized view'),
    ('S', 'sequence')
) AS k (relkind, kind) ON k.relkind = c.relkind::text
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
    )"""

FUNCTIONS = """
SELECT
    format('%I.%I', n.nspname, p.proname),
    p.oid,
    p.prorettype IN ('trigger'::regtype, 'event_trigger'::regtype),
    coalesce(p.proargnames[1:p.pronargs], '{}'),
    ARRAY(
        SELECT format_type(t.oid, NULL) FROM unnest(p.proargtypes) WITH ORDINALITY AS t (oid, place)
        ORDER BY t.place
    ),
    p.pronargs - p.pronargdefaults,
    EXISTS (
        SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
        WHERE a.grantee <> p.proowner
    ),
    p.prokind = 'p'
FROM pg_proc AS p
JOIN pg_namespace AS n ON n.oid = p.pronamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
    )"""

# Of some relations by name, of the others by the name of their column.
TENANT = {"identity.tenants": "t.id", "tenant_id": "t.tenant_id"}
BUSINESS = {
    "identity.businesses": "t.id",
    "business_id": "t.business_id",
    "business_code": "array_position('{MAIN,SIDE}', t.business_code)",
}

YEAR = re.compile(r"_\d{4}$")


@dataclass(frozen=True)
class Object:
    """Something that can be granted.

    Attributes:
        name: With its schema.
        kind: One of KINDS.
        oid: Its key in the catalog.
        clients: What clients try, by the letter of the privilege that it needs.
        owners: What the owner and those who may become it try.
        groups: Of a relation: the rows of each tenant and business, as SQL; otherwise "".
        whose: What its rows are of: a business, a tenant, or nobody.
    """

    name: str
    kind: str
    oid: int
    clients: dict[str, str]
    owners: dict[str, str]
    groups: str = ""
    whose: str = "nobody"

    @property
    def line(self) -> str:
        """The name of its line: one for the partitions of all years of a table."""
        return YEAR.sub("_<year>", self.name) if self.kind == "partition" else self.name


def objects(conn: psycopg.Connection, side: Side) -> list[Object]:
    """Return all that is ours in a database, as its superuser."""
    found = [
        *(_relation(conn, side, *row) for row in conn.execute(RELATIONS).fetchall()),
        *(_function(conn, side, *row) for row in conn.execute(FUNCTIONS).fetchall()),
    ]
    return sorted(found, key=lambda one: (one.kind, one.name))


def _relation(
    conn: psycopg.Connection,
    side: Side,
    name: str,
    kind: str,
    oid: int,
    columns: list[str],
    written: list[str],
) -> Object:
    if kind == "sequence":
        tries = {
            "S": f"SELECT last_value::text FROM {name}",
            "U": f"SELECT nextval('{name}')::text",
        }
        return Object(name, kind, oid, tries, tries)
    tenant = _column(name, columns, TENANT)
    business = _column(name, columns, BUSINESS)
    whose = "nobody" if tenant == "NULL" else "a tenant" if business == "NULL" else "a business"
    groups = _groups(tenant, business, name)
    mine = "" if whose == "nobody" else f"WHERE {tenant} = {side.world.ours}"
    row = conn.execute(f"SELECT to_jsonb(t)::text FROM {name} AS t {mine} LIMIT 1").fetchone()  # type: ignore[arg-type]
    # A view may have a column twice.
    names = ", ".join((written or columns)[: 1 if kind == "view" else None])
    copied = _quoted(conn, row[0] if row else "{}")
    column = (written or columns)[0]
    tries = {
        "S": groups,
        "I": f"INSERT INTO {name} ({names}) OVERRIDING SYSTEM VALUE"
        f" SELECT {names} FROM jsonb_populate_record(NULL::{name}, {copied})",
        "U": f"UPDATE {name} SET {column} = {column}",
        "D": f"DELETE FROM {name}",
        "T": f"TRUNCATE {name}",
    }
    return Object(name, kind, oid, tries, tries, groups, whose)


def _column(name: str, columns: list[str], known: dict[str, str]) -> str:
    """Return what says of a relation's row whose it is."""
    return known.get(name) or next((known[one] for one in known if one in columns), "NULL")


def _groups(tenant: str, business: str, name: str) -> str:
    """Return a query for "tenant/business" -> [number, hash] of a relation's rows, as JSON."""
    return f"""SELECT jsonb_object_agg(concat(g.tenant, '/', g.business), g.content)::text
        FROM (
            SELECT {tenant} AS tenant, {business} AS business,
                jsonb_build_array(count(*), sum(hashtextextended(t::text, 0))) AS content
            FROM {name} AS t GROUP BY 1, 2
        ) AS g"""


def _function(
    conn: psycopg.Connection,
    side: Side,
    name: str,
    oid: int,
    is_trigger: bool,
    names: list[str],
    types: list[str],
    needed: int,
    is_granted: bool,
    is_procedure: bool,
) -> Object:
    if is_trigger:
        tries = {"X": f"SELECT {name}()"}
        return Object(name, "function", oid, tries, tries)
    # Not constants: a call of a strict function would be gone before it is permitted.
    nothing = [f"(SELECT NULL::{type_name})" for type_name in types]
    call = "SELECT string_agg(t::text, ' ') FROM {}({}) AS t"
    if is_procedure:
        nothing = [f"NULL::{type_name}" for type_name in types]
        call = "CALL {}({})"
    unknowing = {"X": call.format(name, ", ".join(nothing))}
    if not is_granted:
        return Object(name, "function", oid, unknowing, unknowing)
    known = questions(side, name, names)[0] | whole_tenant.questions(side).get(name, {})
    asked = [
        f"{argument} => "
        + (nothing[n] if known.get(argument) is None else _quoted(conn, known[argument]))
        for n, argument in enumerate(names)
        if argument in known or n < needed
    ]
    return Object(name, "function", oid, {"X": call.format(name, ", ".join(asked))}, unknowing)


def _quoted(conn: psycopg.Connection, item: Any) -> str:
    return ClientCursor(conn).mogrify("%s", [item])
