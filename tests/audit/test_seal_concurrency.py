"""Sealing the log beside those who write, seal and redact it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from pgerp.db import connect
from pgerp.seallog import LogRows
from pgerp.sealverify import verify_seals
from tests.audit.test_seals import RENAME, SEAL
from tests.background import Background
from tests.ledger.books import open_books
from tests.pgtap import results_eq, value


@pytest.fixture
def two(clone: str) -> Iterator[tuple[psycopg.Connection, psycopg.Connection]]:
    """Two sessions in a tenant that is committed, and whose log is sealed."""
    with connect(clone) as one, connect(clone) as other:
        books = open_books(one)
        for conn in (one, other):
            conn.execute("SELECT set_config('pgerp.token', %s, false)", [books.token])
        one.execute("SELECT audit.seal()")
        yield one, other


def assert_sound(conn: psycopg.Connection) -> None:
    report = verify_seals(conn, of=LogRows)
    assert report is not None
    assert [tenant.offenders for tenant in report.tenants] == [[], []]
    assert sum(tenant.leaves for tenant in report.tenants) == value(
        conn, "SELECT count(*) FROM audit.sealed_changes"
    )


def test_a_row_of_an_older_transaction_is_in_the_next_seal_and_no_offender(two) -> None:
    conn, late = two
    late.execute("BEGIN")
    late.execute("SELECT ledger.deactivate_account('1110')")
    conn.execute("SELECT ledger.deactivate_account('4100')")
    results_eq(conn, SEAL, [(2, 1)])
    late.execute("COMMIT")
    # Its id is of a time before the seal; yet no seal claimed to be complete by then.
    assert_sound(conn)
    results_eq(conn, SEAL, [(3, 1)])
    assert_sound(conn)


def test_a_seal_is_not_complete_while_a_transaction_may_still_write(two) -> None:
    conn, late = two
    late.execute("BEGIN")
    late.execute("SELECT now()")
    for number in (2, 3):
        conn.execute(RENAME)
        results_eq(conn, SEAL, [(number, 1)])
    results_eq(
        conn,
        "SELECT DISTINCT complete_before = (SELECT sealed_at - interval '1 minute'"
        " FROM audit.seals WHERE seal_no = 1) FROM audit.seals",
        [(True,)],
    )
    late.execute(RENAME)
    late.execute("COMMIT")
    assert_sound(conn)
    results_eq(conn, SEAL, [(4, 1)])
    assert_sound(conn)


def test_two_who_seal_at_once_wait_for_each_other(two) -> None:
    conn, other = two
    conn.execute(RENAME)
    conn.execute("BEGIN")
    results_eq(conn, SEAL, [(2, 1)])
    waiting = Background(other, lambda: other.execute(SEAL).fetchall())
    with connect(str(conn.info.dsn), password="") as observer:
        assert waiting.waits(observer)
    conn.execute("SELECT ledger.deactivate_account('1110')")
    conn.execute("COMMIT")
    assert waiting.result() is None
    assert waiting.value == [(3, 1)]
    assert_sound(conn)


def test_two_who_seal_what_is_of_no_tenant_wait_for_each_other(two) -> None:
    conn, other = two
    conn.execute("BEGIN")
    assert conn.execute("SELECT audit.seal_shared()").rowcount == 1
    waiting = Background(other, lambda: other.execute("SELECT audit.seal_shared()").rowcount)
    with connect(str(conn.info.dsn), password="") as observer:
        assert waiting.waits(observer)
        # Tenants do not wait for that.
        observer.execute("SET lock_timeout = '2s'")
        observer.execute(RENAME)
        token = value(conn, "SELECT current_setting('pgerp.token')")
        observer.execute("SELECT set_config('pgerp.token', %s, false)", [token])
        results_eq(observer, SEAL, [(2, 1)])
    conn.execute("COMMIT")
    assert waiting.result() is None
    assert waiting.value == 0
    assert_sound(conn)


def test_writers_do_not_wait_for_a_seal_nor_a_seal_for_them(two) -> None:
    conn, other = two
    conn.execute("SELECT ledger.deactivate_account('4100')")
    conn.execute("BEGIN")
    results_eq(conn, SEAL, [(2, 1)])
    other.execute("SET lock_timeout = '2s'")
    other.execute("BEGIN")
    other.execute("SELECT ledger.deactivate_account('1110')")
    conn.execute("COMMIT")
    conn.execute("SET lock_timeout = '2s'")
    conn.execute("SELECT ledger.activate_account('4100')")
    results_eq(conn, SEAL, [(3, 1)])
    other.execute("COMMIT")
    results_eq(conn, SEAL, [(4, 1)])
    assert_sound(conn)


def test_a_redaction_waits_for_a_seal_and_leaves_it_sound(two) -> None:
    conn, other = two
    user = value(conn, "SELECT core.uuid_v7()::text")
    tenant = value(conn, "SELECT max(id) FROM identity.tenants")
    conn.execute(
        "INSERT INTO identity.users (tenant_id, id, subject, name) VALUES (%s, %s, 'bob', 'Bob')",
        [tenant, user],
    )
    conn.execute("BEGIN")
    results_eq(conn, SEAL, [(2, 1)])
    other.execute("SELECT set_config('pgerp.tenant_id', %s, false)", [str(tenant)])
    waiting = Background(
        other,
        lambda: value(
            other,
            "SELECT audit.redact(%s, 'identity.users', jsonb_build_object('id', %s::text),"
            " '{name}', 'x')",
            [tenant, user],
        ),
    )
    with connect(str(conn.info.dsn), password="") as observer:
        assert waiting.waits(observer)
    conn.execute("COMMIT")
    assert waiting.result() is None
    assert waiting.value == 1
    assert_sound(conn)
    assert value(conn, "SELECT count(openings) FROM audit.sealed_changes") == 1
