"""A database that lost its last events, as after a restore, gets them back from the others."""

from __future__ import annotations

from pgerp.services.resync import resync
from pgerp.services.setup import read_routes
from tests.pgtap import results_eq, value
from tests.topology.scenario import Company
from tests.topology.sites import Spread

LOST = (
    "SELECT id FROM events.event_store WHERE event_type = 'hr.employee_hired'"
    " AND payload ->> 'employee_no' > 'E040'"
)
CACHE = "SELECT employee_no, name FROM payroll.employee_cache ORDER BY 1"


def test_what_a_service_lost_comes_back_once(spread: Spread) -> None:
    Company(spread).hire(1, 50)
    payroll, hr = spread.at("payroll"), spread.at("hr")
    cached = payroll.execute(CACHE).fetchall()
    payroll.execute("SET session_replication_role = replica")
    payroll.execute(f"DELETE FROM events.processed_events WHERE event_id IN ({LOST})")
    payroll.execute("DELETE FROM payroll.employee_cache WHERE employee_no > 'E040'")
    payroll.execute(f"DELETE FROM events.event_store WHERE id IN ({LOST})")
    payroll.execute("RESET session_replication_role")
    routes = read_routes(spread.topology)
    said: list[str] = []
    service = spread.service("payroll")
    assert resync(spread.topology, service, routes, say=said.append) == 10
    spread.settle()
    results_eq(payroll, CACHE, cached)
    assert resync(spread.topology, service, routes, say=said.append) == 0
    count = "SELECT count(*) FROM events.event_store WHERE event_type = 'hr.employee_hired'"
    assert value(payroll, count) == value(hr, count) == 50
