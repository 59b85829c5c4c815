"""Every table is logged, or listed with the reason why it is not."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest

from tests.pgtap import is_empty, results_eq, value

ROOT = Path(__file__).resolve().parents[2]
CHECK = (ROOT / "sql/checks/audit/every_table_is_logged.sql").read_text()

# Only where finance is in a database without the ledger: tests/topology/test_finance.py.
ELSEWHERE = [f"finance.cached_{name}" for name in ("accounts", "movements", "periods")]

# What has neither its trigger, nor stands in the list of exceptions: told from the catalog alone.
UNLOGGED = """
SELECT c.oid::regclass::text
FROM pg_class AS c
WHERE c.relkind IN ('r', 'p')
    AND c.relnamespace::regnamespace::text !~ '^(pg_|information_schema$|public$|pgerp$)'
    AND NOT EXISTS (
        SELECT FROM pg_trigger AS g
        WHERE g.tgrelid = c.oid AND g.tgfoid = 'audit.log_change()'::regprocedure
            AND g.tgenabled = 'O' AND g.tgqual IS NULL AND g.tgattr = ''
            -- Row, after, update and delete; insert too, unless a new row is its own record.
            AND g.tgtype & ~4 = 1 | 8 | 16
            AND (g.tgtype & 4 > 0 OR EXISTS (
                SELECT FROM audit.exceptions() AS x
                WHERE x.logs = 'changes'
                    AND to_regclass(x.table_name) IN (c.oid, pg_partition_root(c.oid))
            ))
    )
    AND NOT EXISTS (
        SELECT FROM audit.exceptions() AS x
        WHERE x.logs = 'nothing'
            AND to_regclass(x.table_name) IN (c.oid, pg_partition_root(c.oid))
    )
"""


def test_every_table_and_partition_is_logged_or_listed(db: psycopg.Connection) -> None:
    is_empty(db, UNLOGGED)
    is_empty(db, CHECK)


def test_the_list_holds_tables_that_are_there_each_with_a_reason(db: psycopg.Connection) -> None:
    is_empty(
        db,
        """SELECT x.table_name FROM audit.exceptions() AS x
        WHERE x.table_name <> ALL (%s) AND to_regclass(x.table_name) IS NULL OR x.reason = ''
            OR x.logs NOT IN ('nothing', 'changes')""",
        [ELSEWHERE],
    )
    is_empty(
        db,
        """SELECT m.* FROM audit.masked_columns() AS m
        LEFT JOIN pg_attribute AS a
            ON a.attrelid = to_regclass(m.table_name) AND a.attname = m.column_name
        WHERE a.attnum IS NULL""",
    )


def test_what_is_called_append_only_refuses_change_by_a_trigger(db: psycopg.Connection) -> None:
    is_empty(
        db,
        """SELECT x.table_name FROM audit.exceptions() AS x
        WHERE (x.reason ~ 'append-only' OR x.reason ~ 'refuses every change')
            AND NOT EXISTS (
                SELECT FROM pg_trigger AS g
                WHERE g.tgrelid = x.table_name::regclass AND g.tgenabled = 'O'
                    AND g.tgtype & (1 | 2 | 8 | 16) = 1 | 2 | 8 | 16
            )""",
    )


def test_no_sensitive_column_is_part_of_a_key(db: psycopg.Connection) -> None:
    is_empty(
        db,
        """SELECT t.table_name FROM audit.logged_tables() AS t
        WHERE string_to_array(t.masked, ' ') && string_to_array(t.key_columns, ' ')""",
    )


WITHOUT_INSERTS = (
    "CREATE OR REPLACE TRIGGER audit_change AFTER UPDATE OR DELETE ON identity.users"
    " FOR EACH ROW EXECUTE FUNCTION audit.log_change('identity.users', 'id', '', '')"
)
NEW_TABLE = (
    "CREATE TABLE core.new (id integer CONSTRAINT new_pkey PRIMARY KEY, password_hash text);"
    "ALTER TABLE core.new OWNER TO pgerp_owner;"
)


@pytest.mark.parametrize(
    ("sql", "table"),
    [
        ("DROP TRIGGER audit_change ON identity.users", "identity.users"),
        ("ALTER TABLE ledger.accounts DISABLE TRIGGER audit_change", "ledger.accounts"),
        (
            "ALTER TABLE ledger.journal_lines_2027 DISABLE TRIGGER audit_change",
            "ledger.journal_lines_2027",
        ),
        (WITHOUT_INSERTS, "identity.users"),
        (NEW_TABLE, "core.new"),
    ],
)
def test_a_table_that_is_not_logged_would_be_noticed(
    db: psycopg.Connection, sql: str, table: str
) -> None:
    db.execute(sql)
    results_eq(db, UNLOGGED, [(table,)])
    assert table in {row[0] for row in db.execute(CHECK)}


def test_a_new_table_is_logged_once_the_triggers_are_applied(db: psycopg.Connection) -> None:
    db.execute(
        f"{NEW_TABLE} SELECT audit.apply_triggers(); INSERT INTO core.new VALUES (1, 'secret')"
    )
    assert value(db, "SELECT new_row FROM audit.log WHERE table_name = 'core.new'") == {
        "id": 1,
        "password_hash": "***",
    }


def test_every_logged_table_logs_insert_update_and_delete(
    full: psycopg.Connection,
) -> None:
    """Guards and foreign keys are off, as they are for whoever goes past them; the log is not."""
    tenant_id = value(full, "SELECT min(id) FROM identity.tenants")
    full.execute(
        "INSERT INTO audit.redactions (tenant_id, log_id, columns, reason)"
        " SELECT l.tenant_id, l.id, '{name}', 'Request 7' FROM audit.log AS l"
        " WHERE l.table_name = 'identity.users' LIMIT 1"
    )
    full.execute(
        "INSERT INTO audit.removals (tenant_id, log_year, row_count, seal_nos)"
        " VALUES (%s, 2017, 1, '{}')",
        [tenant_id],
    )
    full.execute("SELECT audit.seal_shared()")
    full.execute(
        "INSERT INTO audit.legal_holds (tenant_id, reason) VALUES (%s, 'Case')", [tenant_id]
    )
    full.execute(
        "INSERT INTO ledger.idempotency_keys (tenant_id, idempotency_key, entry_id, request_hash)"
        " VALUES (%s, 'k', core.uuid_v7(), sha256('x'))",
        [tenant_id],
    )
    full.execute(
        "INSERT INTO identity.credentials (tenant_id, user_id, password_hash)"
        " SELECT u.tenant_id, u.id, '$2b$12$' || repeat('x', 53) FROM identity.users AS u"
    )
    tables = full.execute(
        "SELECT table_name, logs, key_columns, tenant_column, business_column, masked"
        " FROM audit.logged_tables() ORDER BY table_name"
    ).fetchall()
    assert len(tables) > 25
    for table, *_ in tables:
        full.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER audit_change")
    full.execute("SET LOCAL session_replication_role = replica")
    for table, logs, key, tenant, business, masked in tables:
        row = value(full, f"SELECT to_jsonb(t) FROM {table} AS t LIMIT 1")
        columns = key.split() + ([tenant] if tenant else [])
        at = " AND ".join(
            f"to_jsonb(t) -> '{name}' = %(row)s::jsonb -> '{name}'" for name in columns
        )
        given = {"row": json.dumps(row)}
        before = value(full, "SELECT coalesce(max(id::text), '') FROM audit.log")
        first = columns[0]
        for statement in (
            f"UPDATE {table} AS t SET {first} = {first} WHERE {at}",
            f"DELETE FROM {table} AS t WHERE {at}",
            f"INSERT INTO {table} SELECT * FROM jsonb_populate_record(NULL::{table}, %(row)s)",
        ):
            if "INSERT" in statement:
                generated = value(
                    full,
                    "SELECT count(*) FROM pg_attribute"
                    " WHERE attrelid = to_regclass(%s) AND attgenerated <> ''",
                    [table],
                )
                if generated:
                    continue
            assert full.execute(statement, given).rowcount == 1, statement
        shown = {**row, **dict.fromkeys((masked or "").split(), "***")}
        single = len(key.split()) == 1
        wanted = [("UPDATE", shown, shown), ("DELETE", shown, None)]
        if logs == "all" and not generated:
            wanted.append(("INSERT", None, shown))
        found = full.execute(
            "SELECT action::text, old_row, new_row, table_name, row_key, tenant_id, business_id"
            " FROM audit.log WHERE id::text > %s ORDER BY id",
            [before],
        ).fetchall()
        assert [one[:3] for one in found] == wanted, table
        for one in found:
            assert one[3] == table
            assert (
                one[4] == (row[key] if isinstance(row[key], str) else json.dumps(row[key]))
                if single
                else json.loads(one[4]).keys() == set(key.split())
            )
            assert one[5:] == (
                row[tenant] if tenant else 0,
                row[business] if business else None,
            ), table
