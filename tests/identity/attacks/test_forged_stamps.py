"""Whoever writes a table, and however, does not say who wrote it when: every table with stamps."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest

from tests.identity.attacks.prey import Prey
from tests.pgtap import as_role, value

# Archived entries keep the stamps of their life: no row is ever written there.
STAMPED = """
SELECT c.oid::regclass::text
FROM pg_class AS c
INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'last_modified_by'
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND c.oid <> 'ledger_archive.journal_entries'::regclass
ORDER BY 1"""

STAMPS = "created_at, created_by, last_modified_at, last_modified_by"
FORGED = "'2001-01-01'::timestamptz, 'mallory'::text, '2001-01-01'::timestamptz, 'mallory'::text"

# Fires last of what a row goes through before it is written, tells what would be, and writes
# nothing: so no key, check or later trigger has a word in it.
SPY = """
CREATE FUNCTION public.spy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('spy.saw', concat(
        current_setting('spy.saw', true),
        CASE
            WHEN TG_OP = 'INSERT' THEN concat(NEW.created_at = now(), ' ', NEW.created_by)
            WHEN (NEW.created_at, NEW.created_by) = (OLD.created_at, OLD.created_by) THEN 'kept'
        END,
        ', ', NEW.last_modified_at = now(), ' ', NEW.last_modified_by
    ), true);
    RETURN NULL;
END $$;
GRANT EXECUTE ON FUNCTION public.spy TO pgerp_owner"""
ON_TABLE = """
CREATE TRIGGER "~spy" BEFORE INSERT OR UPDATE ON {} FOR EACH ROW EXECUTE FUNCTION public.spy()"""

# Which row, where one that may change is among others.
ROW = {"ledger.journal_entries": "status = 'DRAFT'"}

# What would refuse a second row like another, or a change of one that never changes, whatever its
# stamps: out of the way.
GUARDS = f"""
SELECT t.tgrelid::regclass::text, t.tgname
FROM pg_trigger AS t
WHERE t.tgrelid::regclass::text IN ({STAMPED.replace("ORDER BY 1", "")})
    AND t.tgname ~ '_(guard|closing)$'"""


@pytest.fixture
def spied(prey: Prey, watcher: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """The books of B as pgerp_owner sees them, with a spy on every stamped table; rolled back."""
    watcher.execute(SPY)
    for table in stamped(watcher):
        watcher.execute(ON_TABLE.format(table))  # type: ignore[arg-type]
    for table, guard in watcher.execute(GUARDS).fetchall():
        watcher.execute(f"ALTER TABLE {table} DISABLE TRIGGER {guard}")  # type: ignore[arg-type]
    with as_role(watcher, "pgerp_owner"):
        for name, wish in (("tenant_id", str(prey.world.theirs)), ("actor", "alice")):
            watcher.execute("SELECT set_config(%s, %s, true)", [f"pgerp.{name}", wish])
        yield watcher


def stamped(conn: psycopg.Connection) -> list[str]:
    return [table for (table,) in conn.execute(STAMPED)]


def columns(conn: psycopg.Connection, table: str) -> list[str]:
    query = """SELECT attname FROM pg_attribute
        WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
        ORDER BY attnum"""
    return [name for (name,) in conn.execute(query, [table])]


def one(conn: psycopg.Connection, table: str) -> str:
    """Return a SELECT of a row of the table, but with forged stamps."""
    forged = dict(zip(STAMPS.split(", "), FORGED.split(", "), strict=True))
    listed = ", ".join(forged.get(name, name) for name in columns(conn, table))
    return f"SELECT {listed} FROM {table} WHERE {ROW.get(table, 'true')} LIMIT 1"


def by_insert(conn: psycopg.Connection, table: str, more: str = "") -> None:
    names = ", ".join(columns(conn, table))
    conn.execute(f"INSERT INTO {table} ({names}) {one(conn, table)} {more}")  # type: ignore[arg-type]


def by_conflict(conn: psycopg.Connection, table: str) -> None:
    by_insert(conn, table, "ON CONFLICT DO NOTHING")


def by_copy(conn: psycopg.Connection, table: str) -> None:
    # Row security refuses COPY FROM to all that it holds for; who is above it can.
    names = ", ".join(columns(conn, table))
    with as_role(conn, value(conn, "SELECT session_user::text")), conn.cursor() as cursor:
        with cursor.copy(f"COPY ({one(conn, table)}) TO STDOUT") as out:  # type: ignore[arg-type]
            rows = b"".join(bytes(part) for part in out)
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as into:  # type: ignore[arg-type]
            into.write(rows)


def by_merge(conn: psycopg.Connection, table: str) -> None:
    names = columns(conn, table)
    given = ", ".join(f"s.{name}" for name in names)
    conn.execute(
        f"MERGE INTO {table} AS t USING ({one(conn, table)}) AS s ({', '.join(names)}) ON false"  # type: ignore[arg-type]
        f" WHEN NOT MATCHED THEN INSERT ({', '.join(names)}) VALUES ({given})"
    )


def by_update(conn: psycopg.Connection, table: str) -> None:
    conn.execute(
        f"UPDATE {table} SET ({STAMPS}) = ROW({FORGED}) WHERE (tableoid, ctid) IN"  # type: ignore[arg-type]
        f" (SELECT tableoid, ctid FROM {table} WHERE {ROW.get(table, 'true')} LIMIT 1)"
    )


WAYS: dict[str, Callable[[psycopg.Connection, str], None]] = {
    "INSERT": by_insert,
    "ON CONFLICT": by_conflict,
    "COPY": by_copy,
    "MERGE": by_merge,
    "UPDATE": by_update,
}


@pytest.mark.parametrize("posting", ["", "function", "proved"])
@pytest.mark.parametrize("way", WAYS)
def test_no_way_of_writing_says_who_wrote_when(
    spied: psycopg.Connection, way: str, posting: str
) -> None:
    spied.execute("SELECT set_config('pgerp.posting', %s, true)", [posting])
    stamps, refused = {}, {}
    for table in stamped(spied):
        spied.execute("SELECT set_config('spy.saw', '', true)")
        try:
            with spied.transaction():
                WAYS[way](spied, table)
                stamps[table] = value(spied, "SELECT current_setting('spy.saw')")
        except psycopg.Error as error:
            refused[table] = error.sqlstate
    who = value(spied, "SELECT session_user::text") if way == "COPY" else "alice"
    expected = f"{'kept' if way == 'UPDATE' else f't {who}'}, t {who}"
    assert {table: stamp for table, stamp in stamps.items() if stamp != expected} == {}
    assert refused == {}
