"""Budgets: how they are planned, revised, closed, and what their status derives."""

from __future__ import annotations

from decimal import Decimal

import psycopg
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.ledger.books import Books, post
from tests.ledger.budgets import open_expenses, plan, planned, spend, status
from tests.pgtap import results_eq, throws, value
from tests.years import THIS_YEAR


@pytest.fixture(autouse=True)
def expenses(db: psycopg.Connection, books: Books) -> Books:
    open_expenses(db)
    return books


def test_a_yearly_amount_is_spread_over_the_months_with_the_residue_last(
    db: psycopg.Connection,
) -> None:
    plan(db, ("5010", "1000"), interval="month", policy="ignore")
    rows = status(db)
    assert [row[1] for row in rows] == [f"2026-{month:02d}-01" for month in range(1, 13)]
    assert {row[2] for row in rows[:-1]} == {"83.3300"}
    assert rows[-1][2] == "83.3700"


@given(
    amount=st.decimals(min_value=0, max_value=10**15, places=4),
    parts=st.integers(1, 24),
    minor_unit=st.integers(0, 4),
)
@example(amount=Decimal("3000000000000.0001"), parts=2, minor_unit=4)
def test_parts_of_an_amount_sum_to_it_exactly(
    database_url: str, amount: Decimal, parts: int, minor_unit: int
) -> None:
    with psycopg.connect(database_url) as conn:
        spread: list[Decimal] = value(
            conn, "SELECT ledger.spread_amount(%s, %s, %s)", [amount, parts, minor_unit]
        )
    assert len(spread) == parts
    assert sum(spread) == amount
    assert len(set(spread[:-1])) <= 1
    assert all(part == round(part, minor_unit) for part in spread[:-1])
    assert (
        parts == 1 or 0 <= spread[-1] - spread[0] < parts * Decimal(10) ** -minor_unit + amount % 1
    )


@pytest.mark.parametrize("arguments", ["NULL, 2, 2", "1, 0, 2", "1, 2, 5", "'NaN', 2, 2"])
def test_what_cannot_be_spread_is_refused(db: psycopg.Connection, arguments: str) -> None:
    throws(db, "22023", f"SELECT ledger.spread_amount({arguments})")


def test_parts_of_the_year_are_months_quarters_or_all_of_it(db: psycopg.Connection) -> None:
    plan(db, ("5010", "400"), code="Q", interval="quarter")
    plan(db, ("5010", "400"), code="Y", interval="year")
    assert [row[1:3] for row in status(db, "Q")] == [
        ("2026-01-01", "100.0000"),
        ("2026-04-01", "100.0000"),
        ("2026-07-01", "100.0000"),
        ("2026-10-01", "100.0000"),
    ]
    assert [row[1:3] for row in status(db, "Y")] == [("2026-01-01", "400.0000")]


def test_quarters_follow_a_fiscal_year_that_begins_in_july(db: psycopg.Connection) -> None:
    db.execute("SELECT identity.create_business('JULY', 'July', 'USD')")
    db.execute("SELECT ledger.create_fiscal_year('JULY', '2026-07-01', 11, '2026')")
    plan(db, ("5010", "400"), code="J", interval="quarter", business="JULY")
    results_eq(
        db,
        "SELECT starts_on::text, ends_on::text FROM ledger.budget_status('JULY')",
        [
            ("2026-07-01", "2026-09-30"),
            ("2026-10-01", "2026-12-31"),
            ("2027-01-01", "2027-03-31"),
            ("2027-04-01", "2027-05-31"),
        ],
    )


def test_status_compares_what_was_planned_with_what_was_spent(db: psycopg.Connection) -> None:
    plan(db, ("5010", "100", 1), ("5010", "50", 3), ("5210", "0", 3), interval="month",
         policy="ignore")  # fmt: skip
    spend(db, "5010", "30", date="2026-01-31")
    spend(db, "5010", "51", date="2026-03-01")
    spend(db, "5010", "7", date="2026-02-15")
    spend(db, "5210", "-2")
    assert status(db) == [
        ("5010", "2026-01-01", "100.0000", "30.0000", "70.0000", "30.00", "active"),
        ("5010", "2026-03-01", "50.0000", "51.0000", "-1.0000", "102.00", "exceeded"),
        ("5210", "2026-03-01", "0.0000", "-2.0000", "2.0000", None, "active"),
    ]


def test_status_as_of_a_date_counts_what_is_dated_up_to_it(db: psycopg.Connection) -> None:
    plan(db, ("5010", "100"), interval="quarter", policy="ignore")
    spend(db, "5010", "10", date="2026-01-10")
    spend(db, "5010", "20", date="2026-02-10")
    spend(db, "5010", "40", date="2026-05-10")
    query = "SELECT actual::text FROM ledger.budget_status('MAIN', 'B', %s) ORDER BY starts_on"
    for as_of, expected in (
        ("2025-12-31", ["0", "0"]),
        ("2026-02-09", ["10.0000", "0"]),
        ("2026-04-30", ["30.0000", "0"]),
        (None, ["30.0000", "40.0000"]),
    ):
        assert [row[0] for row in db.execute(query, [as_of]).fetchall()][:2] == expected


def test_a_header_stands_for_all_accounts_below_it(db: psycopg.Connection) -> None:
    plan(db, ("5000", "100"), policy="ignore")
    for account in ("5010", "5210", "5220"):
        spend(db, account, "10")
    spend(db, "5100", "99")
    assert status(db) == [
        ("5000", "2026-01-01", "100.0000", "30.0000", "70.0000", "30.00", "active")
    ]


def test_revenue_counts_by_its_credits(db: psycopg.Connection) -> None:
    plan(db, ("4100", "200"), policy="ignore")
    post(db, ("1110", "50"), ("4100", "-50"))
    assert status(db)[0][2:6] == ("200.0000", "50.0000", "150.0000", "25.00")


def test_a_budget_of_a_department_counts_only_its_lines(db: psycopg.Connection) -> None:
    plan(db, ("5000", "100"), department="IT", policy="ignore")
    spend(db, "5010", "10", department="IT")
    spend(db, "5210", "5", department="IT", date="2026-12-31")
    spend(db, "5010", "20", department="HR")
    spend(db, "5010", "40")
    spend(db, "5010", "80", department="IT", status="DRAFT")
    assert status(db)[0][3] == "15.0000"


def test_only_the_business_and_the_year_of_the_budget_count(db: psycopg.Connection) -> None:
    db.execute("SELECT ledger.create_fiscal_year('MAIN', '2027-01-01')")
    plan(db, ("5010", "100"), policy="ignore")
    spend(db, "5010", "1")
    spend(db, "5010", "2", business="SIDE")
    spend(db, "5010", "4", date="2027-01-01")
    spend(db, "5010", "8", status="DRAFT")
    assert status(db)[0][3] == "1.0000"


@pytest.mark.parametrize("department", [None, "IT"])
def test_adjusting_entries_count_and_closing_entries_do_not(
    db: psycopg.Connection, books: Books, department: str | None
) -> None:
    plan(db, ("5010", "10"), policy="warn", department=department)
    for kind, amount in (("regular", 10), ("adjusting", 5), ("closing", 200)):
        db.execute(
            """SELECT ledger.insert_entry(%(tenant)s, %(business)s, '2026-12-31', 'POSTED', 'x',
                ARRAY(
                    SELECT ROW(a.id, f.sign * %(amount)s, NULL, NULL, NULL, NULL, 'IT', NULL, NULL)
                        ::ledger.new_line
                    FROM (VALUES ('5010', 1), ('3100', -1)) AS f (code, sign)
                    INNER JOIN ledger.accounts AS a
                        ON a.tenant_id = %(tenant)s AND a.code = f.code
                ), p_source_module => 'ledger', p_period_kind => %(kind)s)""",
            {
                "tenant": books.tenant_id,
                "business": books.business_id,
                "amount": amount,
                "kind": kind,
            },
        )
    assert status(db)[0][3] == "15.0000"
    assert value(db, "SELECT sum(added)::text FROM ledger.budget_warnings") == "5.0000"


def test_every_revision_is_kept_with_who_when_and_why(db: psycopg.Connection) -> None:
    plan(db, ("5010", "100"), ("5210", "40"), policy="ignore")
    revised = value(
        db,
        "SELECT ledger.revise_budget('B', %s, 'Half the trips')",
        [planned(("5010", "50"))],
    )
    assert revised == 2
    assert [row[:3] for row in status(db)] == [("5010", "2026-01-01", "50.0000")]
    results_eq(
        db,
        """SELECT r.revision_no, r.reason, r.created_by, r.created_at = now(),
            (SELECT sum(l.amount)::text FROM ledger.budget_lines AS l
            WHERE l.budget_id = r.budget_id AND l.revision_no = r.revision_no)
        FROM ledger.budget_revisions AS r ORDER BY 1""",
        [(1, "First version", "alice", True, "140.0000"), (2, "Half the trips", "alice", True,
         "50.0000")],
    )  # fmt: skip


def test_a_closed_budget_keeps_its_figures_and_takes_no_revision(db: psycopg.Connection) -> None:
    plan(db, ("5010", "100"), policy="ignore")
    spend(db, "5010", "130")
    throws(db, "ZF004", "SELECT ledger.reopen_budget('B')")
    db.execute("SELECT ledger.close_budget('B')")
    assert status(db)[0][3:] == ("130.0000", "-30.0000", "130.00", "closed")
    throws(db, "ZF004", "SELECT ledger.close_budget('B')")
    throws(db, "ZF004", "SELECT ledger.revise_budget('B', %s, 'x')", [planned(("5010", "1"))])
    db.execute("SELECT ledger.reopen_budget('B')")
    assert status(db)[0][6] == "exceeded"


@pytest.mark.parametrize("department", [None, "IT"])
def test_figures_stay_when_the_year_is_archived(
    db: psycopg.Connection, department: str | None
) -> None:
    plan(db, ("5000", "100"), department=department)
    spend(db, "5010", "10", department="IT")
    spend(db, "5210", "20", department="IT")
    transactions = "SELECT sum(amount), count(*) FROM finance.budget_transactions"
    before = status(db), db.execute(transactions).fetchone()
    assert before[0][0][3] == "30.0000"
    db.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for schema, there in (("ledger", "ledger_archive"), ("ledger_archive", "ledger")):
        db.execute("SELECT ledger.move_partition(%s, %s, %s)", [THIS_YEAR, schema, there])
        assert (status(db), db.execute(transactions).fetchone()) == before
