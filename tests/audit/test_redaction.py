"""Taking personal data out of the log: on record, by one path, and nothing else."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.audit.conftest import hold, logged
from tests.pgtap import as_role, is_empty, results_eq, throws, value
from tests.years import THIS_YEAR

USERS = "identity.users"
MARKER = "[anonymised]"


@pytest.fixture
def bob(db: psycopg.Connection, tenant: int) -> str:
    """A user without an email address at first, who was made, changed and deleted."""
    db.execute("SELECT set_config('pgerp.tenant_id', %s, true)", [str(tenant)])
    made: str = value(
        db,
        "INSERT INTO identity.users (tenant_id, subject, name) VALUES (%s, 'bob', 'Bob')"
        " RETURNING id::text",
        [tenant],
    )
    db.execute("UPDATE identity.users SET email = 'bob@example.com'")
    db.execute("DELETE FROM identity.users")
    return made


def redact(
    conn: psycopg.Connection,
    tenant: int | None,
    key: Any,
    columns: list[Any] | None,
    *,
    table: str | None = USERS,
    reason: str | None = "Request 7",
) -> int:
    """Redact, as the owner's functions do."""
    conn.execute("SET LOCAL ROLE pgerp_owner")
    try:
        with conn.transaction():
            count: int = value(
                conn,
                "SELECT audit.redact(%s, %s, %s, %s::text[], %s)",
                [tenant, table, None if key is None else Jsonb(key), columns, reason],
            )
    finally:
        conn.execute("RESET ROLE")
    return count


def refused(sqlstate: str, *arguments: Any, **more: Any) -> None:
    """Redacting is refused with this code."""
    with pytest.raises(psycopg.Error) as error:
        redact(*arguments, **more)
    assert error.value.sqlstate == sqlstate


def sides(conn: psycopg.Connection, *columns: str) -> list[tuple[Any, ...]]:
    """Return columns of the old side and of the new one, per row of the log of users."""
    rows = logged(conn, USERS, "old_row, new_row")
    return [tuple((side or {}).get(c, "-") for side in row for c in columns) for row in rows]


def test_the_values_are_gone_from_both_sides_of_every_row_and_nulls_stay(
    db: psycopg.Connection, tenant: int, bob: str
) -> None:
    before = logged(db, USERS, "to_jsonb(log) - 'old_row' - 'new_row'")
    others = logged(db, USERS, "old_row - 'email' - 'name', new_row - 'email' - 'name'")
    assert redact(db, tenant, {"id": bob.upper()}, ["email", "name", "no_such_column"]) == 3
    assert sides(db, "email", "name") == [
        ("-", "-", None, MARKER),
        (None, MARKER, MARKER, MARKER),
        (MARKER, MARKER, "-", "-"),
    ]
    assert logged(db, USERS, "to_jsonb(log) - 'old_row' - 'new_row'") == before
    assert logged(db, USERS, "old_row - 'email' - 'name', new_row - 'email' - 'name'") == others
    assert redact(db, tenant, {"id": bob}, ["email", "name"]) == 0


def test_every_redaction_is_on_record_and_in_the_log(
    db: psycopg.Connection, tenant: int, bob: str
) -> None:
    hold(db, tenant, sub="carol")
    value(db, "SELECT identity.enter_tenant(NULL)")
    assert redact(db, tenant, {"id": bob}, ["email"]) == 2
    assert redact(db, tenant, {"id": bob}, ["email", "name"], reason="Request 8") == 3
    results_eq(
        db,
        "SELECT r.columns, r.reason, r.created_by, r.created_at = now(), l.action::text"
        " FROM audit.redactions AS r INNER JOIN audit.log AS l"
        " ON l.tenant_id = r.tenant_id AND l.id = r.log_id ORDER BY r.id",
        [
            (["email"], "Request 7", "carol", True, "UPDATE"),
            (["email"], "Request 7", "carol", True, "DELETE"),
            (["name"], "Request 8", "carol", True, "INSERT"),
            (["name"], "Request 8", "carol", True, "UPDATE"),
            (["name"], "Request 8", "carol", True, "DELETE"),
        ],
    )
    assert len(logged(db, "audit.redactions", "id")) == 5


def test_rows_in_other_partitions_are_redacted_too(db: psycopg.Connection, tenant: int) -> None:
    db.execute("SELECT set_config('pgerp.tenant_id', %s, true)", [str(tenant)])
    key = "00000000-0000-7000-8000-000000000001"
    for year in (THIS_YEAR, THIS_YEAR + 1, 2001):
        db.execute(
            "INSERT INTO audit.log (tenant_id, id, table_name, row_key, action, new_row, actor,"
            " logged_at, transaction_id) VALUES (%s,"
            " core.uuid_v7_floor(make_timestamptz(%s, 6, 1, 0, 0, 0)), 'identity.users', %s,"
            " 'INSERT', '{\"name\": \"Bob\"}', 'x', now(), '1')",
            [tenant, year, key],
        )
    assert redact(db, tenant, {"id": key}, ["name"]) == 3
    for table in (f"log_{THIS_YEAR}", f"log_{THIS_YEAR + 1}", "log_default"):
        assert (
            value(
                db,
                f"SELECT new_row ->> 'name' FROM audit.{table} WHERE row_key = %s",
                [key],
            )
            == MARKER
        )


def test_a_key_of_several_columns_and_rows_of_no_tenant_are_redacted(
    db: psycopg.Connection, tenant: int
) -> None:
    db.execute("SELECT set_config('pgerp.tenant_id', %s, true)", [str(tenant)])
    db.execute("SELECT identity.create_standard_roles()")
    role = value(db, "SELECT id::text FROM identity.roles WHERE code = 'owner'")
    key = {"role_id": role, "permission": "ledger.post"}
    table = "identity.role_permissions"
    assert redact(db, tenant, key, ["created_by"], table=table) == 1
    db.execute("SELECT set_config('pgerp.tenant_id', '0', true)")
    db.execute("UPDATE ledger.currencies SET name = 'Shilling' WHERE code = 'KES'")
    assert redact(db, 0, {"code": "KES"}, ["name"], table="ledger.currencies") >= 1
    results_eq(
        db,
        "SELECT DISTINCT new_row ->> 'name' FROM audit.log WHERE tenant_id = 0 AND row_key = 'KES'",
        [(MARKER,)],
    )


def test_a_key_that_never_was_changes_nothing(
    db: psycopg.Connection, tenant: int, bob: str
) -> None:
    other = value(db, "SELECT core.uuid_v7()::text")
    assert redact(db, tenant, {"id": other}, ["email"]) == 0
    is_empty(db, "SELECT FROM audit.redactions")


def test_senseless_arguments_are_refused(db: psycopg.Connection, tenant: int, bob: str) -> None:
    key = {"id": bob}
    for columns in (None, [], ["email", None], ["id"], ["created_at"], ["tenant_id"]):
        refused("22023", db, tenant, key, columns)
    refused("22023", db, tenant, key, ["email"], reason=None)
    refused("22023", db, tenant, key, ["email"], reason=" ")
    refused("23514", db, tenant, key, ["email"], reason="x" * 501)
    refused("ZA003", db, tenant, key, ["email"], table="identity.nobody")
    refused("ZA003", db, tenant, key, ["email"], table=None)
    for bad in (None, "x", [], {}, {"id": "x"}, {**key, "name": "Bob"}):
        refused("ZA004", db, tenant, bad, ["email"])
    for wrong in (None, 0, tenant + 1):
        refused("ZI004", db, wrong, key, ["email"])
    refused("ZI004", db, tenant, {"code": "KES"}, ["name"], table="ledger.currencies")


def test_what_the_log_says_of_itself_is_not_redacted(
    db: psycopg.Connection, tenant: int, bob: str
) -> None:
    redact(db, tenant, {"id": bob}, ["email"])
    record = value(db, "SELECT id::text FROM audit.redactions LIMIT 1")
    refused("22023", db, tenant, {"id": record}, ["reason"], table="audit.redactions")
    held = value(db, "SELECT core.uuid_v7()::text")
    refused("22023", db, tenant, {"id": held}, ["reason"], table="audit.legal_holds")


def test_only_a_fresh_snapshot_redacts(db: psycopg.Connection) -> None:
    db.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    tenant = value(db, "SELECT identity.create_tenant('Tenant')")
    db.execute("SELECT set_config('pgerp.tenant_id', %s, true)", [str(tenant)])
    refused("25001", db, tenant, {"id": tenant}, ["name"], table="identity.tenants")


def test_nothing_is_redacted_under_a_legal_hold(
    db: psycopg.Connection, tenant: int, bob: str
) -> None:
    hold(db, tenant, permissions=["*"])
    held = value(db, "SELECT audit.place_legal_hold('Case 7')")
    refused("ZA008", db, tenant, {"id": bob}, ["email"])
    throws(db, "ZA008", RECORD)
    db.execute("SELECT audit.lift_legal_hold(%s)", [held])
    assert redact(db, tenant, {"id": bob}, ["email"]) == 2


RECORD = (
    "INSERT INTO audit.redactions (tenant_id, log_id, columns, reason)"
    " SELECT tenant_id, id, '{email}', 'x' FROM audit.log WHERE table_name = 'identity.users'"
)


@pytest.mark.parametrize("role", ["postgres", "pgerp_owner"])
@pytest.mark.parametrize("table", ["audit.log", f"audit.log_{THIS_YEAR}"])
@pytest.mark.parametrize(
    "change",
    [
        'new_row = new_row || \'{"email": "x"}\'',
        "new_row = new_row || '{\"email\": null}'",
        "new_row = new_row - 'email'",
        'new_row = new_row || \'{"name": "[anonymised]"}\'',
        'new_row = new_row || \'{"email": "[anonymised]", "name": "[anonymised]"}\'',
        'old_row = old_row || \'{"email": "[anonymised]"}\'',
        "new_row = NULL",
        "new_row = new_row || '{\"email\": \"[anonymised]\"}', actor = 'x'",
        "logged_at = logged_at - interval '1 day'",
    ],
)
def test_a_record_lets_nothing_through_but_what_it_says(
    db: psycopg.Connection, tenant: int, bob: str, role: str, table: str, change: str
) -> None:
    db.execute(RECORD)
    for name in ("redacting", "redaction", "redact", "actor"):
        db.execute(f"SELECT set_config('pgerp.{name}', 'on', true)")
    if role == "pgerp_owner":
        db.execute("SET LOCAL ROLE pgerp_owner")
    throws(db, "ZA002", f"UPDATE {table} SET {change} WHERE action = 'UPDATE'")
    throws(db, "ZA002", f"DELETE FROM {table} WHERE action = 'UPDATE'")


@pytest.mark.parametrize("role", ["postgres", "pgerp_owner"])
def test_without_a_record_not_even_the_marker_is_let_through(
    db: psycopg.Connection, tenant: int, bob: str, role: str
) -> None:
    if role == "pgerp_owner":
        db.execute("SET LOCAL ROLE pgerp_owner")
    change = "UPDATE audit.log SET new_row = audit.redacted(new_row, '{email}')"
    throws(db, "ZA002", change)
    throws(db, "ZA002", "UPDATE audit.log SET actor = actor")


@pytest.mark.parametrize("role", ["postgres", "pgerp_owner"])
def test_the_record_never_changes(db: psycopg.Connection, tenant: int, bob: str, role: str) -> None:
    redact(db, tenant, {"id": bob}, ["email"])
    if role == "pgerp_owner":
        db.execute("SET LOCAL ROLE pgerp_owner")
    throws(db, "ZA009", "UPDATE audit.redactions SET reason = 'y'")
    throws(db, "ZA009", "DELETE FROM audit.redactions")
    throws(db, "ZA001", "TRUNCATE audit.redactions")


@pytest.mark.parametrize(
    "role", ["pgerp_app", "pgerp_readonly", "pgerp_auditor", "pgerp_monitor", "pgerp_backup"]
)
def test_no_client_redacts(db: psycopg.Connection, tenant: int, bob: str, role: str) -> None:
    with as_role(db, role):
        throws(
            db,
            "42501",
            "SELECT audit.redact(%s, 'identity.users', '{}', '{email}', 'x')",
            [tenant],
        )
        throws(db, "42501", RECORD)


def test_auditors_see_the_redactions_of_their_tenant(
    db: psycopg.Connection, tenant: int, bob: str
) -> None:
    redact(db, tenant, {"id": bob}, ["email"])
    with as_role(db, "pgerp_auditor"):
        assert value(db, "SELECT count(*) FROM audit.redactions") == 2
    hold(db, value(db, "SELECT identity.create_tenant('Other')"))
    with as_role(db, "pgerp_auditor"):
        is_empty(db, "SELECT FROM audit.redactions")
    with as_role(db, "pgerp_app"):
        throws(db, "42501", "SELECT FROM audit.redactions")
