"""Archiving moves old years away, and no statement of any day changes; it can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import psycopg
import pytest

from pgerp.catalog import snapshot
from pgerp.db import connect
from tests.background import Background
from tests.ledger.books import as_json, balance, offenders, post
from tests.ledger.old_books import (
    OldBooks,
    enter,
    open_old_books,
    reopen_year,
    seal,
    statements,
    write,
)
from tests.pgtap import as_role, is_empty, results_eq, set_eq, throws, value
from tests.years import THIS_YEAR

ARCHIVE = "SELECT year, entries FROM ledger.archive_before(%s)"
RESTORE = "SELECT ledger.restore_archive(%s)"


@pytest.fixture(scope="module")
def old_url(
    new_database: Callable[[str | None], AbstractContextManager[str]], template: str
) -> Iterator[str]:
    """A database with old books, closed and sealed."""
    with new_database(template) as url:
        with connect(url) as conn:
            seal(conn, open_old_books(conn))
            # Autovacuum may hold what is to be moved; it steps aside after a second.
            for function in ("archive_before", "restore_archive", "create_partitions"):
                conn.execute(f"ALTER FUNCTION ledger.{function} SET lock_timeout = '20s'".encode())
        yield url


@pytest.fixture
def old(old_url: str) -> Iterator[tuple[psycopg.Connection, OldBooks]]:
    """A session on these books in a transaction that is rolled back."""
    with connect(old_url, autocommit=False) as conn:
        yield conn, found_books(conn)
        conn.rollback()


def found_books(conn: psycopg.Connection) -> OldBooks:
    """Return what `open_old_books` made in another session."""
    ids = [row[0] for row in conn.execute("SELECT id FROM identity.tenants ORDER BY id")]
    tokens = [value(conn, "SELECT identity.issue_token(%s, 'alice')", [id]) for id in ids]
    enter(conn, tokens[0])
    main = value(
        conn, "SELECT id FROM identity.businesses WHERE tenant_id = %s AND code = 'MAIN'", [ids[0]]
    )
    entries = {}
    for name, made in (
        ("plain", "2017-03-01"),
        ("item", "2017-07-31"),
        ("wrong", "2017-06-20"),
        ("abandoned", "2017-02-10"),
        ("closing", "2017-01-10"),
        ("late", "2018-01-20"),
    ):
        entries[name] = value(conn, "SELECT core.uuid_v7_floor(%s)::text", [f"{made} 12:00Z"])
    return OldBooks(tokens, ids[0], ids[1], main, entries)


def archived(conn: psycopg.Connection) -> dict[str, int]:
    """Return archived partition -> its number of rows."""
    return {
        name: value(conn, f"SELECT count(*) FROM {name}")
        for (name,) in conn.execute(
            """SELECT inhrelid::regclass::text FROM pg_inherits
            WHERE inhparent::regclass::text LIKE 'ledger_archive.%' ORDER BY 1"""
        ).fetchall()
        if "idx" not in name and "pkey" not in name
    }


def test_no_statement_of_any_day_changes(old: tuple[psycopg.Connection, OldBooks]) -> None:
    conn, books = old
    before = statements(conn, books)
    balances = conn.execute("TABLE ledger.account_balances ORDER BY 1, 2, 3, 4, 5, 6").fetchall()
    assert before["trial_balance MAIN " + books.tokens[0][-5:]]
    results_eq(conn, ARCHIVE, [(2016, 10), (2017, 18), (2018, 11)], ["2019-01-01"])
    assert statements(conn, books) == before
    after = conn.execute("TABLE ledger.account_balances ORDER BY 1, 2, 3, 4, 5, 6").fetchall()
    assert after == balances
    assert offenders(conn) == {}
    assert archived(conn) == {
        "ledger_archive.journal_entries_2016": 10,
        "ledger_archive.journal_entries_2017": 18,
        "ledger_archive.journal_entries_2018": 11,
        "ledger_archive.journal_lines_2016": 20,
        "ledger_archive.journal_lines_2017": 36,
        "ledger_archive.journal_lines_2018": 22,
    }
    # What is left was made later: the closing entries this year, and one in 2026.
    set_eq(
        conn,
        "SELECT DISTINCT period_kind::text, tableoid::regclass::text FROM ledger.journal_entries",
        [
            ("closing", f"ledger.journal_entries_{THIS_YEAR}"),
            ("regular", "ledger.journal_entries_2026"),
        ],
    )
    is_empty(conn, ARCHIVE, ["2019-01-01"])


def test_a_fiscal_year_of_which_a_part_is_archived_is_whole_in_statements(
    old: tuple[psycopg.Connection, OldBooks],
) -> None:
    conn, books = old
    before = statements(conn, books)
    results_eq(conn, ARCHIVE, [(2016, 10), (2017, 18)], ["2018-01-01"])
    # Made in 2018 for 2017: still in the journal.
    assert (
        value(
            conn,
            "SELECT tableoid::regclass::text FROM ledger.journal_entries WHERE id = %s",
            [books.entries["late"]],
        )
        == "ledger.journal_entries_2018"
    )
    assert statements(conn, books) == before
    assert offenders(conn) == {}


def test_an_archived_year_comes_back_as_it_was(
    old: tuple[psycopg.Connection, OldBooks],
) -> None:
    conn, books = old
    said, shape = statements(conn, books), snapshot(conn)
    conn.execute(ARCHIVE, ["2019-01-01"])
    throws(conn, "ZL085", RESTORE, [2019])
    throws(conn, "ZL085", RESTORE, [None])
    for year in (2017, 2016, 2018):
        conn.execute(RESTORE, [year])
    assert snapshot(conn) == shape
    assert statements(conn, books) == said
    assert archived(conn) == {}
    assert offenders(conn) == {}
    throws(conn, "ZL006", "UPDATE ledger.journal_entries_2017 SET description = 'x'")
    throws(conn, "ZL006", "DELETE FROM ledger.journal_lines WHERE entry_date < '2018-01-01'")
    results_eq(conn, ARCHIVE, [(2016, 10)], ["2017-06-01"])


def test_partitions_of_archived_years_are_not_made_again(
    old: tuple[psycopg.Connection, OldBooks],
) -> None:
    conn, books = old
    conn.execute(ARCHIVE, ["2019-01-01"])
    reopen_year(conn, 2017, "2017-03")
    write(conn, books.tenant_id, books.business_id, date="2017-03-02")
    conn.execute("SET CONSTRAINTS ALL IMMEDIATE")
    is_empty(conn, "SELECT * FROM ledger.create_partitions()")
    assert set(offenders(conn)) == {"ledger/next_partitions_exist"}
    throws(conn, "23514", RESTORE, [2017])


def test_an_open_item_in_the_archive_is_settled_and_stays_open_for_days_before(
    old: tuple[psycopg.Connection, OldBooks],
) -> None:
    conn, books = old
    conn.execute(ARCHIVE, ["2019-01-01"])
    lines = as_json(("1110", "70"), ("1120", "-70")).replace(
        '"credit"', '"counterparty": "C-1", "credit"'
    )
    payment = value(
        conn,
        "SELECT ledger.create_journal_entry('MAIN', '2026-03-01', 'paid', %s)",
        [lines],
    )
    given = [books.entries["item"], payment]
    match = value(conn, "SELECT ledger.match_lines(%s, 1, %s, 2)", given)
    is_empty(conn, "SELECT * FROM ledger.open_items('MAIN', '1120', '2026-03-01', 'C-1')")
    results_eq(
        conn,
        "SELECT entry_id::text FROM ledger.open_items('MAIN', '1120', '2026-02-28', 'C-1')",
        [(books.entries["item"],)],
    )
    conn.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert offenders(conn) == {}
    conn.execute("SELECT ledger.unmatch(%s, 'typo')", [match])
    assert value(conn, "SELECT count(*) FROM ledger.match_oldest('MAIN', '1120', 'C-1')") == 1
    assert offenders(conn) == {}


def test_an_open_item_in_the_archive_is_settled_by_tokens_of_its_business_only(
    old: tuple[psycopg.Connection, OldBooks],
) -> None:
    conn, books = old
    conn.execute(ARCHIVE, ["2019-01-01"])
    other = value(conn, "SELECT identity.create_business('ELSE', 'Else', 'USD')")
    token = "SELECT identity.issue_token(%s, 'bob', ARRAY[%s])"
    enter(conn, value(conn, token, [books.tenant_id, other]))
    given = [books.entries["item"], books.entries["plain"]]
    throws(conn, "ZL026", "SELECT ledger.match_lines(%s, 1, %s, 2)", given)


def test_only_members_of_the_owner_archive(old: tuple[psycopg.Connection, OldBooks]) -> None:
    conn, _ = old
    for role in ("pgerp_app", "pgerp_readonly", "pgerp_auditor", "pgerp_monitor", "pgerp_backup"):
        with as_role(conn, role):
            throws(conn, "42501", ARCHIVE, ["2017-01-01"])
            throws(conn, "42501", RESTORE, [2016])
            throws(conn, "42501", "SELECT * FROM ledger.archive_plan('2017-01-01')")
    with as_role(conn, "pgerp_migrator"):
        results_eq(conn, ARCHIVE, [(2016, 10)], ["2017-01-01"])
        conn.execute(RESTORE, [2016])


def test_the_archive_has_the_shape_of_the_journal(db: psycopg.Connection) -> None:
    for query in (
        """SELECT attname::text, format_type(atttypid, atttypmod), attnotnull
        FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped""",
        r"""SELECT conname::text, regexp_replace(replace(pg_get_constraintdef(oid),
            'ledger_archive.', 'ledger.'), ' ON DELETE \w+', '')
        FROM pg_constraint WHERE conrelid = %s::regclass AND conparentid = 0 AND contype <> 't'""",
        """SELECT indexrelid::regclass::text, replace(pg_get_indexdef(indexrelid),
            'ledger_archive.', 'ledger.') FROM pg_index WHERE indrelid = %s::regclass""",
    ):
        for table in ("journal_entries", "journal_lines"):
            live = db.execute(query, [f"ledger.{table}"]).fetchall()
            strip = [
                tuple(str(v).replace("ledger_archive.", "ledger.") for v in row)
                for row in db.execute(query, [f"ledger_archive.{table}"]).fetchall()
            ]
            assert sorted(strip) == sorted(tuple(str(v) for v in row) for row in live)
    for table in ("journal_entries", "journal_lines"):
        columns = (
            "SELECT attname::text FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        )
        live = db.execute(f"{columns} AND NOT attisdropped", [f"ledger.{table}"]).fetchall()
        set_eq(db, columns, live, [f"ledger.all_{table}"])


def test_nothing_but_lines_refers_to_entries_so_that_years_can_go(db: psycopg.Connection) -> None:
    set_eq(
        db,
        """SELECT DISTINCT conrelid::regclass::text FROM pg_constraint
        WHERE contype = 'f' AND conparentid = 0 AND confrelid::regclass::text ~ '\\.journal_'""",
        [("ledger.journal_lines",), ("ledger_archive.journal_lines",)],
    )


def test_posting_and_reading_wait_for_archiving_and_never_fail(
    new_database: Callable[[str | None], AbstractContextManager[str]], template: str
) -> None:
    with (
        new_database(template) as url,
        connect(url) as poster,
        connect(url) as archiver,
        connect(url) as observer,
    ):
        books = open_old_books(poster)
        seal(poster, books)
        said = statements(poster, books)

        def work() -> Any:
            post(poster, ("1110", "5"), ("4100", "-5"))
            return balance(poster, "5100")

        # Someone reads and posts and does not end: archiving gives up, with nothing half done.
        with poster.transaction():
            work()
            throws(archiver, "55P03", ARCHIVE, ["2019-01-01"])
            work()
        assert archived(observer) == {}
        before = balance(poster, "5100")
        # Archiving does not end: others wait, and find all there was.
        with archiver.transaction():
            archiver.execute(ARCHIVE, ["2019-01-01"])
            waiting = Background(poster, work)
            assert waiting.waits(observer)
        assert waiting.result() is None
        assert waiting.value == before
        assert len(archived(observer)) == 6
        assert offenders(observer) == {}
        again = statements(poster, books)
        for key in said:
            if key.endswith(books.tokens[1][-5:]) and not key.startswith(("all_", "journal_")):
                assert again[key] == said[key], key
