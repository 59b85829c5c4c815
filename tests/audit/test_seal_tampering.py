"""Whatever a superuser does to the sealed log with triggers disabled is found, and named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pgerp.db import connect
from pgerp.errors import PgerpError
from pgerp.sealchange import HEAD
from pgerp.sealer import seal
from pgerp.seallog import LogRows
from pgerp.sealverify import verify_seals
from tests.audit.sealed import Log, attack, facts, found, honest, make_log, seal_anew, seal_log
from tests.pgtap import set_eq, value
from tests.runner.journals import run

COLUMNS = {
    "business_id": "7",
    "table_name": "'identity.roles'",
    "row_key": "row_key || ' '",
    "action": "'DELETE'",
    "actor": "'mallory'",
    "logged_at": "logged_at + interval '1 microsecond'",
    "address": "'10.0.0.1'",
    "application": "NULL",
    "user_agent": "''",
    "correlation_id": "'x'",
    "transaction_id": "'7'",
    "old_row": "'{}'",
    "new_row": 'new_row || \'{"name": "x"}\'',
}
SIDES = {
    "a value": 'new_row || \'{"subject": "carole"}\'',
    "a value to the marker": 'new_row || \'{"name": "[anonymised]"}\'',
    "a value to null": "new_row || '{\"name\": null}'",
    "a number to one that is equal": "new_row || '{\"tenant_id\": 1.0}'",
    "a text to a number": 'new_row || \'{"tenant_id": "1"}\'',
    "a column that was not there": "new_row || '{\"x\": null}'",
    "a column that is gone": "new_row - 'email'",
    "a column by another name": (
        "(new_row - 'name') || jsonb_build_object('nome', new_row -> 'name')"
    ),
    "no object": "'7'",
    "a list": "'[]'",
    "null": "'null'",
    "nothing": "NULL",
    "two values swapped": (
        "new_row || jsonb_build_object('name', new_row -> 'subject', 'subject', new_row -> 'name')"
    ),
}


@pytest.fixture(scope="module")
def log(new_database, template, tmp_path_factory) -> Iterator[Log]:
    with new_database(template) as url:
        yield make_log(url, tmp_path_factory.mktemp("seals"))


@pytest.fixture(autouse=True)
def all_is_well(log: Log) -> Iterator[None]:
    yield
    assert found(log, log.file) == []


def change(conn: psycopg.Connection, id: str, column: str, expression: str) -> None:
    conn.execute(f"UPDATE audit.log SET {column} = {expression} WHERE id = %s", [id])


def test_a_log_that_nobody_touched_is_as_it_was_sealed(log: Log) -> None:
    assert found(log) == []
    assert found(log, log.file) == []


@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_column_is_named_by_its_row(log: Log, column: str) -> None:
    plain = log.rows["plain"]
    with attack(log) as conn:
        change(conn, plain, column, COLUMNS[column])
        for file in (None, log.file):
            assert facts(found(log, file)) == [("changed", plain)]


@pytest.mark.parametrize("what", SIDES)
def test_whatever_is_done_to_a_side_is_named_by_its_row(log: Log, what: str) -> None:
    plain = log.rows["plain"]
    with attack(log) as conn:
        change(conn, plain, "new_row", SIDES[what])
        assert facts(found(log)) == [("changed", plain)]


@pytest.mark.parametrize("name", ["made", "changed", "deleted", "shared", "late"])
def test_a_row_of_any_kind_that_is_changed_is_named(log: Log, name: str) -> None:
    with attack(log) as conn:
        change(conn, log.rows[name], "actor", "'mallory'")
        assert facts(found(log)) == [("changed", log.rows[name])]
        (one,) = found(log)
        assert one.seal_no == (2 if name == "late" else 1)
        assert "by mallory" in one.text


def test_every_column_of_the_log_is_sealed(db: psycopg.Connection) -> None:
    set_eq(
        db,
        "SELECT attname::text FROM pg_attribute"
        " WHERE attrelid = 'audit.log'::regclass AND attnum > 0 AND NOT attisdropped",
        [(column,) for column in (*HEAD, "old_row", "new_row")],
    )
    assert set(COLUMNS) == {*HEAD, "old_row", "new_row"} - {"tenant_id", "id"}


def test_a_deleted_row_is_named(log: Log) -> None:
    for name in ("plain", "late", "shared"):
        with attack(log) as conn:
            conn.execute("DELETE FROM audit.log WHERE id = %s", [log.rows[name]])
            for file in (None, log.file):
                assert facts(found(log, file)) == [("deleted", log.rows[name])]


INSERT = """INSERT INTO audit.log (tenant_id, id, table_name, row_key, action, new_row, actor,
    logged_at, transaction_id)
SELECT l.tenant_id, {id}, l.table_name, l.row_key, l.action, l.new_row, 'mallory', l.logged_at, '7'
FROM audit.log AS l WHERE l.id = %s RETURNING id::text"""
BEFORE = "(left(l.id::text, 13) || '-7000-8000-000000000001')::uuid"


@pytest.mark.parametrize("anew", [False, True], ids=["unsealed", "and sealed"])
@pytest.mark.parametrize("name", ["plain", "shared"])
def test_a_row_slipped_into_sealed_time_is_named(log: Log, anew: bool, name: str) -> None:
    with attack(log) as conn:
        id = value(
            conn,
            INSERT.format(id="core.uuid_v7_floor(now() - interval '1 day')"),
            [log.rows[name]],
        )
        if anew:  # by the ordinary way it stays outside
            with honest(conn):
                seal_log(conn)
        for file in (None, log.file):
            assert facts(found(log, file)) == [("inserted", id)]


def test_a_row_slipped_in_and_written_into_a_seal_is_named(log: Log) -> None:
    with attack(log) as conn:
        id = value(conn, INSERT.format(id=BEFORE), [log.rows["late"]])
        conn.execute(
            "INSERT INTO audit.sealed_changes SELECT tenant_id, %s, seal_no, leaf_no + 1,"
            " leaf_hash, salt, openings FROM audit.sealed_changes WHERE log_id = %s",
            [id, log.rows["late"]],
        )
        assert {("altered", 2), ("changed", id)} <= set(facts(found(log)))


def test_rows_whose_contents_or_ids_were_swapped_are_named(log: Log) -> None:
    one, other = log.rows["plain"], log.rows["late"]
    with attack(log) as conn:
        conn.execute(
            "UPDATE audit.log AS l SET new_row = o.new_row FROM audit.log AS o"
            " WHERE (l.id, o.id) IN ((%(a)s, %(b)s), (%(b)s, %(a)s))",
            {"a": one, "b": other},
        )
        assert set(facts(found(log))) == {("changed", one), ("changed", other)}


SEAL = {
    "first_position": "first_position + 1",
    "last_position": "last_position + 1",
    "merkle_root": "sha256('x')",
    "previous_hash": "sha256('x')",
    "seal_hash": "sha256('x')",
    "complete_before": "'2026-01-01'",
    "open_transactions": "'{1/1}'",
    "sealed_at": "sealed_at + interval '1 s'",
    "sealed_by": "'mallory'",
}


@pytest.mark.parametrize("column", SEAL)
def test_an_altered_seal_is_named(log: Log, column: str) -> None:
    with attack(log) as conn:
        conn.execute(
            f"UPDATE audit.seals SET {column} = {SEAL[column]} WHERE seal_no = 1 AND tenant_id <> 0"
        )
        assert ("altered", 1) in facts(found(log))


def test_a_seal_of_the_journal_is_none_of_the_log(log: Log) -> None:
    """Byte for byte the same shape; the tag in the hash tells them apart."""
    with attack(log) as conn:
        conn.execute(
            "UPDATE audit.seals AS s SET seal_hash ="
            " core.seal_hash('pgerp-seal-1', ROW(s.*)::core.seal)"
            " WHERE s.seal_no = 2 AND s.tenant_id <> 0"
        )
        assert facts(found(log)) == [("altered", 2)]


def test_a_missing_seal_is_named_and_at_the_end_only_by_the_file(log: Log) -> None:
    with attack(log) as conn:
        conn.execute("DELETE FROM audit.seals WHERE seal_no = 1 AND tenant_id <> 0")
        assert facts(found(log))[:2] == [("missing", 2), ("missing", 1)]
    with attack(log) as conn:
        for table in ("seals", "sealed_changes"):
            conn.execute(f"DELETE FROM audit.{table} WHERE seal_no = 2 AND tenant_id <> 0".encode())
        assert found(log) == []
        assert facts(found(log, log.file)) == [("missing", 2), ("changed", log.rows["late"])]


def test_records_swapped_deleted_or_changed_are_named(log: Log) -> None:
    swap = "UPDATE audit.sealed_changes SET leaf_no = {} WHERE seal_no = 1 AND tenant_id <> 0"
    with attack(log) as conn:
        conn.execute(swap.format("leaf_no + 1000").encode())
        conn.execute(
            swap.format(
                "CASE leaf_no WHEN 1001 THEN 2 WHEN 1002 THEN 1 ELSE leaf_no - 1000 END"
            ).encode()
        )
        assert [kind for kind, _ in facts(found(log))] == ["out of order", "altered"]
    for change_ in (
        "DELETE FROM audit.sealed_changes",
        "UPDATE audit.sealed_changes SET leaf_hash = sha256('x')",
    ):
        with attack(log) as conn:
            conn.execute(f"{change_} WHERE log_id = %s", [log.rows["plain"]])
            assert ("altered", 1) in facts(found(log))


@pytest.mark.parametrize(
    "forged",
    [
        "salt = sha256('x')",
        "salt = NULL, openings = '{}'",
        "salt = NULL, openings = '[]'",
        "salt = NULL, openings = '7'",
        'salt = NULL, openings = \'{"new": {"name": {"hash": "00"}}}\'',
        'salt = NULL, openings = \'{"new": {"name": {"key": 7}}}\'',
        'salt = NULL, openings = \'{"new": {"name": {"key": "xyz"}}}\'',
    ],
)
def test_a_forged_salt_or_opening_proves_nothing(log: Log, forged: str) -> None:
    with attack(log) as conn:
        conn.execute(
            f"UPDATE audit.sealed_changes SET {forged} WHERE log_id = %s", [log.rows["plain"]]
        )
        assert facts(found(log)) == [("changed", log.rows["plain"])]


def test_seals_made_anew_are_found_by_the_file(log: Log) -> None:
    with attack(log) as conn:
        conn.execute("DELETE FROM audit.log WHERE id = %s", [log.rows["plain"]])
        seal_anew(conn)
        assert found(log) == []
        said = facts(found(log, log.file))
    assert {("altered", 1), ("missing", 2), ("deleted", log.rows["plain"])} <= set(said)


def test_a_hash_made_anew_with_the_old_salt_is_named_by_the_file(log: Log) -> None:
    """Whoever keeps the salts gives himself away row by row; whoever makes new ones, as a whole."""
    plain = log.rows["plain"]
    with attack(log) as conn:
        change(conn, plain, "actor", "'mallory'")
        conn.execute(
            "UPDATE audit.sealed_changes SET leaf_hash = sha256('x') WHERE log_id = %s", [plain]
        )
        conn.execute(
            """UPDATE audit.seals AS s SET merkle_root = core.merkle_root(ARRAY(
                SELECT c.leaf_hash FROM audit.sealed_changes AS c
                WHERE c.tenant_id = s.tenant_id AND c.seal_no = s.seal_no ORDER BY c.leaf_no))"""
        )
        said = facts(found(log, log.file))
    assert ("altered", 1) in said
    assert ("changed", plain) in said
    assert [fact for fact in said if fact[0] == "changed"] == [("changed", plain)]


def test_the_file_holds_no_value_and_is_checked_against_itself(log: Log, tmp_path: Path) -> None:
    text = log.file.read_text(encoding="utf-8")
    assert "+254" not in text and "bob" not in text
    lines = [json.loads(line) for line in text.splitlines()]
    assert {line["of"] for line in lines[1:] if isinstance(line, dict)} == {"audit"}
    full = tmp_path / "full.jsonl"
    with connect(log.url) as conn:
        seal(conn, of=LogRows, export=full, detail="contents")
    assert full.read_bytes() == log.file.read_bytes()
    for edit, wanted in (
        (lambda lines: lines[1].update(root="00" * 32), "file"),
        (lambda lines: lines[2].__setitem__(1, "00" * 32), "file"),
        (lambda lines: lines[1].update(tenant=99), "missing"),
    ):
        copy = [json.loads(line) for line in text.splitlines()]
        edit(copy)
        edited = tmp_path / "edited.jsonl"
        edited.write_text("".join(f"{json.dumps(line)}\n" for line in copy), encoding="utf-8")
        assert wanted in {kind for kind, _ in facts(found(log, edited))}


def test_an_export_refuses_a_file_whose_seals_are_others(log: Log, tmp_path: Path) -> None:
    file = tmp_path / "seals.jsonl"
    shutil.copy(log.file, file)
    with attack(log) as conn:
        seal_anew(conn)
        with pytest.raises(PgerpError):
            seal_log(conn, file)
    assert file.read_bytes() == log.file.read_bytes()


def test_the_commands_seal_and_verify_journal_and_log_with_one_file(
    log: Log, tmp_path: Path
) -> None:
    file = tmp_path / "seals.jsonl"
    with attack(log) as conn:
        done = run(log.url, "seal", "--export", file)
        assert done.exit_code == 0
        assert "(no tenant): " in done.stdout
        words = ("verify", "--no-drift", "--json", "--seals", file)
        good = run(log.url, *words)
        document = json.loads(good.stdout)
        assert (good.exit_code, document["audit_seals"]["state"]) == (0, "ok")
        names = [tenant["tenant"] for tenant in document["audit_seals"]["tenants"]]
        assert names == ["(no tenant)", "Books"]
        assert document["audit_seals"]["tenants"][1]["rows"] > 10
        change(conn, log.rows["plain"], "actor", "'mallory'")
        bad = run(log.url, *words)
        tenant = json.loads(bad.stdout)["audit_seals"]["tenants"][1]
        assert (bad.exit_code, tenant["offenders"]) == (2, 1)
        assert (tenant["first"][0]["kind"], tenant["first"][0]["log_id"]) == (
            "changed", log.rows["plain"],
        )  # fmt: skip
        shown = run(log.url, "verify", "--no-drift")
        assert (shown.exit_code, log.rows["plain"] in shown.stdout) == (2, True)


def test_a_role_that_row_security_applies_to_gets_no_answer(log: Log) -> None:
    with connect(log.url) as conn:
        conn.execute("SET ROLE pgerp_auditor")
        said = verify_seals(conn, of=LogRows)
        assert said is not None and not said.healthy
        assert said.as_json()["state"] == "not checked"
        conn.execute("SET ROLE pgerp_backup")
        said = verify_seals(conn, log.file, of=LogRows)
        assert said is not None and said.healthy
