"""Entries in one foreign currency that only rounding keeps from balancing get a line for it."""

from __future__ import annotations

import json

import psycopg
import pytest

from tests.ledger.books import Books, balance, settle
from tests.ledger.foreign import open_foreign_accounts
from tests.pgtap import results_eq, throws, value


@pytest.fixture(autouse=True)
def foreign(db: psycopg.Connection, books: Books) -> None:
    """Books with receivables in EUR."""
    open_foreign_accounts(db)


LINES = [("1200", "debit", "33.33")] * 3 + [("4100", "credit", "99.99")]


def rounded(lines: list[tuple[str, str, str]], rate: str, **more: str) -> str:
    return json.dumps(
        [
            {"account": account, side: amount, "currency": "EUR", "rate": rate} | more
            for account, side, amount in lines
        ]
    )


CALL = "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s)"


def test_what_rounding_leaves_goes_to_the_rounding_difference_account(
    db: psycopg.Connection,
) -> None:
    value(db, CALL, [rounded(LINES, "1.005")])
    assert [balance(db, "1200"), balance(db, "4100")] == ["100.5000", "-100.4900"]
    assert balance(db, "5910") == "-0.0100"
    batch = [
        {
            "business": "MAIN",
            "date": "2026-03-04",
            "description": "x",
            "status": status,
            "lines": json.loads(rounded(lines, "1.005")),
        }
        for status, lines in (
            ("POSTED", LINES),
            ("POSTED", LINES[1:]),
            ("DRAFT", LINES),
            ("POSTED", [LINES[0], ("4100", "credit", "33.33")]),
        )
    ]
    results_eq(
        db,
        """SELECT c.ordinal, c.sqlstate, (SELECT count(*) FROM ledger.journal_lines AS l
            WHERE l.entry_id = c.entry_id)
        FROM ledger.create_journal_entries(%s, 'skip_bad') AS c""",
        [(1, None, 0), (2, "ZL001", 0), (3, None, 0), (4, None, 0)],
        [json.dumps(batch)],
    )
    counts = """SELECT count(*)::integer FROM ledger.journal_lines
        GROUP BY entry_id ORDER BY entry_id"""
    assert [row[0] for row in db.execute(counts)] == [5, 5, 4, 2]
    assert balance(db, "5910") == "-0.0200"
    settle(db)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([*LINES[:3], ("4100", "credit", "99.98")], "not balanced in its currency"),
        ([*LINES, ("1110", "debit", "0.01")], "a cent too much"),
    ],
)
def test_what_is_no_rounding_does_not_balance(
    db: psycopg.Connection, lines: list[tuple[str, str, str]], why: str
) -> None:
    throws(db, "ZL001", CALL, [rounded(lines, "1.005")])


def test_two_currencies_or_two_rates_do_not_pass_for_rounding(db: psycopg.Connection) -> None:
    both = json.loads(rounded(LINES, "1.005"))
    both[0]["currency"] = "GBP"
    throws(db, "ZL001", CALL, [json.dumps(both)])
    mixed = json.loads(rounded(LINES, "1.005"))
    mixed[3] = {"account": "4100", "credit": "100.49"}
    throws(db, "ZL001", CALL, [json.dumps(mixed)])
    beside = json.loads(rounded(LINES, "1.005"))
    beside += [{"account": "1110", "debit": "5.01"}, {"account": "4100", "credit": "5"}]
    throws(db, "ZL001", CALL, [json.dumps(beside)])
    # Four lines, a cent each: five cents are too many.
    other = json.loads(rounded(LINES, "1.005"))
    other[3]["rate"] = "1.0056"
    throws(db, "ZL001", CALL, [json.dumps(other)])


def test_without_an_account_for_it_a_rounding_difference_does_not_balance(
    db: psycopg.Connection,
) -> None:
    db.execute("DELETE FROM ledger.account_roles WHERE role = 'rounding_difference'")
    throws(db, "ZL001", CALL, [rounded(LINES, "1.005")])
