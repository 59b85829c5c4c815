"""What the database knows about repeatable files: which were applied, which objects are there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from pgerp.repeatables import privileges
from pgerp.repeatables.model import Removed, Repeatable
from pgerp.repeatables.query import rows

_ON_TABLE = re.compile(r"(?P<kind>trigger|policy) (?P<name>.+) on (?P<schema>.+)\.(?P<table>.+)")

_EXISTING = """
SELECT w.object
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
    AS w (object, kind, schema_name, table_name, name)
INNER JOIN pg_namespace AS n ON w.schema_name = n.nspname
WHERE CASE w.kind
    WHEN 'function' THEN EXISTS (
        SELECT FROM pg_proc AS p WHERE p.pronamespace = n.oid AND p.proname = w.name
    )
    WHEN 'trigger' THEN EXISTS (
        SELECT FROM pg_trigger AS t INNER JOIN pg_class AS c ON t.tgrelid = c.oid
        WHERE c.relnamespace = n.oid AND c.relname = w.table_name AND t.tgname = w.name
    )
    WHEN 'policy' THEN EXISTS (
        SELECT FROM pg_policy AS p INNER JOIN pg_class AS c ON p.polrelid = c.oid
        WHERE c.relnamespace = n.oid AND c.relname = w.table_name AND p.polname = w.name
    )
    ELSE EXISTS (
        SELECT FROM pg_class AS c
        WHERE
            c.relnamespace = n.oid AND c.relname = w.name
            AND c.relkind = CASE w.kind WHEN 'view' THEN 'v' ELSE 'm' END
    )
END
"""


@dataclass(frozen=True)
class Row:
    """One row of pgerp.repeatables.

    Attributes:
        checksum: SHA-256 of the file as it was applied.
        objects: What the file defined then, and what earlier versions of it left behind.
    """

    checksum: str
    objects: tuple[str, ...]


def recorded(conn: psycopg.Connection[Any]) -> dict[str, Row]:
    """Return the rows of pgerp.repeatables by key; none where the runner never ran."""
    if rows(conn, "SELECT to_regclass('pgerp.repeatables')") == [(None,)]:
        return {}
    found = rows(conn, "SELECT key, checksum, objects FROM pgerp.repeatables")
    return {key: Row(checksum, tuple(objects)) for key, checksum, objects in found}


def existing(conn: psycopg.Connection[Any], objects: Iterable[str]) -> set[str]:
    """Return those objects ("function ledger.close_period", …) that the catalog has."""
    wanted = sorted(set(objects))
    parts = [_split(name) for name in wanted]
    columns = [wanted, *([part[i] for part in parts] for i in range(4))]
    return {name for (name,) in rows(conn, _EXISTING, columns)}


def pending(
    conn: psycopg.Connection[Any], repeatables: Sequence[Repeatable], *, migrated: bool = False
) -> list[Repeatable]:
    """Return the files to apply: changed, new, or defining what is not in the catalog.

    Files of grants are due, too, when somebody granted or revoked by hand.

    Reads only, takes no locks beyond those of reading, and works on a standby.

    Args:
        conn: A connection.
        repeatables: All files, as discover() returned them.
        migrated: Whether a migration was, or is about to be, applied: files with the header
            `-- reapply: migrations` are pending then, as they are when any other file is.

    Returns:
        Some of `repeatables`, in their order.
    """
    known = recorded(conn)
    there = existing(conn, (name for r in repeatables for name in r.objects))
    regranted = privileges.changed(conn, repeatables)
    due = {
        r.key
        for r in repeatables
        if _is_due(r, known, there) or (r.kind == "grant" and r.project.name in regranted)
    }
    return [r for r in repeatables if r.key in due or (r.always and (migrated or due))]


def removed(conn: psycopg.Connection[Any], repeatables: Sequence[Repeatable]) -> list[Removed]:
    """Return what files made that are gone, or that no longer define it, and is still there.

    Args:
        conn: A connection; reads only.
        repeatables: All files, as discover() returned them.

    Returns:
        One entry per file, in the order of the keys. A migration has to drop what they name.
    """
    known = recorded(conn)
    found = leftovers(conn, known, repeatables)
    keys = {r.key for r in repeatables}
    return [
        Removed(key, found.get(key, ()))
        for key in sorted(known)
        if key in found or (key not in keys and not known[key].objects)
    ]


def leftovers(
    conn: psycopg.Connection[Any], known: Mapping[str, Row], repeatables: Sequence[Repeatable]
) -> dict[str, tuple[str, ...]]:
    """Return, by key, recorded objects that no file defines now and that the catalog has."""
    defined = {name for r in repeatables for name in r.objects}
    orphans = {key: [n for n in row.objects if n not in defined] for key, row in known.items()}
    there = existing(conn, (name for names in orphans.values() for name in names))
    left = {key: tuple(n for n in names if n in there) for key, names in orphans.items()}
    return {key: names for key, names in left.items() if names}


def record(
    conn: psycopg.Connection[Any],
    applied: Sequence[Repeatable],
    left: Mapping[str, tuple[str, ...]],
) -> None:
    """Write that files were applied.

    Args:
        conn: A connection in the transaction that applied them.
        applied: The files.
        left: What earlier versions of a file made and is still there, by key.
    """
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO pgerp.repeatables (key, kind, checksum, objects) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (key) DO UPDATE SET kind = excluded.kind, checksum = excluded.checksum,"
            " objects = excluded.objects, applied_at = now()",
            [(r.key, r.kind, r.checksum, [*r.objects, *left.get(r.key, ())]) for r in applied],
        )


def forget(
    conn: psycopg.Connection[Any], repeatables: Sequence[Repeatable], *, migrated: bool
) -> None:
    """Delete the rows of files that are gone once nothing is left of them.

    Files that only granted something tell nothing about what is left: they are forgotten when a
    migration was applied, which is taken to be the one that revoked it.
    """
    known = recorded(conn)
    found = leftovers(conn, known, repeatables)
    keys = {r.key for r in repeatables}
    gone = [
        key
        for key, row in known.items()
        if key not in keys and key not in found and (row.objects or migrated)
    ]
    if gone:
        conn.execute("DELETE FROM pgerp.repeatables WHERE key = ANY(%s)", (gone,))


def _is_due(repeatable: Repeatable, known: Mapping[str, Row], there: set[str]) -> bool:
    row = known.get(repeatable.key)
    return (
        row is None
        or row.checksum != repeatable.checksum
        or not there.issuperset(repeatable.objects)
    )


def _split(target: str) -> tuple[str, str, str, str]:
    """Return kind, schema, table ("" unless it is on one) and name of an object."""
    if found := _ON_TABLE.fullmatch(target):
        return found["kind"], found["schema"], found["table"], found["name"]
    kind, _, name = target.rpartition(" ")
    schema, _, plain = name.partition(".")
    return kind, schema, "", plain
