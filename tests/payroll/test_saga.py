"""Payroll and the books: what is processed is posted once, and what is refused is as it was."""

from __future__ import annotations

import psycopg
import pytest

from tests.ledger.books import Books, balance, offenders
from tests.payroll.staff import (
    answer,
    approve,
    calculate,
    hire,
    move_ledger_away,
    open_calendar,
    pay,
    process,
    reply,
)
from tests.pgtap import results_eq, throws, value

RECORD = """SELECT r.status::text, r.accounting_transaction_id, r.rejection_reason
    FROM payroll.payroll_records AS r WHERE r.employee_no = 'E1' ORDER BY r.created_at, r.id"""
RUN = "SELECT status::text FROM payroll.runs"


@pytest.fixture
def period(db: psycopg.Connection, books: Books) -> str:
    """A calculated run of January: E1 earns 5,000 a month, E2 2,000."""
    hire(db, "E1", "5000")
    hire(db, "E2", "2000", department="STORE")
    open_calendar(db, "E1", "E2")
    return calculate(db, "2026-01-01")


def test_in_one_database_a_processed_run_is_in_the_books_at_once(
    db: psycopg.Connection, books: Books, period: str
) -> None:
    process(db, books, period)
    results_eq(
        db,
        """SELECT r.employee_no, r.status::text, e.source_module, e.source_id = r.id::text,
            e.description
        FROM payroll.payroll_records AS r
        INNER JOIN ledger.journal_entries AS e ON e.id = r.accounting_transaction_id
        ORDER BY 1""",
        [(number, "processed", "payroll", True, "Payroll 2026-01") for number in ("E1", "E2")],
    )
    # 7,000 gross; FICA of both sides 15.3 %; federal tax of 60,000 and 24,000 a year by 12.
    assert balance(db, "5210") == "7000.0000"
    assert balance(db, "5220") == "535.5000"
    assert balance(db, "2230") == "-1071.0000"
    # 1,240 + 12 % of 31,500 = 5,020 by 12; 10 % of 7,900 by 12.
    assert balance(db, "2220") == "-484.1600"
    assert balance(db, "2210") == "-5980.3400"
    assert value(db, RUN) == "processed"
    db.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert offenders(db) == {}


def test_the_net_pay_is_owed_until_the_run_is_paid(
    db: psycopg.Connection, books: Books, period: str
) -> None:
    process(db, books, period)
    assert value(db, "SELECT payroll.pay_run('MAIN', 'PAY', %s, '2026-02-02')", [period]) == 2
    assert balance(db, "2210") == "0.0000"
    assert balance(db, "1190") == "-5980.3400"
    results_eq(
        db,
        """SELECT DISTINCT r.status::text, r.paid_on::text, e.entry_date::text
        FROM payroll.payroll_records AS r
        INNER JOIN ledger.journal_entries AS e ON e.id = r.payment_transaction_id""",
        [("paid", "2026-02-02", "2026-02-02")],
    )
    assert value(db, RUN) == "paid"
    throws(db, "ZY003", "SELECT payroll.pay_run('MAIN', 'PAY', %s)", [period])
    assert offenders(db) == {}


def test_in_one_database_what_the_books_refuse_fails_the_whole_call(
    db: psycopg.Connection, books: Books, period: str
) -> None:
    approve(db, books, period)
    db.execute("SELECT ledger.close_period('MAIN', '2026-01')")
    throws(db, "ZL002", "SELECT payroll.process_run('MAIN', 'PAY', %s)", [period])
    results_eq(db, RECORD, [("pending", None, None)])
    assert value(db, RUN) == "approved"
    assert value(db, "SELECT count(*) FROM ledger.journal_entries") == 0


def test_elsewhere_a_record_waits_for_the_answer(
    db: psycopg.Connection, books: Books, period: str
) -> None:
    move_ledger_away(db)
    process(db, books, period)
    results_eq(db, RECORD, [("processing", None, None)])
    entry_id = answer(db, "E1")
    assert (
        str(
            value(
                db,
                "SELECT accounting_transaction_id FROM payroll.payroll_records"
                " WHERE employee_no = 'E1'",
            )
        )
        == entry_id
    )
    assert value(db, RUN) == "processing"
    answer(db, "E2")
    assert value(db, RUN) == "processed"


def test_a_rejection_makes_the_record_pending_with_the_reason_and_it_goes_again(
    db: psycopg.Connection, books: Books, period: str
) -> None:
    move_ledger_away(db)
    process(db, books, period)
    answer(db, "E2")
    answer(db, "E1", rejected="ZL002")
    results_eq(db, RECORD, [("pending", None, "ZL002: no")])
    assert value(db, RUN) == "processing"
    assert value(db, "SELECT payroll.process_run('MAIN', 'PAY', %s)", [period]) == 1
    results_eq(db, RECORD, [("processing", None, None)])
    # What was sent twice unchanged has one key: the ledger posts it once.
    assert value(db, KEYS) == 1
    answer(db, "E1")
    assert value(db, RUN) == "processed"


KEYS = """SELECT count(DISTINCT payload ->> 'posting_key') FROM events.event_store
    WHERE event_type = 'payroll.record_processed' AND payload ->> 'employee_no' = 'E1'"""


def test_a_rejected_record_that_is_calculated_anew_has_another_key_and_needs_approval(
    db: psycopg.Connection, books: Books, period: str
) -> None:
    move_ledger_away(db)
    process(db, books, period)
    first = db.execute(
        """SELECT tenant_id, business_id, id, aggregate_id FROM events.event_store
        WHERE event_type = 'payroll.record_processed' AND payload ->> 'employee_no' = 'E1'"""
    ).fetchone()
    assert first is not None
    answer(db, "E1", rejected="ZL002")
    db.execute("SELECT hr.change_salary('MAIN', 'E1', 6000, '2026-01-01')")
    db.execute("SELECT payroll.calculate_run('MAIN', 'PAY', %s)", [period])
    throws(db, "ZY003", "SELECT payroll.process_run('MAIN', 'PAY', %s)", [period])
    process(db, books, period)
    assert value(db, KEYS) == 2
    # The ledger accepts the first one late: it is not what payroll has now.
    with pytest.raises(psycopg.Error) as caught, db.transaction():
        reply(db, *first, "payroll.record_processed")
    assert caught.value.sqlstate == "ZY008"
    answer(db, "E1")
    assert pay(db, "E1", period)["gross"] == 6000


def test_an_answer_that_comes_twice_does_nothing_more(
    db: psycopg.Connection, books: Books, period: str
) -> None:
    move_ledger_away(db)
    process(db, books, period)
    entry_id = answer(db, "E1")
    with pytest.raises(psycopg.Error) as caught, db.transaction():
        answer(db, "E1")
    assert caught.value.sqlstate == "ZY008"
    answer(db, "E1", rejected="ZL002")
    results_eq(
        db,
        "SELECT status::text, accounting_transaction_id::text FROM payroll.payroll_records"
        " WHERE employee_no = 'E1'",
        [("processed", entry_id)],
    )


def test_a_payment_that_is_refused_is_not_recorded(
    db: psycopg.Connection, books: Books, period: str
) -> None:
    process(db, books, period)
    move_ledger_away(db)
    db.execute("SELECT payroll.pay_run('MAIN', 'PAY', %s)", [period])
    answer(db, "E1", "payroll.record_paid", rejected="ZL002")
    assert value(db, RUN) == "processed"
    results_eq(
        db,
        "SELECT status::text, paid_on, rejection_reason FROM payroll.payroll_records"
        " WHERE employee_no = 'E1'",
        [("processed", None, "ZL002: no")],
    )
    assert value(db, "SELECT payroll.pay_run('MAIN', 'PAY', %s)", [period]) == 1
    answer(db, "E1", "payroll.record_paid")
    answer(db, "E2", "payroll.record_paid")
    assert value(db, RUN) == "paid"


def test_a_correction_reverses_and_posts_anew_under_another_key(
    db: psycopg.Connection, books: Books, period: str
) -> None:
    process(db, books, period)
    db.execute("SELECT payroll.pay_run('MAIN', 'PAY', %s, '2026-01-31')", [period])
    first = value(
        db,
        "SELECT payroll.reverse_record('MAIN', 'PAY', %s, 'E1', 'Raise came late', '2026-02-10')",
        [period],
    )
    assert balance(db, "5210") == "2000.0000"
    # What was paid of it is a claim until the next payment: 5,000 - 382.50 - 418.33.
    assert balance(db, "2210") == "4199.1700"
    db.execute("SELECT hr.change_salary('MAIN', 'E1', 6000, '2026-01-01')")
    assert value(db, "SELECT payroll.calculate_run('MAIN', 'PAY', %s)", [period]) == 1
    process(db, books, period)
    assert balance(db, "5210") == "8000.0000"
    results_eq(
        db,
        """SELECT id = %s, status::text, reversal_transaction_id IS NOT NULL, reversed_on::text
        FROM payroll.payroll_records WHERE employee_no = 'E1' ORDER BY gross""",
        [(True, "reversed", True, "2026-02-10"), (False, "processed", False, None)],
        [first],
    )
    assert value(db, KEYS) == 2
    assert offenders(db) == {}


def test_a_reversal_that_is_refused_leaves_the_record_paid(
    db: psycopg.Connection, books: Books, period: str
) -> None:
    process(db, books, period)
    db.execute("SELECT payroll.pay_run('MAIN', 'PAY', %s, '2026-01-31')", [period])
    move_ledger_away(db)
    db.execute("SELECT payroll.reverse_record('MAIN', 'PAY', %s, 'E1', 'No')", [period])
    throws(db, "ZY003", "SELECT payroll.reverse_record('MAIN', 'PAY', %s, 'E1', 'No')", [period])
    answer(db, "E1", "payroll.record_reversed", rejected="ZL002")
    results_eq(
        db,
        "SELECT status::text, paid_on::text, reversed_on FROM payroll.payroll_records"
        " WHERE employee_no = 'E1'",
        [("paid", "2026-01-31", None)],
    )


def test_without_a_rule_nothing_is_processed_silently(
    db: psycopg.Connection, books: Books, period: str
) -> None:
    db.execute("SELECT ledger.set_posting_rule_active('payroll.record_processed', false)")
    approve(db, books, period)
    throws(db, "ZL091", "SELECT payroll.process_run('MAIN', 'PAY', %s)", [period])


def test_pay_of_nothing_is_processed_without_an_entry(
    db: psycopg.Connection, books: Books, period: str
) -> None:
    db.execute(
        "SELECT payroll.add_run_item('MAIN', 'PAY', %s, 'E1', 'absence', 'unpaid', 5000)", [period]
    )
    db.execute("SELECT payroll.calculate_run('MAIN', 'PAY', %s)", [period])
    process(db, books, period)
    results_eq(db, RECORD, [("processed", None, None)])
    assert value(db, RUN) == "processed"
