"""What the views of loans show, against figures worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books
from tests.lending.reports import Lender, open_lender, unguarded
from tests.pgtap import results_eq, value

TWO = [("2026-02-01", 400), ("2026-03-01", 600)]


@pytest.fixture
def lender(db: psycopg.Connection, books: Books) -> Lender:
    """MAIN, which lends, with a branch."""
    lender = open_lender(db, books)
    with unguarded(db):
        db.execute(
            "INSERT INTO lending.branches (tenant_id, business_id, code, name,"
            " created_at, created_by, last_modified_at, last_modified_by)"
            " VALUES (%s, %s, 'EAST', 'East', now(), 'x', now(), 'x')",
            [lender.tenant_id, lender.business_id],
        )
    return lender


def branch(db: psycopg.Connection) -> str:
    return str(value(db, "SELECT id FROM lending.branches WHERE code = 'EAST'"))


def days_ago(db: psycopg.Connection, days: int) -> str:
    return str(value(db, "SELECT current_date - %s::integer", [days]))


def row(db: psycopg.Connection, query: str) -> dict[str, Any]:
    """Return the only row of a query, by its columns."""
    cursor = db.execute(query)  # type: ignore[call-overload]
    (found,) = cursor.fetchall()
    return dict(zip([column.name for column in cursor.description], found, strict=True))


def test_a_loan_is_summed_up_under_usual_names(db: psycopg.Connection, lender: Lender) -> None:
    loan = lender.lend("L1", TWO, branch_id=branch(db))
    lender.settle(loan, "2026-02-01", 400)
    found = row(db, "SELECT * FROM lending.vw_loan_summary")
    expected = {
        "business_code": "MAIN",
        "loan_no": "L1",
        "customer_name": "Mary Wanjiku",
        "loan_type": "season",
        "status": "active",
        "officer": "olivia",
        "branch_code": "EAST",
        "amount": 1000,
        "interest_rate": 10,
        "term": 2,
        "start_date": date(2026, 1, 1),
        "end_date": date(2026, 3, 1),
        "outstanding_principal": 600,
        "principal_settled": 400,
        "interest_settled": 40,
        "balances_as_of": date(2027, 1, 1),
    }
    assert {name: found[name] for name in expected} == expected


def test_before_it_is_paid_out_the_summary_is_of_the_application(
    db: psycopg.Connection, lender: Lender
) -> None:
    loan = lender.lend("L1", TWO)
    with unguarded(db):
        for table in ("loan_balances", "instalments", "schedules"):
            db.execute(f"DELETE FROM lending.{table} WHERE loan_id = %s", [loan])
        db.execute(
            "UPDATE lending.loans SET status = 'applied', disbursed_on = NULL,"
            " decided_on = NULL, decided_by = NULL"
        )
    found = row(db, "SELECT * FROM lending.vw_loan_summary")
    assert (found["amount"], found["interest_rate"], found["term"]) == (1000, 10, 2)
    assert (found["start_date"], found["end_date"], found["outstanding_total"]) == (None,) * 3


def test_overdue_loans_come_with_how_to_reach_their_borrowers(
    db: psycopg.Connection, lender: Lender
) -> None:
    dues = [(days_ago(db, 40), 400), (days_ago(db, 10), 300), (days_ago(db, 0), 300)]
    loan = lender.lend("L1", dues, on="2020-01-01", through="2030-01-01")
    lender.settle(loan, days_ago(db, 40), 100)
    lender.lend("L2", [(days_ago(db, 0), 300)], on="2020-01-01", through="2030-01-01")
    with unguarded(db):
        db.execute("UPDATE lending.loan_balances SET penalties_charged = 7")
    found = row(db, "SELECT * FROM lending.vw_overdue_loans")
    expected = {
        "loan_no": "L1",
        "outstanding_principal": 900,
        # Of 400 and 300 with a tenth interest and a hundredth fees, less what was paid of 100.
        "arrears_principal": 600,
        "arrears_interest": 60,
        "arrears_fees": 6,
        "arrears": 666,
        "overdue": 673,
        "penalties": 7,
        "days_past_due": 40,
        "email": "MAIN@example.com",
        "phone_encrypted": None,
    }
    assert {name: found[name] for name in expected} == expected
    assert str(found["late_since"]) == days_ago(db, 40)


def test_transactions_are_summed_by_day_and_kind_without_those_reversed(
    db: psycopg.Connection, lender: Lender
) -> None:
    one, two = lender.lend("L1", TWO), lender.lend("L2", TWO)
    lender.settle(one, "2026-02-01", 400)
    lender.settle(two, "2026-02-01", 100)
    lender.settle(two, "2026-02-02", 300)
    lender.settle(two, "2026-03-01", 600, kind="write_off")
    with unguarded(db):
        db.execute(
            """INSERT INTO lending.reversals
            SELECT tenant_id, id, business_id, loan_id, effective_on, 'Twice',
                now(), 'x', now(), 'x'
            FROM lending.transactions WHERE effective_on = '2026-02-02'"""
        )
    results_eq(
        db,
        "SELECT transaction_date::text, transaction_type::text, transactions, amount, cash,"
        " principal, interest FROM lending.vw_daily_transactions ORDER BY 1, 2",
        [
            ("2026-01-01", "disbursement", 2, 2000, -2000, 2000, 0),
            ("2026-02-01", "payment", 2, 555, 555, -500, -50),
            ("2026-03-01", "write_off", 1, 666, 0, -600, -60),
        ],
    )


def test_performance_is_by_officer_and_by_branch(db: psycopg.Connection, lender: Lender) -> None:
    today, late = days_ago(db, 0), days_ago(db, 31)
    lender.settle(lender.lend("L1", [(today, 400)], on=today, through="2030-01-01"), today, 100)
    lender.lend("L2", [(late, 200)], on=late, through="2030-01-01", branch_id=branch(db))
    other = lender.lend("L3", [(late, 70)], on=late, through="2030-01-01", officer="omar")
    lender.settle(other, today, 70, kind="write_off")
    results_eq(
        db,
        "SELECT officer, officer_name, loans, borrowers, portfolio, loans_at_risk, at_risk, ratio,"
        " arrears, written_off, month_loans, month_disbursed, month_collected"
        " FROM lending.vw_officer_performance ORDER BY officer",
        [
            ("olivia", "Olivia", 2, 1, 500, 1, 200, Decimal("0.4"), 222, 0, 1, 400, 111),
            ("omar", None, 0, 0, 0, 0, 0, 0, 0, 70, 0, 0, 0),
        ],
    )
    results_eq(
        db,
        "SELECT branch_code, branch_name, portfolio, at_risk FROM lending.vw_branch_performance"
        " ORDER BY branch_code",
        [("EAST", "East", 200, 200), (None, None, 300, 0)],
    )


def test_what_others_keep_is_reached_under_the_names_of_a_loan_system(
    db: psycopg.Connection, lender: Lender
) -> None:
    db.execute("SELECT identity.create_role('officer', 'Officer')")
    db.execute("SELECT identity.grant_role('olivia', 'officer')")
    results_eq(
        db,
        "SELECT subject, name, role, is_active FROM lending.users",
        [("olivia", "Olivia", "officer", True)],
    )
    results_eq(
        db,
        "SELECT first_name, last_name, email FROM lending.customers",
        [("Mary", "Wanjiku", "MAIN@example.com")],
    )
    for name in ("sms_templates", "sms_histories", "payment_schedules", "transactions", "loans"):
        db.execute(f"SELECT FROM lending.{name}")  # type: ignore[call-overload]
