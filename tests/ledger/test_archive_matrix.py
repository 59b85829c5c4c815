"""The archive is written by nobody: every statement, as every role, on tables and partitions."""

from __future__ import annotations

import psycopg
import pytest

from tests.ledger.bad_entries import NOBODY, OWNERS, ROLES
from tests.ledger.old_books import OldBooks
from tests.ledger.test_archive import ARCHIVE, old, old_url
from tests.pgtap import value

__all__ = ["old", "old_url"]

WRITES = {
    "INSERT": "INSERT INTO {0} SELECT * FROM ledger_archive.{1} LIMIT 1",
    "upsert": """INSERT INTO {0} SELECT * FROM ledger_archive.{1}
        ON CONFLICT DO NOTHING""",
    "UPDATE": "UPDATE {0} SET description = 'x'",
    "no change": "UPDATE {0} SET tenant_id = tenant_id",
    "DELETE": "DELETE FROM {0}",
    "TRUNCATE": "TRUNCATE {0} CASCADE",
    "MERGE UPDATE": """MERGE INTO {0} AS t USING (VALUES (1)) AS v (n) ON true
        WHEN MATCHED THEN UPDATE SET description = 'x'""",
    "MERGE DELETE": """MERGE INTO {0} AS t USING (VALUES (1)) AS v (n) ON true
        WHEN MATCHED THEN DELETE""",
    "MERGE INSERT": """MERGE INTO {0} AS t USING (SELECT tenant_id, {2} FROM ledger_archive.{1}
        LIMIT 1) AS s ON false WHEN NOT MATCHED THEN INSERT (tenant_id, {2})
        VALUES (s.tenant_id, s.{2})""",
    "COPY": "COPY {0} (tenant_id, {2}) FROM STDIN",
}
WHAT = """SELECT md5(string_agg(t, '|' ORDER BY t)) FROM (
    SELECT e::text AS t FROM ledger_archive.journal_entries AS e
    UNION ALL SELECT l::text FROM ledger_archive.journal_lines AS l) AS r"""


def outcome(conn: psycopg.Connection, books: OldBooks, role: str, name: str, write: str) -> str:
    """Return the SQLSTATE of a statement as a role."""
    try:
        with conn.transaction(force_rollback=True):
            conn.execute("SELECT set_config('pgerp.tenant_id', %s, true)", [str(books.tenant_id)])
            row = conn.execute("SELECT id FROM ledger_archive.journal_entries LIMIT 1").fetchone()
            assert row is not None
            if role != "superuser":
                conn.execute("SELECT set_config('role', %s, true)", [role])
            if name == "COPY":
                with conn.cursor().copy(write.encode()) as rows:
                    rows.write_row((books.tenant_id, row[0]))
            else:
                conn.execute(write.encode())
    except psycopg.Error as error:
        return error.sqlstate or "?"
    return "done"


@pytest.mark.parametrize("table", ["journal_entries", "journal_lines"])
@pytest.mark.parametrize("role", ROLES)
def test_nothing_in_the_archive_is_written(
    old: tuple[psycopg.Connection, OldBooks], role: str, table: str
) -> None:
    conn, books = old
    conn.execute(f"CREATE ROLE {NOBODY}".encode())
    conn.execute(ARCHIVE, ["2018-01-01"])
    conn.execute("SET CONSTRAINTS ALL IMMEDIATE")
    before = value(conn, WHAT)
    key = "id" if table == "journal_entries" else "entry_id"
    wrong = {}
    for place in (f"ledger_archive.{table}", f"ledger_archive.{table}_2017"):
        for name, write in WRITES.items():
            wanted = "ZL006" if name == "TRUNCATE" else "ZL084"
            if role in OWNERS and name == "COPY":
                # PostgreSQL does not copy into what row security guards.
                wanted = "0A000"
            elif role != "superuser" and role not in OWNERS:
                wanted = "42501"
            found = outcome(conn, books, role, name, write.format(place, table, key))
            if found != wanted:
                wrong[f"{name} {place}"] = (found, wanted)
    assert wrong == {}
    assert value(conn, WHAT) == before
