"""Accounts and the fiscal calendar: how they are made and what they refuse."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books, offenders, post
from tests.pgtap import as_role, results_eq, throws, value


def restricted(db: psycopg.Connection) -> str:
    """What ON DELETE RESTRICT raises: PostgreSQL 18 tells it from other violations."""
    return "23001" if db.info.server_version >= 180000 else "23503"


def test_five_types_say_their_side_and_statement(db: psycopg.Connection) -> None:
    results_eq(
        db,
        "SELECT code, normal_side, statement FROM ledger.account_types ORDER BY sort_order",
        [
            ("ASSET", 1, "balance_sheet"),
            ("LIABILITY", -1, "balance_sheet"),
            ("EQUITY", -1, "balance_sheet"),
            ("REVENUE", -1, "income_statement"),
            ("EXPENSE", 1, "income_statement"),
        ],
    )


@pytest.mark.parametrize(
    ("code", "unit"), [("USD", 2), ("KES", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("XAU", None)]
)
def test_currencies_have_their_minor_units(
    db: psycopg.Connection, code: str, unit: int | None
) -> None:
    assert value(db, "SELECT minor_unit FROM ledger.currencies WHERE code = %s", [code]) == unit


@pytest.mark.parametrize(
    ("sqlstate", "arguments"),
    [
        ("23505", ("1110", "Twice", "ASSET")),
        ("23503", ("1", "No such type", "INCOME")),
        ("23514", (" 1", "Blank before", "ASSET")),
        ("23514", ("", "No code", "ASSET")),
        ("23514", ("1", "  ", "ASSET")),
        ("23502", ("1", None, "ASSET")),
        ("ZL007", ("1", "No such parent", "ASSET", "none")),
        ("23503", ("1", "Another type than its parent", "EXPENSE", "1000")),
        ("ZI005", ("1", "No such business", "ASSET", None, "NONE")),
        ("ZL012", ("1", "Shared under a business's own", "ASSET", "1130")),
        ("ZL012", ("1", "Under another business's own", "ASSET", "1130", "MAIN")),
    ],
)
def test_bad_accounts_are_refused(
    db: psycopg.Connection, books: Books, sqlstate: str, arguments: tuple[Any, ...]
) -> None:
    marks = ", ".join(["%s"] * len(arguments))
    throws(db, sqlstate, f"SELECT ledger.create_account({marks})", arguments)


def test_an_account_may_hang_under_one_of_the_same_business(
    db: psycopg.Connection, books: Books
) -> None:
    db.execute("SELECT ledger.create_account('1131', 'Till', 'ASSET', '1130', 'SIDE')")
    assert offenders(db) == {}


def test_the_tree_of_accounts_has_no_loop(db: psycopg.Connection, books: Books) -> None:
    throws(
        db,
        "ZL019",
        """UPDATE ledger.accounts SET parent_id = (
            SELECT id FROM ledger.accounts WHERE code = '1110') WHERE code = '1000'""",
    )
    throws(db, "ZL019", "UPDATE ledger.accounts SET parent_id = id WHERE code = '1110'")


@pytest.mark.parametrize(
    "change", ["type_code = 'EXPENSE'", "business_id = 1", "currency_code = 'EUR'"]
)
def test_what_statements_rest_on_is_fixed_once_an_account_has_lines(
    db: psycopg.Connection, books: Books, change: str
) -> None:
    db.execute("UPDATE ledger.accounts SET parent_id = NULL WHERE code = '1120'")
    db.execute(f"UPDATE ledger.accounts SET {change} WHERE code = '1120'")
    post(db, ("1110", "1"), ("2110", "-1"))
    db.execute("UPDATE ledger.accounts SET parent_id = NULL, name = 'Till' WHERE code = '1110'")
    throws(db, "ZL018", f"UPDATE ledger.accounts SET {change} WHERE code = '1110'")


def test_an_account_with_lines_cannot_be_deleted(db: psycopg.Connection, books: Books) -> None:
    post(db, ("1110", "1"), ("2110", "-1"))
    db.execute("SET CONSTRAINTS ALL IMMEDIATE")
    throws(db, restricted(db), "DELETE FROM ledger.accounts WHERE code = '1110'")


def test_a_business_with_entries_keeps_its_currency(db: psycopg.Connection, books: Books) -> None:
    db.execute("UPDATE identity.businesses SET currency_code = 'EUR' WHERE code = 'MAIN'")
    post(db, ("1110", "1"), ("2110", "-1"))
    throws(
        db,
        "ZL018",
        "UPDATE identity.businesses SET currency_code = 'USD' WHERE code = 'MAIN'",
    )


def test_a_fiscal_year_has_a_period_for_each_month(db: psycopg.Connection, books: Books) -> None:
    db.execute("SELECT ledger.create_fiscal_year('MAIN', '2027-07-01')")
    results_eq(
        db,
        """SELECT y.code::text, y.ends_on::text, p.kind::text, count(*), min(p.code::text),
            max(p.ends_on)::text, bool_and(p.status = 'open')
        FROM ledger.fiscal_years AS y JOIN ledger.fiscal_periods AS p ON p.fiscal_year_id = y.id
        WHERE y.starts_on = '2027-07-01' GROUP BY 1, 2, p.kind ORDER BY p.kind""",
        [
            ("2027/28", "2028-06-30", "regular", 12, "2027-07", "2028-06-30", True),
            ("2027/28", "2028-06-30", "adjusting", 1, "2027/28-13", "2028-06-30", True),
            ("2027/28", "2028-06-30", "closing", 1, "2027/28-CL", "2028-06-30", True),
        ],
    )
    february = "SELECT ends_on::text FROM ledger.fiscal_periods WHERE code = '2028-02'"
    assert value(db, february) == "2028-02-29"
    assert offenders(db) == {}


@pytest.mark.parametrize(
    ("sqlstate", "arguments"),
    [
        ("22023", ("MAIN", "2027-01-02")),
        ("22023", ("MAIN", None)),
        ("22023", ("MAIN", "infinity")),
        ("22023", ("MAIN", "2027-01-01", 0)),
        ("22023", ("MAIN", "2027-01-01", 25)),
        ("ZL013", ("MAIN", "2026-12-01")),
        ("ZL013", ("MAIN", "2025-01-01", 13)),
        ("ZI005", ("NONE", "2027-01-01")),
        ("23505", ("MAIN", "2027-01-01", 12, "2026")),
    ],
)
def test_bad_fiscal_years_are_refused(
    db: psycopg.Connection, books: Books, sqlstate: str, arguments: tuple[Any, ...]
) -> None:
    marks = ", ".join(["%s"] * len(arguments))
    throws(db, sqlstate, f"SELECT ledger.create_fiscal_year({marks})", arguments)


@pytest.mark.parametrize(
    ("sqlstate", "statement"),
    [
        ("ZL013", "UPDATE ledger.fiscal_periods SET ends_on = '2026-05-01' WHERE code = '2026-04'"),
        ("ZL013", "UPDATE ledger.fiscal_periods SET ends_on = '2027-01-01' WHERE code = '2026-12'"),
        ("ZL013", "UPDATE ledger.fiscal_years SET ends_on = '2026-11-30'"),
        ("ZL018", "UPDATE ledger.fiscal_periods SET ends_on = '2026-03-30' WHERE code = '2026-03'"),
        ("23514", "UPDATE ledger.fiscal_periods SET ends_on = '2026-03-31' WHERE code = '2026-04'"),
    ],
)
def test_the_calendar_defends_itself(
    db: psycopg.Connection, books: Books, sqlstate: str, statement: str
) -> None:
    post(db, ("1110", "1"), ("2110", "-1"), date="2026-03-31")
    db.execute("SET CONSTRAINTS ALL IMMEDIATE")
    throws(db, sqlstate, statement)


def test_a_period_with_entries_cannot_be_deleted(db: psycopg.Connection, books: Books) -> None:
    post(db, ("1110", "1"), ("2110", "-1"), date="2026-03-31")
    db.execute("SET CONSTRAINTS ALL IMMEDIATE")
    throws(db, restricted(db), "DELETE FROM ledger.fiscal_periods WHERE code = '2026-03'")


def test_an_older_snapshot_may_not_change_the_calendar(session: psycopg.Connection) -> None:
    with session.transaction(force_rollback=True):
        session.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        throws(session, "25001", "SELECT ledger.create_fiscal_year('MAIN', '2029-01-01')")


def test_the_application_makes_accounts_and_years_through_the_api_only(
    db: psycopg.Connection, books: Books
) -> None:
    with as_role(db, "pgerp_app"):
        value(db, "SELECT ledger.create_account('1150', 'Till', 'ASSET', '1000')")
        value(db, "SELECT ledger.create_fiscal_year('SIDE', '2027-01-01')")
        throws(db, "42501", "INSERT INTO ledger.accounts (tenant_id, code) VALUES (1, 'x')")
        throws(db, "42501", "UPDATE ledger.fiscal_periods SET status = 'closed'")


def test_a_fourth_business_needs_rows_only(db: psycopg.Connection, books: Books) -> None:
    with as_role(db, "pgerp_app"):
        db.execute("SELECT identity.create_business('CW', 'Car Wash', 'USD')")
        db.execute("SELECT ledger.create_fiscal_year('CW', '2026-01-01')")
        db.execute("SELECT ledger.create_account('4400', 'Washes', 'REVENUE', NULL, 'CW')")
        post(db, ("1110", "25"), ("4400", "-25"), business="CW")
        figures = "SELECT account_code, balance::text FROM ledger.trial_balance('CW')"
        results_eq(db, figures, [("1110", "25.0000"), ("4400", "-25.0000")])
