"""The payroll saga in one database and in three: the same scenario, the same books."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from pgerp.db import connect
from tests.ledger.books import offenders
from tests.pgtap import results_eq, value
from tests.topology.scenario import STAFF, Company, play
from tests.topology.sites import Single, Spread

CHECKS = Path(__file__).resolve().parents[2] / "sql" / "checks"


def sound(conn: psycopg.Connection, *modules: str) -> None:
    """Run the checks of some modules, which a database may have alone."""
    for module in modules:
        for path in sorted((CHECKS / module).glob("*.sql")):
            assert conn.execute(path.read_text()).fetchall() == [], path.stem


def test_one_database_and_three_end_with_equal_books(clone: str, spread: Spread) -> None:
    with connect(clone) as conn:
        single = play(Single(conn))
        assert offenders(conn) == {}
        apart = play(spread)
        books, records = single.books(), single.records()
        assert apart.books() == books
        assert apart.records() == records
        assert len(records) == STAFF
        assert {(status, has_entry) for _, _, status, _, _, has_entry in records} == {
            ("processed", True)
        }
        assert records[6][:2] == ("E007", "Seven Renamed")
        assert {entry[2] for entry in books} == {"payroll"}
    sound(spread.at("ledger"), "ledger", "events")
    sound(spread.at("payroll"), "payroll", "events")
    sound(spread.at("hr"), "hr", "events")


def test_a_second_delivery_and_a_second_round_change_nothing(spread: Spread) -> None:
    company = play(spread)
    books, records = company.books(), company.records()
    for module in ("hr", "payroll", "ledger"):
        value(spread.at(module), "SELECT events.repair(%s)", [company.tenant_id])
    spread.settle()
    assert (company.books(), company.records()) == (books, records)


def test_what_the_books_refuse_comes_back_with_the_reason(spread: Spread) -> None:
    company = Company(spread)
    company.hire(1, 50)
    company.calculate("2026-01")
    company.act("ledger", "SELECT ledger.close_period('MAIN', '2026-01')")
    company.process("2026-01")
    spread.arrived()
    # Until its attempts are used up an event waits; then it is parked, and payroll is told.
    ledger = spread.at("ledger")
    for _ in range(8):
        spread.drain()
        ledger.execute("UPDATE events.pending SET due_at = now()")
    spread.settle()
    assert company.books() == []
    assert {row[2] for row in company.records()} == {"pending"}
    results_eq(
        spread.at("payroll"),
        "SELECT DISTINCT left(rejection_reason, 5) FROM payroll.payroll_records",
        [("ZL002",)],
    )
    assert value(ledger, "SELECT count(*) FROM events.parked") == STAFF
    # Reopened, and tried again: the same events make their entries, and the records have them.
    company.act("ledger", "SELECT ledger.reopen_period('MAIN', '2026-01', 'Late')")
    for (event_id,) in ledger.execute("SELECT event_id FROM events.parked").fetchall():
        company.act("ledger", "SELECT events.retry('ledger.post_event', %s)", event_id)
    spread.settle()
    assert {row[2] for row in company.records()} == {"processed"}
    assert value(ledger, "SELECT count(*) FROM ledger.journal_entries") == STAFF


def test_a_poison_event_holds_up_its_own_stream_only(spread: Spread) -> None:
    company = Company(spread)
    company.hire(1, 50)
    payroll = spread.at("payroll")
    # What hr says of one employee cannot be taken.
    payroll.execute(
        "ALTER TABLE payroll.employee_cache ADD CONSTRAINT poison CHECK (name <> 'Poison')"
    )
    company.rename(3, "Poison")
    company.rename(3, "After it")
    company.rename(4, "Another")
    spread.arrived()
    for _ in range(8):
        spread.drain()
        payroll.execute("UPDATE events.pending SET due_at = now()")
    names = (
        "SELECT name FROM payroll.employee_cache WHERE employee_no IN ('E003', 'E004') ORDER BY 1"
    )
    results_eq(payroll, names, [("Another",), ("Person 3",)])
    results_eq(payroll, "SELECT last_sqlstate, waiting_behind FROM events.parked", [("23514", 1)])
    event_id = value(payroll, "SELECT event_id FROM events.parked")
    company.act("payroll", "SELECT events.skip('payroll.cache_employee', %s, 'Poison')", event_id)
    results_eq(
        payroll,
        "SELECT result ->> 'skipped', result ->> 'by', result ->> 'sqlstate'"
        " FROM events.processed_events WHERE event_id = %s",
        [("Poison", "alice", "23514")],
        [event_id],
    )
    spread.settle()
    results_eq(payroll, names, [("After it",), ("Another",)])


@pytest.mark.parametrize("module", ["payroll", "ledger"])
def test_a_service_that_was_down_catches_up(spread: Spread, module: str) -> None:
    company = Company(spread)
    company.hire(1, 50)
    conn = spread.at(module)
    subscriptions = [
        name
        for (name,) in conn.execute(
            "SELECT s.subname FROM pg_subscription AS s INNER JOIN pg_database AS d"
            " ON d.oid = s.subdbid WHERE d.datname = current_database()"
        ).fetchall()
    ]
    for name in subscriptions:
        conn.execute(f"ALTER SUBSCRIPTION {name} DISABLE")
    company.calculate("2026-01")
    company.process("2026-01")
    company.rename(1, "While it was away")
    for name in subscriptions:
        conn.execute(f"ALTER SUBSCRIPTION {name} ENABLE")
    spread.settle()
    assert {row[2] for row in company.records()} == {"processed"}
    assert company.records()[0][1] == "While it was away"
