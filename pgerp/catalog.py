"""The catalog as plain text: one canonical definition per object, and the difference of two.

A snapshot depends on what was created, never on oids, on the order of creation or on where an
index or table lies on disk: two databases built from the same files have equal snapshots.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal

import psycopg
from psycopg.rows import tuple_row

OBJECTS = (
    "relations",
    "columns",
    "constraints",
    "indexes",
    "functions",
    "types",
    "triggers",
    "policies",
    "others",
)

_SCHEMAS = r"""
SELECT array_agg(n.oid)::text
FROM pg_namespace AS n
WHERE CASE
    WHEN %(schemas)s::text[] IS NOT NULL THEN n.nspname = ANY(%(schemas)s)
    ELSE n.nspname <> 'information_schema' AND n.nspname <> 'pgerp' AND n.nspname NOT LIKE 'pg\_%%'
END
"""
_HIDDEN = re.compile(r"\b(?:_yoyo_\w+|yoyo_lock)\b|\bpgerp\.")
_NAME = r'(?:"(?:[^"]|"")+"|[^\s".,()]+)'
_PARENTS = (
    re.compile(r"^(?:comment|privileges) on (?P<parent>.+)$", re.DOTALL),
    re.compile(
        r"^(?:constraint|index|trigger|policy|rule) .* on "
        rf"(?P<parent>(?:domain )?{_NAME}\.{_NAME})$",
        re.DOTALL,
    ),
    re.compile(rf"^column (?P<parent>{_NAME}\.{_NAME})\.{_NAME}$", re.DOTALL),
    re.compile(r"^column order of (?P<parent>.+)$", re.DOTALL),
)
_RELATIONS = ("table", "view", "materialized view", "foreign table")


@dataclass(frozen=True)
class Difference:
    """One object that is not as expected.

    Attributes:
        kind: "missing" (expected only), "extra" (found only) or "changed".
        object: Its key in the snapshots, e.g. "column ledger.accounts.code".
        expected: Its expected definition; None when it is extra.
        actual: Its definition as found; None when it is missing.
    """

    kind: Literal["missing", "extra", "changed"]
    object: str
    expected: str | None
    actual: str | None


def snapshot(conn: psycopg.Connection[Any], schemas: Sequence[str] | None = None) -> dict[str, str]:
    """Read the definition of every object of some schemas, and of what belongs to the database.

    Covered: schemas, tables, columns (and their order), constraints, indexes, sequences, views,
    functions, types, triggers, policies, rules, statistics, privileges, default privileges,
    comments; extensions, event triggers, publications and subscriptions. Left out: members of
    extensions, the parts of an index, constraint or trigger on partitions, and the migration
    tables of pgerp and yoyo.

    Args:
        conn: Any connection; it needs no privileges on the objects. Nothing is locked or written.
        schemas: Names of schemas; None = all except the system's and pgerp's own.

    Returns:
        "table ledger.accounts", "column ledger.accounts.code", "comment on table ledger.accounts",
        … -> definition, in alphabetical order.
    """
    texts: dict[str, str] = {}
    names: dict[tuple[int, int, int], str] = {}
    with conn.transaction(), conn.cursor(row_factory=tuple_row) as cursor:
        path = cursor.execute("SELECT current_setting('search_path')").fetchone()
        found = cursor.execute(
            _SCHEMAS, {"schemas": None if schemas is None else list(schemas)}
        ).fetchone()
        oids = found[0] if found and found[0] else "{}"
        cursor.execute(
            "SELECT set_config('search_path', '', true), set_config('pgerp.schemas', %s, true)",
            (oids,),
        )
        for name in OBJECTS:
            for class_id, object_id, column, key, definition in cursor.execute(_query(name)):
                names[class_id, object_id, column] = key
                texts[key] = definition
        for name, prefix in (("privileges", "privileges on "), ("comments", "comment on ")):
            for class_id, object_id, column, key, definition in cursor.execute(_query(name)):
                owner = names.get((class_id, object_id, column))
                if key or owner:
                    texts[key or prefix + str(owner)] = definition
        cursor.execute("SELECT set_config('search_path', %s, true)", path)
    return {key: texts[key] for key in sorted(texts) if not _HIDDEN.search(key)}


def diff(expected: Mapping[str, str], actual: Mapping[str, str]) -> list[Difference]:
    """Compare two snapshots object by object.

    What belongs to an object that is itself missing or extra is not told again (a missing table's
    columns), nor is the order of columns when one of them is missing or extra.

    Args:
        expected: The snapshot that should be.
        actual: The snapshot that is.

    Returns:
        The differences in the order of their objects' names; [] for equal snapshots.
    """
    differences = []
    for key in sorted(expected.keys() | actual.keys()):
        wanted, present = expected.get(key), actual.get(key)
        if wanted == present or _told_elsewhere(key, expected, actual):
            continue
        kind: Literal["missing", "extra", "changed"] = (
            "extra" if wanted is None else "missing" if present is None else "changed"
        )
        differences.append(Difference(kind, key, wanted, present))
    return differences


def parents(key: str) -> list[str]:
    """Return the keys that may name the object which `key` belongs to; [] for a free-standing one.

    Args:
        key: A snapshot's key, e.g. "comment on column ledger.accounts.code".
    """
    for pattern in _PARENTS:
        if found := pattern.match(key):
            parent = found["parent"]
            if key.startswith(("comment ", "privileges ")) or parent.startswith("domain "):
                return [parent]
            return [f"{kind} {parent}" for kind in _RELATIONS]
    return []


def _told_elsewhere(key: str, expected: Mapping[str, str], actual: Mapping[str, str]) -> bool:
    """Whether the difference at `key` only follows from one that is told at another key."""
    for parent in parents(key):
        if (parent in expected) != (parent in actual) or _told_elsewhere(parent, expected, actual):
            return True
    if key.startswith("column order of ") and key in expected and key in actual:
        return _common(expected[key], actual[key]) == _common(actual[key], expected[key])
    return False


def _common(columns: str, others: str) -> list[str]:
    """Return the columns of one order that the other has too, in the first's order."""
    return [name for name in columns.split(", ") if name in others.split(", ")]


@functools.cache
def _query(name: str) -> str:
    text = (resources.files("pgerp.catalog_queries") / f"{name}.sql").read_text("utf-8")
    return text.strip()
