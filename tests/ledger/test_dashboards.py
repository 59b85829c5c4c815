"""Dashboards: materialized for all tenants, read by each tenant alone, refreshed beside readers."""

from __future__ import annotations

import psycopg

from tests.ledger.books import Books, open_books, post
from tests.pgtap import as_role, lacks_privilege, results_eq, throws, value

MONTHLY = """SELECT business_code, month::text, account_type, debit::text, credit::text,
    amount::text FROM ledger.dashboard_monthly(%s)"""
CASH = """SELECT business_code, entry_date::text, cash_in::text, cash_out::text, balance::text
    FROM ledger.dashboard_daily_cash(%s)"""


def test_two_tenants_are_in_the_views_and_each_reads_its_own(
    db: psycopg.Connection, books: Books
) -> None:
    db.execute("SELECT ledger.set_cash_flow_activity('1110', 'cash')")
    post(db, ("1110", "5"), ("4100", "-5"), date="2026-01-05")
    post(db, ("1110", "-2"), ("5100", "2"), date="2026-01-06")
    post(db, ("1110", "7"), ("4100", "-7"), business="SIDE")
    other = open_books(db, "Other")
    post(db, ("1110", "9"), ("4100", "-9"), date="2026-02-05")
    with as_role(db, "pgerp_owner"):
        db.execute("SELECT ledger.refresh_dashboards()")
    tenants = "SELECT array_agg(DISTINCT tenant_id) FROM ledger.mv_monthly_balances"
    assert {books.tenant_id, other.tenant_id} <= {*value(db, tenants)}
    with as_role(db, "pgerp_readonly"):
        results_eq(
            db,
            MONTHLY,
            [
                ("MAIN", "2026-02-01", "ASSET", "9.0000", "0.0000", "9.0000"),
                ("MAIN", "2026-02-01", "REVENUE", "0.0000", "9.0000", "9.0000"),
            ],
            [None],
        )
    db.execute(
        "SELECT set_config('pgerp.token', identity.issue_token(%s, 'bob', ARRAY[%s]), true)",
        [books.tenant_id, books.business_id],
    )
    with as_role(db, "pgerp_app"):
        assert {row[0] for row in db.execute(MONTHLY, [None])} == {"MAIN"}
        results_eq(
            db,
            CASH,
            [
                ("MAIN", "2026-01-05", "5.0000", "0.0000", "5.0000"),
                ("MAIN", "2026-01-06", "0.0000", "2.0000", "3.0000"),
            ],
            [None],
        )
        throws(db, "ZI005", MONTHLY, ["SIDE"])
        throws(db, "ZI005", CASH, ["SIDE"])
        throws(
            db,
            "ZI004",
            "SELECT * FROM ledger.dashboard_monthly(p_tenant_id => %s)",
            [other.tenant_id],
        )


def test_dashboards_show_the_last_refresh_and_no_draft(
    db: psycopg.Connection, books: Books
) -> None:
    post(db, ("1110", "5"), ("4100", "-5"))
    assert db.execute(MONTHLY, ["MAIN"]).fetchall() == []
    db.execute(
        """SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x',
        '[{"account": "1110", "debit": "1"}]', 'DRAFT')"""
    )
    db.execute("SELECT ledger.refresh_dashboards()")
    assert db.execute(MONTHLY, ["MAIN"]).fetchall()[0][3] == "5.0000"


def test_clients_neither_read_the_views_nor_refresh_them(db: psycopg.Connection) -> None:
    for role in ("pgerp_app", "pgerp_readonly", "pgerp_auditor"):
        for view in ("mv_monthly_balances", "mv_daily_cash"):
            lacks_privilege(db, role, "SELECT", f"table ledger.{view}")
        lacks_privilege(db, role, "EXECUTE", "function ledger.refresh_dashboards()")


def test_the_dashboards_need_a_token(db: psycopg.Connection) -> None:
    db.execute("SELECT set_config('pgerp.token', '', true)")
    with as_role(db, "pgerp_readonly"):
        throws(db, "ZI001", "SELECT * FROM ledger.dashboard_monthly(p_tenant_id => 1)")
        throws(db, "ZI001", "SELECT * FROM ledger.dashboard_daily_cash(p_tenant_id => 1)")
