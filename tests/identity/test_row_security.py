"""Row security as clients meet it: the rows of their tenant and businesses, and no others."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from pgerp.db import connect
from tests.identity.conftest import World, hold
from tests.pgtap import as_role, results_eq, set_eq, throws, value

LENDING = [
    "products", "product_fees", "settings", "branches", "groups", "group_members", "loans",
    "loan_fees", "guarantors", "collaterals", "status_changes", "transactions", "reversals",
    "movements", "schedules", "instalments", "loan_balances", "provision_rates",
]  # fmt: skip
# What clients read, with the column of its tenant and the one of its business.
TABLES = {
    "identity.tenants": ("id", None),
    "identity.businesses": ("tenant_id", "id"),
    "identity.business_settings": ("tenant_id", "business_id"),
    "identity.payment_tills": ("tenant_id", "business_id"),
    "identity.users": ("tenant_id", None),
    "identity.roles": ("tenant_id", None),
    "identity.role_permissions": ("tenant_id", None),
    "identity.user_roles": ("tenant_id", None),
    "identity.user_businesses": ("tenant_id", "business_id"),
    "ledger.accounts": ("tenant_id", "business_id"),
    "ledger.fiscal_years": ("tenant_id", "business_id"),
    "ledger.fiscal_periods": ("tenant_id", "business_id"),
    "ledger.journal_entries": ("tenant_id", "business_id"),
    "ledger.journal_lines": ("tenant_id", "business_id"),
    "ledger.account_balances": ("tenant_id", "business_id"),
    "ledger.account_roles": ("tenant_id", "business_id"),
    "ledger.period_events": ("tenant_id", "business_id"),
    "ledger.journal_numbers": ("tenant_id", "business_id"),
    "ledger.reversals": ("tenant_id", "business_id"),
    "ledger.account_heads": ("tenant_id", "business_id"),
    "ledger.holds": ("tenant_id", "business_id"),
    "ledger.held_amounts": ("tenant_id", "business_id"),
    "ledger.exchange_rates": ("tenant_id", None),
    "ledger.matches": ("tenant_id", "business_id"),
    "ledger.budgets": ("tenant_id", "business_id"),
    "ledger.budget_revisions": ("tenant_id", "business_id"),
    "ledger.budget_lines": ("tenant_id", "business_id"),
    "ledger.budget_heads": ("tenant_id", "business_id"),
    "ledger.budget_warnings": ("tenant_id", "business_id"),
    "ledger.posting_rules": ("tenant_id", "business_id"),
    "ledger.posting_rule_revisions": ("tenant_id", "business_id"),
    "ledger.posting_rule_lines": ("tenant_id", "business_id"),
    "ledger.retention_rules": ("tenant_id", None),
    "ledger.seals": ("tenant_id", None),
    "ledger.sealed_entries": ("tenant_id", "business_id"),
    "ledger_archive.journal_entries": ("tenant_id", "business_id"),
    "ledger_archive.journal_lines": ("tenant_id", "business_id"),
    "hr.departments": ("tenant_id", "business_id"),
    "hr.employees": ("tenant_id", "business_id"),
    "hr.salaries": ("tenant_id", "business_id"),
    "hr.employee_history": ("tenant_id", "business_id"),
    "payroll.calendars": ("tenant_id", "business_id"),
    "payroll.employee_cache": ("tenant_id", "business_id"),
    "payroll.salary_cache": ("tenant_id", "business_id"),
    "payroll.enrolments": ("tenant_id", "business_id"),
    "payroll.opening_balances": ("tenant_id", "business_id"),
    "payroll.opening_balance_items": ("tenant_id", "business_id"),
    "payroll.runs": ("tenant_id", "business_id"),
    "payroll.run_items": ("tenant_id", "business_id"),
    "payroll.payroll_records": ("tenant_id", "business_id"),
    "payroll.record_items": ("tenant_id", "business_id"),
    "payroll.summary_dues": ("tenant_id", "business_id"),
    **dict.fromkeys(map("lending.{}".format, LENDING), ("tenant_id", "business_id")),
    "finance.financial_reports": ("tenant_id", "business_id"),
    "events.event_store": ("tenant_id", "business_id"),
    "events.processed_events": ("tenant_id", "business_id"),
    "events.pending": ("tenant_id", "business_id"),
    "party.customers": ("tenant_id", None),
    "party.customer_terms": ("tenant_id", None),
    "party.customer_contacts": ("tenant_id", None),
    "party.customer_addresses": ("tenant_id", None),
    "party.identity_documents": ("tenant_id", None),
    "party.consents": ("tenant_id", None),
    "party.privacy_acts": ("tenant_id", None),
    "messaging.templates": ("tenant_id", None),
    "messaging.messages": ("tenant_id", "business_id"),
}
READERS = ["pgerp_app", "pgerp_readonly", "pgerp_auditor"]
PARTITION = "ledger.journal_lines_2026"
every_table = pytest.mark.parametrize("table", TABLES)


def tenants_seen(conn: psycopg.Connection, table: str) -> set[int]:
    return {id_ for (id_,) in conn.execute(f"SELECT {TABLES[table][0]} FROM {table}")}


def businesses_seen(conn: psycopg.Connection, table: str) -> set[int | None]:
    return {id_ for (id_,) in conn.execute(f"SELECT {TABLES[table][1]} FROM {table}")}


def test_these_are_all_the_tables_with_tenants_that_clients_read(admin: psycopg.Connection) -> None:
    set_eq(
        admin,
        """SELECT c.oid::regclass::text FROM pg_class AS c
        WHERE c.relkind IN ('r', 'p') AND c.relrowsecurity
            AND has_table_privilege('pgerp_app', c.oid, 'SELECT')""",
        [(table,) for table in TABLES],
    )


@every_table
def test_both_tenants_have_rows(admin: psycopg.Connection, world: World, table: str) -> None:
    assert tenants_seen(admin, table) == {world.ours, world.theirs}


@every_table
def test_a_client_sees_the_rows_of_its_tenant_only(
    client: psycopg.Connection, world: World, table: str
) -> None:
    assert tenants_seen(client, table) == {world.ours}


@every_table
@pytest.mark.parametrize("role", READERS)
def test_every_role_that_reads_is_held_to_the_tenant(
    admin: psycopg.Connection, world: World, role: str, table: str
) -> None:
    hold(admin, world.token())
    with as_role(admin, role):
        assert tenants_seen(admin, table) == {world.ours}


@every_table
def test_without_a_token_there_are_no_rows(client: psycopg.Connection, table: str) -> None:
    hold(client, "")
    assert tenants_seen(client, table) == set()


@every_table
@pytest.mark.parametrize(("change", "sqlstate"), [({"sub": 1}, "ZI002"), ({"exp": 1}, "ZI003")])
def test_with_a_bad_token_there_is_an_error(
    client: psycopg.Connection, world: World, change: dict[str, Any], sqlstate: str, table: str
) -> None:
    hold(client, world.token(**change))
    throws(client, sqlstate, f"SELECT FROM {table}")


@every_table
def test_a_token_of_another_tenant_shows_that_one_s_rows(
    client: psycopg.Connection, world: World, table: str
) -> None:
    hold(client, world.token(tenant=world.theirs))
    assert tenants_seen(client, table) == {world.theirs}


@pytest.mark.parametrize("table", [name for name, (_, business) in TABLES.items() if business])
@pytest.mark.parametrize("listed", [[1], [2], [1, 2], [3], []], ids=str)
def test_a_token_that_lists_businesses_shows_them_and_what_is_shared(
    client: psycopg.Connection, world: World, listed: list[int], table: str
) -> None:
    everything = businesses_seen(client, table)
    hold(client, world.token(business=listed))
    assert businesses_seen(client, table) == everything & {None, *listed}


@every_table
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO {0} ({1}) SELECT {1} FROM {0}",
        "UPDATE {0} SET {1} = {1}",
        "DELETE FROM {0}",
        "TRUNCATE {0}",
        "COPY {0} FROM STDIN",
        "SELECT FROM {0} FOR UPDATE",
    ],
)
def test_clients_write_no_table_and_lock_no_row(
    client: psycopg.Connection, table: str, statement: str
) -> None:
    throws(client, "42501", statement.format(table, TABLES[table][0]))


@every_table
def test_the_owner_itself_is_held_to_the_tenant_that_it_entered(
    admin: psycopg.Connection, world: World, table: str
) -> None:
    with as_role(admin, "pgerp_owner"):
        unentered = {world.ours, world.theirs} if table == "identity.tenants" else set()
        assert tenants_seen(admin, table) == unentered
        admin.execute("SELECT set_config('pgerp.tenant_id', %s, true)", [str(world.theirs)])
        assert tenants_seen(admin, table) == unentered | {world.theirs}


def forge(client: psycopg.Connection, world: World) -> None:
    """Set what only functions of the owner should set."""
    for name, text in (
        ("pgerp.tenant_id", str(world.theirs)),
        ("pgerp.actor", "mallory"),
        ("pgerp.business_ids", "*"),
        ("pgerp.posting", "function"),
    ):
        client.execute("SELECT set_config(%s, %s, false)", [name, text])


@every_table
def test_forged_settings_show_no_other_row(
    client: psycopg.Connection, world: World, table: str
) -> None:
    hold(client, world.token(business=[1]))
    before = client.execute(f"SELECT count(*) FROM {table}").fetchone()
    forge(client, world)
    assert tenants_seen(client, table) == {world.ours}
    assert client.execute(f"SELECT count(*) FROM {table}").fetchone() == before
    hold(client, "")
    assert tenants_seen(client, table) == set()


POST = "SELECT ledger.create_journal_entry(%s, '2026-03-04', 'Forged', %s)"


def lines(debit: str, credit: str) -> str:
    return json.dumps([{"account": "1110", "debit": debit}, {"account": "4100", "credit": credit}])


def test_forged_settings_open_neither_tenant_nor_business_nor_an_unbalanced_entry(
    client: psycopg.Connection, world: World
) -> None:
    forge(client, world)
    hold(client, world.token(business=[1]))
    throws(client, "ZI006", POST, ["SIDE", lines("1", "1")])
    throws(client, "ZL001", POST, ["MAIN", lines("1", "2")])
    theirs = [world.theirs]
    throws(client, "ZI004", "SELECT identity.create_business('X', 'X', 'USD', %s)", theirs)
    entry_id = value(client, POST, ["MAIN", lines("1", "1")])
    results_eq(
        client,
        "SELECT tenant_id, business_id, created_by FROM ledger.journal_entries WHERE id = %s",
        [(world.ours, 1, "alice")],
        [entry_id],
    )
    hold(client, "")
    throws(client, "ZI001", POST, ["MAIN", lines("1", "1")])
    throws(client, "ZI001", "SELECT identity.create_business('X', 'X', 'USD', %s)", theirs)


def test_statements_and_balances_are_of_the_token_s_tenant(
    client: psycopg.Connection, world: World
) -> None:
    forge(client, world)
    assert value(client, "SELECT ledger.account_balance('MAIN', '1110')") == 100
    assert value(client, "SELECT sum(debit) FROM ledger.trial_balance()") == 200
    movements = "SELECT count(*) FROM ledger.account_movements(%s, NULL, NULL, NULL)"
    assert value(client, movements, [world.ours]) > 0
    assert value(client, movements, [world.theirs]) == 0
    hold(client, world.token(business=[1]))
    assert value(client, "SELECT sum(debit) FROM ledger.trial_balance()") == 100
    throws(client, "ZI005", "SELECT ledger.trial_balance('SIDE')")


def test_a_token_set_for_the_transaction_is_gone_after_it(world: World) -> None:
    with connect(world.client_url) as conn:
        with conn.transaction():
            hold(conn, world.token())
            assert tenants_seen(conn, "identity.tenants") == {world.ours}
        assert tenants_seen(conn, "identity.tenants") == set()


def test_clients_cannot_read_partitions(client: psycopg.Connection) -> None:
    partitions = [
        name
        for (name,) in client.execute(
            "SELECT oid::regclass::text FROM pg_class WHERE relispartition AND relkind = 'r'"
        )
    ]
    assert PARTITION in partitions
    for partition in partitions:
        throws(client, "42501", f"SELECT FROM {partition}")


def test_a_partition_that_was_granted_would_still_be_held_to_the_tenant(
    admin: psycopg.Connection, world: World
) -> None:
    admin.execute(f"GRANT SELECT ON {PARTITION} TO pgerp_app")
    hold(admin, world.token())
    everyone = f"SELECT count(DISTINCT tenant_id) FROM {PARTITION}"
    assert value(admin, everyone) == 2
    with as_role(admin, "pgerp_app"):
        assert value(admin, everyone) == 1
