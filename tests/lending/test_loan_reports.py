"""Reports of loans by functions, against figures worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import psycopg
import pytest

from tests.ledger.books import Books
from tests.lending.reports import Lender, open_lender
from tests.pgtap import as_role, results_eq, throws

TWO = [("2026-02-01", 400), ("2026-03-01", 600)]


@pytest.fixture
def lender(db: psycopg.Connection, books: Books) -> Lender:
    """MAIN, which lends."""
    return open_lender(db, books)


def test_the_portfolio_of_a_past_day_is_by_what_is_asked(
    db: psycopg.Connection, lender: Lender
) -> None:
    lender.settle(lender.lend("L1", TWO), "2026-02-01", 400)
    query = (
        "SELECT business_code, code, loans, portfolio, month_disbursed, month_collected"
        " FROM lending.portfolio(%s, %s)"
    )
    found = db.execute(query, ["product", "2026-01-31"]).fetchall()
    assert found == [("MAIN", "season", 1, 1000, 1000, 0)]
    found = db.execute(query, ["officer", "2026-02-28"]).fetchall()
    assert found == [("MAIN", "olivia", 1, 600, 0, 444)]
    throws(db, "22023", query, ["customer", None])
    throws(db, "22023", query, ["officer", "infinity"])


def test_arrears_are_listed_the_latest_first(db: psycopg.Connection, lender: Lender) -> None:
    lender.lend("L1", TWO)
    lender.lend("L2", [("2026-01-15", 100), ("2026-04-01", 100)])
    lender.lend("L3", [("2026-02-10", 100)])
    results_eq(
        db,
        "SELECT loan_no, principal, arrears, days_past_due"
        " FROM lending.arrears('2026-02-10', 'MAIN')",
        [("L2", 200, 111, 26), ("L1", 1000, 444, 9)],
    )


def test_vintages_are_followed_from_month_to_month(db: psycopg.Connection, lender: Lender) -> None:
    lender.settle(lender.lend("L1", TWO, on="2026-01-05"), "2026-02-01", 400)
    lost = lender.lend("L2", TWO, on="2026-01-20")
    lender.settle(lost, "2026-04-15", 1000, kind="write_off")
    lender.lend("L3", [("2026-12-01", 500)], on="2026-02-28")
    query = (
        "SELECT vintage::text, months, as_of::text, loans, disbursed, outstanding, at_risk,"
        " at_risk_ratio, written_off, written_off_ratio"
        " FROM lending.vintage_report('MAIN', p_months => '{0, 1, 2, 3}', p_as_of => '2026-04-30')"
    )
    third, half = Decimal("0.3"), Decimal("0.5")
    results_eq(
        db,
        query,
        [
            ("2026-01-01", 0, "2026-01-31", 2, 2000, 2000, 0, 0, 0, 0),
            ("2026-01-01", 1, "2026-02-28", 2, 2000, 1600, 0, 0, 0, 0),
            ("2026-01-01", 2, "2026-03-31", 2, 2000, 1600, 1000, half, 0, 0),
            ("2026-01-01", 3, "2026-04-30", 2, 2000, 600, 600, third, 1000, half),
            ("2026-02-01", 0, "2026-02-28", 1, 500, 500, 0, 0, 0, 0),
            ("2026-02-01", 1, "2026-03-31", 1, 500, 500, 0, 0, 0, 0),
            ("2026-02-01", 2, "2026-04-30", 1, 500, 500, 0, 0, 0, 0),
        ],
    )
    for months in ("{}", "{-1}", "{NULL}", "{1201}", None):
        throws(db, "22023", "SELECT lending.vintage_report('MAIN', p_months => %s)", [months])


def test_collections_are_what_fell_due_against_what_came_in(
    db: psycopg.Connection, lender: Lender
) -> None:
    loan = lender.lend("L1", TWO)
    lender.settle(loan, "2026-02-10", 400)
    # From 20 February on there are other days: what was due on 1 March is due in April.
    lender.plan(loan, [("2026-02-01", 400), ("2026-04-01", 600)], "2026-02-20", "reschedule")
    gone = lender.lend("L2", TWO)
    lender.settle(gone, "2026-02-15", 1000, kind="write_off")
    results_eq(
        db,
        "SELECT period_start::text, period_end::text, due, due_principal, collected, principal,"
        " interest, ratio FROM lending.collection_report('2026-02-01', '2026-04-15')",
        [
            ("2026-02-01", "2026-02-28", 888, 800, 444, 400, 40, Decimal("0.5")),
            ("2026-04-01", "2026-04-15", 666, 600, 0, 0, 0, 0),
        ],
    )
    results_eq(
        db,
        "SELECT period_start::text, due, collected, ratio"
        " FROM lending.collection_report('2026-02-01', '2026-02-28', 'week')",
        [("2026-02-01", 888, 0, 0), ("2026-02-09", 0, 444, None)],
    )
    for arguments in (
        "'2026-02-01', '2026-01-31'",
        "NULL, '2026-01-31'",
        "'2026-02-01', 'infinity'",
    ):
        throws(db, "22023", f"SELECT lending.collection_report({arguments})")
    throws(db, "22023", "SELECT lending.collection_report('2026-02-01', '2026-02-02', 'decade')")


def test_months_are_summed_up_as_the_books_have_them_since_the_last_refresh(
    db: psycopg.Connection, lender: Lender
) -> None:
    loan = lender.lend("L1", TWO)
    lender.settle(loan, "2026-02-01", 400)
    lender.settle(loan, "2026-04-01", 600, kind="write_off")
    query = (
        "SELECT month::text, loans_disbursed, disbursed, payments, cash_received,"
        " principal_repaid, interest_paid, written_off, closing_principal"
        " FROM lending.monthly_summary('MAIN')"
    )
    results_eq(db, query, [])
    db.execute("SELECT lending.refresh_summary()")
    with as_role(db, "pgerp_readonly"):
        results_eq(
            db,
            query,
            [
                ("2026-01-01", 1, 1000, 0, 0, 0, 0, 0, 1000),
                ("2026-02-01", 0, 0, 1, 444, 400, 40, 0, 600),
                ("2026-04-01", 0, 0, 0, 0, 0, 0, 666, 0),
            ],
        )
        throws(db, "42501", "SELECT FROM lending.mvw_monthly_financial_summary")


def test_the_summary_of_another_business_is_not_told(
    db: psycopg.Connection, books: Books, lender: Lender
) -> None:
    open_lender(db, books, "SIDE").lend("L9", TWO)
    db.execute("SELECT lending.refresh_summary()")
    token = "SELECT set_config('pgerp.token', identity.issue_token(%s, 'alice', ARRAY[%s]), true)"
    db.execute(token, [books.tenant_id, lender.business_id])
    with as_role(db, "pgerp_app"):
        results_eq(db, "SELECT business_code FROM lending.monthly_summary()", [])
        throws(db, "ZI005", "SELECT lending.monthly_summary('SIDE')")
