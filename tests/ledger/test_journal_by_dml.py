"""The journal by plain SQL: good entries on other paths than functions, and drafts.

Bad ones, on every path and as every role, are in test_bad_entries_matrix.py.
"""

from __future__ import annotations

import psycopg
import pytest

from tests.ledger.books import Books, balance, offenders, post
from tests.pgtap import lives, throws, value

ENTRY = """INSERT INTO ledger.journal_entries
(tenant_id, business_id, id, entry_date, status, description)
VALUES (%(tenant)s, %(business)s, %(id)s, %(date)s, %(status)s, 'dml')"""
LINE = """INSERT INTO ledger.journal_lines
(tenant_id, entry_id, line_no, account_id, business_id, entry_date, amount)
SELECT tenant_id, %(id)s, %(no)s, id, 0, '2000-01-01', %(amount)s FROM ledger.accounts
WHERE tenant_id = %(tenant)s AND code = %(account)s"""
ID = "01a1f8bc-4c9b-7f1b-9c49-cd917f021e64"


def entry(db: psycopg.Connection, books: Books, status: str = "POSTED", **change: object) -> None:
    given = {"tenant": books.tenant_id, "business": books.business_id, "id": ID}
    db.execute(ENTRY, given | {"date": "2026-03-04", "status": status} | change)


def line(db: psycopg.Connection, books: Books, no: int, account: str, amount: str) -> None:
    given = {"tenant": books.tenant_id, "id": ID, "no": no, "account": account, "amount": amount}
    db.execute(LINE, given)


def balanced(db: psycopg.Connection, books: Books, status: str = "POSTED") -> None:
    entry(db, books, status)
    line(db, books, 1, "1110", "100")
    line(db, books, 2, "4100", "-100")


def settle(db: psycopg.Connection) -> None:
    db.execute("SET CONSTRAINTS ALL IMMEDIATE")
    db.execute("SET CONSTRAINTS ALL DEFERRED")


def test_header_first_then_lines_in_one_transaction_is_a_good_entry(
    db: psycopg.Connection, books: Books
) -> None:
    balanced(db, books)
    settle(db)
    assert balance(db, "1110") == "100.0000"
    assert offenders(db) == {}


def test_lines_added_after_the_check_are_checked_too(db: psycopg.Connection, books: Books) -> None:
    balanced(db, books)
    db.execute("SET CONSTRAINTS ALL IMMEDIATE")
    throws(
        db,
        "ZL001",
        LINE,
        {"tenant": books.tenant_id, "id": ID, "no": 3, "account": "1110", "amount": "1"},
    )


def test_copied_headers_and_lines_make_a_good_entry(db: psycopg.Connection, books: Books) -> None:
    accounts = dict(db.execute("SELECT code::text, id FROM ledger.accounts").fetchall())
    with db.cursor().copy(
        """COPY ledger.journal_entries
        (tenant_id, business_id, id, entry_date, status, description) FROM STDIN"""
    ) as copy:
        copy.write_row((books.tenant_id, books.business_id, ID, "2026-03-04", "POSTED", "copy"))
    with db.cursor().copy(
        """COPY ledger.journal_lines
        (tenant_id, entry_id, line_no, account_id, business_id, entry_date, amount) FROM STDIN"""
    ) as copy:
        copy.write_row((books.tenant_id, ID, 1, accounts["1110"], 1, "2026-03-04", "12.34"))
        copy.write_row((books.tenant_id, ID, 2, accounts["4100"], 1, "2026-03-04", "-12.34"))
    settle(db)
    assert balance(db, "1110") == "12.3400"
    assert offenders(db) == {}


def test_a_period_closed_between_posting_and_commit_refuses_the_commit(
    db: psycopg.Connection, books: Books
) -> None:
    balanced(db, books)
    db.execute("UPDATE ledger.fiscal_periods SET status = 'closed' WHERE code = '2026-03'")
    throws(db, "ZL002", "SET CONSTRAINTS ALL IMMEDIATE")


def test_a_draft_in_a_closed_period_cannot_be_posted(db: psycopg.Connection, books: Books) -> None:
    balanced(db, books, "DRAFT")
    db.execute("UPDATE ledger.fiscal_periods SET status = 'closed' WHERE code = '2026-03'")
    throws(db, "ZL002", "UPDATE ledger.journal_entries SET status = 'POSTED'")


def test_a_posted_draft_enters_the_balances_with_all_its_lines(
    db: psycopg.Connection, books: Books
) -> None:
    balanced(db, books, "DRAFT")
    assert balance(db, "1110") == "0"
    db.execute("UPDATE ledger.journal_entries SET status = 'POSTED'")
    settle(db)
    assert balance(db, "1110") == "100.0000"
    assert offenders(db) == {}


def test_a_draft_is_edited_dated_and_deleted_freely(db: psycopg.Connection, books: Books) -> None:
    balanced(db, books, "DRAFT")
    db.execute("UPDATE ledger.journal_lines SET amount = amount * 2")
    db.execute("UPDATE ledger.journal_entries SET entry_date = '2026-05-06'")
    assert value(db, "SELECT DISTINCT entry_date::text FROM ledger.journal_lines") == "2026-05-06"
    assert offenders(db) == {}
    db.execute("DELETE FROM ledger.journal_entries")
    assert value(db, "SELECT count(*) FROM ledger.journal_lines") == 0


def test_a_line_cannot_join_an_entry_posted_by_an_earlier_transaction(
    session: psycopg.Connection,
) -> None:
    entry_id = post(session, ("1110", "100"), ("4100", "-100"))
    throws(
        session,
        "ZL006",
        """INSERT INTO ledger.journal_lines
        (tenant_id, entry_id, line_no, account_id, business_id, entry_date, amount)
        SELECT tenant_id, entry_id, 3, account_id, business_id, entry_date, 5
        FROM ledger.journal_lines WHERE entry_id = %s AND line_no = 1""",
        [entry_id],
    )


@pytest.mark.parametrize("role", ["pgerp_app", "pgerp_readonly", "pgerp_auditor", "pgerp_monitor"])
@pytest.mark.parametrize(
    "table", ["journal_entries", "journal_lines", "account_balances", "journal_lines_2026"]
)
def test_no_client_role_writes_the_ledger(
    db: psycopg.Connection, books: Books, role: str, table: str
) -> None:
    for privilege in ("INSERT", "UPDATE", "DELETE", "TRUNCATE"):
        assert not value(
            db, "SELECT has_table_privilege(%s, %s, %s)", [role, f"ledger.{table}", privilege]
        )


def test_the_setting_of_the_posting_functions_does_not_open_posted_entries(
    db: psycopg.Connection, books: Books
) -> None:
    balanced(db, books)
    lives(db, "SELECT set_config('pgerp.posting', 'function', true)", deferred=True)
    throws(db, "ZL006", "UPDATE ledger.journal_lines SET amount = 1")
