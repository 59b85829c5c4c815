"""Items of a run: bonuses, absence, deductions; and pay that cannot be calculated."""

from __future__ import annotations

from decimal import Decimal

import psycopg
import pytest

from tests.ledger.books import Books
from tests.payroll.staff import approve, calculate, hire, open_calendar, pay
from tests.pgtap import throws, value

ITEM = "SELECT payroll.add_run_item('MAIN', 'PAY', '2026-01', %s, %s, %s, %s)"


def test_bonuses_absence_and_advances_are_items_of_a_run(
    db: psycopg.Connection, books: Books
) -> None:
    hire(db, "E1", "3000")
    open_calendar(db, "E1")
    period = calculate(db, "2026-01-01")
    approve(db, books, period)
    db.execute(ITEM, ["E1", "earning", "bonus", "500"])
    db.execute(ITEM, ["E1", "absence", "unpaid", "200"])
    db.execute(ITEM, ["E1", "deduction", "advance", "100"])
    db.execute(ITEM, ["E1", "deduction", "canteen", "7"])
    db.execute(
        "SELECT payroll.remove_run_item('MAIN', 'PAY', '2026-01', 'E1', 'deduction', 'canteen')"
    )
    throws(
        db,
        "ZY001",
        "SELECT payroll.remove_run_item('MAIN', 'PAY', '2026-01', 'E1', 'deduction', 'canteen')",
    )
    assert value(db, "SELECT status::text FROM payroll.runs") == "draft"
    db.execute("SELECT payroll.calculate_run('MAIN', 'PAY', %s)", [period])
    paid = pay(db, "E1", period)
    assert (paid["gross"], paid["other_deductions"]) == (3300, 100)
    # Federal tax of 39,600 a year: 1,240 + 12 % of 11,100, by 12: 214.33; 6.2 and 1.45 %.
    assert paid["net"] == Decimal("2733.22")


@pytest.mark.parametrize(
    ("sqlstate", "arguments"),
    [
        ("ZY001", ["E9", "earning", "bonus", "1"]),
        ("22003", ["E1", "earning", "bonus", "0.00001"]),
        ("22P02", ["E1", "present", "bonus", "1"]),
        ("23514", ["E1", "earning", "bonus", "0"]),
        ("23514", ["E1", "statutory", "paye", "1"]),
        ("23514", ["E1", "earning", "salary", "1"]),
        ("23502", ["E1", "earning", None, "1"]),
    ],
)
def test_items_that_are_none_are_refused(
    db: psycopg.Connection, books: Books, sqlstate: str, arguments: list[str | None]
) -> None:
    hire(db, "E1", "3000")
    open_calendar(db, "E1")
    calculate(db, "2026-01-01")
    throws(db, sqlstate, ITEM, arguments)


def test_pay_that_cannot_be_calculated_is_an_error_that_names_whose(
    db: psycopg.Connection, books: Books
) -> None:
    hire(db, "E1", "3000")
    open_calendar(db, "E1")
    calculate(db, "2026-01-01")
    again = "SELECT payroll.calculate_run('MAIN', 'PAY', '2026-01')"
    for kind, amount in (("absence", "3000.01"), ("deduction", "2999")):
        with db.transaction(force_rollback=True):
            db.execute(ITEM, ["E1", kind, "much", amount])
            throws(db, "ZY006", again)
    db.execute("UPDATE payroll.salary_cache SET currency_code = 'KES'")
    throws(db, "ZY006", again)
