"""Whatever a superuser does to sealed entries with triggers disabled is found, and named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pgerp.sealentry import HEADER, LINE, NOT_SEALED, REVERSAL
from tests.ledger.sealed import Sealed, attack, facts, found, make_sealed, seal_anew
from tests.pgtap import set_eq

OTHER_ID = "'01a00000-0000-7000-8000-000000000001'"
ENTRY = {
    "business_id": "business_id + 1",
    "period_id": OTHER_ID,
    "period_kind": "'adjusting'",
    "entry_date": "entry_date + 1",
    "entry_number": "entry_number + 1000",
    "description": "description || ' '",
    "reference": "NULL",
    "source_module": "'hr'",
    "source_id": "source_id || '0'",
    "posted_at": "posted_at + interval '1 microsecond'",
    "created_at": "created_at - interval '1 microsecond'",
    "created_by": "'mallory'",
}
OF_LINE = {
    "account_id": OTHER_ID,
    "business_id": "business_id + 1",
    "entry_date": "entry_date - 1",
    "amount": "amount + 0.0001",
    "currency_code": "'GBP'",
    "currency_amount": "currency_amount * 2",
    "exchange_rate": "exchange_rate + 0.0000000001",
    "description": "''",
    "department_code": "NULL",
    "counterparty": "counterparty || 'x'",
    "due_date": "due_date + 1",
}


@pytest.fixture(scope="module")
def sealed(new_database, template, tmp_path_factory) -> Iterator[Sealed]:
    with new_database(template) as url:
        yield make_sealed(url, tmp_path_factory.mktemp("seals"))


@pytest.fixture(autouse=True)
def all_is_well(sealed: Sealed) -> Iterator[None]:
    yield
    assert found(sealed, sealed.file) == []


def test_books_that_nobody_touched_are_as_they_were_sealed(sealed: Sealed) -> None:
    assert found(sealed) == []
    assert found(sealed, sealed.file) == []
    assert found(sealed, sealed.full) == []


@pytest.mark.parametrize("column", ENTRY)
def test_a_changed_column_of_an_entry_is_named(sealed: Sealed, column: str) -> None:
    rich = sealed.entries["rich"]
    with attack(sealed) as conn:
        conn.execute(
            f"UPDATE ledger.journal_entries SET {column} = {ENTRY[column]} WHERE id = %s", [rich]
        )
        for file in (None, sealed.file):
            (one,) = found(sealed, file)
            assert (one.kind, one.id, one.seal_no) == ("changed", rich, 1)
            assert f"was changed: {column} (" in one.text


@pytest.mark.parametrize("column", OF_LINE)
def test_a_changed_column_of_a_line_is_named(sealed: Sealed, column: str) -> None:
    rich = sealed.entries["rich"]
    with attack(sealed) as conn:
        conn.execute(
            f"UPDATE ledger.journal_lines SET {column} = {OF_LINE[column]}"
            " WHERE entry_id = %s AND line_no = 1",
            [rich],
        )
        (one,) = found(sealed)
        assert (one.kind, one.id) == ("changed", rich)
        assert f"was changed: line 1 {column} (" in one.text


UPDATE_LINE = "UPDATE ledger.journal_lines SET line_no = "
DELETE_LINES = "DELETE FROM ledger.journal_lines WHERE entry_id = {id}"
DELETE_ENTRY = "DELETE FROM ledger.journal_entries WHERE id = {id}"
OF_REVERSAL = "WHERE reversal_id = {id}"


@pytest.mark.parametrize(
    ("name", "kind", "words", "changes"),
    [
        ("rich", "changed", "line 1 was deleted; line 9 was inserted",
         [UPDATE_LINE + "9 WHERE entry_id = {id} AND line_no = 1"]),
        ("wrong", "changed", "lines 1, 3 are in another order",
         [UPDATE_LINE + "line_no + 10 WHERE entry_id = {id}",
          UPDATE_LINE + "14 - line_no WHERE entry_id = {id}"]),
        ("wrong", "changed", "line 3 was deleted", [DELETE_LINES + " AND line_no = 3"]),
        ("plain", "changed", "line 1 was deleted; line 2 was deleted", [DELETE_LINES]),
        ("plain", "deleted", "2026-03-04, 'Test'", [DELETE_ENTRY]),
        ("late", "deleted", "2026-03-04, 'Test'", [DELETE_LINES, DELETE_ENTRY]),
        ("plain", "changed", "status",
         ["UPDATE ledger.journal_entries SET posted_at = NULL, status = 'DRAFT' WHERE id = {id}"]),
        ("reversal", "changed", "reverses", ["DELETE FROM ledger.reversals " + OF_REVERSAL]),
        ("reversal", "changed", "reason of the reversal",
         ["UPDATE ledger.reversals SET reason = 'x' " + OF_REVERSAL]),
        ("reversal", "changed", "reverses",
         [f"UPDATE ledger.reversals SET entry_id = {OTHER_ID} " + OF_REVERSAL]),
    ],
)  # fmt: skip
def test_what_was_done_to_an_entry_is_named(
    sealed: Sealed, name: str, kind: str, words: str, changes: list[str]
) -> None:
    id = sealed.entries[name]
    with attack(sealed) as conn:
        for change in changes:
            conn.execute(change.replace("{id}", f"'{id}'").encode())
        (one,) = found(sealed)
        assert (one.kind, one.id) == (kind, id)
        assert words in one.text


def test_an_inserted_line_is_named(sealed: Sealed) -> None:
    id = sealed.entries["plain"]
    with attack(sealed) as conn:
        conn.execute(
            """INSERT INTO ledger.journal_lines
                (tenant_id, entry_id, line_no, account_id, business_id, entry_date, amount)
            SELECT tenant_id, entry_id, 3, account_id, business_id, entry_date, 1
            FROM ledger.journal_lines WHERE entry_id = %s AND line_no = 1""",
            [id],
        )
        (one,) = found(sealed)
        assert (one.kind, one.id) == ("changed", id)
        assert "line 3 was inserted" in one.text


def test_a_line_that_moved_is_named_on_both_sides(sealed: Sealed) -> None:
    plain, wrong = sealed.entries["plain"], sealed.entries["wrong"]
    with attack(sealed) as conn:
        conn.execute(
            "UPDATE ledger.journal_lines SET entry_id = %s WHERE entry_id = %s AND line_no = 3",
            [plain, wrong],
        )
        assert {one.id: one.text.split("changed: ")[1] for one in found(sealed)} == {
            plain: "line 3 was inserted",
            wrong: "line 3 was deleted",
        }


def test_entries_whose_ids_were_swapped_are_named(sealed: Sealed) -> None:
    pair = [sealed.entries["plain"], sealed.entries["late"]]
    with attack(sealed) as conn:
        for table, column in (("journal_entries", "id"), ("journal_lines", "entry_id")):
            conn.execute(
                f"CREATE TABLE kept.swapped AS SELECT * FROM ledger.{table}"
                f" WHERE {column} = ANY (%s);",
                [pair],
            )
            conn.execute(f"DELETE FROM ledger.{table} WHERE {column} = ANY (%s)", [pair])
            conn.execute(
                f"UPDATE kept.swapped SET {column} = CASE {column} WHEN %s::uuid THEN %s::uuid"
                " ELSE %s::uuid END",
                [*pair, pair[0]],
            )
            conn.execute(f"INSERT INTO ledger.{table} SELECT * FROM kept.swapped")
            conn.execute("DROP TABLE kept.swapped")
        assert facts(found(sealed)) == [("changed", pair[0]), ("changed", pair[1])]


def insert_entry(conn, posted_at: str, id: str = "core.uuid_v7()") -> None:
    conn.execute(
        f"""WITH made AS (
            INSERT INTO ledger.journal_entries (
                tenant_id, id, business_id, period_id, entry_date, status, description, posted_at,
                entry_number, created_at, created_by, last_modified_at, last_modified_by)
            SELECT tenant_id, {id}, business_id, period_id, entry_date, 'POSTED', 'Forged',
                {posted_at}, 4711, now(), 'x', now(), 'x'
            FROM ledger.journal_entries WHERE description = 'Test' ORDER BY id LIMIT 1
            RETURNING *)
        INSERT INTO ledger.journal_lines
            (tenant_id, entry_id, line_no, account_id, business_id, entry_date, amount)
        SELECT m.tenant_id, m.id, n, a.id, m.business_id, m.entry_date, 2 * n - 3
        FROM made AS m, generate_series(1, 2) AS n, ledger.accounts AS a
        WHERE a.code = '1110'""".encode()
    )


@pytest.mark.parametrize("anew", [False, True], ids=["unsealed", "and sealed"])
def test_an_entry_inserted_into_sealed_time_is_named(sealed: Sealed, anew: bool) -> None:
    with attack(sealed) as conn:
        insert_entry(conn, "now() - interval '1 day'")
        if anew:  # by the ordinary way it stays outside
            conn.execute("SET session_replication_role = origin")
            conn.execute("SELECT set_config('pgerp.token', identity.issue_token(1), false)")
            conn.execute("SELECT ledger.seal()")
        for file in (None, sealed.file):
            (one,) = found(sealed, file)
            assert one.kind == "inserted"
            assert "4711" in one.text


def test_an_entry_inserted_and_written_into_a_seal_is_named(sealed: Sealed) -> None:
    with attack(sealed) as conn:
        insert_entry(conn, "(SELECT max(posted_at) FROM ledger.journal_entries)")
        conn.execute(
            """INSERT INTO ledger.sealed_entries
            SELECT s.tenant_id, s.seal_no, s.leaf_no + 1, e.id, s.business_id, s.content
            FROM ledger.sealed_entries AS s, ledger.journal_entries AS e
            WHERE s.seal_no = 2 AND e.entry_number = 4711"""
        )
        assert ("altered", 2) in facts(found(sealed))


def test_lines_without_a_header_are_named(sealed: Sealed) -> None:
    with attack(sealed) as conn:
        insert_entry(conn, "now()")
        conn.execute("DELETE FROM ledger.journal_entries WHERE entry_number = 4711")
        (one,) = found(sealed)
        assert one.kind == "inserted"


def test_the_columns_of_the_journal_are_sealed_or_left_out_on_purpose(db) -> None:
    for table, columns in (
        ("ledger.journal_entries", HEADER),
        ("ledger.journal_lines", LINE),
        ("ledger.reversals", REVERSAL),
    ):
        set_eq(
            db,
            "SELECT attname::text FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
            [(column,) for column in (*columns, *NOT_SEALED[table])],
            [table],
        )
    assert set(HEADER) == {*ENTRY, "tenant_id", "id"}
    assert set(LINE) == {*OF_LINE, "line_no"}


@pytest.mark.parametrize("kept", ["file", "full"])
def test_seals_made_anew_after_a_change_are_found_by_the_file(sealed: Sealed, kept: str) -> None:
    id = sealed.entries["plain"]
    file: Path = getattr(sealed, kept)
    with attack(sealed) as conn:
        conn.execute(
            "UPDATE ledger.journal_lines SET amount = amount * 9 WHERE entry_id = %s", [id]
        )
        seal_anew(conn)
        assert found(sealed) == []
        offenders = found(sealed, file)
    assert facts(offenders) == [("altered", 1), ("changed", id), ("missing", 2)]
    assert ("line 1 amount (sealed 100, found 900)" in offenders[1].text) is (kept == "full")


def test_an_entry_deleted_or_inserted_under_seals_made_anew_is_found_by_the_file(sealed) -> None:
    id = sealed.entries["late"]
    with attack(sealed) as conn:
        insert_entry(conn, "now() - interval '1 day'")
        conn.execute("DELETE FROM ledger.journal_lines WHERE entry_id = %s", [id])
        conn.execute("DELETE FROM ledger.journal_entries WHERE id = %s", [id])
        seal_anew(conn)
        assert found(sealed) == []
        offenders = found(sealed, sealed.file)
    assert [fact for fact in facts(offenders) if fact[0] != "inserted"] == [
        ("altered", 1), ("missing", 2), ("deleted", id),
    ]  # fmt: skip
    assert [one.kind for one in offenders].count("inserted") == 1
