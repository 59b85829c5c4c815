"""audit.history and audit.as_of: a row's life, and the row at any instant of it."""

from __future__ import annotations

import os
import random
import sys
import uuid
from datetime import datetime
from typing import Any

import psycopg
import pytest

from tests.audit.conftest import hold
from tests.ledger.books import as_json, open_books
from tests.pgtap import as_role, is_empty, throws, value

AS_OF = "SELECT audit.as_of(%s, %s, %s)"
HISTORY = "SELECT action::text, changed_columns, actor FROM audit.history(%s, %s)"


def at(conn: psycopg.Connection, table: str, key: str, when: Any = "infinity") -> Any:
    """Return the row as of an instant."""
    return value(conn, AS_OF, [table, key, when])


def now(conn: psycopg.Connection) -> datetime:
    """Return an instant after everything so far and before everything to come."""
    instant: datetime = value(conn, "SELECT clock_timestamp() FROM pg_sleep(0.001)")
    conn.execute("SELECT pg_sleep(0.001)")
    return instant


def test_history_tells_each_change_in_order(db: psycopg.Connection, tenant: int) -> None:
    hold(db, tenant, sub="carol")
    db.execute("SELECT ledger.deactivate_account('1110')")
    db.execute("DELETE FROM ledger.accounts WHERE tenant_id = %s", [tenant])
    key = value(db, "SELECT DISTINCT row_key FROM audit.log WHERE table_name = 'ledger.accounts'")
    wanted = [
        ("INSERT", None, "alice"),
        ("UPDATE", ["is_active", "last_modified_by"], "carol"),
        ("DELETE", None, value(db, "SELECT session_user::text")),
    ]
    for spelling in (f'{{"id": "{key}"}}', f'{{"id": "{key.upper()}", "tenant_id": {tenant}}}'):
        assert db.execute(HISTORY, ["ledger.accounts", spelling]).fetchall() == wanted
        with as_role(db, "pgerp_auditor"):
            assert db.execute(HISTORY, ["ledger.accounts", spelling]).fetchall() == wanted


def test_as_of_equals_a_model_at_every_instant(db: psycopg.Connection, tenant: int) -> None:
    seed = int(os.environ.get("PGERP_TEST_SEED") or random.randrange(2**32))
    sys.stdout.write(f"PGERP_TEST_SEED={seed}\n")
    chance = random.Random(seed)
    ids = [str(uuid.UUID(int=chance.getrandbits(128))) for _ in range(3)]
    instants: list[tuple[datetime, dict[str, Any]]] = [(now(db), {})]
    state: dict[str, Any] = {}
    for step in range(40):
        id_ = chance.choice(ids)
        if id_ not in state:
            db.execute(
                "INSERT INTO identity.users (tenant_id, id, subject, name) VALUES (%s, %s, %s, %s)",
                [tenant, id_, id_, f"Name {step}"],
            )
        elif chance.random() < 0.3:
            db.execute("DELETE FROM identity.users WHERE id = %s", [id_])
        else:
            db.execute(
                "UPDATE identity.users SET name = %s, is_active = NOT is_active WHERE id = %s",
                [f"Name {step}", id_],
            )
        state = dict(db.execute("SELECT id::text, to_jsonb(u) FROM identity.users AS u").fetchall())
        instants.append((now(db), state))
    with as_role(db, "pgerp_auditor"):
        for instant, then in instants:
            for id_ in ids:
                key = f'{{"id": "{id_}"}}'
                assert at(db, "identity.users", key, instant) == then.get(id_), (seed, instant)


def test_a_row_from_before_it_was_logged_is_as_its_first_change_found_it(
    db: psycopg.Connection, tenant: int
) -> None:
    db.execute("ALTER TABLE identity.users DISABLE TRIGGER audit_change")
    db.execute(
        "INSERT INTO identity.users (tenant_id, subject, name)"
        " VALUES (%(t)s, 'bob', 'Bob'), (%(t)s, 'eve', 'Eve')",
        {"t": tenant},
    )
    db.execute("ALTER TABLE identity.users ENABLE TRIGGER audit_change")
    made = now(db)
    db.execute("UPDATE identity.users SET name = 'Robert' WHERE subject = 'bob'")
    keys = dict(
        db.execute("SELECT subject::text, json_build_object('id', id)::text FROM identity.users")
    )
    assert at(db, "identity.users", keys["bob"], made)["name"] == "Bob"
    assert at(db, "identity.users", keys["bob"])["name"] == "Robert"
    # Never changed: it is as it is, from when it was made on.
    with as_role(db, "pgerp_auditor"):
        assert at(db, "identity.users", keys["eve"], made)["name"] == "Eve"
        assert at(db, "identity.users", keys["eve"], "2001-01-01") is None
        assert at(db, "identity.users", keys["bob"], "2001-01-01") is None


def test_a_journal_entry_that_was_never_changed_is_its_own_record(db: psycopg.Connection) -> None:
    books = open_books(db)
    entry = value(
        db,
        "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'Draft', %s, 'DRAFT')",
        [as_json(("1110", "1"), ("4100", "-1"))],
    )
    key = f'{{"id": "{entry}"}}'
    drafted = now(db)
    db.execute("SELECT ledger.post_journal_entry(%s)", [entry])
    assert at(db, "ledger.journal_entries", key, drafted)["status"] == "DRAFT"
    assert at(db, "ledger.journal_entries", key)["status"] == "POSTED"
    line = f'{{"entry_id": "{entry}", "line_no": 2}}'
    assert at(db, "ledger.journal_lines", line)["amount"] == -1
    is_empty(db, HISTORY, ["ledger.journal_lines", line])
    assert at(db, "ledger.journal_lines", line.replace("2}", "3}")) is None
    assert books.tenant_id == at(db, "ledger.journal_entries", key)["tenant_id"]


def test_present_rows_are_masked_too(db: psycopg.Connection, tenant: int) -> None:
    db.execute("ALTER TABLE identity.signing_keys DISABLE TRIGGER audit_change")
    db.execute("UPDATE identity.signing_keys SET kid = 'x'")
    found = at(db, "identity.signing_keys", '{"kid": "x"}')
    assert (found["inner_pad"], found["outer_pad"]) == ("***", "***")


@pytest.mark.parametrize(
    ("table", "key", "sqlstate"),
    [
        ("identity.nobody", '{"id": 1}', "ZA003"),
        ("users", '{"id": 1}', "ZA003"),
        ("", "{}", "ZA003"),
        (None, "{}", "ZA003"),
        ("ledger.account_balances", "{}", "ZA003"),
        ("ledger.journal_lines_2026", "{}", "ZA003"),
        ("identity.users; DROP TABLE identity.users", "{}", "ZA003"),
        ("identity.users", None, "ZA004"),
        ("identity.users", "{}", "ZA004"),
        ("identity.users", "[]", "ZA004"),
        ("identity.users", '"x"', "ZA004"),
        ("identity.users", '{"id": "x"}', "ZA004"),
        ("identity.users", '{"id": null}', "ZA004"),
        ("identity.users", '{"id": "%(id)s", "name": "Bob"}', "ZA004"),
        ("identity.businesses", '{"id": 1.5}', "ZA004"),
        ("identity.businesses", '{"id": 99999999999}', "ZA004"),
        ("ledger.currencies", '{"code": "kes"}', "ZA004"),
        ("ledger.journal_lines", '{"line_no": 1}', "ZA004"),
    ],
)
def test_what_does_not_name_a_row_is_refused(
    db: psycopg.Connection, tenant: int, table: str | None, key: str | None, sqlstate: str
) -> None:
    key = key and key.replace("%(id)s", str(uuid.uuid4()))
    with as_role(db, "pgerp_auditor"):
        throws(db, sqlstate, HISTORY, [table, key])
        throws(db, sqlstate, AS_OF, [table, key, "infinity"])


def test_an_instant_is_needed_and_a_tenant_too(db: psycopg.Connection, tenant: int) -> None:
    throws(db, "22004", AS_OF, ["identity.businesses", '{"id": 1}', None])
    db.execute("SELECT set_config('pgerp.token', '', true)")
    throws(db, "ZI001", HISTORY, ["identity.businesses", '{"id": 1}'])
    is_empty(db, HISTORY, ["identity.businesses", '{"id": 7, "tenant_id": 1}'])


def test_another_tenant_s_row_is_not_there(db: psycopg.Connection, tenant: int) -> None:
    other = value(db, "SELECT identity.create_tenant('Other')")
    hold(db, other)
    key = f'{{"id": 1, "tenant_id": {tenant}}}'
    assert db.execute(HISTORY, ["identity.businesses", key]).rowcount == 1
    with as_role(db, "pgerp_auditor"):
        is_empty(db, HISTORY, ["identity.businesses", key])
        assert at(db, "identity.businesses", key) is None
    hold(db, tenant, business=[2])
    with as_role(db, "pgerp_auditor"):
        is_empty(db, HISTORY, ["identity.businesses", key])


def test_history_is_found_by_the_index(db: psycopg.Connection, tenant: int) -> None:
    with as_role(db, "pgerp_auditor"):
        db.execute("SET LOCAL enable_seqscan = off")
        plan = "\n".join(
            row[0]
            for row in db.execute(
                "EXPLAIN SELECT * FROM audit.log WHERE tenant_id = 1 AND table_name = 'x'"
                " AND row_key = 'y' ORDER BY id"
            )
        )
    condition = "(tenant_id = 1) AND (table_name = 'x'::text) AND (row_key = 'y'::text)"
    assert f"Index Cond: ({condition})" in plan
