"""Two sessions at a time: caps hold, and no change is left out of the summary."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from pgerp.db import connect
from tests.background import Background
from tests.ledger.books import Books, offenders
from tests.payroll.staff import (
    approve,
    calculate,
    hire,
    move_ledger_away,
    open_business,
    open_calendar,
    reply,
)
from tests.pgtap import value

PROCESS = "SELECT payroll.process_run('MAIN', 'PAY', %s)"


@pytest.fixture
def committed(clone: str) -> Iterator[tuple[str, Books, list[str]]]:
    """A committed database with two approved runs of E1, who earns 100,000 a month."""
    with connect(clone) as conn:
        books = open_business(conn)
        move_ledger_away(conn)
        hire(conn, "E1", "100000")
        open_calendar(conn, "E1")
        periods = [calculate(conn, f"2026-0{month}-01") for month in (1, 2)]
        for period in periods:
            approve(conn, books, period)
    yield clone, books, periods


def session(url: str, books: Books) -> psycopg.Connection:
    conn = connect(url)
    conn.execute("SELECT set_config('pgerp.token', %s, false)", [books.token])
    return conn


def test_two_runs_of_one_employee_sent_at_once_do_not_exceed_the_cap(
    committed: tuple[str, Books, list[str]],
) -> None:
    url, books, (first, second) = committed
    with session(url, books) as one, session(url, books) as two, session(url, books) as observer:
        with one.transaction():
            one.execute(PROCESS, [first])
            other = Background(two, lambda: two.execute(PROCESS, [second]))
            assert other.waits(observer)
        assert other.result() == "ZY007"
        two.execute("SELECT payroll.calculate_run('MAIN', 'PAY', %s)", [second])
        approve(two, books, second)
        two.execute(PROCESS, [second])
        # 184,500 at 6.2 %.
        total = "SELECT sum(social_security_tax)::text FROM payroll.payroll_records"
        assert value(observer, total) == "11439.0000"
        assert offenders(observer) == {}


def test_the_refresh_waits_for_what_is_being_noted_and_shows_it(
    committed: tuple[str, Books, list[str]],
) -> None:
    url, books, (first, _) = committed
    refresh = "SELECT payroll.refresh_summary('0')"
    with session(url, books) as one, session(url, books) as two, session(url, books) as observer:
        # Something else is due already.
        one.execute(
            "INSERT INTO payroll.summary_dues"
            " SELECT tenant_id, business_id, now() FROM payroll.runs LIMIT 1"
        )
        one.execute(PROCESS, [first])
        record = one.execute(
            """SELECT tenant_id, business_id, id, aggregate_id FROM events.event_store
            WHERE event_type = 'payroll.record_processed'"""
        ).fetchone()
        assert record is not None
        with one.transaction():
            reply(one, *record, "payroll.record_processed")
            other = Background(two, lambda: value(two, refresh))
            assert other.waits(observer)
        assert other.result() is None
        assert other.value is True
        assert value(observer, "SELECT employees FROM payroll.run_summaries('MAIN')") == 1
        assert value(observer, "SELECT count(*) FROM payroll.summary_dues") == 0


def test_a_calculation_and_what_hr_says_of_the_same_people_do_not_wait(
    committed: tuple[str, Books, list[str]],
) -> None:
    """Each locks many employees, in an order of its own: they would wait for each other."""
    url, books, _ = committed
    with session(url, books) as one, session(url, books) as two:
        two.execute("SET lock_timeout = '2s'")
        with one.transaction():
            one.execute("SELECT payroll.create_run('MAIN', 'PAY', '2026-03-01')")
            one.execute("SELECT payroll.calculate_run('MAIN', 'PAY', '2026-03')")
            two.execute("SELECT hr.rename_employee('MAIN', 'E1', 'Other')")
            assert value(two, "SELECT name FROM payroll.employee_cache") == "Other"
        with two.transaction():
            two.execute("SELECT hr.rename_employee('MAIN', 'E1', 'Another')")
            one.execute("SET lock_timeout = '2s'")
            one.execute("SELECT payroll.calculate_run('MAIN', 'PAY', '2026-03')")
        assert offenders(one) == {}
