"""What others paid before in the year counts: caps come out right for who begins in its middle."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books, offenders
from tests.payroll.staff import (
    approve,
    as_user,
    calculate,
    hire,
    move_ledger_away,
    open_calendar,
    open_year,
    pay,
    process,
)
from tests.pgtap import results_eq, throws, value

SET = "SELECT payroll.set_opening_balance('MAIN', 'E1', %s, %s, %s, %s)"
FICA = [
    {"component": "social_security_tax", "base": 1000, "amount": 62, "employer_amount": 62},
    {"component": "medicare_tax", "base": 1000, "amount": 14.5, "employer_amount": 14.5},
]


def hire_one(db: psycopg.Connection, salary: str, jurisdiction: str = "US-TX") -> None:
    hire(db, "E1", salary)
    open_calendar(db, "E1", jurisdiction=jurisdiction)


def test_the_wage_base_is_reached_by_what_others_paid(db: psycopg.Connection, books: Books) -> None:
    """SSA 2026: 184,500 at 6.2 %. 170,000 before July; of 20,000 in July 14,500 count: 899.00; of
    August nothing. Medicare of 190,000 is at 1.45 %; August reaches 210,000: 290 + 0.9 % of
    10,000."""
    hire_one(db, "20000")
    assert open_year(db, "E1", "170000") is True
    july = calculate(db, "2026-07-01")
    paid = pay(db, "E1", july)
    assert (paid["social_security_tax"], paid["medicare_tax"]) == (Decimal(899), Decimal(290))
    assert paid["employer_costs"] == Decimal(899) + Decimal(290)
    process(db, books, july)
    august = pay(db, "E1", calculate(db, "2026-08-01"))
    assert "social_security_tax" not in august
    assert august["medicare_tax"] == Decimal(380)
    assert august["employer_costs"] == Decimal(290)
    assert offenders(db) == {}


def test_the_same_year_comes_to_the_same_whoever_paid_its_first_half(
    db: psycopg.Connection, books: Books
) -> None:
    """E1 is paid here all year; E2's first months are an opening balance of the same figures."""
    hire(db, "E1", "30000")
    hire(db, "E2", "30000", hired_on="2026-04-01")
    open_calendar(db, "E1", "E2")
    sums = """SELECT sum(gross), sum(social_security_tax), sum(medicare_tax),
        sum(employer_social_security), sum(employer_medicare)
        FROM payroll.payroll_records WHERE employee_no = %s AND pay_date < '2026-04-01'"""
    for month in (1, 2, 3):
        process(db, books, calculate(db, f"2026-{month:02}-01"))
    gross, security, medicare, *_ = db.execute(sums, ["E1"]).fetchone()  # type: ignore[misc]
    open_year(db, "E2", str(gross), security=str(security), medicare=str(medicare))
    for month in range(4, 13):
        process(db, books, calculate(db, f"2026-{month:02}-01"))
    later = sums.replace("<", ">=")
    assert db.execute(later, ["E1"]).fetchone() == db.execute(later, ["E2"]).fetchone()


def test_the_base_of_a_component_may_be_less_than_the_gross(
    db: psycopg.Connection, books: Books
) -> None:
    """Wages for social security are 150,000 of 184,500 earned: 34,500 more count, 2,139.00."""
    hire_one(db, "100000")
    items = [
        {"component": "social_security_tax", "base": 150000, "amount": 9300},
        {"component": "medicare_tax", "base": 150000, "amount": 2175},
    ]
    db.execute(SET, [2026, 184500, 150000, json.dumps(items)])
    paid = pay(db, "E1", calculate(db, "2026-07-01"))
    assert paid["social_security_tax"] == Decimal(2139)
    assert paid["medicare_tax"] == Decimal(1450) + Decimal(450)


def test_the_payslip_tells_the_year_to_date(db: psycopg.Connection, books: Books) -> None:
    hire_one(db, "20000")
    open_year(db, "E1", "170000")
    process(db, books, calculate(db, "2026-07-01"))
    process(db, books, calculate(db, "2026-08-01"))
    results_eq(
        db,
        """SELECT p.gross_to_date, (i.item ->> 'base_to_date')::numeric,
            (i.item ->> 'amount_to_date')::numeric, (i.item ->> 'employer_amount_to_date')::numeric
        FROM payroll.payslips AS p, jsonb_array_elements(p.items) AS i (item)
        WHERE i.item ->> 'code' = 'social_security_tax' ORDER BY p.pay_date""",
        [
            (Decimal(190000), Decimal(190000), Decimal(11439), Decimal(11439)),
            (Decimal(210000), Decimal(210000), Decimal(11439), Decimal(11439)),
        ],
    )


def test_it_is_replaced_until_pay_of_that_year_is_in_the_books(
    db: psycopg.Connection, books: Books
) -> None:
    hire_one(db, "20000")
    assert open_year(db, "E1", "100000") is True
    assert open_year(db, "E1", "100000") is False
    july = calculate(db, "2026-07-01")
    approve(db, books, july)
    assert open_year(db, "E1", "170000") is True
    # What was approved was calculated from other figures.
    throws(db, "ZY007", "SELECT payroll.process_run('MAIN', 'PAY', %s)", [july])
    db.execute("SELECT payroll.calculate_run('MAIN', 'PAY', %s)", [july])
    assert pay(db, "E1", july)["social_security_tax"] == Decimal(899)
    process(db, books, july)
    changed = [2026, 1000, 1000, json.dumps(FICA)]
    throws(db, "ZY010", SET, changed)
    # The same again is not a change; and by no path is there one.
    assert open_year(db, "E1", "170000") is False
    for statement in (
        "UPDATE payroll.opening_balances SET gross = gross + 1",
        "DELETE FROM payroll.opening_balances",
        "UPDATE payroll.opening_balance_items SET amount = amount + 1",
        "DELETE FROM payroll.opening_balance_items",
        """INSERT INTO payroll.opening_balance_items
        SELECT tenant_id, business_id, employee_id, year, 'federal_tax', 0, 0, 0
        FROM payroll.opening_balances""",
    ):
        throws(db, "ZY010", statement)
    # Another year is another balance; and once all is reversed, nothing was paid.
    assert value(db, SET, [2025, 1000, 1000, json.dumps(FICA)]) is True
    db.execute("SELECT payroll.reverse_record('MAIN', 'PAY', %s, 'E1', 'Wrong start')", [july])
    assert value(db, SET, changed) is True
    assert offenders(db) == {}


def test_what_was_withheld_of_the_same_gross_is_not_taken_from_an_older_figure(
    db: psycopg.Connection, books: Books
) -> None:
    """The gross of the year stays, the amount withheld does not: the run is calculated again."""
    hire_one(db, "20000")
    open_year(db, "E1", "100000")
    july = calculate(db, "2026-07-01")
    approve(db, books, july)
    open_year(db, "E1", "100000", security="6000")
    throws(db, "ZY007", "SELECT payroll.process_run('MAIN', 'PAY', %s)", [july])
    db.execute("SELECT payroll.calculate_run('MAIN', 'PAY', %s)", [july])
    # 6.2 % of 120,000 is 7,440; 6,000 were withheld.
    assert pay(db, "E1", july)["social_security_tax"] == Decimal(1440)


def test_it_posts_nothing_and_is_on_record(db: psycopg.Connection, books: Books) -> None:
    hire_one(db, "20000")
    entries = "SELECT count(*) FROM ledger.journal_entries"
    before = value(db, entries)
    open_year(db, "E1", "100000")
    open_year(db, "E1", "90000")
    assert value(db, entries) == before
    as_user(db, books, "alice", "*")
    results_eq(
        db,
        """SELECT l.action::text, l.new_row ->> 'gross' FROM audit.log AS l
        WHERE l.table_name = 'payroll.opening_balances' ORDER BY l.logged_at, l.id""",
        [("INSERT", "100000.0000"), ("UPDATE", "90000.0000")],
    )


def without(name: str) -> list[dict[str, Any]]:
    return [item for item in FICA if item["component"] != name]


@pytest.mark.parametrize(
    ("sqlstate", "year", "gross", "taxable", "items"),
    [
        # Left out, social security would be withheld of the whole year once more, or not capped.
        ("22023", 2026, 1000, 1000, without("social_security_tax")),
        ("22023", 2026, 1000, 1000, []),
        ("22023", 2026, 1000, 1000, {}),
        ("22023", 2026, 1000, 1000, None),
        ("22023", 2026, 1000, 1000, [*FICA, FICA[0]]),
        ("22023", 2026, 1000, 1000, [*FICA, {"component": "paye"}]),
        ("22023", 2026, 1000, 1000, [*FICA, {"component": "paye", "base": "1", "amount": 1}]),
        ("22023", 2026, 1000, 1000, [*FICA, {"component": "paye", "base": 1, "amount": 1, "x": 1}]),
        ("22023", 2026, 999, 999, FICA),
        ("22023", 2026, 1000, 1000, [*FICA, {"component": "paye", "base": 1, "amount": 990}]),
        ("22P02", 2026, 1000, 1000, [*FICA, {"component": "zakat", "base": 1, "amount": 1}]),
        ("22003", 2026, "1000.00001", 1000, FICA),
        ("22003", 2026, 1000, 1000, [*FICA, {"component": "paye", "base": 1, "amount": 0.00001}]),
        ("23514", 2026, 1000, 1001, FICA),
        ("23514", 2026, 1000, -1, FICA),
        ("23514", 2026, 1000, 1000, [*FICA, {"component": "paye", "base": 1, "amount": -1}]),
        ("23514", 20260, 1000, 1000, FICA),
        ("23502", 2026, 1000, None, FICA),
        ("23502", None, 1000, 1000, FICA),
    ],
)
def test_figures_that_do_not_fit_together_are_refused(
    db: psycopg.Connection,
    books: Books,
    sqlstate: str,
    year: int | None,
    gross: Any,
    taxable: Any,
    items: Any,
) -> None:
    hire_one(db, "20000")
    throws(db, sqlstate, SET, [year, gross, taxable, json.dumps(items)])
    assert value(db, "SELECT count(*) FROM payroll.opening_balances") == 0


def test_it_takes_an_enrolled_employee_and_the_permission(
    db: psycopg.Connection, books: Books
) -> None:
    given = [2026, 1000, 1000, json.dumps(FICA)]
    throws(db, "ZY001", SET, given)
    hire(db, "E1", "20000")
    throws(db, "ZY001", SET, given)
    open_calendar(db, "E1")
    as_user(db, books, "bob", "payroll.approve", "payroll.read")
    throws(db, "ZI011", SET, given)


def test_of_another_year_nothing_counts(db: psycopg.Connection, books: Books) -> None:
    hire_one(db, "20000")
    db.execute(
        SET,
        [
            2025,
            184500,
            184500,
            json.dumps(
                [
                    {"component": "social_security_tax", "base": 184500, "amount": 11439},
                    {"component": "medicare_tax", "base": 184500, "amount": 2675.25},
                ]
            ),
        ],
    )
    move_ledger_away(db)
    assert pay(db, "E1", calculate(db, "2026-01-01"))["social_security_tax"] == Decimal(1240)
