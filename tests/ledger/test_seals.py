"""ledger.seal(): what it seals, in which order and bytes, and that nothing is lost beside it."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

import psycopg
import pytest

from pgerp.db import connect
from pgerp.sealcode import NO_HASH, MerkleTree, leaf_hash
from pgerp.sealverify import verify_seals
from tests.background import Background
from tests.ledger.books import Books, open_books, post
from tests.pgtap import as_role, is_empty, results_eq, throws, value

SALE = (("1110", "100.50"), ("4100", "-100.50"))


def seals(conn: psycopg.Connection, words: str = "") -> list[tuple[int, int, int]]:
    """Seal; return (number, first, last position) of the new seals."""
    return conn.execute(
        f"SELECT seal_no, first_position, last_position FROM ledger.seal({words})".encode()
    ).fetchall()


def sealed_ids(conn: psycopg.Connection) -> list[object]:
    rows = conn.execute(
        "SELECT entry_id FROM ledger.sealed_entries ORDER BY tenant_id, seal_no, leaf_no"
    )
    return [id for (id,) in rows]


def test_seals_cover_what_was_posted_since_the_last_one(
    db: psycopg.Connection, books: Books
) -> None:
    assert seals(db) == []
    first, second = post(db, *SALE), post(db, *SALE, business="SIDE")
    value(
        db,
        "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'Draft', '[]', 'DRAFT')",
    )
    assert seals(db) == [(1, 1, 2)]
    assert seals(db) == []
    third = post(db, *SALE)
    assert seals(db) == [(2, 3, 3)]
    assert sealed_ids(db) == [first, second, third]


def test_a_seal_has_at_most_as_many_entries_as_asked(db: psycopg.Connection, books: Books) -> None:
    ids = [post(db, *SALE) for _ in range(5)]
    assert seals(db, "2") == [(1, 1, 2), (2, 3, 4), (3, 5, 5)]
    assert sealed_ids(db) == ids
    throws(db, "22023", "SELECT ledger.seal(0)")
    throws(db, "22023", "SELECT ledger.seal(NULL)")


def test_the_bytes_are_those_that_the_document_shows(db: psycopg.Connection, books: Books) -> None:
    id = post(db, *SALE)
    db.execute("SET timezone = 'Asia/Tokyo'; SET datestyle = 'German'")
    seals(db)
    row = db.execute(
        """SELECT s.content, e.business_id, e.period_id, e.entry_number,
            to_char(e.posted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), e.created_by,
            (SELECT array_agg(a.id ORDER BY a.code) FROM ledger.accounts AS a
                WHERE a.tenant_id = e.tenant_id AND a.code IN ('1110', '4100'))
        FROM ledger.sealed_entries AS s
        INNER JOIN ledger.journal_entries AS e ON e.id = s.entry_id"""
    ).fetchone()
    assert row is not None
    content, business, period, number, at, by, (cash, sales) = row
    time = f"{at.rstrip('0').rstrip('.')}+00"

    def field(text: object) -> str:
        return f"{len(str(text))}:{text},"

    lines = "".join(
        f"1:{no},36:{account},{field(business)}10:2026-03-04,{field(amount)}:,:,:,:,:,:,:,"
        for no, account, amount in ((1, cash, "100.5"), (2, sales, "-100.5"))
    )
    assert content == (
        f"13:pgerp-entry-1,{field(books.tenant_id)}36:{id},{field(business)}36:{period},7:regular,"
        f"10:2026-03-04,{field(number)}4:Test,:,:,:,{field(time)}{field(time)}{field(by)}:,:,1:2,"
        f"{lines}"
    )


def test_a_seal_hashes_its_columns_and_the_seal_before(
    db: psycopg.Connection, books: Books
) -> None:
    for _ in range(2):
        post(db, *SALE)
        post(db, *SALE)
        seals(db)
    db.execute("SET timezone = 'UTC'")
    before = NO_HASH
    for number in (1, 2):
        tree = MerkleTree()
        for (content,) in db.execute(
            "SELECT content FROM ledger.sealed_entries WHERE seal_no = %s ORDER BY leaf_no",
            [number],
        ).fetchall():
            tree.add(leaf_hash(content))
        row = db.execute(
            "SELECT merkle_root, previous_hash, seal_hash, complete_before::text,"
            " array_to_string(open_transactions, ' '), sealed_at::text, sealed_by"
            " FROM ledger.seals WHERE seal_no = %s",
            [number],
        ).fetchone()
        assert row is not None
        root, previous, hashed, *texts = row
        assert (root, previous) == (tree.root(), before)
        fields = [
            "pgerp-seal-1", str(books.tenant_id), str(number), str(2 * number - 1),
            str(2 * number), root.hex(), previous.hex(), *texts,
        ]  # fmt: skip
        data = "".join(":," if f is None else f"{len(f.encode())}:{f}," for f in fields)
        assert hashed == sha256(data.encode()).digest()
        before = hashed


def test_merkle_roots_are_those_of_rfc_6962(db: psycopg.Connection) -> None:
    def root(leaves: list[bytes]) -> bytes:
        if len(leaves) < 2:
            return leaves[0] if leaves else sha256(b"").digest()
        k = 1
        while 2 * k < len(leaves):
            k *= 2
        return sha256(b"\1" + root(leaves[:k]) + root(leaves[k:])).digest()

    for size in range(20):
        leaves = [sha256(bytes([n])).digest() for n in range(size)]
        tree = MerkleTree()
        for leaf in leaves:
            tree.add(leaf)
        assert value(db, "SELECT core.merkle_root(%s)", [leaves]) == root(leaves) == tree.root()


@pytest.mark.parametrize("table", ["seals", "sealed_entries"])
def test_seals_are_append_only_for_everybody(
    db: psycopg.Connection, books: Books, table: str
) -> None:
    post(db, *SALE)
    seals(db)
    db.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for statement in (
        "UPDATE ledger.{} SET tenant_id = tenant_id",
        "DELETE FROM ledger.{}",
        "TRUNCATE ledger.{} CASCADE",
        "MERGE INTO ledger.{} AS s USING (SELECT 1) AS x ON true WHEN MATCHED THEN DELETE",
    ):
        throws(db, "ZL070", statement.format(table))
    with as_role(db, "pgerp_app"):
        throws(db, "42501", f"INSERT INTO ledger.{table} DEFAULT VALUES")
        throws(db, "42501", f"DELETE FROM ledger.{table}")


def test_applications_seal_their_own_tenant_and_readers_seal_nothing(
    db: psycopg.Connection, books: Books
) -> None:
    post(db, *SALE)
    post(db, *SALE, business="SIDE")
    other = value(db, "SELECT identity.create_tenant('Other')")
    with as_role(db, "pgerp_readonly"):
        throws(db, "42501", "SELECT ledger.seal()")
    with as_role(db, "pgerp_app"):
        throws(db, "ZI004", "SELECT ledger.seal(p_tenant_id => %s)", [other])
        assert seals(db) == [(1, 1, 2)]
    token = value(
        db, "SELECT identity.issue_token(%s, 'x', %s)", [books.tenant_id, [books.business_id]]
    )
    with as_role(db, "pgerp_app"):
        db.execute("SELECT set_config('pgerp.token', %s, true)", [token])
        results_eq(db, "SELECT business_id FROM ledger.sealed_entries", [(books.business_id,)])
        db.execute("SELECT set_config('pgerp.token', '', true)")
        is_empty(db, "SELECT FROM ledger.seals")
        throws(db, "ZI001", "SELECT ledger.seal()")


def test_each_tenant_has_a_chain_of_its_own(db: psycopg.Connection, books: Books) -> None:
    post(db, *SALE)
    assert seals(db) == [(1, 1, 1)]
    open_books(db, "Other")
    post(db, *SALE)
    assert seals(db) == [(1, 1, 1)]


@pytest.fixture
def two(clone: str) -> Iterator[tuple[psycopg.Connection, psycopg.Connection]]:
    """Two sessions on committed books of their own."""
    with connect(clone) as one, connect(clone) as other:
        books = open_books(one)
        for conn in (one, other):
            conn.execute("SELECT set_config('pgerp.token', %s, false)", [books.token])
        yield one, other


def assert_sound(conn: psycopg.Connection, entries: int) -> None:
    report = verify_seals(conn)
    assert report is not None
    (tenant,) = report.tenants
    assert (tenant.offenders, tenant.leaves) == ([], entries)


def test_an_entry_of_an_older_transaction_is_in_the_next_seal_and_no_offender(two) -> None:
    conn, late = two
    post(conn, *SALE)
    late.execute("BEGIN")
    early = post(late, *SALE)
    assert seals(conn) == [(1, 1, 1)]
    late.execute("COMMIT")
    # Its posted_at lies before the seal; yet no seal claimed to be complete by then.
    assert_sound(conn, 1)
    assert seals(conn) == [(2, 2, 2)]
    assert sealed_ids(conn)[-1] == early
    assert_sound(conn, 2)


def test_a_transaction_that_had_not_posted_yet_when_the_seal_was_made_is_no_offender(two) -> None:
    conn, late = two
    late.execute("BEGIN")
    late.execute("SELECT now()")
    for number in (1, 2, 3):
        post(conn, *SALE)
        assert seals(conn) == [(number, number, number)]
    post(late, *SALE)
    late.execute("COMMIT")
    is_empty(conn, "SELECT FROM ledger.seals WHERE complete_before IS NOT NULL")
    assert_sound(conn, 3)
    assert seals(conn) == [(4, 4, 4)]
    assert_sound(conn, 4)
    # Nothing is open any more: the last seal is complete up to its own time, less a minute.
    assert value(
        conn,
        "SELECT complete_before = sealed_at - interval '1 minute' FROM ledger.seals"
        " ORDER BY seal_no DESC LIMIT 1",
    )


def test_a_seal_is_complete_up_to_the_last_one_whose_transactions_have_ended(two) -> None:
    conn, other = two
    post(conn, *SALE)
    seals(conn)
    other.execute("BEGIN")
    other.execute("SELECT 1")
    post(conn, *SALE)
    seals(conn)
    results_eq(
        conn,
        "SELECT seal_no, cardinality(open_transactions), complete_before = ("
        "SELECT min(sealed_at) FROM ledger.seals) - interval '1 minute'"
        " FROM ledger.seals ORDER BY seal_no",
        [(1, 0, True), (2, 1, True)],
    )
    other.execute("COMMIT")


def test_two_who_seal_at_once_wait_for_each_other(two) -> None:
    conn, other = two
    post(conn, *SALE)
    conn.execute("BEGIN")
    assert seals(conn) == [(1, 1, 1)]
    waiting = Background(other, lambda: seals(other))
    with connect(str(conn.info.dsn), password="") as observer:
        assert waiting.waits(observer)
    post(conn, *SALE)
    conn.execute("COMMIT")
    assert waiting.result() is None
    assert waiting.value == [(2, 2, 2)]
    assert_sound(conn, 2)


def test_postings_do_not_wait_for_a_seal_nor_a_seal_for_them(two) -> None:
    conn, other = two
    post(conn, *SALE)
    conn.execute("BEGIN")
    seals(conn)
    other.execute("SET lock_timeout = '2s'")
    other.execute("BEGIN")
    post(other, *SALE)
    conn.execute("COMMIT")
    conn.execute("SET lock_timeout = '2s'")
    post(conn, *SALE)
    assert seals(conn) == [(2, 2, 2)]
    other.execute("COMMIT")
    assert seals(conn) == [(3, 3, 3)]
    assert_sound(conn, 3)


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_a_snapshot_that_cannot_see_other_seals_is_refused(two, level: str) -> None:
    conn, _ = two
    conn.execute(f"BEGIN ISOLATION LEVEL {level}".encode())
    throws(conn, "25001", "SELECT ledger.seal()")
    conn.execute("ROLLBACK")
