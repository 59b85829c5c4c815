"""What can be permitted, in every database alike: roles are made at home, and hold everywhere.

A migration writes the permissions of its module where the module is. Roles name those of all
modules, so each database is told what the others' modules permit.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

from psycopg.rows import tuple_row
from psycopg.types.json import Jsonb

from pgerp.services.topology import Topology, open_service

_PUT = """
INSERT INTO identity.permissions AS p (code, module, description, must_be_named)
SELECT r.code, r.module, r.description, r.must_be_named
FROM jsonb_populate_recordset(NULL::identity.permissions, %s) AS r
ON CONFLICT (code) DO UPDATE
SET description = excluded.description, must_be_named = excluded.must_be_named
WHERE (p.description, p.must_be_named) IS DISTINCT FROM (excluded.description,
    excluded.must_be_named)"""

# One that a role still has stays: its module takes it from the roles first.
_TAKE = """
DELETE FROM identity.permissions AS p
WHERE p.module = ANY (%s) AND p.code <> ALL (%s)
    AND NOT EXISTS (SELECT FROM identity.role_permissions AS r WHERE r.permission = p.code)"""


def share(topology: Topology) -> Iterator[str]:
    """Make the permissions of each module those that its own service has, in all databases.

    Those of modules that no service has are left as they are.

    Yields:
        The name of each service whose database was changed.
    """
    modules = sorted(m for service in topology.services.values() for m in service.modules)
    known: dict[str, dict[str, Any]] = {}
    for service in topology.services.values():
        with closing(open_service(service)) as conn, conn.cursor(row_factory=tuple_row) as cursor:
            rows = cursor.execute(
                "SELECT to_jsonb(p) FROM identity.permissions AS p WHERE p.module = ANY (%s)",
                [sorted(service.modules)],
            ).fetchall()
        known |= {row["code"]: row for (row,) in rows}
    for service in topology.services.values():
        with closing(open_service(service)) as conn, conn.transaction():
            changed = conn.execute(_PUT, [Jsonb(list(known.values()))]).rowcount
            changed += conn.execute(_TAKE, [modules, list(known)]).rowcount
        if changed:
            yield service.name
