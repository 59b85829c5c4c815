"""The general ledger and account statements: running balances, pages, counterparties, views."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books, draft, open_books, post
from tests.pgtap import as_role, results_eq, set_eq, throws, value

LEDGER = "SELECT entry_date::text, debit::text, credit::text, balance::text"


@pytest.fixture
def lines(db: psycopg.Connection, books: Books) -> list[Any]:
    """Ids of entries of the till, the second one posted late into January."""
    return [
        post(db, ("1110", "100"), ("4100", "-100"), date="2026-01-10"),
        post(db, ("1110", "-30"), ("5100", "30"), date="2026-02-10"),
        post(db, ("1110", "7"), ("4100", "-7"), date="2026-01-20"),
        post(db, ("1110", "1"), ("4100", "-1"), date="2026-02-10", business="SIDE"),
    ]


def test_each_line_has_the_balance_after_it_and_late_ones_come_where_they_belong(
    db: psycopg.Connection, lines: list[Any]
) -> None:
    results_eq(
        db,
        f"{LEDGER} FROM ledger.general_ledger('MAIN', '1110', '2026-01-15', NULL)",
        [
            ("2026-01-20", "7.0000", "0.0000", "107.0000"),
            ("2026-02-10", "0.0000", "30.0000", "77.0000"),
        ],
    )
    assert db.execute(
        "SELECT business_code, balance::text FROM ledger.general_ledger(NULL, '1110')"
    ).fetchall() == [
        ("MAIN", "100.0000"),
        ("MAIN", "107.0000"),
        ("MAIN", "77.0000"),
        ("SIDE", "78.0000"),
    ]


def test_a_page_begins_after_a_line_of_the_page_before(
    db: psycopg.Connection, lines: list[Any]
) -> None:
    query = f"{LEDGER} FROM ledger.general_ledger('MAIN', '1110', %s, NULL, %s, %s, 1)"
    rows = db.execute(query, ["2026-01-01", lines[2], 1]).fetchall()
    assert rows == [("2026-02-10", "0.0000", "30.0000", "77.0000")]
    # Of another account, none at all, before the first day.
    for first_day, entry, line in (
        ("2026-01-01", lines[0], 2),
        ("2026-01-01", lines[0], None),
        ("2026-02-01", lines[0], 1),
    ):
        throws(db, "ZL061", query, [first_day, entry, line])
    throws(db, "ZL007", "SELECT * FROM ledger.general_ledger('MAIN', '9999')")
    throws(db, "ZI005", "SELECT * FROM ledger.account_statement('NONE', '1110')")


@pytest.mark.parametrize(
    ("business", "expected"),
    [("MAIN", ["100.0000", "105.0000", "104.0000"]), (None, ["100.0000", "110.0000", "115.0000"])],
)
def test_pages_within_a_day_count_neither_drafts_nor_other_businesses(
    db: psycopg.Connection, books: Books, business: str | None, expected: list[str]
) -> None:
    post(db, ("1110", "100"), ("4100", "-100"))
    draft(db, ("1110", "1000"), ("4100", "-1000"))
    post(db, ("1110", "10"), ("4100", "-10"), business="SIDE")
    post(db, ("1110", "5"), ("4100", "-5"))
    post(db, ("1110", "-1"), ("4100", "1"))
    after: tuple[Any, Any] = (None, None)
    balances = []
    for _ in expected:
        rows = db.execute(
            """SELECT entry_id, line_no, balance::text FROM ledger.general_ledger(
                %s, '1110', NULL, NULL, %s, %s, 1)""",
            [business, *after],
        ).fetchall()
        assert len(rows) == 1
        *found, balance = rows[0]
        after = (found[0], found[1])
        balances.append(balance)
    assert balances == expected


def test_an_account_statement_of_a_counterparty_has_its_lines_alone(
    db: psycopg.Connection, books: Books
) -> None:
    for date, customer, amount in (
        ("2026-01-05", "C1", "50"),
        ("2026-02-05", "C1", "20"),
        ("2026-02-06", "C2", "99"),
        ("2026-03-05", "C1", "1"),
    ):
        wanted = [
            {"account": "1120", "debit": amount, "counterparty": customer},
            {"account": "4100", "credit": amount},
        ]
        db.execute(
            "SELECT ledger.create_journal_entry('MAIN', %s, 'Sale', %s, p_reference => 'I-1')",
            [date, json.dumps(wanted)],
        )
    query = """SELECT item, entry_date::text, description, debit::text, credit::text, balance::text
        FROM ledger.account_statement('MAIN', '1120', '2026-02-01', '2026-02-28', %s)"""
    assert db.execute(query, ["C1"]).fetchall() == [
        ("opening", "2026-02-01", "Opening balance", None, None, "50.0000"),
        ("line", "2026-02-05", "Sale", "20.0000", "0.0000", "70.0000"),
        ("closing", "2026-02-28", "Closing balance", "20.0000", "0.0000", "70.0000"),
    ]
    assert db.execute(query, [None]).fetchall()[-1][3:] == ("119.0000", "0.0000", "169.0000")


def test_the_views_show_lines_running_balances_and_what_became_of_entries(
    db: psycopg.Connection, lines: list[Any]
) -> None:
    reversal = value(
        db, "SELECT ledger.reverse_journal_entry(%s, 'wrong', '2026-02-11')", [lines[1]]
    )
    set_eq(
        db,
        """SELECT entry_id, status, reversed_by, reversal_of, debit::text, credit::text
        FROM ledger.journal_entry_details
        WHERE account_code = '1110' AND business_code = 'MAIN' AND entry_date > '2026-02-01'""",
        [
            (lines[1], "reversed", reversal, None, "0.0000", "30.0000"),
            (reversal, "posted", None, lines[1], "30.0000", "0.0000"),
        ],
    )
    results_eq(
        db,
        """SELECT balance::text FROM ledger.general_ledger
        WHERE business_code = 'MAIN' AND account_code = '1110'
        ORDER BY entry_date, entry_id, line_no""",
        [("100.0000",), ("107.0000",), ("77.0000",), ("107.0000",)],
    )
    results_eq(
        db,
        """SELECT account_code, account_name, debit::text, credit::text, currency_code
        FROM ledger.journal_entry_lines WHERE entry_id = %s ORDER BY line_no""",
        [
            ("1110", "Account 1110", "100.0000", "0.0000", "USD"),
            ("4100", "Account 4100", "0.0000", "100.0000", "USD"),
        ],
        [lines[0]],
    )


def test_views_and_reports_show_no_other_tenant_and_no_other_business(
    db: psycopg.Connection, lines: list[Any], books: Books
) -> None:
    other = open_books(db, "Other")
    post(db, ("1110", "5"), ("4100", "-5"))
    views = ("chart_of_accounts", "general_ledger", "journal_entry_lines", "journal_entry_details")
    for token, tenant, expected in (
        (books.token, books.tenant_id, {"MAIN", "SIDE"}),
        (other.token, other.tenant_id, {"MAIN"}),
        (None, books.tenant_id, {"MAIN"}),
        ("", None, set()),
    ):
        if token is None:
            token = value(
                db,
                "SELECT identity.issue_token(%s, 'bob', ARRAY[%s])",
                [tenant, books.business_id],
            )
        db.execute("SELECT set_config('pgerp.token', %s, true)", [token])
        with as_role(db, "pgerp_readonly"):
            for view in views:
                seen = db.execute(f"SELECT DISTINCT tenant_id FROM ledger.{view}").fetchall()  # type: ignore[call-overload]
                assert seen == ([(tenant,)] if expected else []), view
            whose = db.execute("SELECT DISTINCT business_code FROM ledger.general_ledger")
            assert {row[0] for row in whose} == expected
            rows = db.execute("SELECT * FROM ledger.general_ledger(NULL, '1110')").fetchall()
            assert {row[8] for row in rows} == expected
