"""core.stamp_row and core.current_actor: who made and changed a row, whatever the writer says."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg
import pytest

from tests.pgtap import as_role, is_empty, results_eq, set_eq, value

STAMPS = "created_at, created_by, last_modified_at, last_modified_by"
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)

UNSTAMPED = """
SELECT c.oid::regclass::text
FROM pg_class AS c
INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'last_modified_by'
WHERE c.relkind IN ('r', 'p')
    -- What is archived keeps the stamps of its life: partitions come and go whole, and no row is
    -- ever written there (ledger.refuse_archive_change).
    AND c.oid <> 'ledger_archive.journal_entries'::regclass
    AND NOT EXISTS (
    SELECT FROM pg_trigger AS g
    WHERE g.tgrelid = c.oid
        -- The journal's own trigger does it too: one trigger costs less than two.
        AND g.tgfoid IN (
            'core.stamp_row()'::regprocedure, 'ledger.prepare_journal_entry()'::regprocedure
        )
        -- Each row, before, insert and update; always on.
        AND g.tgtype = 1 | 2 | 4 | 16 AND g.tgqual IS NULL AND g.tgattr = '' AND g.tgenabled = 'O'
)
"""

# Tables without the four stamps, and what tells the same. All others have them.
STAMPLESS = {
    "core.document_counters": "what it numbers has them",
    "identity.signing_keys": "audit.log",
    "identity.permissions": "audit.log",
    "identity.subject_rights": "derived from users, roles and access",
    "ledger.account_types": "audit.log",
    "ledger.currencies": "audit.log",
    "ledger.held_amounts": "ledger.holds, whose parts they are; audit.log",
    "ledger.budget_lines": "ledger.budget_revisions, whose parts they are; audit.log",
    "ledger.posting_rule_lines": "ledger.posting_rule_revisions, whose parts they are; audit.log",
    "ledger.reference_posting_rules": "audit.log",
    "ledger.journal_lines": "ledger.journal_entries, whose parts they are",
    "ledger.journal_numbers": "ledger.journal_entries; its own created_at",
    "ledger.idempotency_keys": "ledger.journal_entries; its own created_at",
    "ledger.account_balances": "derived from the lines",
    "ledger.account_heads": "derived from the lines",
    "ledger.budget_heads": "holds nothing but a lock",
    "ledger.seals": "its own sealed_at and sealed_by, under its hash",
    "ledger.sealed_entries": "ledger.seals, whose leaves they are",
    "ledger_archive.journal_lines": "ledger_archive.journal_entries, whose parts they are",
    "party.customer_terms": "derived from customers",
    "party.document_types": "audit.log",
    "party.personal_data_tables": "audit.log",
    "party.personal_data_columns": "audit.log",
    "lending.idempotency_keys": "lending.transactions; its own created_at",
    "lending.movements": "events.event_store, whose events they tell of; lending.transactions",
    "lending.instalments": "lending.schedules, whose parts they are",
    "lending.loan_balances": "derived from transactions",
    "lending.status_changes": "its own changed_at and changed_by",
    "hr.employee_history": "its own changed_at and changed_by",
    "payroll.tax_rates": "audit.log",
    "payroll.employee_cache": "events.event_store, whose events it is made of",
    "payroll.salary_cache": "events.event_store, whose events it is made of",
    "payroll.opening_balance_items": "payroll.opening_balances, whose parts they are; audit.log",
    "payroll.record_items": "payroll.payroll_records, whose parts they are",
    "payroll.summary_dues": "its own noted_at",
    "payroll.summary_refreshes": "its own refreshed_at",
    "audit.log": "its own logged_at and actor",
    "events.event_types": "audit.log",
    "events.subscriptions": "audit.log",
    "events.settings": "audit.log",
    "events.event_store": "its own occurred_at and actor",
    "events.processed_events": "its own processed_at; events.event_store",
    "events.pending": "its own arrived_at; events.event_store",
    "events.stream_heads": "events.event_store, whose versions it counts",
    "audit.seals": "its own sealed_at and sealed_by, under its hash",
    "audit.sealed_changes": "audit.seals, whose leaves they are",
}
WITHOUT_STAMPS = """
SELECT c.oid::regclass::text
FROM pg_class AS c
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND c.relnamespace::regnamespace::text !~ '^(pg_|information_schema$|public$|pgerp$)'
    AND (
        SELECT count(*) FROM pg_attribute AS a
        WHERE a.attrelid = c.oid AND a.attnotnull AND (a.attname, a.atttypid) IN (
            ('created_at', 'timestamptz'::regtype), ('created_by', 'text'::regtype),
            ('last_modified_at', 'timestamptz'::regtype), ('last_modified_by', 'text'::regtype)
        )
    ) < 4
"""


@pytest.fixture
def tenant(db: psycopg.Connection) -> int:
    return value(db, "SELECT identity.create_tenant('Stamps')")


def test_every_table_with_stamps_has_them_kept_by_the_trigger(db: psycopg.Connection) -> None:
    is_empty(db, UNSTAMPED)


def test_every_table_has_stamps_or_something_else_tells_them(db: psycopg.Connection) -> None:
    set_eq(db, WITHOUT_STAMPS, [(table,) for table in STAMPLESS])


@pytest.mark.parametrize(
    ("sql", "table"),
    [
        ("CREATE TABLE core.new (id integer)", "core.new"),
        ("ALTER TABLE identity.users DROP COLUMN created_by CASCADE", "identity.users"),
        ("ALTER TABLE identity.users ALTER created_at DROP NOT NULL", "identity.users"),
    ],
)
def test_a_table_without_stamps_would_be_noticed(
    db: psycopg.Connection, sql: str, table: str
) -> None:
    db.execute(sql)
    set_eq(db, WITHOUT_STAMPS, [(name,) for name in [*STAMPLESS, table]])


AGAIN = "CREATE OR REPLACE TRIGGER users_stamp BEFORE {} EXECUTE FUNCTION core.stamp_row()"


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TRIGGER users_stamp ON identity.users",
        "ALTER TABLE identity.users DISABLE TRIGGER users_stamp",
        AGAIN.format("INSERT ON identity.users FOR EACH ROW"),
        AGAIN.format("INSERT OR UPDATE OF name ON identity.users FOR EACH ROW"),
        AGAIN.format("INSERT OR UPDATE ON identity.users FOR EACH ROW WHEN (NEW.is_active)"),
    ],
)
def test_a_table_whose_stamps_are_not_kept_would_be_noticed(
    db: psycopg.Connection, sql: str
) -> None:
    db.execute(sql)
    results_eq(db, UNSTAMPED, [("identity.users",)])


def test_a_new_row_has_the_start_of_the_transaction_and_the_login_role_as_stamps(
    db: psycopg.Connection, tenant: int
) -> None:
    now, user = db.execute("SELECT now(), session_user").fetchone()
    query = f"SELECT {STAMPS} FROM identity.tenants WHERE id = %s"
    results_eq(db, query, [(now, user, now, user)], [tenant])


def test_stamps_given_with_a_new_row_are_ignored(db: psycopg.Connection) -> None:
    row = db.execute(
        f"INSERT INTO identity.tenants (name, {STAMPS})"
        f" VALUES ('Forger', %s, 'x', %s, 'x') RETURNING {STAMPS}",
        [LONG_AGO, LONG_AGO],
    ).fetchone()
    now, user = db.execute("SELECT now(), session_user").fetchone()
    assert row == (now, user, now, user)


def test_an_update_moves_only_the_stamps_of_the_last_change(
    db: psycopg.Connection, tenant: int
) -> None:
    db.execute("ALTER TABLE identity.tenants DISABLE TRIGGER tenants_stamp")
    db.execute(
        "UPDATE identity.tenants SET created_at = %s, created_by = 'founder',"
        " last_modified_at = %s, last_modified_by = 'founder' WHERE id = %s",
        [LONG_AGO, LONG_AGO, tenant],
    )
    db.execute("ALTER TABLE identity.tenants ENABLE TRIGGER tenants_stamp")
    row = db.execute(
        "UPDATE identity.tenants SET name = 'Renamed', created_at = now(), created_by = 'x',"
        f" last_modified_at = 'infinity', last_modified_by = 'x' WHERE id = %s RETURNING {STAMPS}",
        [tenant],
    ).fetchone()
    now, user = db.execute("SELECT now(), session_user").fetchone()
    assert row == (LONG_AGO, "founder", now, user)


def test_a_row_made_through_the_api_is_stamped_with_the_subject_of_the_token(
    db: psycopg.Connection, tenant: int
) -> None:
    token = value(db, "SELECT identity.issue_token(%s, 'alice@example.com')", [tenant])
    with as_role(db, "pgerp_app"):
        db.execute(
            "SELECT set_config('pgerp.actor', 'mallory', true),"
            " set_config('pgerp.token', %s, true)",
            [token],
        )
        db.execute("SELECT identity.create_business('B', 'B', 'USD')")
    assert value(db, "SELECT created_by FROM identity.businesses") == "alice@example.com"


def test_the_actor_that_a_client_sets_does_not_count(db: psycopg.Connection) -> None:
    db.execute("SELECT set_config('pgerp.actor', 'mallory', true)")
    assert value(db, "SELECT core.current_actor() = session_user")


def test_the_actor_of_functions_of_the_owner_is_the_one_they_entered(
    db: psycopg.Connection,
) -> None:
    db.execute("SELECT set_config('pgerp.actor', 'alice', true)")
    with as_role(db, "pgerp_owner"):
        assert value(db, "SELECT core.current_actor()") == "alice"


def test_the_owner_without_an_actor_is_the_login_role(db: psycopg.Connection) -> None:
    with as_role(db, "pgerp_owner"):
        assert value(db, "SELECT core.current_actor() = session_user")
        db.execute("SELECT set_config('pgerp.actor', '', true)")
        assert value(db, "SELECT core.current_actor() = session_user")
