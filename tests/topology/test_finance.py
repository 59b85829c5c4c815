"""Finance in a database of its own: what events tell it of the books is what the ledger says."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pgerp.db import connect
from tests.house.test_catalog_rules import RULES
from tests.ledger.books import as_json
from tests.pgtap import as_role, results_eq, throws, value
from tests.servers import Server
from tests.topology.sites import Single, Site, Spread

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


class Owner:
    """Somebody with a tenant, and books that entries reach in every way there is."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.books = site.at("ledger")
        self.tenant_id = value(self.books, "SELECT identity.create_tenant('Owner')")
        self.token = self.issue(None)
        for code in ("MAIN", "SIDE"):
            self.act("SELECT identity.create_business(%s, %s, 'KES')", code, code.title())
            self.act("SELECT ledger.create_fiscal_year(%s, '2026-01-01')", code)
        for code, kind in (
            ("1110", "ASSET"), ("2110", "LIABILITY"), ("3100", "EQUITY"), ("4100", "REVENUE"),
            ("5100", "EXPENSE"),
        ):  # fmt: skip
            self.act("SELECT ledger.create_account(%s, %s, %s)", code, f"Account {code}", kind)
        self.act(
            "SELECT ledger.create_account('1130', 'Of SIDE', 'ASSET', p_business_code => 'SIDE')"
        )
        self.act("SELECT ledger.set_account_role('retained_earnings', '3100')")

    def issue(self, businesses: list[int] | None) -> str:
        token: str = value(
            self.books,
            "SELECT identity.issue_token(%s, 'alice', %s, '1 day')",
            [self.tenant_id, businesses],
        )
        return token

    def act(self, statement: str, *arguments: Any, module: str = "ledger") -> Any:
        """Call a function in a transaction of its own."""
        conn = self.site.at(module)
        with conn.transaction():
            conn.execute("SELECT set_config('pgerp.token', %s, true)", [self.token])
            return value(conn, statement, list(arguments))

    def rows(self, module: str, query: str, token: str | None = None) -> list[tuple[Any, ...]]:
        """Return the rows of a query as a client of a module sees them."""
        conn = self.site.at(module)
        with conn.transaction(), as_role(conn, "pgerp_app"):
            conn.execute("SELECT set_config('pgerp.token', %s, true)", [token or self.token])
            return conn.execute(query).fetchall()  # type: ignore[call-overload]

    def post(self, date: str, *lines: tuple[str, str], business: str = "MAIN") -> Any:
        return self.act(
            "SELECT ledger.create_journal_entry(%s, %s, 'Test', %s)",
            business,
            date,
            as_json(*lines),
        )

    def keep_books(self) -> None:
        """Post by every function, and past them; rename an account; close the year of SIDE."""
        self.post("2026-01-10", ("1110", "100.25"), ("3100", "-100.25"))
        self.post("2026-03-04", ("1110", "40"), ("1110", "2.5"), ("4100", "-42.5"))
        self.post("2026-03-04", ("1130", "7"), ("4100", "-7"), business="SIDE")
        draft = self.act(
            "SELECT ledger.create_journal_entry('MAIN', '2026-04-01', 'Draft', %s, 'DRAFT')",
            as_json(("5100", "12.3456"), ("2110", "-12.3456")),
        )
        self.act("SELECT ledger.post_journal_entry(%s)", draft)
        self.act(
            "SELECT ledger.create_journal_entry('MAIN', '2026-04-02', 'Only a draft', %s, 'DRAFT')",
            as_json(("5100", "99"), ("2110", "-99")),
        )
        wrong = self.post("2026-04-02", ("5100", "5"), ("1110", "-5"))
        self.act("SELECT ledger.reverse_journal_entry(%s, 'Wrong', '2026-05-01')", wrong)
        batch = [
            {"business": "MAIN", "date": "2026-06-01", "description": "Batch", "lines": lines}
            for lines in (
                [{"account": "5100", "debit": "1"}, {"account": "1110", "credit": "1"}],
                [{"account": "5100", "debit": "2"}, {"account": "1110", "credit": "2"}],
            )
        ]
        self.act("SELECT count(*) FROM ledger.create_journal_entries(%s)", json.dumps(batch))
        self.by_hand()
        with self.books.transaction():
            self.books.execute("SELECT set_config('pgerp.token', %s, true)", [self.token])
            self.books.execute(
                "UPDATE ledger.accounts SET name = 'Cash' WHERE tenant_id = %s AND code = '1110'",
                [self.tenant_id],
            )
        self.act("SELECT ledger.close_fiscal_year('SIDE', '2026')")
        self.site.settle()

    def by_hand(self) -> None:
        """Insert a posted entry past all functions."""
        with self.books.transaction():
            self.books.execute("SELECT set_config('pgerp.token', %s, true)", [self.token])
            entry = value(
                self.books,
                "INSERT INTO ledger.journal_entries (tenant_id, id, business_id, entry_date,"
                " status, description) SELECT %s, core.uuid_v7(), b.id, '2026-07-01', 'POSTED',"
                " 'By hand' FROM identity.businesses AS b WHERE b.tenant_id = %s"
                " AND b.code = 'MAIN' RETURNING id",
                [self.tenant_id, self.tenant_id],
            )
            self.books.execute(
                "INSERT INTO ledger.journal_lines (tenant_id, entry_id, line_no, account_id,"
                " business_id, entry_date, amount) SELECT e.tenant_id, e.id, l.no, a.id,"
                " e.business_id, e.entry_date, l.amount FROM ledger.journal_entries AS e"
                " CROSS JOIN (VALUES (1, '1110', 3), (2, '4100', -3)) AS l (no, code, amount)"
                " INNER JOIN ledger.accounts AS a ON a.tenant_id = e.tenant_id AND a.code = l.code"
                " WHERE e.id = %s",
                [entry],
            )


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
    shared = "SELECT attnotnull FROM pg_attribute WHERE attrelid = to_regclass(%s)"
    column = " AND attname = 'business_id'"
    for table in ("accounts", "movements", "periods"):
        name = f"finance.cached_{table}"
        results_eq(
            conn,
            shared + column,
            [(table != "accounts",)] if module == "finance" else [],
            [name],
        )


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
