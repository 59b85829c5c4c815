"""audit.log: what it says of a change, by whatever path, and what nobody can do to it."""

from __future__ import annotations

import psycopg
import pytest

from pgerp.db import connect
from tests.audit.conftest import hold, logged
from tests.ledger.books import as_json, open_books
from tests.pgtap import as_role, is_empty, results_eq, throws, value

ACCOUNT = "ledger.accounts"
USER = "INSERT INTO identity.users (tenant_id, subject, name) VALUES (%s, 'bob', 'Bob')"


def test_an_insert_an_update_and_a_delete_have_both_sides_and_what_changed(
    db: psycopg.Connection, tenant: int
) -> None:
    db.execute(USER, [tenant])
    row = "SELECT to_jsonb(u) FROM identity.users AS u"
    made = value(db, row)
    db.execute("UPDATE identity.users SET name = 'Robert'")
    changed = value(db, row)
    db.execute("DELETE FROM identity.users")
    assert logged(db, "identity.users", "action::text, old_row, new_row, row_key") == [
        ("INSERT", None, made, made["id"]),
        ("UPDATE", made, changed, made["id"]),
        ("DELETE", changed, None, made["id"]),
    ]
    assert made["name"] == "Bob"
    assert changed == {**made, "name": "Robert"}
    results_eq(
        db,
        "SELECT action::text, changed_fields, old_values, new_values, record_id"
        " FROM audit.audit_logs WHERE table_name = 'identity.users' ORDER BY id",
        [
            ("INSERT", None, None, made, made["id"]),
            ("UPDATE", ["name"], made, changed, made["id"]),
            ("DELETE", None, changed, None, made["id"]),
        ],
    )


def test_a_change_through_the_api_has_the_subject_the_user_agent_and_the_correlation(
    db: psycopg.Connection, tenant: int
) -> None:
    hold(db, tenant, sub="carol", user_agent="Till/2.1", correlation_id="req-77")
    db.execute("SET LOCAL application_name = 'till'")
    db.execute("SELECT ledger.deactivate_account('1110')")
    assert logged(
        db, ACCOUNT, "action::text, actor, user_agent, correlation_id, application, tenant_id"
    ) == [
        ("INSERT", "alice", None, None, "pgerp", tenant),
        ("UPDATE", "carol", "Till/2.1", "req-77", "till", tenant),
    ]
    results_eq(
        db,
        "SELECT DISTINCT transaction_id = pg_current_xact_id(),"
        " logged_at BETWEEN now() AND clock_timestamp(),"
        " core.uuid_v7_time(id) BETWEEN now() - interval '1 s' AND clock_timestamp()"
        " FROM audit.log WHERE tenant_id = %s",
        [(True, True, True)],
        [tenant],
    )


def test_claims_of_an_earlier_token_and_forged_settings_are_not_taken_over(
    db: psycopg.Connection, tenant: int
) -> None:
    hold(db, tenant, user_agent="Till/2.1", correlation_id="req-77")
    db.execute("SELECT ledger.deactivate_account('1110')")
    hold(db, tenant)
    for name in ("actor", "user_agent", "correlation_id"):
        db.execute("SELECT set_config(%s, 'mallory', true)", [f"pgerp.{name}"])
    with as_role(db, "pgerp_app"):
        db.execute("SELECT ledger.activate_account('1110')")
    # By SQL as well: what a session sets itself is not proved by anything.
    for name in ("actor", "user_agent", "correlation_id"):
        db.execute("SELECT set_config(%s, 'mallory', true)", [f"pgerp.{name}"])
    db.execute("UPDATE ledger.accounts SET name = 'Till' WHERE tenant_id = %s", [tenant])
    user = value(db, "SELECT session_user::text")
    assert logged(db, ACCOUNT, "actor, user_agent, correlation_id")[1:] == [
        ("alice", "Till/2.1", "req-77"),
        ("alice", None, None),
        (user, None, None),
    ]


@pytest.mark.parametrize("token", ["nonsense", "a.b.c"])
def test_a_bad_token_does_not_stop_an_operator(
    db: psycopg.Connection, tenant: int, token: str
) -> None:
    db.execute("SELECT set_config('pgerp.token', %s, true)", [token])
    db.execute("UPDATE ledger.accounts SET name = 'Till' WHERE tenant_id = %s", [tenant])
    assert logged(db, ACCOUNT, "new_row ->> 'name'")[-1] == ("Till",)


def test_the_address_is_the_one_that_the_server_saw(db: psycopg.Connection, tenant: int) -> None:
    results_eq(
        db,
        "SELECT DISTINCT address IS NOT DISTINCT FROM inet_client_addr() FROM audit.log"
        " WHERE tenant_id = %s",
        [(True,)],
        [tenant],
    )


def test_copy_merge_upsert_and_cascades_are_logged(db: psycopg.Connection) -> None:
    books = open_books(db)
    before = len(logged(db, "identity.users", "id"))
    with db.cursor().copy("COPY identity.users (tenant_id, subject, name) FROM STDIN") as copy:
        copy.write_row([books.tenant_id, "bob", "Bob"])
    upsert = (
        "INSERT INTO identity.users (tenant_id, subject, name) VALUES (%s, 'bob', 'B')"
        " ON CONFLICT (tenant_id, subject) DO UPDATE SET name = EXCLUDED.name"
    )
    db.execute(upsert, [books.tenant_id])
    db.execute(
        "MERGE INTO identity.users AS u USING (VALUES ('bob'), ('eve')) AS n (subject)"
        " ON u.tenant_id = %s AND u.subject = n.subject WHEN MATCHED THEN DELETE"
        " WHEN NOT MATCHED THEN INSERT (tenant_id, subject, name) VALUES (%s, n.subject, 'Eve')",
        [books.tenant_id, books.tenant_id],
    )
    found = logged(db, "identity.users", "action::text, coalesce(new_row, old_row) ->> 'name'")
    assert found[before:] == [
        ("INSERT", "Bob"),
        ("UPDATE", "B"),
        ("DELETE", "B"),
        ("INSERT", "Eve"),
    ]
    entry = value(
        db,
        "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'Draft', %s, 'DRAFT')",
        [as_json(("1110", "1"), ("4100", "-1"))],
    )
    db.execute("UPDATE ledger.journal_lines SET description = 'x' WHERE entry_id = %s", [entry])
    db.execute("DELETE FROM ledger.journal_entries WHERE id = %s", [entry])
    assert sorted(logged(db, "ledger.journal_lines", "action::text")) == [
        ("DELETE",),
        ("DELETE",),
        ("UPDATE",),
        ("UPDATE",),
    ]
    assert logged(db, "ledger.journal_entries", "action::text, row_key") == [("DELETE", str(entry))]


def test_a_cascade_is_logged_also_where_no_tenant_is_entered(
    db: psycopg.Connection, tenant: int
) -> None:
    """A foreign key that cascades runs as the owner, whom row security holds to a tenant."""
    db.execute("SELECT set_config('pgerp.tenant_id', '', true)")
    db.execute("DELETE FROM identity.businesses AS b WHERE b.tenant_id = %s", [tenant])
    settings = logged(db, "identity.business_settings", "action::text, tenant_id")
    assert settings == [("INSERT", tenant), ("DELETE", tenant)]
    assert value(db, "SELECT current_setting('pgerp.tenant_id')") == ""


def test_a_change_of_a_partition_itself_is_logged_under_its_table(db: psycopg.Connection) -> None:
    open_books(db)
    db.execute(
        "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'Draft', %s, 'DRAFT')",
        [as_json(("1110", "1"), ("4100", "-1"))],
    )
    (name,) = db.execute(
        "SELECT DISTINCT tableoid::regclass::text FROM ledger.journal_entries"
    ).fetchone()
    db.execute(f"UPDATE {name} SET description = 'x'")
    assert logged(db, "ledger.journal_entries", "new_row ->> 'description'") == [("x",)]


def test_posting_writes_nothing_to_the_log(db: psycopg.Connection) -> None:
    open_books(db)
    before = value(db, "SELECT count(*) FROM audit.log")
    db.execute(
        "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'Sale', %s)",
        [as_json(("1110", "1"), ("4100", "-1"))],
    )
    assert value(db, "SELECT count(*) FROM audit.log") == before


def test_a_rolled_back_change_is_not_logged(db: psycopg.Connection, tenant: int) -> None:
    before = value(db, "SELECT count(*) FROM audit.log")
    throws(db, "23505", f"{USER}, (%s, 'bob', 'Bob')", [tenant, tenant])
    assert value(db, "SELECT count(*) FROM audit.log") == before


def test_sensitive_values_never_reach_the_log_but_that_they_changed_does(
    db: psycopg.Connection, tenant: int
) -> None:
    db.execute("UPDATE identity.signing_keys SET inner_pad = outer_pad")
    db.execute("UPDATE identity.signing_keys SET retired_at = now()")
    assert logged(
        db,
        "identity.signing_keys",
        "action::text, old_row ->> 'inner_pad', new_row ->> 'inner_pad', new_row ->> 'outer_pad',"
        " audit.changed_columns(old_row, new_row)",
    ) == [
        ("INSERT", None, "***", "***", None),
        ("UPDATE", "***", "*** (changed)", "***", ["inner_pad"]),
        ("UPDATE", "***", "***", "***", ["retired_at"]),
    ]
    is_empty(
        db,
        "SELECT FROM audit.log AS l, identity.signing_keys AS k"
        " WHERE strpos(l::text, encode(k.outer_pad, 'hex')) > 0",
    )


def test_rows_without_tenant_are_logged_under_none(db: psycopg.Connection, tenant: int) -> None:
    with as_role(db, "pgerp_owner"):
        db.execute("SELECT set_config('pgerp.tenant_id', %s, true)", [str(tenant)])
        db.execute("UPDATE ledger.currencies SET name = 'Shilling' WHERE code = 'KES'")
        assert value(db, "SELECT current_setting('pgerp.tenant_id')") == str(tenant)
    assert logged(db, "ledger.currencies", "tenant_id, row_key, new_row ->> 'name'")[-1] == (
        0,
        "KES",
        "Shilling",
    )
    with as_role(db, "pgerp_auditor"):
        is_empty(db, "SELECT FROM audit.log WHERE tenant_id <> %s", [tenant])
        is_empty(db, "SELECT * FROM audit.history('ledger.currencies', '{\"code\": \"KES\"}')")


def test_a_row_with_another_key_is_gone_under_the_old_one(
    db: psycopg.Connection, tenant: int
) -> None:
    old = value(db, "SELECT id::text FROM ledger.accounts WHERE tenant_id = %s", [tenant])
    moved = "UPDATE ledger.accounts SET id = core.uuid_v7() WHERE tenant_id = %s RETURNING id::text"
    new = value(db, moved, [tenant])
    assert logged(db, ACCOUNT, "action::text, row_key") == [
        ("INSERT", old),
        ("UPDATE", new),
        ("DELETE", old),
    ]
    as_of = "SELECT audit.as_of('ledger.accounts', jsonb_build_object('id', %s::text), %s)"
    at = value(db, "SELECT max(logged_at) FROM audit.log WHERE action = 'INSERT'")
    assert value(db, as_of, [old, at])["id"] == old
    assert value(db, as_of, [new, at]) is None
    assert value(db, as_of, [old, "infinity"]) is None
    assert value(db, as_of, [new, "infinity"])["id"] == new


def test_no_row_goes_to_another_tenant(db: psycopg.Connection, tenant: int) -> None:
    other = value(db, "SELECT identity.create_tenant('Other')")
    db.execute(USER, [tenant])
    throws(db, "ZA007", "UPDATE identity.users SET tenant_id = %s", [other])


def test_the_log_has_the_order_of_commits_of_one_row(clone: str) -> None:
    with connect(clone) as one:
        tenant_id = value(one, "SELECT identity.create_tenant('Tenant')")
        one.execute(USER, [tenant_id])
        with connect(clone, autocommit=False) as first, connect(clone) as second:
            # Began before the other, writes after it.
            first.execute("SELECT now()")
            second.execute("UPDATE identity.users SET name = 'second'")
            first.execute("UPDATE identity.users SET name = 'first'")
            first.commit()
        assert logged(one, "identity.users", "new_row ->> 'name'") == [
            ("Bob",),
            ("second",),
            ("first",),
        ]
