"""Balances and statements: by effective date, per business and consolidated, and consistent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books, as_json, balance, post
from tests.pgtap import as_role, results_eq, throws, value


@pytest.fixture
def year(db: psycopg.Connection, books: Books) -> Books:
    """Entries over three months, one of them posted late, and one in the other business."""
    post(db, ("1110", "1000"), ("3100", "-1000"), date="2026-01-01")
    post(db, ("1110", "300"), ("4100", "-300"), date="2026-02-10")
    post(db, ("5100", "120.50"), ("1110", "-120.50"), date="2026-02-20")
    post(db, ("1120", "50"), ("4100", "-50"), date="2026-03-31")
    post(db, ("5100", "9.99"), ("2110", "-9.99"), date="2026-02-15")
    post(db, ("1130", "77"), ("4100", "-77"), date="2026-02-11", business="SIDE")
    return books


def rows(db: psycopg.Connection, query: str, *params: Any) -> list[tuple[Any, ...]]:
    return db.execute(query, params).fetchall()


def test_a_trial_balance_shows_each_balance_on_its_side(
    db: psycopg.Connection, year: Books
) -> None:
    results_eq(
        db,
        "SELECT account_code, account_type, debit::text, credit::text, balance::text "
        "FROM ledger.trial_balance('MAIN')",
        [
            ("1110", "ASSET", "1179.5000", "0.0000", "1179.5000"),
            ("1120", "ASSET", "50.0000", "0.0000", "50.0000"),
            ("2110", "LIABILITY", "0.0000", "9.9900", "-9.9900"),
            ("3100", "EQUITY", "0.0000", "1000.0000", "-1000.0000"),
            ("4100", "REVENUE", "0.0000", "350.0000", "-350.0000"),
            ("5100", "EXPENSE", "130.4900", "0.0000", "130.4900"),
        ],
    )


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2025-12-31", "0"),
        ("2026-01-01", "1000.0000"),
        ("2026-01-31", "1000.0000"),
        ("2026-02-10", "1300.0000"),
        ("2026-02-19", "1300.0000"),
        ("2026-02-20", "1179.5000"),
        ("2026-02-28", "1179.5000"),
        ("2099-01-01", "1179.5000"),
        (None, "1179.5000"),
    ],
)
def test_a_balance_as_of_a_date_counts_what_is_dated_up_to_it(
    db: psycopg.Connection, year: Books, as_of: str | None, expected: str
) -> None:
    got = value(db, "SELECT ledger.account_balance('MAIN', '1110', %s)", [as_of])
    assert str(got) == expected
    listed = rows(
        db,
        "SELECT balance FROM ledger.trial_balance('MAIN', %s) WHERE account_code = '1110'",
        as_of,
    )
    assert sum((r[0] for r in listed), Decimal(0)) == got


def test_a_late_entry_appears_in_the_month_it_belongs_to(
    db: psycopg.Connection, year: Books
) -> None:
    query = (
        "SELECT account_code, amount::text, balance::text "
        "FROM ledger.income_statement('MAIN', '2026-02-01', '2026-02-28')"
    )
    before = rows(db, query)
    assert before == [("4100", "300.0000", "-300.0000"), ("5100", "130.4900", "130.4900")]
    post(db, ("5100", "1"), ("1110", "-1"), date="2026-02-28")
    assert rows(db, query)[1] == ("5100", "131.4900", "131.4900")


def test_an_income_statement_may_begin_and_end_within_periods(
    db: psycopg.Connection, year: Books
) -> None:
    query = """SELECT account_code, amount::text
        FROM ledger.income_statement('MAIN', '2026-02-15', '2026-03-31')"""
    assert rows(db, query) == [("4100", "50.0000"), ("5100", "130.4900")]


@pytest.mark.parametrize("as_of", ["2026-01-15", "2026-02-15", "2026-02-28", None])
@pytest.mark.parametrize("business", ["MAIN", "SIDE", None])
def test_a_balance_sheet_always_balances(
    db: psycopg.Connection, year: Books, as_of: str | None, business: str | None
) -> None:
    sheet = rows(db, "SELECT * FROM ledger.balance_sheet(%s, %s)", business, as_of)
    assert sum(row[4] for row in sheet) == 0
    assets = sum(row[3] for row in sheet if row[2] == "ASSET")
    assert assets == sum(row[3] for row in sheet if row[2] != "ASSET")


def test_current_earnings_are_what_the_income_statement_says(
    db: psycopg.Connection, year: Books
) -> None:
    earned = value(
        db,
        """SELECT amount FROM ledger.balance_sheet('MAIN', '2026-02-20')
        WHERE account_code IS NULL AND account_name = 'Current earnings'""",
    )
    income = "SELECT -sum(balance) FROM ledger.income_statement('MAIN', NULL, '2026-02-20')"
    assert earned == value(db, income) == Decimal("169.5100")


def test_consolidated_statements_sum_the_businesses(db: psycopg.Connection, year: Books) -> None:
    query = "SELECT account_code, balance FROM ledger.trial_balance(%s)"
    both = dict(rows(db, query, None))
    summed: dict[str, Decimal] = {}
    for business in ("MAIN", "SIDE"):
        for code, amount in rows(db, query, business):
            summed[code] = summed.get(code, Decimal(0)) + amount
    assert both == summed
    assert balance(db, "4100", None) == "-427.0000"


def test_businesses_in_different_currencies_are_not_summed(
    db: psycopg.Connection, year: Books
) -> None:
    db.execute("SELECT identity.create_business('KENYA', 'Kenya', 'KES')")
    throws(db, "ZL020", "SELECT * FROM ledger.trial_balance()")
    assert len(rows(db, "SELECT * FROM ledger.trial_balance('MAIN')")) == 6


def test_unknown_businesses_and_accounts_are_errors_not_zeros(
    db: psycopg.Connection, year: Books
) -> None:
    throws(db, "ZI005", "SELECT * FROM ledger.trial_balance('NONE')")
    throws(db, "ZI005", "SELECT * FROM ledger.income_statement('NONE', NULL, NULL)")
    throws(db, "ZI005", "SELECT * FROM ledger.balance_sheet('NONE', NULL)")
    throws(db, "ZI005", "SELECT ledger.account_balance('NONE', '1110')")
    throws(db, "ZL007", "SELECT ledger.account_balance('MAIN', '9999')")


def test_without_a_token_there_are_no_rows_and_no_balance(
    db: psycopg.Connection, year: Books
) -> None:
    db.execute("SELECT set_config('pgerp.token', '', true)")
    for role in ("pgerp_app", "pgerp_readonly"):
        with as_role(db, role):
            assert rows(db, "SELECT * FROM ledger.trial_balance()") == []
            assert rows(db, "SELECT * FROM ledger.income_statement(NULL, NULL, NULL)") == []
            assert rows(db, "SELECT * FROM ledger.balance_sheet(NULL)") == []
            throws(db, "ZI001", "SELECT ledger.account_balance(NULL, '1110')")


def test_a_reader_of_one_business_sees_only_its_figures(
    db: psycopg.Connection, year: Books
) -> None:
    db.execute(
        "SELECT set_config('pgerp.token', identity.issue_token(%s, 'bob', ARRAY[%s]), true)",
        [year.tenant_id, year.business_id],
    )
    with as_role(db, "pgerp_readonly"):
        assert balance(db, "4100", None) == "-350.0000"
        throws(db, "ZI005", "SELECT * FROM ledger.trial_balance('SIDE')")


def test_drafts_are_in_no_statement(db: psycopg.Connection, year: Books) -> None:
    before = rows(db, "SELECT * FROM ledger.trial_balance('MAIN', '2026-02-20')")
    value(
        db,
        "SELECT ledger.create_journal_entry('MAIN', '2026-02-02', 'd', %s, 'DRAFT')",
        [as_json(("1110", "1"), ("4100", "-1"))],
    )
    assert rows(db, "SELECT * FROM ledger.trial_balance('MAIN', '2026-02-20')") == before
