"""A redacted row is still proved; a redaction is told, and what passes for one is found."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import psycopg
import pytest

from pgerp.sealchange import Secrets
from pgerp.sealreport import Taken
from tests.audit.sealed import (
    PHONE,
    Log,
    attack,
    facts,
    found,
    honest,
    make_log,
    redact,
    report,
    seal_log,
)
from tests.pgtap import results_eq, throws, value
from tests.runner.journals import run

OF_BOB = ["changed", "deleted", "made"]


@pytest.fixture(scope="module")
def log(new_database, template, tmp_path_factory) -> Iterator[Log]:
    with new_database(template) as url:
        yield make_log(url, tmp_path_factory.mktemp("seals"))


@pytest.fixture(autouse=True)
def all_is_well(log: Log) -> Iterator[None]:
    yield
    assert found(log, log.file) == []
    assert told(log) == []


def told(log: Log) -> list[Taken]:
    """Return what verify tells of the tenant's log."""
    return report(log).tenants[-1].taken


@pytest.fixture
def redacted(log: Log) -> Iterator[psycopg.Connection]:
    """An attacker who comes when the name of bob is redacted, and that is sealed."""
    with attack(log) as conn:
        with honest(conn):
            assert redact(conn, log, "name") == 3
            seal_log(conn)
        yield conn


def test_a_redacted_row_is_as_it_was_sealed_and_told(log: Log) -> None:
    with attack(log) as conn:
        with honest(conn):
            assert redact(conn, log, "name") == 3
        assert (found(log), found(log, log.file)) == ([], [])
        with honest(conn):
            assert redact(conn, log, "email", "subject", reason="Request 8") == 3
            assert redact(conn, log, "name") == 0
            seal_log(conn)
        assert (found(log), found(log, log.file)) == ([], [])
        assert [(one.what, one.by, one.text) for one in told(log)] == [
            ("redaction", "clerk", "name of identity.users in 3 rows: Request 7"),
            ("redaction", "clerk", "email, subject of identity.users in 3 rows: Request 8"),
        ]
        shown = run(log.url, "verify", "--no-drift")
        assert "by clerk: name of identity.users in 3 rows: Request 7" in shown.stdout
        assert shown.exit_code == 0


def test_a_row_redacted_before_it_is_sealed_is_sealed_as_it_is(log: Log) -> None:
    with attack(log) as conn:
        with honest(conn):
            conn.execute("INSERT INTO identity.users (tenant_id, id, subject, name)"
                         " VALUES (%s, %s, 'bob', 'Again')", [log.tenant, log.bob])  # fmt: skip
            assert redact(conn, log, "name") == 4
            seal_log(conn)
            assert found(log, log.file) == []
            # And then again, of another column.
            assert redact(conn, log, "subject") == 4
        assert found(log, log.file) == []
        conn.execute("DELETE FROM identity.users WHERE id = %s", [log.bob])


def test_what_is_left_does_not_tell_the_value(log: Log) -> None:
    """Who knows every other value, and all that is left, cannot tell a right guess from another."""
    with attack(log) as conn:
        salt, openings = "SELECT salt, openings", "FROM audit.sealed_changes WHERE log_id = %s"
        made = [log.rows["made"]]
        before: Any = conn.execute(f"{salt} {openings}", made).fetchone()
        with honest(conn):
            redact(conn, log, "name")
        after: Any = conn.execute(f"{salt} {openings}", made).fetchone()
        kept = value(conn, "SELECT to_jsonb(s)::text FROM audit.sealed_changes AS s"
                     " WHERE s.log_id = %s", made)  # fmt: skip
    assert before[1] is None and after[0] is None
    left = Secrets(*after)
    kind, hashed = left.opening("new", "name")
    # The salt that went would have told it to who guesses.
    assert (kind, hashed) == ("hash", Secrets(*before).hash_of("new", "name", f'"{PHONE}"'))
    known = {
        bytes.fromhex(one["key"])
        for side in ("old", "new")
        for one in (after[1][side] or {}).values()
        if "key" in one
    }
    assert len(known) > 5
    assert before[0].hex() not in kept
    for key in {*known, b"", bytes(32), bytes.fromhex(hashed)}:
        for guess in (PHONE, f'"{PHONE}"'):
            assert sha256(key + guess.encode()).hexdigest() != hashed
            derived = sha256(key + f"3:new,4:name,{guess}".encode()).hexdigest()
            assert derived != hashed


def test_nothing_of_the_value_is_left_in_the_log_nor_in_its_seals(
    log: Log, redacted: psycopg.Connection
) -> None:
    for table in ("log", "sealed_changes", "redactions", "seals"):
        assert (
            value(
                redacted,
                f"SELECT count(*) FROM audit.{table} AS t WHERE strpos(t::text, %s) > 0",
                [PHONE],
            )
            == 0
        )


@pytest.mark.parametrize(
    "forged",
    [
        'new_row = new_row || \'{"subject": "carol"}\'',
        'new_row = new_row || \'{"subject": "[anonymised]"}\'',
        'new_row = new_row || \'{"name": "Carol"}\'',
        "new_row = new_row || '{\"name\": null}'",
        "new_row = new_row - 'name'",
        "new_row = new_row || '{\"x\": 1}'",
        "new_row = NULL",
        "old_row = '{}'",
        "actor = 'mallory'",
        "logged_at = logged_at - interval '1 day'",
    ],
)
def test_a_redacted_row_that_is_changed_is_named(
    log: Log, redacted: psycopg.Connection, forged: str
) -> None:
    made = log.rows["made"]
    redacted.execute(f"UPDATE audit.log SET {forged} WHERE id = %s", [made])
    for file in (None, log.file):
        assert facts(found(log, file)) == [("changed", made)]


def test_a_value_put_back_or_guessed_is_named(log: Log, redacted: psycopg.Connection) -> None:
    made = log.rows["made"]
    redacted.execute(
        "UPDATE audit.log SET new_row = new_row || jsonb_build_object('name', %s::text)"
        " WHERE id = %s",
        [PHONE, made],
    )
    assert facts(found(log)) == [("changed", made)]


def test_a_change_that_passes_for_a_redaction_without_record_is_named(log: Log) -> None:
    """The attacker knows the salt, so he can make what is left; the record he must do without."""
    plain = log.rows["plain"]
    forge = """WITH was AS (
            UPDATE audit.sealed_changes AS s SET salt = NULL,
                openings = jsonb_build_object('old', NULL, 'new',
                    audit.openings(s.salt, NULL, 'new', l.new_row, '{name}'))
            FROM audit.log AS l WHERE l.id = s.log_id AND l.id = %(id)s)
        UPDATE audit.log SET new_row = audit.redacted(new_row, '{name}') WHERE id = %(id)s"""
    with attack(log) as conn:
        conn.execute(forge, {"id": plain})
        (one,) = found(log)
        assert (one.kind, one.id) == ("changed", plain)
        assert "name" in one.text
        # With a record, but past the triggers: it is not in the log.
        record = value(
            conn,
            """INSERT INTO audit.redactions (tenant_id, log_id, columns, reason, created_at,
                created_by, last_modified_at, last_modified_by)
            VALUES (%s, %s, '{name}', 'x', now() - interval '1 year', 'alice', now(), 'alice')
            RETURNING id::text""",
            [log.tenant, plain],
        )
        assert facts(found(log)) == [("inserted", record)]
        # With a row of the log as well, of the time that it claims: it was slipped in.
        logged = value(
            conn,
            """INSERT INTO audit.log (tenant_id, id, table_name, row_key, action, new_row, actor,
                logged_at, transaction_id)
            SELECT r.tenant_id, core.uuid_v7_floor(r.created_at), 'audit.redactions', r.id::text,
                'INSERT', to_jsonb(r), 'alice', r.created_at, '7' FROM audit.redactions AS r
            RETURNING id::text""",
        )
        assert facts(found(log)) == [("inserted", logged)]
        # What remains is to do it today, and to be told: no time before the last seal is free.
        conn.execute("UPDATE audit.log SET id = core.uuid_v7() WHERE id = %s", [logged])
        assert found(log) == []
        assert [(one.by, one.text) for one in told(log)] == [
            ("alice", "name of identity.users in 1 rows: x")
        ]


@pytest.mark.parametrize(
    "forged",
    [
        "created_by = 'mallory'",
        "created_at = created_at - interval '1 day'",
        "reason = 'Another'",
        "log_id = core.uuid_v7()",
        "columns = '{name,subject}'",
        "business_id = 7",
    ],
)
def test_a_record_that_was_changed_is_named(
    log: Log, redacted: psycopg.Connection, forged: str
) -> None:
    id = value(redacted, "SELECT id::text FROM audit.redactions ORDER BY id LIMIT 1")
    redacted.execute(f"UPDATE audit.redactions SET {forged} WHERE id = %s", [id])
    assert ("inserted", id) in facts(found(log))


def test_a_record_that_was_deleted_is_named_with_what_it_had_redacted(
    log: Log, redacted: psycopg.Connection
) -> None:
    id, of = redacted.execute(
        "DELETE FROM audit.redactions WHERE log_id = %s RETURNING id::text, log_id::text",
        [log.rows["made"]],
    ).fetchall()[0]
    assert set(facts(found(log))) == {("deleted", id), ("changed", of)}
    logged = "DELETE FROM audit.log WHERE table_name = 'audit.redactions' AND row_key = %s"
    gone = value(redacted, f"{logged} RETURNING id::text", [id])
    assert set(facts(found(log))) == {("deleted", gone), ("changed", of)}


def test_openings_of_another_row_prove_nothing(log: Log, redacted: psycopg.Connection) -> None:
    redacted.execute(
        "UPDATE audit.sealed_changes AS s SET openings = o.openings FROM audit.sealed_changes AS o"
        " WHERE s.log_id = %s AND o.log_id = %s",
        [log.rows["changed"], log.rows["deleted"]],
    )
    assert facts(found(log)) == [("changed", log.rows["changed"])]


@pytest.mark.parametrize("role", ["postgres", "pgerp_owner"])
def test_a_salt_goes_only_with_a_redaction_of_its_row(
    log: Log, redacted: psycopg.Connection, role: str
) -> None:
    change = "UPDATE audit.sealed_changes SET {} WHERE log_id = %s"
    with honest(redacted), redacted.transaction(force_rollback=True):
        if role == "pgerp_owner":
            redacted.execute("SET LOCAL ROLE pgerp_owner")
        for name, forged in itertools.product(
            ("made", "plain"),
            ("leaf_hash = sha256('x')", "leaf_no = 1000", "openings = NULL, salt = sha256('x')"),
        ):
            throws(redacted, "ZA010", change.format(forged), [log.rows[name]])
        throws(redacted, "ZA010", change.format("salt = NULL, openings = '{}'"),
               [log.rows["plain"]])  # fmt: skip
        throws(redacted, "ZA010", "DELETE FROM audit.sealed_changes")


def test_seals_made_anew_over_a_redacted_log_are_found_by_the_file(
    log: Log, redacted: psycopg.Connection
) -> None:
    results_eq(
        redacted,
        "SELECT count(*) FROM audit.sealed_changes WHERE openings IS NOT NULL",
        [(3,)],
    )
    redacted.execute("UPDATE audit.sealed_changes SET salt = sha256('x'), openings = NULL"
                     " WHERE openings IS NOT NULL")  # fmt: skip
    assert set(facts(found(log, log.file))) == {("changed", log.rows[name]) for name in OF_BOB}
