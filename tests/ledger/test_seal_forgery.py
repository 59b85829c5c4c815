"""Whoever alters, removes or remakes the seals themselves, or the exported file, is found."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pgerp.db import connect
from pgerp.errors import PgerpError
from pgerp.sealer import seal
from pgerp.sealfile import read_seals
from pgerp.sealverify import verify_seals
from tests.ledger.sealed import Sealed, attack, facts, found, make_sealed, seal_anew
from tests.runner.journals import run

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
HASH_ANEW = (
    "UPDATE ledger.seals AS s SET seal_hash = core.seal_hash('pgerp-seal-1', ROW(s.*)::core.seal)"
)


@pytest.fixture(scope="module")
def sealed(new_database, template, tmp_path_factory) -> Iterator[Sealed]:
    with new_database(template) as url:
        yield make_sealed(url, tmp_path_factory.mktemp("seals"))


@pytest.mark.parametrize("column", SEAL)
def test_an_altered_seal_is_named(sealed: Sealed, column: str) -> None:
    with attack(sealed) as conn:
        conn.execute(
            f"UPDATE ledger.seals SET {column} = {SEAL[column]} WHERE seal_no = 1".encode()
        )
        assert ("altered", 1) in facts(found(sealed))


def test_a_seal_made_anew_alone_breaks_the_chain_behind_it(sealed: Sealed) -> None:
    with attack(sealed) as conn:
        conn.execute("UPDATE ledger.seals SET sealed_by = 'mallory' WHERE seal_no = 1")
        conn.execute(HASH_ANEW)
        assert facts(found(sealed)) == [("altered", 2)]
        assert facts(found(sealed, sealed.file)) == [("altered", 2), ("altered", 1)]


def test_a_missing_seal_is_named_and_at_the_end_only_by_the_file(sealed: Sealed) -> None:
    with attack(sealed) as conn:
        conn.execute("DELETE FROM ledger.seals WHERE seal_no = 1")
        assert ("missing", 2) in facts(found(sealed))
        assert ("missing", 1) in facts(found(sealed))
    with attack(sealed) as conn:
        conn.execute("DELETE FROM ledger.seals WHERE seal_no = 2")
        conn.execute("DELETE FROM ledger.sealed_entries WHERE seal_no = 2")
        assert found(sealed) == []
        assert facts(found(sealed, sealed.file)) == [("missing", 2)]


def test_seals_that_were_truncated_are_found_by_the_file(sealed: Sealed) -> None:
    id = sealed.entries["rich"]
    with attack(sealed) as conn:
        conn.execute("TRUNCATE ledger.seals, ledger.sealed_entries")
        assert found(sealed) == []
        assert facts(found(sealed, sealed.file)) == [("missing", 1), ("missing", 2)]
        conn.execute("UPDATE ledger.journal_entries SET reference = 'x' WHERE id = %s", [id])
        offenders = found(sealed, sealed.full)
        assert facts(offenders) == [("missing", 1), ("changed", id), ("missing", 2)]
        assert "reference (sealed R:1,, found x)" in offenders[1].text


def test_records_in_another_order_are_named_also_under_seals_made_anew(sealed: Sealed) -> None:
    swap = "UPDATE ledger.sealed_entries SET leaf_no = {} WHERE seal_no = 1"
    with attack(sealed) as conn:
        conn.execute(swap.format("leaf_no + 100").encode())
        conn.execute(swap.format("CASE leaf_no WHEN 101 THEN 2 WHEN 102 THEN 1"
                                 " ELSE leaf_no - 100 END").encode())  # fmt: skip
        id = sealed.entries["plain"]
        assert facts(found(sealed)) == [("out of order", id), ("altered", 1)]
        conn.execute(
            """UPDATE ledger.seals AS s SET merkle_root = core.merkle_root(ARRAY(
                SELECT sha256('\\x00'::bytea || convert_to(e.content, 'UTF8'))
                FROM ledger.sealed_entries AS e WHERE e.seal_no = s.seal_no ORDER BY leaf_no))"""
        )
        conn.execute(HASH_ANEW)
        conn.execute(
            "UPDATE ledger.seals AS s SET previous_hash = o.seal_hash FROM ledger.seals AS o"
            " WHERE s.seal_no = 2 AND o.seal_no = 1"
        )
        conn.execute(HASH_ANEW)
        assert facts(found(sealed)) == [("out of order", id)]
        assert ("altered", 1) in facts(found(sealed, sealed.file))


def test_a_record_changed_together_with_its_entry_is_found(sealed: Sealed) -> None:
    id = sealed.entries["plain"]
    with attack(sealed) as conn:
        conn.execute("UPDATE ledger.journal_entries SET description = 'Tost' WHERE id = %s", [id])
        conn.execute(
            "UPDATE ledger.sealed_entries SET content = replace(content, '4:Test', '4:Tost')"
            " WHERE entry_id = %s",
            [id],
        )
        assert facts(found(sealed)) == [("altered", 1)]
        assert facts(found(sealed, sealed.file)) == [("altered", 1), ("changed", id)]


def test_a_record_that_is_no_encoding_or_of_another_entry_is_found(sealed: Sealed) -> None:
    plain, late = sealed.entries["plain"], sealed.entries["late"]
    with attack(sealed) as conn:
        conn.execute(
            "UPDATE ledger.sealed_entries SET content = '99:x' WHERE entry_id = %s", [late]
        )
        assert facts(found(sealed)) == [("altered", 2), ("changed", late), ("altered", 2)]
    with attack(sealed) as conn:
        conn.execute(
            "UPDATE ledger.sealed_entries SET business_id = 7 WHERE entry_id = %s", [plain]
        )
        assert facts(found(sealed)) == [("altered", 1)]
    with attack(sealed) as conn:
        conn.execute("DELETE FROM ledger.sealed_entries WHERE entry_id = %s", [plain])
        assert ("missing", 1) in facts(found(sealed))


def test_archived_entries_are_verified_and_one_in_both_places_is_named(
    clone: str, tmp_path: Path
) -> None:
    sealed = make_sealed(clone, tmp_path)
    id = sealed.entries["plain"]
    with attack(sealed) as conn:
        for table in ("entries", "lines"):
            conn.execute(
                f"CREATE TABLE ledger_archive.old_{table}"
                f" PARTITION OF ledger_archive.journal_{table} DEFAULT".encode()
            )
        for table, column in (("journal_entries", "id"), ("journal_lines", "entry_id")):
            conn.execute(
                f"INSERT INTO ledger_archive.{table} SELECT * FROM ledger.{table}"
                f" WHERE {column} = %s",
                [id],
            )
        assert facts(found(sealed)) == [("duplicated", id)]
        conn.execute("DELETE FROM ledger.journal_lines WHERE entry_id = %s", [id])
        conn.execute("DELETE FROM ledger.journal_entries WHERE id = %s", [id])
        assert found(sealed) == []
        conn.execute("UPDATE ledger_archive.journal_lines SET amount = 2 * amount")
        assert facts(found(sealed)) == [("changed", id)]
        conn.execute("UPDATE ledger_archive.journal_lines SET amount = amount / 2")
        other = "01a00000-0000-7000-8000-000000000002"
        conn.execute("INSERT INTO ledger_archive.journal_entries SELECT (x).* FROM (SELECT e AS x"
                     " FROM ledger.journal_entries AS e LIMIT 1) AS y")  # fmt: skip
        conn.execute(
            "UPDATE ledger_archive.journal_entries SET id = %s WHERE id <> %s", [other, id]
        )
        assert facts(found(sealed)) == [("inserted", other)]


def edited(file: Path, folder: Path, change) -> Path:
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    change(lines)
    copy = folder / "edited.jsonl"
    copy.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return copy


def test_an_edited_file_is_found(sealed: Sealed, tmp_path: Path) -> None:
    def swap(lines):
        lines[2], lines[3] = lines[3], lines[2]

    for change, wanted in (
        (lambda lines: lines[1].update(root="00" * 32), [("file", 1)]),
        (lambda lines: lines[1].update(sealed_by="x"), [("file", 1)]),
        (lambda lines: lines[1].update(hash="00" * 32), [("file", 1), ("altered", 1)]),
        (lambda lines: lines[2].__setitem__(1, "00" * 32), [("file", 1)]),
        (swap, [("file", 1)]),
        (lambda lines: lines[2].append("x"), [("file", 1)]),
    ):
        copy = edited(sealed.file, tmp_path, change)
        offenders = facts(found(sealed, copy))
        assert offenders[: len(wanted)] == wanted
    for change in (
        lambda lines: lines.pop(0),
        lambda lines: lines.pop(2),
        lambda lines: lines[1].pop("root"),
        lambda lines: lines[1].update(leaves="some"),
        lambda lines: lines[2].__setitem__(0, "x"),
        lambda lines: lines[2].__setitem__(1, "xyz"),
    ):
        with pytest.raises(PgerpError) as error:
            found(sealed, edited(sealed.file, tmp_path, change))
        assert error.value.where.startswith(f"{tmp_path}/edited.jsonl:")
    cut = tmp_path / "cut.jsonl"
    cut.write_text(sealed.file.read_text()[:-9])
    with pytest.raises(PgerpError):
        found(sealed, cut)
    with pytest.raises(PgerpError):
        found(sealed, tmp_path / "none.jsonl")


def test_a_file_of_another_database_is_found(sealed: Sealed, tmp_path: Path) -> None:
    copy = edited(sealed.file, tmp_path, lambda lines: lines[1].update(tenant=99))
    assert ("missing", None) in facts(found(sealed, copy))


def test_an_export_adds_what_the_file_lacks_and_nothing_twice(
    sealed: Sealed, tmp_path: Path
) -> None:
    file = tmp_path / "seals.jsonl"
    shutil.copy(sealed.file, file)
    with connect(sealed.url) as conn:
        (done,) = seal(conn, export=file)
        assert (done.seals, done.leaves, done.exported) == (0, 0, 0)
        assert file.read_bytes() == sealed.file.read_bytes()
        lines = file.read_text().splitlines(keepends=True)
        file.write_text("".join(lines[:-2]))
        assert seal(conn, export=file)[0].exported == 1
        assert file.read_bytes() == sealed.file.read_bytes()
        seal(conn, export=tmp_path / "none.jsonl", detail="none")
        assert [one.seal.seal_no for one in read_seals(tmp_path / "none.jsonl")] == [1, 2]
        assert found(sealed, tmp_path / "none.jsonl") == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["none.jsonl", "seals.jsonl"]


def test_an_export_refuses_a_file_whose_seals_are_others(sealed: Sealed, tmp_path: Path) -> None:
    file = tmp_path / "seals.jsonl"
    shutil.copy(sealed.file, file)
    with attack(sealed) as conn:
        seal_anew(conn)
        with pytest.raises(PgerpError):
            seal(conn, export=file)
    assert file.read_bytes() == sealed.file.read_bytes()


def test_the_commands_say_it_with_exit_codes_and_json(sealed: Sealed, tmp_path: Path) -> None:
    file = tmp_path / "seals.jsonl"
    done = run(sealed.url, "seal", "--export", file, "--tenant", "Books")
    assert (done.exit_code, file.stat().st_mode & 0o777) == (0, 0o600)
    words = ("verify", "--no-drift", "--json")
    good = run(sealed.url, *words, "--seals", file)
    assert (good.exit_code, json.loads(good.stdout)["seals"]["state"]) == (0, "ok")
    with attack(sealed) as conn:
        conn.execute(
            "UPDATE ledger.journal_entries SET reference = 'x' WHERE id = %s",
            [sealed.entries["rich"]],
        )
        bad = run(sealed.url, *words)
        (tenant,) = json.loads(bad.stdout)["seals"]["tenants"]
        assert (bad.exit_code, tenant["offenders"], tenant["first"][0]["kind"]) == (2, 1, "changed")
        shown = run(sealed.url, "verify", "--no-drift")
        assert (shown.exit_code, sealed.entries["rich"] in shown.stdout) == (2, True)
        left_out = run(sealed.url, *words, "--no-seals")
        assert (left_out.exit_code, json.loads(left_out.stdout)["seals"]["state"]) == (
            0, "not asked",
        )  # fmt: skip
    assert run(sealed.url, "verify", "--no-seals", "--seals", file).exit_code == 2
    assert run(sealed.url, "seal", "--tenant", "Nobody").exit_code == 2
    assert run(sealed.url, "seal", "--export", tmp_path / "no" / "such").exit_code == 2


def test_a_role_that_row_security_applies_to_gets_no_answer(sealed: Sealed) -> None:
    with connect(sealed.url) as conn:
        conn.execute("SET ROLE pgerp_auditor")
        report = verify_seals(conn)
        assert report is not None
        assert not report.healthy
        assert report.as_json()["state"] == "not checked"
        conn.execute("SET ROLE pgerp_backup")
        report = verify_seals(conn, sealed.file)
        assert report is not None
        assert report.healthy
