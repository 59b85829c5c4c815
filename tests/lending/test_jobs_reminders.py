"""Reminders of overdue loans: one for each number of days, however often the job runs."""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books
from tests.lending.jobs import PAID, after, balances, lend, open_jobs, pay, run, run_daily
from tests.lending.loans import borrower
from tests.messaging.queue import save
from tests.party.customers import PHONE, create
from tests.pgtap import results_eq, throws, value

MONTH = (date(2025, 2, 10) - PAID).days
TEXTS = "SELECT body, status::text FROM messaging.messages ORDER BY id"
BODY = "{{name}}: {{amount}} of {{loan_no}} was due on {{day}}, {{days}} days ago."


def remind(db: psycopg.Connection, late: int, **more: Any) -> int:
    """Run the job so many days after the first instalment of a loan was due."""
    return run(db, "send_overdue_loan_notifications", after(MONTH + late), **more)


@pytest.fixture
def mary(db: psycopg.Connection, books: Books) -> Any:
    """A borrower with a phone, and the template."""
    open_jobs(db, penalty_rate_percent=0)
    save(db, code="loan_overdue", body=BODY)
    return create(db, given_name="Mary", family_name="Wanjiku", **PHONE)


def test_who_is_late_is_reminded_of_how_much_and_since_when(
    db: psycopg.Connection, mary: Any
) -> None:
    lend(db, mary, p_loan_no="L-7")
    assert remind(db, 0) == 0
    assert remind(db, 1) == 1
    day = "was due on 2025-02-10, 1 days ago."
    results_eq(db, TEXTS, [(f"Mary Wanjiku: USD 207.06 of L-7 {day}", "queued")])


def test_a_reminder_is_sent_once_for_each_number_of_days(db: psycopg.Connection, mary: Any) -> None:
    loan = lend(db, mary)
    sent = [late for late in range(32) if remind(db, late) + remind(db, late)]
    assert sent == [1, 7, 30]
    results_eq(
        db,
        "SELECT dedup_key FROM messaging.messages ORDER BY id",
        [(f"loan_overdue:{loan}:{after(MONTH + late)}",) for late in (1, 7, 30)],
    )


def test_a_late_run_sends_the_last_that_is_due_and_not_those_before(
    db: psycopg.Connection, mary: Any
) -> None:
    loan = lend(db, mary)
    assert remind(db, 9) == 1
    assert remind(db, 10) == 0
    results_eq(
        db,
        "SELECT dedup_key FROM messaging.messages",
        [(f"loan_overdue:{loan}:{after(MONTH + 7)}",)],
    )


def test_a_payment_between_two_runs_of_a_day_does_not_matter(
    db: psycopg.Connection, mary: Any
) -> None:
    loan = lend(db, mary)
    assert remind(db, 1) == 1
    pay(db, loan, "100.00", after(MONTH + 1))
    assert balances(db, loan)["overdue"] == pytest.approx(107.06)
    assert remind(db, 1) == 0
    pay(db, loan, "107.06", after(MONTH + 2))
    assert remind(db, 7) == 0


def test_days_and_template_are_as_given(db: psycopg.Connection, mary: Any) -> None:
    lend(db, mary)
    save(db, code="last_call", body="{{name}}!")
    assert remind(db, 4, p_days=[5], p_template="last_call") == 0
    assert remind(db, 5, p_days=[5], p_template="last_call") == 1
    results_eq(db, TEXTS, [("Mary Wanjiku!", "queued")])


def test_what_the_borrower_objected_to_is_not_sent(db: psycopg.Connection, mary: Any) -> None:

    lend(db, mary)
    db.execute("SELECT party.withdraw_consent(%s, 'sms_reminders', 'paper_form')", [mary])
    assert remind(db, 1) == 1
    results_eq(db, "SELECT status::text FROM messaging.messages", [("suppressed",)])


def test_without_a_template_the_job_is_refused_and_the_daily_jobs_warn(
    db: psycopg.Connection, books: Books
) -> None:
    open_jobs(db)
    loan = lend(db, borrower(db))
    named = "p_business_code => 'MAIN', p_through => '2025-02-12'"
    error = throws(db, "ZM001", f"CALL lending.send_overdue_loan_notifications({named})")
    assert error.diag.message_hint
    warnings: list[str] = []
    db.add_notice_handler(lambda diag: warnings.append(diag.sqlstate or ""))
    assert run_daily(db, date(2025, 2, 12)) == MONTH + 2
    assert warnings == ["ZM001"]
    assert balances(db, loan)["days_past_due"] == 2


def test_a_template_that_asks_for_more_does_not_hold_up_the_books(
    db: psycopg.Connection, mary: Any
) -> None:
    lend(db, mary)
    save(db, code="other", body="{{name}}, see {{branch}}.")
    named = "p_business_code => 'MAIN', p_through => '2025-02-12', p_template => 'other'"
    throws(db, "ZM003", f"CALL lending.send_overdue_loan_notifications({named})")
    assert run_daily(db, date(2025, 2, 12), p_template="other") == MONTH + 2
    assert value(db, "SELECT count(*) FROM messaging.messages") == 0
