"""Consumers that are killed in the midst of events: nothing is lost, nothing is done twice."""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

from tests.pgtap import is_empty, results_eq, value
from tests.topology.killing import Storm
from tests.topology.scenario import STAFF, Company
from tests.topology.sites import Spread
from tests.topology.test_payroll_saga import sound
from tests.topology.workers import until

KILLS = 50

# A worker that writes its record in another transaction than the handler's effects: it acts upon
# events in one call, and notes in the next that it has.
PLANT = """
CREATE OR REPLACE FUNCTION events.work(
    p_tenant_id integer, p_limit integer DEFAULT 50,
    OUT handled integer, OUT failed integer, OUT parked integer
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_pending events.pending;
    v_event events.event_store;
BEGIN
    PERFORM events.enter(p_tenant_id, session_user::text);
    failed := 0;
    parked := 0;
    IF to_regclass('pg_temp.acted') IS NOT NULL THEN
        PERFORM txid_current(), pg_sleep(0.3);
        INSERT INTO events.processed_events (tenant_id, handler, event_id, processed_at)
        SELECT p_tenant_id, a.handler, a.event_id, now() FROM pg_temp.acted AS a
        ON CONFLICT DO NOTHING;
        DELETE FROM events.pending AS p USING pg_temp.acted AS a
        WHERE p.tenant_id = p_tenant_id AND (p.handler, p.event_id) = (a.handler, a.event_id);
        GET DIAGNOSTICS handled = ROW_COUNT;
        DROP TABLE pg_temp.acted;
        RETURN;
    END IF;
    handled := 0;
    FOR v_pending IN
        SELECT p.* FROM events.pending AS p
        WHERE p.tenant_id = p_tenant_id AND p.handler = 'probe.note' AND NOT EXISTS (
            SELECT FROM events.pending AS b
            WHERE (b.tenant_id, b.handler, b.aggregate_type, b.aggregate_id)
                = (p.tenant_id, p.handler, p.aggregate_type, p.aggregate_id)
                AND b.aggregate_version < p.aggregate_version
        )
        ORDER BY p.position LIMIT p_limit FOR UPDATE OF p SKIP LOCKED
    LOOP
        CREATE TEMP TABLE IF NOT EXISTS acted (handler text, event_id uuid);
        SELECT e.* INTO v_event FROM events.event_store AS e WHERE e.id = v_pending.event_id;
        EXECUTE 'SELECT probe.note($1)' USING v_event;
        INSERT INTO pg_temp.acted VALUES (v_pending.handler, v_pending.event_id);
        handled := handled + 1;
    END LOOP;
END $$;
"""


def test_workers_killed_fifty_times_lose_nothing_and_do_nothing_twice(
    spread: Spread, tmp_path: Path
) -> None:
    seed = int(os.environ.get("PGERP_TEST_SEED") or random.randrange(2**32))
    sys.stdout.write(f"PGERP_TEST_SEED={seed}\n")
    company = Company(spread)
    company.hire()
    storm = Storm(company, tmp_path, seed)
    try:
        for month, kills in (("2026-01", KILLS // 2), ("2026-02", KILLS - KILLS // 2)):
            company.calculate(month)
            company.process(month)
            storm.rage(kills)
        storm.calm()
        sys.stdout.write(f"{dict(storm.tally)}\n")
        assert storm.problems() == []
        whole(company)
        # Most kills undid what had been written; every kind of kill, and two services, were hit.
        assert storm.tally["recorded"] > KILLS // 4
        assert storm.tally["aborted"] > KILLS // 4
        assert all(storm.tally[how] for how in ("process", "session", "both"))
        assert storm.tally["payroll"] and storm.tally["ledger"]
        assert [worker.terminate()[0] for worker in storm.workers.values()] == [0, 0, 0]
        # And what if it were not so? Then it would be seen.
        payroll = spread.at("payroll")
        payroll.execute(PLANT)
        for _ in range(20):
            storm.rage(2, among=["payroll"])
            storm.revive()
            until(payroll, "SELECT count(*) FROM events.pending WHERE handler = 'probe.note'", 0)
            if problems := storm.problems():
                break
        assert any("twice" in problem for problem in problems)
    finally:
        storm.end()


def whole(company: Company) -> None:
    """Assert that books and records are what two months' pay of all makes, once."""
    ledger, payroll = company.site.at("ledger"), company.site.at("payroll")
    months = 2
    assert value(ledger, "SELECT count(*) FROM ledger.journal_entries") == months * STAFF
    # One entry and one answer for each event, and the record has that entry.
    results_eq(
        ledger,
        "SELECT count(*), count(DISTINCT e.source_id), count(DISTINCT p.payload ->> 'entry_id')"
        " FROM events.event_store AS p INNER JOIN ledger.journal_entries AS e"
        " ON p.payload ->> 'entry_id' = e.id::text WHERE p.event_type = 'ledger.payroll_posted'",
        [(months * STAFF,) * 3],
    )
    is_empty(
        payroll,
        "SELECT r.id FROM payroll.payroll_records AS r LEFT JOIN events.event_store AS p"
        " ON p.event_type = 'ledger.payroll_posted' AND p.payload ->> 'aggregate_id' = r.id::text"
        " WHERE r.status <> 'processed'"
        " OR r.accounting_transaction_id::text IS DISTINCT FROM p.payload ->> 'entry_id'",
    )
    # Handlers that were called a second time say so.
    for conn in (ledger, payroll):
        is_empty(
            conn,
            "SELECT event_id FROM events.processed_events"
            " WHERE result ->> 'reason' = 'posted before' OR result ? 'is_late'",
        )
    names = "SELECT employee_no, name FROM {} ORDER BY 1"
    results_eq(
        payroll,
        names.format("payroll.employee_cache"),
        company.site.at("hr").execute(names.format("hr.employees")).fetchall(),
    )
    sound(ledger, "ledger", "events")
    sound(payroll, "payroll", "events")
    sound(company.site.at("hr"), "hr", "events")
