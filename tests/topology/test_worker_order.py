"""Events that replication brings late, twice or not at all, and what workers make of them."""

from __future__ import annotations

import psycopg

from pgerp.services.publications import EVENT_COLUMNS
from pgerp.services.replicate import unsubscribe
from pgerp.services.resync import resync
from pgerp.services.routes import subscription
from pgerp.services.setup import read_routes
from tests.pgtap import results_eq, value
from tests.topology.scenario import Company
from tests.topology.sites import Spread
from tests.topology.workers import until

RENAMED = "SELECT id::text FROM events.event_store WHERE event_type = 'hr.employee_renamed'"
NAME = "SELECT name FROM payroll.employee_cache WHERE employee_no = 'E001'"
WAITING = "SELECT aggregate_version FROM events.pending WHERE handler = 'payroll.cache_employee'"
HANDLED = (
    "SELECT e.aggregate_version FROM events.processed_events AS p INNER JOIN events.event_store"
    " AS e ON p.event_id = e.id WHERE e.event_type ~ 'renamed|hired'"
    " AND e.payload ->> 'employee_no' = 'E001' ORDER BY p.processed_at"
)


class Route:
    """The way from hr to payroll, which can be held up, and lose what is on it."""

    def __init__(self, spread: Spread) -> None:
        self.hr, self.payroll = spread.at("hr"), spread.at("payroll")
        self.name = subscription(spread.service("hr"), spread.service("payroll"))

    def hold(self) -> None:
        """Have nothing arrive."""
        self.payroll.execute(f"ALTER SUBSCRIPTION {self.name} DISABLE")
        slot = f"FROM pg_replication_slots WHERE slot_name = '{self.name}'"
        until(self.hr, f"SELECT active {slot}", False)

    def release(self) -> None:
        """Have arrive what waits in the slot."""
        self.payroll.execute(f"ALTER SUBSCRIPTION {self.name} ENABLE")

    def lose(self) -> None:
        """Lose what waits in the slot, which goes no further than what is on disk."""
        with self.hr.transaction():
            self.hr.execute("SET LOCAL synchronous_commit = on")
            self.hr.execute("SELECT pg_logical_emit_message(true, 'test', '')")
        self.hr.execute(
            f"SELECT pg_replication_slot_advance('{self.name}', pg_current_wal_insert_lsn())"
        )


def stream(company: Company, *names: str) -> list[str]:
    """Rename the first employee again and again; return the ids of the events."""
    for name in names:
        company.rename(1, name)
    hr = company.site.at("hr")
    return [row[0] for row in hr.execute(f"{RENAMED} ORDER BY aggregate_version").fetchall()]


def bring(route: Route, event_id: str) -> None:
    """Bring one event by another way than the subscription, as a resync does."""
    columns = EVENT_COLUMNS.replace("payload", "payload::text")
    row = route.hr.execute(
        f"SELECT {columns} FROM events.event_store WHERE id = %s".encode(), [event_id]
    ).fetchone()
    with route.payroll.transaction():
        route.payroll.execute("SET LOCAL session_replication_role = replica")
        route.payroll.execute(
            f"INSERT INTO events.event_store ({EVENT_COLUMNS})"
            f" VALUES ({', '.join(['%s'] * 13)})".encode(),
            row,
        )


def errors(conn: psycopg.Connection) -> int:
    """Return how often apply workers of this database failed."""
    count: int = value(
        conn,
        "SELECT coalesce(sum(e.apply_error_count), 0)::integer FROM pg_stat_subscription_stats AS e"
        " INNER JOIN pg_subscription AS s ON s.oid = e.subid INNER JOIN pg_database AS d"
        " ON d.oid = s.subdbid WHERE d.datname = current_database()",
    )
    return count


def test_what_comes_early_waits_and_what_comes_twice_is_left_out(spread: Spread) -> None:
    company = Company(spread)
    company.hire(1, 2)
    route, payroll = Route(spread), spread.at("payroll")
    # Two ways: the subscription is held up, and the last two of three arrive by another.
    route.hold()
    _, second, third = stream(company, "One", "Two", "Three")
    bring(route, third)
    bring(route, second)
    assert spread.drain() == 0
    results_eq(payroll, f"{WAITING} ORDER BY 1", [(3,), (4,)])
    results_eq(payroll, NAME, [("Person 1",)])
    # The slot still holds all three: one is new, two are known, and nothing stops at them.
    route.release()
    until(payroll, f"SELECT count(*) FROM ({RENAMED}) AS r", 3)
    spread.settle()
    results_eq(payroll, NAME, [("Three",)])
    results_eq(payroll, HANDLED, [(1,), (2,), (3,), (4,)])
    assert errors(payroll) == 0
    # A subscription that is made anew brings only what is not there.
    assert unsubscribe(payroll, route.name)
    company.rename(1, "Four")
    routes = read_routes(spread.topology)
    assert resync(spread.topology, spread.service("payroll"), routes, say=lambda _: None) == 1
    until(payroll, f"SELECT count(*) FROM ({RENAMED}) AS r", 4)
    spread.settle()
    results_eq(payroll, NAME, [("Four",)])
    results_eq(payroll, HANDLED, [(1,), (2,), (3,), (4,), (5,)])
    assert errors(payroll) == 0


def test_what_was_lost_is_waited_for_until_a_resync_brings_it(spread: Spread) -> None:
    company = Company(spread)
    company.hire(1, 2)
    route, payroll = Route(spread), spread.at("payroll")
    route.hold()
    stream(company, "One")
    route.lose()
    stream(company, "Two")
    company.rename(2, "Another stream")
    route.release()
    until(payroll, f"SELECT count(*) FROM ({RENAMED}) AS r", 2)
    while spread.drain():
        pass
    results_eq(payroll, WAITING, [(3,)])
    names = "SELECT name FROM payroll.employee_cache ORDER BY employee_no"
    results_eq(payroll, names, [("Person 1",), ("Another stream",)])
    # What never came is nothing that repair could find; the others have it.
    assert value(payroll, "SELECT events.repair(%s)", [company.tenant_id]) == 0
    routes = read_routes(spread.topology)
    said: list[str] = []
    assert resync(spread.topology, spread.service("payroll"), routes, say=said.append) == 1
    spread.settle()
    results_eq(payroll, names, [("Two",), ("Another stream",)])
    results_eq(payroll, HANDLED, [(1,), (2,), (3,)])
    assert errors(payroll) == 0
