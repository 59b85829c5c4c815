"""The views of monitoring on services that replicate: who is behind, who is down, and why."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from threading import Event, Thread
from typing import Any

import psycopg

from pgerp.services.status import ServiceStatus, status
from pgerp.services.worker import run
from tests.pgtap import as_role, value
from tests.topology.scenario import Company
from tests.topology.sites import PATIENCE_S, Spread

SUBSCRIPTIONS = """
SELECT subscription_name, state, tables_not_ready FROM events.subscription_status"""
ERRORS = "SELECT sum(apply_errors) FROM events.subscription_status"
SLOTS = """
SELECT active, state, wal_status, lag_bytes BETWEEN 0 AND 10000000, lag_seconds < 60,
    restart_lag_bytes >= lag_bytes, safe_wal_bytes, max_wal_bytes
FROM events.replication_status"""


def until(look: Callable[[], Any], wanted: Callable[[Any], bool]) -> Any:
    """Look until it is as wanted; return what was seen."""
    end = time.monotonic() + PATIENCE_S
    while not wanted(seen := look()):
        assert time.monotonic() < end, seen
        time.sleep(0.1)
    return seen


def monitored(conn: psycopg.Connection, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query as who watches sees them."""
    with conn.transaction(), as_role(conn, "pgerp_monitor"):
        return conn.execute(query).fetchall()


def told(spread: Spread, module: str) -> ServiceStatus:
    """Return what `pgerp services status` tells of a module's service."""
    name = spread.service(module).name
    return next(one for one in status(spread.topology) if one.name == name)


def states(conn: psycopg.Connection) -> set[str]:
    return {state for _, state, _ in monitored(conn, SUBSCRIPTIONS)}


def test_what_is_well_is_shown_to_who_watches_without_a_token(spread: Spread) -> None:
    Company(spread)
    payroll, ledger = spread.at("payroll"), spread.at("ledger")
    names = {f"pgerp_{spread.service(one).name}_to" for one in ("hr", "ledger")}
    names |= {f"pgerp_identity_of_{spread.service('ledger').name}_to"}
    here = spread.service("payroll").name
    until(
        lambda: set(monitored(payroll, SUBSCRIPTIONS)),
        lambda seen: seen == {(f"{name}_{here}", "running", 0) for name in names},
    )
    # Nothing limits what the server keeps.
    well = (True, "streaming", "reserved", True, True, True, None, None)
    until(
        lambda: monitored(ledger, SLOTS),
        lambda seen: len(seen) == 3 and set(seen) == {well},
    )
    assert all(one.healthy for one in status(spread.topology))
    ledger.execute("ALTER SYSTEM SET max_slot_wal_keep_size = '3GB'")
    try:
        ledger.execute("SELECT pg_reload_conf()")
        limits = "SELECT DISTINCT max_wal_bytes, safe_wal_bytes > 0 FROM events.replication_status"
        until(lambda: monitored(ledger, limits), lambda seen: seen == [(3 * 1024**3, True)])
    finally:
        ledger.execute("ALTER SYSTEM RESET max_slot_wal_keep_size")
        ledger.execute("SELECT pg_reload_conf()")


def test_a_subscription_that_is_disabled_is_shown_on_both_sides(spread: Spread) -> None:
    payroll, hr = spread.at("payroll"), spread.at("hr")
    name = f"pgerp_{spread.service('hr').name}_to_{spread.service('payroll').name}"
    payroll.execute(f"ALTER SUBSCRIPTION {name} DISABLE")  # type: ignore[arg-type]
    slots = "SELECT slot_name, active, state, lag_seconds FROM events.replication_status"
    gone = (name, False, None, None)
    until(lambda: monitored(hr, slots), lambda seen: gone in seen)
    assert (name, "disabled") in {row[:2] for row in monitored(payroll, SUBSCRIPTIONS)}
    assert f"subscription {name} is disabled" in told(spread, "payroll").troubles
    assert f"nobody reads slot {name}" in told(spread, "hr").troubles


def test_an_apply_worker_that_dies_of_a_conflict_is_shown_with_its_errors(spread: Spread) -> None:
    company = Company(spread)
    company.act("hr", "SELECT hr.create_department('MAIN', 'SALES', 'Sales')")
    payroll, hr = spread.at("payroll"), spread.at("hr")
    # Under the event's key is another fact already: what comes is not left out as known.
    with hr.transaction():
        company.act(
            "hr",
            "SELECT hr.hire_employee('MAIN', 'E001', 'Amina', 'SALES', '2025-01-01', 100)",
        )
        event = value(hr, "SELECT to_jsonb(e) FROM events.event_store AS e") | {"actor": "eve"}
        with payroll.transaction():
            payroll.execute("SET LOCAL session_replication_role = replica")
            payroll.execute(
                "INSERT INTO events.event_store"
                " SELECT (jsonb_populate_record(NULL::events.event_store, %s)).*",
                [json.dumps(event)],
            )
    until(lambda: value(payroll, ERRORS), lambda seen: seen > 1)
    until(lambda: states(payroll), lambda seen: seen == {"running", "down"})
    conflicts = monitored(payroll, "SELECT sum(conflicts) > 0 FROM events.subscription_status")
    # Before 18 the server does not count them.
    assert conflicts == [(payroll.info.server_version >= 180000,)]
    down = until(
        lambda: told(spread, "payroll").troubles, lambda seen: any("no worker" in t for t in seen)
    )
    assert len(down) == 1
    # Out of the way, and the worker that the server starts again goes on.
    with payroll.transaction():
        payroll.execute("SET LOCAL session_replication_role = replica")
        payroll.execute("DELETE FROM events.event_store")
    until(lambda: states(payroll), lambda seen: seen == {"running"})
    spread.settle()
    assert value(payroll, "SELECT count(*) FROM payroll.employee_cache") == 1


def test_workers_are_shown_while_they_live_and_missed_when_events_wait(spread: Spread) -> None:
    company = Company(spread)
    company.act("hr", "SELECT hr.create_department('MAIN', 'SALES', 'Sales')")
    company.act(
        "hr", "SELECT hr.hire_employee('MAIN', 'E001', 'Amina', 'SALES', '2025-01-01', 100)"
    )
    spread.arrived()
    payroll = spread.at("payroll")
    payroll.execute("UPDATE events.pending SET arrived_at = now() - interval '2 minutes'")
    found = told(spread, "payroll")
    assert (found.waiting, found.workers, len(found.troubles)) == (1, 0, 1)
    stop = Event()
    worker = Thread(
        target=run, args=[spread.service("payroll"), stop], kwargs={"say": lambda _: None}
    )
    worker.start()
    try:
        seen = until(
            lambda: told(spread, "payroll"), lambda seen: seen.workers == 1 and not seen.waiting
        )
        assert seen.healthy
    finally:
        stop.set()
        worker.join()
    until(lambda: told(spread, "payroll").workers, lambda seen: seen == 0)
