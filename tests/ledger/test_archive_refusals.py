"""What is not archived, and that nobody writes what is."""

from __future__ import annotations

import psycopg
import pytest

from pgerp.catalog import snapshot
from tests.ledger.books import offenders
from tests.ledger.old_books import OldBooks, close_year, enter, reopen_year, seal, write
from tests.ledger.test_archive import ARCHIVE, RESTORE, archived, old, old_url
from tests.pgtap import as_role, is_empty, results_eq, throws, value
from tests.years import THIS_YEAR

__all__ = ["old", "old_url"]

Old = tuple[psycopg.Connection, OldBooks]


def settle(conn: psycopg.Connection) -> None:
    """Run what waits for the end of the transaction."""
    conn.execute("SET CONSTRAINTS ALL IMMEDIATE")
    conn.execute("SET CONSTRAINTS ALL DEFERRED")


RETENTION = "INSERT INTO ledger.retention_rules (tenant_id, retention_years, reason)"


def plan(conn: psycopg.Connection, before: str) -> list[tuple[int, str, str | None]]:
    """Return year, tenant and SQLSTATE of the plan."""
    query = "SELECT year, tenant, sqlstate FROM ledger.archive_plan(%s) ORDER BY 1, 2"
    return conn.execute(query, [before]).fetchall()  # type: ignore[return-value]


def refused(conn: psycopg.Connection, sqlstate: str, before: str, whose: str) -> None:
    """Archiving is refused, names the tenant, and leaves everything as it is."""
    shape = snapshot(conn)
    error = throws(conn, sqlstate, ARCHIVE, [before])
    assert whose in str(error.diag.message_detail)
    assert sqlstate in {row[2] for row in plan(conn, before)}
    assert snapshot(conn) == shape
    assert archived(conn) == {}


def test_years_that_can_go_are_planned(old: Old) -> None:
    conn, _ = old
    assert plan(conn, "2018-06-01") == [
        (2016, "First", None),
        (2017, "First", None),
        (2017, "Second", None),
    ]
    assert plan(conn, "2016-12-31") == []
    throws(conn, "22004", "SELECT * FROM ledger.archive_plan(NULL)")
    throws(conn, "22004", ARCHIVE, [None])


def test_what_is_younger_than_the_retention_stays(old: Old) -> None:
    conn, books = old
    refused(conn, "ZL080", f"{THIS_YEAR}-01-01", "First")
    conn.execute(f"{RETENTION} VALUES (%s, %s, 'law')", [books.other_id, THIS_YEAR - 2017])
    refused(conn, "ZL080", "2018-01-01", "Second")
    conn.execute(f"{RETENTION} VALUES (%s, 1, 'law')", [books.tenant_id])
    refused(conn, "ZL080", "2018-01-01", "Second")
    results_eq(conn, ARCHIVE, [(2016, 10)], ["2017-01-01"])


def test_a_year_with_entries_of_a_later_fiscal_year_stays(old: Old) -> None:
    conn, books = old
    enter(conn, books.tokens[1])
    reopen_year(conn, 2018, "2018-01")
    write(
        conn,
        books.other_id,
        _main(conn, books.other_id),
        date="2018-01-02",
        made="2017-12-31 12:00Z",
    )
    settle(conn)
    close_year(conn, 2018)
    seal(conn, books)
    refused(conn, "ZL080", "2018-01-01", "Second")
    assert plan(conn, "2019-01-01")[1:3] == [(2017, "First", None), (2017, "Second", None)]


def test_a_year_that_is_not_closed_stays(old: Old) -> None:
    conn, books = old
    enter(conn, books.tokens[1])
    reopen_year(conn, 2017)
    settle(conn)
    refused(conn, "ZL081", "2018-01-01", "Second")


def test_a_year_with_entries_that_are_not_sealed_stays(old: Old) -> None:
    conn, books = old
    enter(conn, books.tokens[1])
    reopen_year(conn, 2017, "2017-05")
    write(conn, books.other_id, _main(conn, books.other_id), date="2017-05-05")
    settle(conn)
    close_year(conn, 2017)
    settle(conn)
    refused(conn, "ZL082", "2018-01-01", "Second")


def test_a_year_with_drafts_stays(old: Old) -> None:
    conn, books = old
    write(conn, books.other_id, _main(conn, books.other_id), date="2017-05-05", status="DRAFT")
    settle(conn)
    refused(conn, "ZL083", "2018-01-01", "Second")


def test_of_several_reasons_the_first_by_its_code_is_given(old: Old) -> None:
    """One tenant has a draft, the other a year that is not closed."""
    conn, books = old
    write(conn, books.tenant_id, books.business_id, date="2017-05-05", status="DRAFT")
    enter(conn, books.tokens[1])
    reopen_year(conn, 2017)
    settle(conn)
    refused(conn, "ZL081", "2018-01-01", "Second")


def _main(conn: psycopg.Connection, tenant_id: int) -> int:
    query = "SELECT id FROM identity.businesses WHERE tenant_id = %s AND code = 'MAIN'"
    return int(value(conn, query, [tenant_id]))


WRITES = [
    ("ZL084", "UPDATE ledger_archive.{0} SET description = 'x'"),
    ("ZL084", "DELETE FROM ledger_archive.{0}"),
    ("ZL084", "INSERT INTO ledger_archive.{0} SELECT * FROM ledger_archive.{0} LIMIT 1"),
    ("ZL006", "TRUNCATE ledger_archive.{0} CASCADE"),
    (
        "ZL084",
        """MERGE INTO ledger_archive.{0} AS t USING (VALUES (1)) AS v (n) ON true
        WHEN MATCHED THEN DELETE""",
    ),
]


@pytest.mark.parametrize("table", ["journal_entries", "journal_lines"])
def test_nobody_writes_the_archive(old: Old, table: str) -> None:
    conn, books = old
    conn.execute(ARCHIVE, ["2018-01-01"])
    for name in (table, f"{table}_2017"):
        for sqlstate, write_it in WRITES:
            throws(conn, sqlstate, write_it.format(name))
        for role in ("pgerp_app", "pgerp_readonly", "pgerp_auditor", "pgerp_backup"):
            with as_role(conn, role):
                for _, write_it in WRITES:
                    throws(conn, "42501", write_it.format(name))
        with as_role(conn, "pgerp_owner"):
            conn.execute("SELECT set_config('pgerp.tenant_id', %s, true)", [str(books.tenant_id)])
            for sqlstate, write_it in WRITES:
                throws(conn, sqlstate, write_it.format(name))
    throws(conn, "ZA001", "TRUNCATE identity.tenants CASCADE")


def test_an_archived_entry_is_not_voided_reversed_or_added_to(old: Old) -> None:
    conn, books = old
    conn.execute(ARCHIVE, ["2018-01-01"])
    given = [books.entries["plain"], "why"]
    throws(conn, "ZL084", "SELECT ledger.reverse_journal_entry(%s, %s)", given)
    throws(conn, "ZL084", "SELECT ledger.void_journal_entry(%s, %s)", given)
    # Its fiscal year is not reopened either: that would reverse it.
    throws(conn, "ZL084", "SELECT ledger.reopen_fiscal_year('MAIN', '2016', 'why')")
    throws(
        conn,
        "23503",
        """INSERT INTO ledger.journal_lines
        (tenant_id, entry_id, line_no, account_id, business_id, entry_date, amount)
        SELECT tenant_id, entry_id, 9, account_id, business_id, entry_date, 5
        FROM ledger_archive.journal_lines WHERE entry_id = %s AND line_no = 1""",
        [books.entries["plain"]],
        deferred=True,
    )


def test_what_archived_lines_rest_on_does_not_change(old: Old) -> None:
    conn, _ = old
    conn.execute(ARCHIVE, ["2019-01-01"])
    settle(conn)
    # All lines of 2110 and all entries of the month are in the archive.
    throws(conn, "ZL018", "UPDATE ledger.accounts SET type_code = 'ASSET' WHERE code = '2110'")
    throws(
        conn,
        "ZL018",
        "UPDATE ledger.fiscal_periods SET ends_on = '2017-03-30' WHERE code = '2017-03'",
    )
    throws(
        conn, "ZL018", "UPDATE identity.businesses SET currency_code = 'EUR' WHERE code = 'MAIN'"
    )
    for rest in ("ledger.accounts", "ledger.fiscal_periods", "identity.businesses"):
        error = throws_one_of(conn, f"DELETE FROM {rest} WHERE code IN ('5100', '2017-03', 'MAIN')")
        assert error in {"23503", "23001"}


def throws_one_of(conn: psycopg.Connection, statement: str) -> str | None:
    """Return the SQLSTATE of a statement that fails."""
    try:
        with conn.transaction():
            conn.execute(statement.encode())
    except psycopg.Error as error:
        return error.sqlstate
    raise AssertionError(f"not refused: {statement}")


def test_row_security_holds_in_the_archive(old: Old) -> None:
    conn, books = old
    conn.execute(ARCHIVE, ["2019-01-01"])
    for role in ("pgerp_app", "pgerp_readonly", "pgerp_auditor"):
        with as_role(conn, role):
            for place in ("ledger_archive.journal_entries", "ledger.all_journal_entries"):
                enter(conn, books.tokens[1])
                tenants = f"SELECT DISTINCT tenant_id FROM {place}"
                results_eq(conn, tenants, [(books.other_id,)])
                enter(conn, "")
                is_empty(conn, tenants)
            throws(conn, "42501", "SELECT FROM ledger_archive.journal_entries_2017")
    token = value(
        conn,
        "SELECT identity.issue_token(%s, 'bob', ARRAY[%s])",
        [books.tenant_id, books.business_id],
    )
    enter(conn, token)
    with as_role(conn, "pgerp_app"):
        results_eq(
            conn,
            "SELECT DISTINCT business_id FROM ledger_archive.journal_lines",
            [(books.business_id,)],
        )


def test_a_disabled_guard_of_the_archive_is_found(old: Old) -> None:
    conn, _ = old
    conn.execute(ARCHIVE, ["2019-01-01"])
    settle(conn)
    conn.execute("ALTER TABLE ledger_archive.journal_lines_2017 DISABLE TRIGGER ALL")
    assert set(offenders(conn)) == {"ledger/triggers_are_enabled"}
    conn.execute(
        "UPDATE ledger_archive.journal_lines_2017 SET amount = amount + 1 WHERE line_no = 1"
    )
    assert {"ledger/entries_balance", "ledger/balances_equal_lines"} <= set(offenders(conn))


def test_the_archive_is_not_rolled_back_with_entries_in_it(old: Old) -> None:
    from pathlib import Path

    conn, _ = old
    conn.execute(ARCHIVE, ["2019-01-01"])
    root = Path(__file__).resolve().parents[2]
    (rollback,) = root.glob("migrations/ledger/*_ledger_archive.rollback.sql")
    throws(conn, "2BP01", rollback.read_text())
    for year in (2016, 2017, 2018):
        conn.execute(RESTORE, [year])
