"""Finance in a database of its own: what events tell it of the books is what the ledger says."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pgerp.db import connect
from tests.house.test_catalog_rules import RULES
from tests.house.test_plpgsql_check import CHECK, TARGETS
from tests.pgtap import results_eq, throws, value
from tests.servers import Server
from tests.topology.owner import Owner
from tests.topology.sites import Single, Spread

MODULES = {"accounting": ["ledger"], "finance": ["finance"]}
CHECKS = Path(__file__).resolve().parents[2] / "sql" / "checks"

# What no database has that has both.
NEW = re.compile(r"cached_|cache_account|cache_entry|emit_account|emit_entry|accounts_emit|_emit")

CACHE = """
SELECT business::text, account_code::text, account_name::text, account_type::text, period::text,
    period_kind::text, period_starts_on, period_ends_on, debit, credit, movement
FROM finance.accounting_data_cache
ORDER BY business, account_code, period"""

# Whole periods, so finance can answer them wherever it is.
STATEMENTS = (
    "trial_balance('MAIN', NULL)",
    "trial_balance(NULL, '2026-03-31')",
    "trial_balance('SIDE', '2026-12-31')",
    "income_statement('MAIN', '2026-01-01', '2026-12-31')",
    "income_statement(NULL, '2026-03-01', '2026-04-30')",
    "income_statement('MAIN', NULL, NULL)",
    "balance_sheet('MAIN', '2026-03-31')",
    "balance_sheet(NULL, '2026-12-31')",
    "balance_sheet('SIDE', NULL)",
)


@pytest.fixture
def apart(server: Server) -> Iterator[Spread]:
    """The ledger and finance, in a database each."""
    site = Spread(server.database("postgres"), f"f{os.getpid()}", MODULES)
    try:
        site.make()
        yield site
    finally:
        site.drop()


def test_finance_alone_says_what_the_ledger_says_and_what_it_says_beside_it(
    clone: str, apart: Spread
) -> None:
    with connect(clone) as conn:
        compare(conn, apart)


def compare(conn: psycopg.Connection, apart: Spread) -> None:
    together, alone = Owner(Single(conn)), Owner(apart)
    together.keep_books()
    alone.keep_books()
    cached = together.rows("finance", CACHE)
    assert len(cached) > 15 and {"closing", "regular"} == {row[5] for row in cached}
    assert alone.rows("finance", CACHE) == cached
    for statement in STATEMENTS:
        ledger = alone.rows("ledger", f"SELECT * FROM ledger.{statement}")
        assert ledger
        assert alone.rows("finance", f"SELECT * FROM finance.{statement}") == ledger, statement
        assert together.rows("finance", f"SELECT * FROM finance.{statement}") == ledger, statement
    # Nothing of it was told in one database: nobody there needs to hear it.
    told = "SELECT count(*) FROM events.event_store WHERE event_type ~ '^ledger[.](entry|account)_'"
    assert value(conn, told) == 0
    assert value(apart.at("finance"), told) > 10
    for module in ("finance", "events", "audit"):
        for path in (CHECKS / module).glob("*.sql"):
            assert apart.at("finance").execute(path.read_text()).fetchall() == [], path.stem  # type: ignore[call-overload]


@pytest.mark.parametrize("module", ["finance", "ledger"])
def test_what_is_only_in_a_database_apart_keeps_the_rules_of_the_house(
    apart: Spread, module: str
) -> None:
    conn = apart.at(module)
    broken = {}
    for rule in RULES:
        if found := {one for one in rule.offenders(conn) if NEW.search(one)}:
            broken[rule.sentence] = found
    # Accounts may be shared by the businesses; every other row says which one it is of.
    sentence = next(s for s in (rule.sentence for rule in RULES) if s.startswith("every row of a"))
    assert broken == ({sentence: {"finance.cached_accounts"}} if module == "finance" else {})
    query = "SELECT FROM pg_available_extensions WHERE name = 'plpgsql_check'"
    if conn.execute(query).fetchone() is not None:
        conn.execute("CREATE EXTENSION plpgsql_check")
        for function, table in conn.execute(TARGETS).fetchall():
            if NEW.search(function):
                assert conn.execute(CHECK, [function, table, table]).fetchall() == [], function


def test_reports_are_stored_of_what_arrived(apart: Spread) -> None:
    owner = Owner(apart)
    owner.keep_books()
    finance = apart.at("finance")
    for kind, start in (
        ("trial_balance", None), ("income_statement", "2026-01-01"), ("balance_sheet", None),
    ):  # fmt: skip
        store = "SELECT finance.store_report('MAIN', %s, %s, '2026-12-31')"
        report = owner.act(store, kind, start, module="finance")
        arguments = "'MAIN', '2026-01-01', '2026-12-31'" if start else "'MAIN', '2026-12-31'"
        said = owner.act(f"SELECT jsonb_agg(to_jsonb(r)) FROM ledger.{kind}({arguments}) AS r")
        content = "SELECT content -> 'rows' FROM finance.stored_reports() WHERE id = %s"
        assert owner.act(content, report, module="finance") == said
    with finance.transaction():
        finance.execute("SELECT set_config('pgerp.token', %s, true)", [owner.token])
        for kind in ("cash_flow", "budget_status"):
            throws(finance, "ZF009", "SELECT finance.store_report('MAIN', %s)", [kind])
        throws(finance, "ZF008", "SELECT finance.trial_balance('MAIN', '2026-03-15')")
        throws(
            finance,
            "ZF008",
            "SELECT finance.income_statement('MAIN', '2026-03-02', '2026-12-31')",
        )
        throws(finance, "ZI005", "SELECT finance.trial_balance('NONE')")
    throws(finance, "ZF006", "DELETE FROM finance.financial_reports")
    throws(finance, "ZA001", "TRUNCATE finance.financial_reports")


def test_what_comes_twice_counts_once_and_in_any_order(apart: Spread) -> None:
    owner = Owner(apart)
    finance = apart.at("finance")
    apart.settle()
    entries = [owner.post("2026-03-04", ("1110", "1"), ("4100", "-1")) for _ in range(5)]
    apart.arrived()
    # The last first: each entry is a stream of its own.
    finance.execute("UPDATE events.pending SET position = -position")
    apart.settle()
    cached = owner.rows("finance", CACHE)
    assert [row[8] for row in cached] == [len(entries), 0]
    assert value(finance, "SELECT events.repair(%s)", [owner.tenant_id]) == 0
    # Even were all forgotten that was done, nothing counts that was rolled back with it.
    finance.execute("SET session_replication_role = replica")
    finance.execute("DELETE FROM events.processed_events WHERE handler = 'finance.cache_entry'")
    finance.execute("DELETE FROM finance.cached_movements")
    finance.execute("RESET session_replication_role")
    assert value(finance, "SELECT events.repair(%s)", [owner.tenant_id]) == len(entries)
    apart.settle()
    assert owner.rows("finance", CACHE) == cached
    # An account's first event again, after it was renamed.
    owner.rename("1110", "Cash")
    apart.settle()
    again = """SELECT finance.cache_account(e) ->> 'is_late' FROM events.event_store AS e
        WHERE e.event_type = 'ledger.account_saved' AND e.payload ->> 'name' = 'Account 1110'"""
    results_eq(finance, again, [("true",)])
    assert owner.rows("finance", CACHE)[0][2] == "Cash"


def test_a_ledger_that_is_no_service_s_tells_nobody(apart: Spread) -> None:
    owner = Owner(apart)
    ledger = apart.at("ledger")
    ledger.execute("UPDATE events.settings SET service = 'pgerp'")
    told = "SELECT count(*) FROM events.event_store"
    before = value(ledger, told)
    owner.post("2026-03-04", ("1110", "1"), ("4100", "-1"))
    owner.rename("1110", "Cash")
    assert value(ledger, told) == before


def test_a_token_of_one_business_sees_its_own_of_the_cache(apart: Spread) -> None:
    owner = Owner(apart)
    owner.keep_books()
    side = value(apart.at("ledger"), "SELECT id FROM identity.businesses WHERE code = 'SIDE'")
    main = value(apart.at("ledger"), "SELECT id FROM identity.businesses WHERE code = 'MAIN'")
    token = owner.issue([main])
    assert {row[0] for row in owner.rows("finance", CACHE, token)} == {"MAIN"}
    for table in ("cached_accounts", "cached_movements", "cached_periods"):
        seen = owner.rows("finance", f"SELECT business_id FROM finance.{table}", token)
        assert seen and {row[0] for row in seen} <= {main, None}, table
        every = owner.rows("finance", f"SELECT business_id FROM finance.{table}")
        assert side in {row[0] for row in every}, table
    other = value(apart.at("ledger"), "SELECT identity.create_tenant('Other')")
    apart.settle()
    stranger = value(
        apart.at("ledger"), "SELECT identity.issue_token(%s, 'eve', NULL, '1 day')", [other]
    )
    assert owner.rows("finance", CACHE, stranger) == []
    results_eq(apart.at("finance"), "SELECT to_regnamespace('ledger')::text", [(None,)])
