"""Daily jobs for tests: loans of the year 2025, which is over, and what the jobs make of them."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import psycopg

from tests.ledger.books import Books
from tests.lending.books import ROLES
from tests.lending.loans import apply, approve, call, disburse, open_lending
from tests.lending.products import save_product
from tests.pgtap import value

APPLIED = "2025-01-02"
PAID = date(2025, 1, 10)
"""When loans are paid out; by default they are due monthly, first on 2025-02-10."""

PLAIN: dict[str, Any] = {
    "effective_from": "2025-01-01",
    "max_rate_percent": 100,
    "fees": [],
    "penalty_rate_percent": 36.5,
}
"""A product without fees, whose penalties are a thousandth a day of what is overdue."""

BALANCES = (
    "processed_through, disbursed, principal_settled, interest_accrued, interest_settled,"
    " fees_scheduled, fees_charged, fees_settled, penalty_days, penalties_charged,"
    " penalties_settled, advance, oldest_unpaid_due_on, overdue, days_past_due"
)


def open_jobs(conn: psycopg.Connection, **product: Any) -> None:
    """Have books of 2025 that post lending, and the product season, PLAIN with these changes."""
    for business in ("MAIN", "SIDE"):
        conn.execute("SELECT ledger.create_fiscal_year(%s, '2025-01-01')", [business])
    open_lending(conn, **PLAIN | product)


def lend(conn: psycopg.Connection, customer: Any = None, **changes: Any) -> Any:
    """Return a new loan of 1,200 in 6 instalments at 12 percent, paid out on PAID."""
    given = {"p_applied_on": APPLIED, "p_disburse_on": PAID, "p_rate": 12, **changes}
    loan = approve(conn, apply(conn, customer, **given), p_approved_on=APPLIED)
    disburse(conn, loan, p_disbursed_on=given["p_disburse_on"])
    return loan


def lend_by(conn: psycopg.Connection, code: str, product: dict[str, Any], **changes: Any) -> Any:
    """Return a new loan of a product of its own."""
    save_product(conn, code=code, **PLAIN | product)
    return lend(conn, p_product_code=code, **changes)


def pay(conn: psycopg.Connection, loan: Any, amount: Any, on: date, **more: Any) -> Any:
    """Record a payment in cash; return its transaction."""
    named = {"p_loan_id": loan, "p_amount": amount, "p_paid_on": on, "p_method": "cash", **more}
    return call(conn, "record_loan_payment", **named)


def run(
    conn: psycopg.Connection, job: str, through: date, business: str = "MAIN", **more: Any
) -> int:
    """Run a job of MAIN through a day, and return its count."""
    named = {"p_business_code": business, "p_through": through, **more}
    arguments = ", ".join(f"{name} => %s" for name in named)
    return int(value(conn, f"CALL lending.{job}({arguments})", list(named.values())))


def run_daily(conn: psycopg.Connection, through: date, **more: Any) -> int:
    """Run all jobs, of MAIN unless said otherwise, through a day."""
    return run(conn, "run_daily_jobs", through, **more)


def after(days: int) -> date:
    """Return the day so many days after PAID."""
    return PAID + timedelta(days=days)


def balances(conn: psycopg.Connection, loan: Any) -> dict[str, Any]:
    """Return how a loan stands."""
    row = conn.execute(
        "SELECT to_jsonb(b) FROM lending.loan_balances AS b WHERE b.loan_id = %s", [loan]
    ).fetchone()
    assert row
    return dict(row[0])


def provision(conn: psycopg.Connection, rates: dict[int, float], business: str = "MAIN") -> None:
    """Have these percentages, by days past due, set aside."""
    rows = [{"min_days_past_due": days, "rate_percent": rate} for days, rate in rates.items()]
    conn.execute("SELECT lending.set_provision_rates(%s, %s)", [business, json.dumps(rows)])


def charges(conn: psycopg.Connection) -> list[tuple[Any, ...]]:
    """Return what was charged and set aside for which loan as of which day, and when booked."""
    return conn.execute(
        """SELECT loan_id, effective_on, booked_on, sum(interest), sum(fees), sum(penalties),
            sum(allowance)
        FROM lending.movements WHERE kind IN ('charge', 'allowance')
        GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"""
    ).fetchall()


def totals(conn: psycopg.Connection, books: Books) -> list[tuple[Any, ...]]:
    """Return what the ledger has of lending by account and day."""
    return conn.execute(
        """SELECT a.code, l.entry_date, sum(l.amount)
        FROM ledger.journal_lines AS l
        INNER JOIN ledger.accounts AS a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
        WHERE l.tenant_id = %s AND a.code = ANY (%s)
        GROUP BY 1, 2 ORDER BY 1, 2""",
        [books.tenant_id, [code for code, _ in ROLES.values()]],
    ).fetchall()


def differences(conn: psycopg.Connection, loan: Any) -> dict[str, tuple[Any, Any]]:
    """Return in what a loan stands otherwise than its transactions have it, by column."""
    stored, true = conn.execute(
        """SELECT to_jsonb(b), to_jsonb((lending.replay(l, b.processed_through)).balances)
        FROM lending.loan_balances AS b
        INNER JOIN lending.loans AS l ON l.tenant_id = b.tenant_id AND l.id = b.loan_id
        WHERE b.loan_id = %s""",
        [loan],
    ).fetchone()  # type: ignore[misc]
    return {
        name: (stored[name], true[name])
        for name in BALANCES.split(", ")
        if stored[name] != true[name]
    }


def unbooked(conn: psycopg.Connection) -> list[tuple[Any, ...]]:
    """Return the loans whose balances are not the sums of their movements."""
    return conn.execute(
        """SELECT b.loan_id, b.principal, b.interest, b.fees, b.penalties, b.advance, b.allowance,
            m.*
        FROM lending.loan_balances AS b
        CROSS JOIN LATERAL (
            SELECT sum(principal), sum(interest), sum(fees), sum(penalties), sum(advance),
                sum(allowance)
            FROM lending.movements WHERE loan_id = b.loan_id
        ) AS m (principal, interest, fees, penalties, advance, allowance)
        WHERE (b.principal, b.interest, b.fees, b.penalties, b.advance, b.allowance)
            IS DISTINCT FROM
            (m.principal, m.interest, m.fees, m.penalties, m.advance, m.allowance)"""
    ).fetchall()
