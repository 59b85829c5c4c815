"""plpgsql_check finds nothing in any function, nor in any trigger on the table it is for."""

from __future__ import annotations

import psycopg
import pytest

# PL/pgSQL functions of ours with the tables they are triggers of (0: called as functions).
TARGETS = """
SELECT p.oid::regprocedure::text, coalesce(t.tgrelid, 0)::regclass::text
FROM pg_proc AS p
INNER JOIN pg_namespace AS n ON n.oid = p.pronamespace
INNER JOIN pg_language AS l ON l.oid = p.prolang AND l.lanname = 'plpgsql'
LEFT JOIN LATERAL (
    SELECT DISTINCT g.tgrelid, g.tgoldtable, g.tgnewtable
    FROM pg_trigger AS g
    WHERE g.tgfoid = p.oid AND NOT g.tgisinternal
) AS t ON p.prorettype = 'trigger'::regtype
WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'public')
ORDER BY 1, 2
"""

CHECK = """
SELECT c.level || ' ' || coalesce(c.sqlstate, '') || ' line ' || coalesce(c.lineno::text, '?')
    || ': ' || c.message || coalesce(' (' || c.detail || ')', '')
FROM plpgsql_check_function_tb(
    %s::regprocedure, CASE WHEN %s = '-' THEN 0 ELSE to_regclass(%s) END::regclass,
    fatal_errors => false, extra_warnings => true, performance_warnings => false,
    security_warnings => true
) AS c
"""


@pytest.fixture
def checker(db: psycopg.Connection) -> psycopg.Connection:
    query = "SELECT count(*) FROM pg_available_extensions WHERE name = 'plpgsql_check'"
    if db.execute(query).fetchone() == (0,):
        pytest.skip("the server does not have the extension plpgsql_check (--pg system may)")
    db.execute("CREATE EXTENSION plpgsql_check")
    return db


def findings(conn: psycopg.Connection) -> list[str]:
    """Return what plpgsql_check says: "function on table: finding"."""
    return [
        f"{function} on {table}: {finding}"
        for function, table in conn.execute(TARGETS).fetchall()
        for (finding,) in conn.execute(CHECK, [function, table, table])
    ]


def test_plpgsql_check_finds_nothing(checker: psycopg.Connection) -> None:
    assert findings(checker) == []


@pytest.mark.parametrize(
    "body",
    [
        "BEGIN PERFORM x.nothing FROM identity.users AS x; RETURN NULL; END",
        "DECLARE v_unused integer; BEGIN RETURN NULL; END",
        "BEGIN EXECUTE 'SELECT ' || NEW.created_by; RETURN NULL; END",
        "BEGIN NEW.no_such_column := 1; RETURN NEW; END",
    ],
    ids=["no such column", "unused variable", "injection", "no such column of the table"],
)
def test_plpgsql_check_is_seen_to_find_something(checker: psycopg.Connection, body: str) -> None:
    checker.execute(
        "CREATE OR REPLACE FUNCTION core.stamp_row() RETURNS trigger LANGUAGE plpgsql"
        f" SET search_path = '' AS $$ {body} $$"
    )
    found = findings(checker)
    assert [one for one in found if one.startswith("core.stamp_row() on identity.users: ")]
    assert [one for one in found if not one.startswith("core.stamp_row() on ")] == []


def test_every_trigger_function_is_checked_with_each_of_its_tables(
    checker: psycopg.Connection,
) -> None:
    targets = checker.execute(TARGETS).fetchall()
    assert ("core.stamp_row()", "ledger.accounts") in targets
    assert ("ledger.check_journal_line()", "ledger.journal_lines_2026") in targets
    assert ("identity.token_claims()", "-") in targets
    assert not [one for one in targets if one[0] == "core.stamp_row()" and one[1] == "-"]
