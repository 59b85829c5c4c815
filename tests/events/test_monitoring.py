"""The views of monitoring: counts and ages of all tenants together, for a role of no tenant."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest

from pgerp.db import connect
from pgerp.services.worker import NAME
from tests.events.support import arrive, hurry, open_shop, work
from tests.ledger.books import Books
from tests.pgtap import as_role, is_empty, results_eq, throws, value

BACKLOG = "SELECT waiting, due, failing, parked FROM events.backlog WHERE handler = 'shop.note'"
VIEWS = ("backlog", "replication_status", "subscription_status", "worker_status")


@pytest.fixture
def shop(db: psycopg.Connection) -> Books:
    return open_shop(db)


def test_the_backlog_has_what_waits_fails_and_is_parked(
    db: psycopg.Connection, shop: Books
) -> None:
    results_eq(db, BACKLOG, [(0, 0, 0, 0)])
    arrive(db, shop, "s-1", note="bad")
    arrive(db, shop, "s-2")
    results_eq(db, BACKLOG, [(2, 2, 0, 0)])
    work(db, shop)
    results_eq(db, BACKLOG, [(1, 0, 1, 0)])
    for _ in range(2):
        hurry(db)
        work(db, shop)
    results_eq(db, BACKLOG, [(0, 0, 0, 1)])


def test_it_says_when_the_oldest_arrived(db: psycopg.Connection, shop: Books) -> None:
    arrive(db, shop, "s-1")
    arrive(db, shop, "s-2")
    db.execute(
        "UPDATE events.pending SET arrived_at = now() - interval '90 s' WHERE aggregate_id = 's-2'"
    )
    query = """SELECT oldest_waiting_at = now() - interval '90 s',
        oldest_waiting_seconds BETWEEN 90 AND 120, oldest_parked_at, oldest_parked_seconds
        FROM events.backlog WHERE handler = 'shop.note'"""
    results_eq(db, query, [(True, True, None, None)])
    db.execute("UPDATE events.pending SET status = 'parked' WHERE aggregate_id = 's-2'")
    parked = "SELECT oldest_parked_seconds > 89 FROM events.backlog WHERE handler = 'shop.note'"
    assert value(db, parked) is True


def test_who_watches_needs_no_token_and_hears_of_every_tenant_and_of_none(
    db: psycopg.Connection, shop: Books
) -> None:
    arrive(db, shop)
    other = value(db, "SELECT identity.create_tenant('Other')")
    db.execute("SELECT set_config('pgerp.tenant_id', %s, false)", [str(other)])
    arrive(db, replace(shop, tenant_id=other))
    db.execute(
        "SELECT set_config('pgerp.token', '', true), set_config('pgerp.tenant_id', '', false)"
    )
    with as_role(db, "pgerp_monitor"):
        results_eq(db, BACKLOG, [(2, 2, 0, 0)])
        # It leaves nobody's tenant behind, and opens nothing else.
        assert value(db, "SELECT current_setting('pgerp.tenant_id', true)") == ""
        throws(db, "42501", "SELECT FROM events.pending")
        for view in VIEWS:
            db.execute(f"SELECT * FROM events.{view}")  # type: ignore[arg-type]


@pytest.mark.parametrize("role", ["pgerp_app", "pgerp_readonly", "pgerp_auditor"])
def test_clients_of_a_tenant_learn_nothing_of_all_of_them(
    db: psycopg.Connection, role: str
) -> None:
    with as_role(db, role):
        for view in VIEWS:
            throws(db, "42501", f"SELECT FROM events.{view}")
        throws(db, "42501", "SELECT events.count_backlog()")
        throws(db, "42501", "SELECT events.sender_lags()")


def test_handlers_that_are_gone_are_shown_while_events_wait_for_them(
    db: psycopg.Connection, shop: Books
) -> None:
    arrive(db, shop)
    db.execute("DROP FUNCTION shop.note(events.event_store)")
    results_eq(db, BACKLOG, [(1, 1, 0, 0)])
    db.execute("DELETE FROM events.pending")
    is_empty(db, BACKLOG)


def test_workers_are_known_by_their_name(db: psycopg.Connection) -> None:
    where = db.info.dsn
    with connect(where, application_name=NAME) as worker:
        results_eq(
            db,
            "SELECT pid, role_name FROM events.worker_status",
            [(worker.info.backend_pid, worker.info.user)],
        )
    assert value(db, "SELECT count(*) FROM events.subscription_status") == 0
