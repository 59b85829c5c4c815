"""audit.seal(): what it seals, in which order and bytes, and that nothing is lost beside it."""

from __future__ import annotations

from hashlib import sha256

import psycopg
import pytest

from pgerp.db import connect
from pgerp.sealcode import NO_HASH, MerkleTree
from tests.audit.conftest import hold
from tests.ledger.books import open_books
from tests.pgtap import as_role, is_empty, results_eq, throws, value
from tests.years import THIS_YEAR

SEAL = "SELECT seal_no, last_position - first_position + 1 FROM audit.seal()"
COUNT = "SELECT count(*) FROM audit.log WHERE tenant_id = %s"
RENAME = "UPDATE identity.tenants SET name = name || 'x'"


def old_row(conn: psycopg.Connection, tenant: int, at: str) -> str:
    """Have a row of the log with an id of that time."""
    row: str = value(
        conn,
        "INSERT INTO audit.log (tenant_id, id, table_name, row_key, action, actor, logged_at,"
        " transaction_id) SELECT %s, core.uuid_v7_floor(t.at), 'old', 'x', 'INSERT', 'x', t.at, '1'"
        " FROM (SELECT %s::timestamptz) AS t (at) RETURNING id::text",
        [tenant, at],
    )
    return row


def test_seals_cover_what_was_logged_since_the_last_one(
    db: psycopg.Connection, tenant: int
) -> None:
    count = value(db, COUNT, [tenant])
    results_eq(db, SEAL, [(1, count)])
    is_empty(db, SEAL)
    db.execute(RENAME)
    db.execute("SELECT ledger.deactivate_account('1110')")
    results_eq(db, SEAL, [(2, 2)])
    is_empty(
        db,
        "SELECT l.id FROM audit.log AS l LEFT JOIN audit.sealed_changes AS s"
        " ON s.tenant_id = l.tenant_id AND s.log_id = l.id"
        " WHERE l.tenant_id = %s AND s.log_id IS NULL",
        [tenant],
    )
    is_empty(db, "SELECT FROM audit.seals WHERE tenant_id = 0")


def test_rows_of_no_tenant_are_sealed_by_operators(db: psycopg.Connection, tenant: int) -> None:
    count = value(db, COUNT, [0])
    assert count > 0
    for role in ("pgerp_app", "pgerp_readonly", "pgerp_auditor", "pgerp_monitor", "pgerp_backup"):
        with as_role(db, role):
            throws(db, "42501", "SELECT audit.seal_shared()")
    with as_role(db, "pgerp_migrator"):
        results_eq(
            db,
            "SELECT tenant_id, seal_no, last_position FROM audit.seal_shared()",
            [(0, 1, count)],
        )
        is_empty(db, "SELECT audit.seal_shared()")
    is_empty(db, "SELECT FROM audit.seals WHERE tenant_id <> 0")
    throws(db, "22023", "SELECT audit.seal_shared(0)")


def test_a_seal_has_at_most_as_many_rows_as_asked(db: psycopg.Connection, tenant: int) -> None:
    count = value(db, COUNT, [tenant])
    spans = db.execute("SELECT first_position, last_position FROM audit.seal(2)").fetchall()
    assert [first for first, _ in spans] == list(range(1, count + 1, 2))
    assert spans[-1][1] == count
    throws(db, "22023", "SELECT audit.seal(0)")
    throws(db, "22023", "SELECT audit.seal(NULL)")


def test_a_seal_covers_rows_of_one_year(db: psycopg.Connection, tenant: int) -> None:
    other = value(db, "SELECT identity.create_tenant('Other')")
    for at in (
        f"{THIS_YEAR - 1}-12-31 23:59:59.999+00",
        f"{THIS_YEAR}-01-01 00:00+00",
        f"{THIS_YEAR - 2}-06-01+00",
    ):
        old_row(db, other, at)
    hold(db, other)
    results_eq(
        db,
        SEAL,
        [(1, 1), (2, 1), (3, 2)],
    )
    results_eq(
        db,
        "SELECT seal_no, array_agg(extract(YEAR FROM core.uuid_v7_time(log_id)"
        " AT TIME ZONE 'UTC')::integer ORDER BY leaf_no)"
        " FROM audit.sealed_changes GROUP BY seal_no ORDER BY seal_no",
        [(1, [THIS_YEAR - 2]), (2, [THIS_YEAR - 1]), (3, [THIS_YEAR, THIS_YEAR])],
    )


@pytest.mark.parametrize("at", ["9999-12-31+00", "10888-12-31+00", "10889-05-05+00"])
def test_ids_of_any_time_are_sealed(db: psycopg.Connection, tenant: int, at: str) -> None:
    db.execute("SELECT audit.seal()")
    id = old_row(db, tenant, at)
    results_eq(db, SEAL, [(2, 1)])
    results_eq(db, "SELECT log_id::text FROM audit.sealed_changes WHERE seal_no = 2", [(id,)])


def test_the_bytes_are_those_that_the_document_shows(db: psycopg.Connection, tenant: int) -> None:
    db.execute("SELECT set_config('pgerp.tenant_id', %s, true)", [str(tenant)])
    db.execute("UPDATE identity.businesses SET name = 'Ü, 1:«'")
    db.execute("SET timezone = 'Asia/Tokyo'; SET datestyle = 'German'")
    db.execute("SELECT audit.seal()")
    row = db.execute(
        """SELECT c.leaf_hash, c.salt, l.id::text, l.business_id, l.row_key, l.actor,
            to_char(l.logged_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), l.address::text,
            l.application, l.transaction_id::text,
            (SELECT jsonb_object_agg(o.key, o.value::text) FROM jsonb_each(l.old_row) AS o),
            (SELECT jsonb_object_agg(n.key, n.value::text) FROM jsonb_each(l.new_row) AS n)
        FROM audit.sealed_changes AS c INNER JOIN audit.log AS l ON l.id = c.log_id
        WHERE l.table_name = 'identity.businesses' AND l.action = 'UPDATE'"""
    ).fetchone()
    assert row is not None
    hashed, salt, id, business, key, actor, at, address, application, transaction, old, new = row
    assert len(salt) == 32 and new["name"] == '"Ü, 1:«"'

    def field(text: object) -> str:
        return ":," if text is None else f"{len(str(text).encode())}:{text},"

    def values(side: str, row: dict[str, str]) -> str:
        parts = []
        for name in sorted(row):
            key = sha256(salt + f"3:{side},{len(name)}:{name},".encode()).digest()
            parts.append(field(name) + field(sha256(key + row[name].encode()).hexdigest()))
        return "".join(parts)

    content = "".join(
        [
            "14:pgerp-change-1,",
            *map(field, (tenant, id, business, "identity.businesses", key, "UPDATE", actor)),
            *map(field, (f"{at.rstrip('0').rstrip('.')}+00", address, application, None, None)),
            *map(field, (transaction, len(old), len(new))),
            values("old", old),
            values("new", new),
        ]
    )
    assert hashed == sha256(b"\0" + content.encode()).digest()


def test_every_row_has_a_salt_of_its_own(db: psycopg.Connection, tenant: int) -> None:
    db.execute("SELECT audit.seal()")
    results_eq(
        db,
        "SELECT count(*) > 3, count(*) = count(DISTINCT salt), min(length(salt)),"
        " count(openings) FROM audit.sealed_changes",
        [(True, True, 32, 0)],
    )


def test_a_seal_hashes_its_columns_and_the_seal_before(db: psycopg.Connection, tenant: int) -> None:
    for _ in range(2):
        db.execute(RENAME)
        db.execute("SELECT audit.seal()")
    db.execute("SET timezone = 'UTC'")
    before, position = NO_HASH, 0
    for number in (1, 2):
        tree = MerkleTree()
        for (leaf,) in db.execute(
            "SELECT leaf_hash FROM audit.sealed_changes WHERE seal_no = %s ORDER BY leaf_no",
            [number],
        ).fetchall():
            tree.add(leaf)
        row = db.execute(
            "SELECT merkle_root, previous_hash, seal_hash, complete_before::text,"
            " array_to_string(open_transactions, ' '), sealed_at::text, sealed_by"
            " FROM audit.seals WHERE seal_no = %s",
            [number],
        ).fetchone()
        assert row is not None
        root, previous, hashed, *texts = row
        assert (root, previous) == (tree.root(), before)
        fields = [
            "pgerp-audit-seal-1", str(tenant), str(number), str(position + 1),
            str(position + tree.size), root.hex(), previous.hex(), *texts,
        ]  # fmt: skip
        data = "".join(":," if f is None else f"{len(f.encode())}:{f}," for f in fields)
        assert hashed == sha256(data.encode()).digest()
        before, position = hashed, position + tree.size


@pytest.mark.parametrize("table", ["seals", "sealed_changes"])
@pytest.mark.parametrize("role", ["postgres", "pgerp_owner"])
def test_seals_are_append_only_for_everybody(
    db: psycopg.Connection, tenant: int, table: str, role: str
) -> None:
    db.execute("SELECT audit.seal()")
    db.execute("SET CONSTRAINTS ALL IMMEDIATE")
    if role == "pgerp_owner":
        db.execute("SET LOCAL ROLE pgerp_owner")
    for statement in (
        "UPDATE audit.{} SET tenant_id = tenant_id",
        "UPDATE audit.{} SET seal_no = 7",
        "DELETE FROM audit.{}",
        "MERGE INTO audit.{} AS s USING (SELECT 1) AS x ON true WHEN MATCHED THEN DELETE",
    ):
        throws(db, "ZA010", statement.format(table))
    throws(
        db,
        {"seals": "ZA001", "sealed_changes": "ZA010"}[table],
        f"TRUNCATE audit.{table} CASCADE",
    )


def test_no_client_writes_seals_and_none_reads_salts(db: psycopg.Connection, tenant: int) -> None:
    db.execute("SELECT audit.seal()")
    for role in ("pgerp_app", "pgerp_readonly", "pgerp_auditor", "pgerp_monitor", "pgerp_backup"):
        with as_role(db, role):
            for table in ("seals", "sealed_changes"):
                throws(db, "42501", f"INSERT INTO audit.{table} DEFAULT VALUES")
                throws(db, "42501", f"DELETE FROM audit.{table}")
            if role != "pgerp_backup":
                throws(db, "42501", "SELECT FROM audit.sealed_changes")
    with as_role(db, "pgerp_auditor"):
        assert value(db, "SELECT count(*) FROM audit.seals") == 1
    hold(db, value(db, "SELECT identity.create_tenant('Other')"))
    with as_role(db, "pgerp_auditor"):
        is_empty(db, "SELECT FROM audit.seals")


def test_sealing_needs_the_permission_the_tenant_and_every_business(
    db: psycopg.Connection, tenant: int
) -> None:
    with as_role(db, "pgerp_readonly"):
        throws(db, "42501", "SELECT audit.seal()")
    with as_role(db, "pgerp_app"):
        throws(db, "ZI004", "SELECT audit.seal(p_tenant_id => %s)", [tenant + 1])
        throws(db, "ZI004", "SELECT audit.seal(p_tenant_id => 0)")
        hold(db, tenant, permissions=["ledger.seal"])
        throws(db, "ZI011", "SELECT audit.seal()")
        hold(db, tenant, business=[1])
        throws(db, "ZI006", "SELECT audit.seal()")
        db.execute("SELECT set_config('pgerp.token', '', true)")
        throws(db, "ZI001", "SELECT audit.seal()")
        hold(db, tenant, permissions=["audit.seal"], sub="carol")
        results_eq(db, "SELECT sealed_by FROM audit.seal()", [("carol",)])


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_a_snapshot_that_cannot_see_other_seals_is_refused(clone: str, level: str) -> None:
    with connect(clone) as conn:
        conn.execute("SELECT set_config('pgerp.token', %s, false)", [open_books(conn).token])
        conn.execute(f"BEGIN ISOLATION LEVEL {level}".encode())
        throws(conn, "25001", "SELECT audit.seal()")
        throws(conn, "25001", "SELECT audit.seal_shared()")
        conn.execute("ROLLBACK")
