"""What nobody can do to the log, and who may read it."""

from __future__ import annotations

import psycopg
import pytest

from tests.ledger.books import offenders, open_books
from tests.pgtap import as_role, is_empty, results_eq, throws
from tests.years import THIS_YEAR

PARTITION = f"audit.log_{THIS_YEAR}"
USER = "INSERT INTO identity.users (tenant_id, subject, name) VALUES (%s, 'bob', 'Bob')"


@pytest.mark.parametrize("role", [None, "pgerp_owner"])
@pytest.mark.parametrize("table", ["audit.log", PARTITION])
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET actor = 'x'", "DELETE FROM {}", "TRUNCATE {}"]
)
def test_nobody_changes_the_log(
    db: psycopg.Connection, tenant: int, role: str | None, table: str, statement: str
) -> None:
    db.execute("SELECT set_config('pgerp.tenant_id', %s, true)", [str(tenant)])
    if role:
        db.execute(f"SET LOCAL ROLE {role}")
    throws(db, "ZA002", statement.format(table))


FORGED = (
    "INSERT INTO {} (tenant_id, table_name, row_key, action, actor, logged_at, transaction_id)"
    " VALUES (1, 'x', 'x', 'INSERT', 'x', now(), '1')"
)
CLIENTS = ["pgerp_app", "pgerp_readonly", "pgerp_auditor", "pgerp_monitor", "pgerp_backup"]


@pytest.mark.parametrize("role", CLIENTS)
@pytest.mark.parametrize(
    "statement",
    [
        FORGED,
        "UPDATE {} SET actor = 'x'",
        "DELETE FROM {}",
        "TRUNCATE {}",
        "ALTER TABLE {} DISABLE TRIGGER ALL",
        "DROP TABLE {}",
    ],
)
def test_clients_neither_write_the_log_nor_switch_it_off(
    db: psycopg.Connection, tenant: int, role: str, statement: str
) -> None:
    with as_role(db, role):
        for table in ("audit.log", PARTITION):
            throws(db, "42501", statement.format(table))
        throws(db, "42501", "ALTER TABLE ledger.accounts DISABLE TRIGGER audit_change")
        throws(db, "42501", "DROP TRIGGER audit_change ON ledger.accounts")
        throws(db, "42501", "SET LOCAL session_replication_role = replica")
        throws(db, "42501", "SELECT audit.apply_triggers()")
        throws(db, "42501", "SELECT * FROM audit.remove_expired()")


@pytest.mark.parametrize("role", ["pgerp_app", "pgerp_readonly", "pgerp_monitor"])
def test_only_auditors_read_it(db: psycopg.Connection, tenant: int, role: str) -> None:
    for relation in ("audit.log", "audit.audit_logs", "audit.legal_holds", PARTITION):
        with as_role(db, role):
            throws(db, "42501", f"SELECT FROM {relation}")
    with as_role(db, role):
        throws(db, "42501", "SELECT audit.history('identity.users', '{}')")
    with as_role(db, "pgerp_auditor"):
        throws(db, "42501", f"SELECT FROM {PARTITION}")


def test_auditors_see_the_rows_of_their_tenant_and_businesses(db: psycopg.Connection) -> None:
    ours, theirs = open_books(db, "Ours"), open_books(db, "Theirs")
    seen = "SELECT DISTINCT tenant_id, business_id FROM audit.log ORDER BY 1, 2"
    issue = "SELECT set_config('pgerp.token', identity.issue_token(%s, 'a', %s), true)"
    for tenant_id, businesses, wanted in (
        (ours.tenant_id, None, [1, 2, None]),
        (ours.tenant_id, [2], [2, None]),
        (theirs.tenant_id, [1], [1, None]),
    ):
        db.execute(issue, [tenant_id, businesses])
        with as_role(db, "pgerp_auditor"):
            results_eq(db, seen, [(tenant_id, business) for business in wanted])
    db.execute("SELECT set_config('pgerp.token', '', true)")
    with as_role(db, "pgerp_auditor"):
        is_empty(db, seen)


def test_no_logged_table_nor_partition_is_truncated(db: psycopg.Connection) -> None:
    tables = db.execute(
        "SELECT p.relid::regclass::text FROM audit.logged_tables() AS t,"
        " LATERAL (SELECT t.relid UNION SELECT f.relid FROM pg_partition_tree(t.relid) AS f) AS p"
        " ORDER BY 1"
    ).fetchall()
    assert ("identity.users",) in tables and ("ledger.journal_lines_2027",) in tables
    for (table,) in tables:
        with pytest.raises(psycopg.Error) as refused, db.transaction():
            db.execute(f"TRUNCATE {table} CASCADE")
        assert refused.value.sqlstate in {"ZA001", "ZE005", "ZH005", "ZL006", "ZL070", "ZO030"}, (
            table
        )
    throws(db, "ZA001", "TRUNCATE identity.user_roles")


@pytest.mark.parametrize(
    ("table", "trigger"),
    [
        (PARTITION, "log_guard"),
        (PARTITION, "log_refuse_truncate"),
        ("audit.redactions", "redactions_guard"),
        ("audit.removals", "removals_guard"),
        ("audit.seals", "seals_append_only"),
        ("audit.sealed_changes", "sealed_changes_guard"),
        ("audit.sealed_changes", "sealed_changes_refuse_truncate"),
    ],
)
def test_a_guard_of_the_log_that_is_disabled_is_found(
    db: psycopg.Connection, table: str, trigger: str
) -> None:
    assert offenders(db) == {}
    db.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    (found,) = offenders(db)["audit/every_table_is_logged"]
    assert found[:2] == (table, trigger)


def test_who_may_write_a_table_but_not_the_log_is_refused(
    db: psycopg.Connection, tenant: int
) -> None:
    db.execute("GRANT INSERT ON identity.users TO pgerp_app")
    db.execute("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA core TO pgerp_app")
    with as_role(db, "pgerp_app"):
        assert throws(db, "42501", USER, [tenant]).diag.table_name in (None, "log")
