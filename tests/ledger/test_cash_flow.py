"""Cash flow statements: what is cash, where flows are shown, how long entries are split."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import psycopg
import pytest

from tests.ledger.books import Books, post
from tests.ledger.kinds import enter
from tests.pgtap import as_role, results_eq, throws

STATEMENT = "SELECT * FROM ledger.cash_flow_statement('MAIN', '2026-02-01', '2026-02-28', %s)"
FLOWS = """SELECT section, item, account_code, amount::text
    FROM ledger.cash_flow_statement('MAIN', '2026-02-01', '2026-02-28', %s)
    WHERE item <> 'total'"""


@pytest.fixture
def flows(db: psycopg.Connection, books: Books) -> Books:
    """Two tills; capital in January; a month with a sale, a machine, its wear, and a transfer."""
    db.execute("SELECT ledger.create_account('1500', 'Machines', 'ASSET')")
    db.execute("SELECT ledger.create_account('1590', 'Wear of machines', 'ASSET')")
    for account, activity in (("1110", "cash"), ("1120", "cash"), ("1500", "investing")):
        db.execute("SELECT ledger.set_cash_flow_activity(%s, %s)", [account, activity])
    post(db, ("1110", "1000"), ("3100", "-1000"), date="2026-01-31")
    post(db, ("1110", "80"), ("2110", "20"), ("4100", "-100"), date="2026-02-01")
    post(db, ("1500", "600"), ("1110", "-600"), date="2026-02-10")
    post(db, ("5100", "50"), ("1590", "-50"), date="2026-02-28")
    post(db, ("1120", "40"), ("1110", "-40"), date="2026-02-12")
    post(db, ("1110", "3"), ("4100", "-3"), date="2026-03-01")
    return books


def test_the_indirect_method_goes_from_net_income_to_the_change_in_cash(
    db: psycopg.Connection, flows: Books
) -> None:
    results_eq(
        db,
        FLOWS,
        [
            ("operating", "net_income", None, "50.0000"),
            ("operating", "change", "1590", "50.0000"),
            ("operating", "change", "2110", "-20.0000"),
            ("investing", "change", "1500", "-600.0000"),
            ("cash", "opening", None, "1000.0000"),
            ("cash", "change", None, "-520.0000"),
            ("cash", "closing", None, "480.0000"),
        ],
        ["indirect"],
    )


def test_the_direct_method_shows_what_stands_against_cash_and_no_transfers(
    db: psycopg.Connection, flows: Books
) -> None:
    results_eq(
        db,
        FLOWS,
        [
            ("operating", "receipts", "4100", "80.0000"),
            ("investing", "payments", "1500", "-600.0000"),
            ("cash", "opening", None, "1000.0000"),
            ("cash", "change", None, "-520.0000"),
            ("cash", "closing", None, "480.0000"),
        ],
        ["direct"],
    )


def test_cash_of_an_entry_is_split_in_proportion_to_the_last_decimal(
    db: psycopg.Connection, flows: Books
) -> None:
    post(
        db,
        ("1110", "0.0010"),
        ("1590", "0.0020"),
        ("4100", "-0.0010"),
        ("2110", "-0.0010"),
        ("3100", "-0.0010"),
        date="2026-04-01",
    )
    rows = db.execute(
        """SELECT account_code, amount::text
        FROM ledger.cash_flow_statement('MAIN', '2026-04-01', '2026-04-01', 'direct')
        WHERE item = 'receipts' ORDER BY 1"""
    ).fetchall()
    assert rows == [("2110", "0.0004"), ("3100", "0.0003"), ("4100", "0.0003")]


def test_income_of_another_activity_is_shown_there(db: psycopg.Connection, flows: Books) -> None:
    db.execute("SELECT ledger.set_cash_flow_activity('5100', 'investing')")
    rows = db.execute(FLOWS, ["indirect"]).fetchall()
    assert ("operating", "adjustment", "5100", "50.0000") in rows
    assert ("investing", "change", "5100", "-50.0000") in rows


def test_entries_that_close_the_year_are_left_out(db: psycopg.Connection, flows: Books) -> None:
    closed = [("4100", Decimal(103)), ("5100", Decimal(-50)), ("3100", Decimal(-53))]
    enter(db, flows, "MAIN", date(2026, 12, 31), "closing", "POSTED", closed)
    results_eq(
        db,
        """SELECT item, amount::text
        FROM ledger.cash_flow_statement('MAIN', '2026-02-01', '2026-12-31')
        WHERE item = 'net_income' OR section = 'cash' OR account_code = '3100'""",
        [
            ("net_income", "53.0000"),
            ("opening", "1000.0000"),
            ("change", "-517.0000"),
            ("closing", "483.0000"),
        ],
    )


def test_what_is_cash_must_be_said_and_only_assets_and_liabilities_can_be(
    db: psycopg.Connection, books: Books
) -> None:
    throws(db, "ZL060", STATEMENT, ["direct"])
    throws(db, "ZL062", "SELECT ledger.set_cash_flow_activity('4100', 'cash')")
    throws(db, "23514", "SELECT ledger.set_cash_flow_activity('4100', 'pleasure')")
    db.execute("SELECT ledger.set_cash_flow_activity('2110', 'cash')")
    throws(db, "22023", STATEMENT, ["other"])
    assert len(db.execute(STATEMENT, ["direct"]).fetchall()) == 6
    db.execute("SELECT set_config('pgerp.token', '', true)")
    with as_role(db, "pgerp_readonly"):
        assert db.execute(STATEMENT, ["direct"]).fetchall() == []
