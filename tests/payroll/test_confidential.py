"""Who lacks payroll.read sees no pay: in no table, view, event or log, whatever the role."""

from __future__ import annotations

import psycopg
import pytest

from tests.ledger.books import Books
from tests.payroll.staff import as_user, calculate, hire, open_calendar, open_year, process
from tests.pgtap import as_role, set_eq, throws, value

TABLES = [
    "hr.salaries",
    "payroll.calendars",
    "payroll.employee_cache",
    "payroll.enrolments",
    "payroll.opening_balance_items",
    "payroll.opening_balances",
    "payroll.payroll_records",
    "payroll.record_items",
    "payroll.run_items",
    "payroll.runs",
    "payroll.salary_cache",
    "payroll.summary_dues",
]
READERS = ["pgerp_app", "pgerp_readonly", "pgerp_auditor"]


@pytest.fixture
def paid(db: psycopg.Connection, books: Books) -> Books:
    """A run with an item that is in the books; alice may all, carol all but read pay."""
    hire(db, "E1", "7654321")
    open_calendar(db, "E1")
    open_year(db, "E1", "0")
    calculate(db, "2026-01-01")
    db.execute("SELECT payroll.add_run_item('MAIN', 'PAY', '2026-01', 'E1', 'earning', 'bonus', 1)")
    db.execute("SELECT payroll.calculate_run('MAIN', 'PAY', '2026-01')")
    process(db, books, "2026-01")
    db.execute("SELECT payroll.refresh_summary('0')")
    db.execute("SELECT payroll.pay_run('MAIN', 'PAY', '2026-01')")
    return books


def see_all(db: psycopg.Connection, books: Books) -> None:
    as_user(db, books, "alice", "*")


def see_no_pay(db: psycopg.Connection, books: Books) -> None:
    as_user(db, books, "carol", "hr.*", "ledger.*", "events.*", "payroll.prepare")


def test_every_table_of_payroll_with_tenants_takes_the_permission(db: psycopg.Connection) -> None:
    set_eq(
        db,
        """SELECT c.oid::regclass::text FROM pg_class AS c
        INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
        WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'payroll'::regnamespace""",
        [(table,) for table in TABLES if table.startswith("payroll.")],
    )
    set_eq(db, "SELECT table_name FROM core.read_permissions()", [(table,) for table in TABLES])


@pytest.mark.parametrize("role", READERS)
def test_without_payroll_read_no_row_of_pay_is_seen(
    db: psycopg.Connection, paid: Books, role: str
) -> None:
    for look, is_seen in ((see_all, True), (see_no_pay, False)):
        look(db, paid)
        with as_role(db, role):
            for table in [*TABLES, "payroll.payslips"]:
                assert value(db, f"SELECT EXISTS (SELECT FROM {table})") is is_seen, table
            # The employees themselves are no secret.
            assert value(db, "SELECT count(*) FROM hr.employees") == 1


def test_without_payroll_read_no_event_says_what_somebody_earns(
    db: psycopg.Connection, paid: Books
) -> None:
    confidential = """SELECT count(*) FROM events.event_store
        WHERE event_type LIKE 'hr.employee_%' OR event_type LIKE 'payroll.%'"""
    told = "SELECT count(*) FROM events.event_store WHERE payload::text LIKE '%7654321%'"
    others = "SELECT count(*) FROM events.event_store WHERE event_type LIKE 'ledger.%'"
    for look, seen in ((see_all, (3, 1)), (see_no_pay, (0, 0))):
        look(db, paid)
        with as_role(db, "pgerp_app"):
            assert (value(db, confidential), value(db, told)) == seen
            assert value(db, others) == 2


def test_without_payroll_read_the_log_of_changes_says_nothing_of_pay(
    db: psycopg.Connection, paid: Books
) -> None:
    logged = "SELECT count(*) > 0 FROM audit.log WHERE table_name = ANY (%s)"
    for look, is_seen in ((see_all, True), (see_no_pay, False)):
        look(db, paid)
        with as_role(db, "pgerp_auditor"):
            assert value(db, logged, [TABLES]) is is_seen
            assert value(db, logged, [["hr.employees"]]) is True


def test_without_payroll_read_the_summary_is_refused(db: psycopg.Connection, paid: Books) -> None:
    summary = "SELECT count(*) FROM payroll.run_summaries('MAIN')"
    see_all(db, paid)
    with as_role(db, "pgerp_app"):
        assert value(db, summary) == 1
        throws(db, "42501", "SELECT FROM payroll.run_summary")
    see_no_pay(db, paid)
    with as_role(db, "pgerp_app"):
        throws(db, "ZI011", summary)


def test_a_user_of_the_role_staff_reads_no_pay_and_an_accountant_does(
    db: psycopg.Connection, paid: Books
) -> None:
    see_all(db, paid)
    db.execute("SELECT identity.create_standard_roles()")
    for subject in ("staff", "accountant", "owner"):
        db.execute("SELECT identity.create_user(%s, 'X', NULL, true)", [subject])
        db.execute("SELECT identity.grant_role(%s, %s)", [subject, subject])
    for subject, rows in (("staff", 0), ("accountant", 1), ("owner", 1)):
        as_user(db, paid, subject)
        with as_role(db, "pgerp_app"):
            assert value(db, "SELECT count(*) FROM hr.salaries") == rows, subject
            assert value(db, "SELECT count(*) FROM payroll.payroll_records") == rows, subject


def test_the_entries_do_not_name_the_employee(db: psycopg.Connection, paid: Books) -> None:
    for table in ("ledger.journal_entries", "ledger.journal_lines"):
        assert value(db, f"SELECT count(*) FROM {table} AS t WHERE t::text LIKE '%%E1%%'") == 0
    assert value(db, "SELECT count(*) FROM ledger.journal_lines WHERE counterparty IS NULL") > 0


def test_rates_are_public(db: psycopg.Connection, paid: Books) -> None:
    see_no_pay(db, paid)
    with as_role(db, "pgerp_app"):
        assert value(db, "SELECT count(*) > 0 FROM payroll.tax_rates") is True


def test_a_token_of_another_tenant_or_business_sees_no_pay(
    db: psycopg.Connection, paid: Books
) -> None:
    other = value(db, "SELECT identity.create_tenant('Other')")
    for tenant, business in ((other, None), (paid.tenant_id, [2])):
        db.execute(
            "SELECT set_config('pgerp.token', identity.issue_token(%s, 'x', %s), false)",
            [tenant, business],
        )
        with as_role(db, "pgerp_app"):
            for table in TABLES:
                assert value(db, f"SELECT count(*) FROM {table}") == 0, table


def test_partitions_to_come_are_as_confidential_as_those_that_are_there(
    db: psycopg.Connection,
) -> None:
    db.execute("SELECT core.create_year_partitions('events.event_store', 5)")
    db.execute("SELECT core.create_year_partitions('audit.log', 5)")
    set_eq(
        db,
        """SELECT p.relid::text
        FROM (VALUES ('events.event_store'), ('audit.log')) AS t (name)
        CROSS JOIN pg_partition_tree(t.name::regclass) AS p
        INNER JOIN pg_policy AS y ON y.polrelid = p.relid AND y.polname = 'client_isolation'
        WHERE pg_get_expr(y.polqual, y.polrelid) !~ 'unreadable_'""",
        [],
    )
