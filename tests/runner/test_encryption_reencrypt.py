"""`pgerp encryption reencrypt`: every value of every table, what is left, and who may."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from pgerp.db import connect
from pgerp.errors import PgerpError
from pgerp.keyfile import read_keys
from pgerp.reencrypt import reencrypt
from pgerp.sensitive import count_values, find_tables
from tests.runner.journals import ask, run
from tests.runner.people import People


@pytest.fixture
def people(clone: str, tmp_path: Path) -> People:
    return People(clone, tmp_path)


def test_every_value_of_every_tenant_is_rewritten_and_says_what_it_said(people: People) -> None:
    one, two = people.tenants
    people.add(one, range(25))
    people.add(two, range(7))
    # An inactive tenant gets no token, and has values all the same.
    ask(people.url, f"UPDATE identity.tenants SET is_active = false WHERE id = {two}")
    ask(people.url, "UPDATE core.people SET note_encrypted = NULL WHERE name = 'person 3'")
    ask(people.url, "UPDATE core.people SET phone_hash = NULL WHERE name = 'person 4'")
    people.rotate()
    assert people.counts()["phone_encrypted", "old"] == 32
    result = people.reencrypt("--batch", "10")
    assert (result.exit_code, result.stderr) == (0, "")
    assert people.counts() == {
        ("phone_encrypted", "active"): 32,
        ("phone_hash", "active"): 30,
        ("document_encrypted", "active"): 32,
        ("document_hash", "active"): 32,
        ("note_encrypted", "active"): 30,
    }
    three, four = (people.rows(f"name = 'person {n}'")[0] for n in (3, 4))
    assert (three["note_encrypted"], four["phone_hash"]) == (None, None)
    ask(people.url, "DELETE FROM core.people WHERE name IN ('person 3', 'person 4')")
    people.add(one, range(3, 5))
    people.assert_right(range(25), one)
    again = people.reencrypt()
    assert (again.exit_code, again.stdout) == (0, "0 rows rewritten, 0 left as they were\n")


def test_a_rewritten_row_has_a_new_version_its_stamps_and_a_line_in_the_log(
    people: People,
) -> None:
    people.add(people.tenants[0], range(1))
    people.rotate()
    (before,) = people.rows()
    assert people.reencrypt().exit_code == 0
    (after,) = people.rows()
    # Who read the row before would otherwise write the old key's value back.
    assert (before["version"], after["version"]) == (1, 2)
    with connect(people.url) as conn, pytest.raises(psycopg.errors.Error) as caught:
        conn.execute(
            "UPDATE core.people SET phone_encrypted = %s, version = %s",
            [before["phone_encrypted"], before["version"]],
        )
    assert caught.value.sqlstate == "ZK001"
    me = ask(people.url, "SELECT session_user::text")[0][0]
    assert (after["created_at"], after["last_modified_by"]) == (before["created_at"], me)
    # That it was, not what: the log has no sensitive values.
    logged = ask(
        people.url,
        "SELECT actor, tenant_id, old_row ->> 'phone_encrypted', new_row ->> 'phone_encrypted'"
        " FROM audit.log WHERE table_name = 'core.people' AND action = 'UPDATE'",
    )
    assert logged == [(me, people.tenants[0], "***", "*** (changed)")]


def test_one_purpose_rotates_without_the_other(people: People) -> None:
    people.add(people.tenants[0], range(5))
    before = people.rows()
    assert people.run("rotate", "--purpose", "hash").exit_code == 0
    assert people.run("activate").exit_code == 0
    assert people.reencrypt().exit_code == 0
    after = people.rows()
    assert [r["phone_encrypted"] for r in after] == [r["phone_encrypted"] for r in before]
    people.assert_right(range(5), people.tenants[0])


def test_values_of_a_next_key_are_left_as_they_are(people: People) -> None:
    people.add(people.tenants[0], range(2))
    present = people.file.read_bytes()
    people.rotate()
    people.add(people.tenants[0], range(2, 4))
    newer = people.file.read_bytes()
    people.file.write_bytes(newer.replace(b'"active"', b'"next"').replace(b'"old"', b'"active"'))
    assert people.file.read_bytes() != present
    result = people.reencrypt()
    assert (result.exit_code, result.stdout) == (0, "0 rows rewritten, 0 left as they were\n")


def test_what_cannot_be_rewritten_is_named_and_the_rest_is_done(people: People) -> None:
    tenant = people.tenants[0]
    people.add(tenant, range(10))
    people.rotate()
    ring, old = people.ring, people.kid("encryption", "old")
    strange = ring.encrypt("x").replace(people.kid("encryption"), "stranger")
    set_to = "UPDATE core.people SET {} WHERE name = 'person {}'"
    for change, n in (
        (f"note_encrypted = '{strange}'", 1),
        (f"note_encrypted = '{old}:gAAAAA' || repeat('A', 94)", 2),
        ("phone_hash = left(phone_hash, -4) || '0000'", 3),
        ("document_encrypted = NULL", 4),
    ):
        ask(people.url, set_to.format(change, n))
    # The same phone again, under the new hash key: the old and the new one are not unique together.
    with connect(people.url) as conn:
        conn.execute(
            "INSERT INTO core.people (tenant_id, name, phone_encrypted, phone_hash)"
            " VALUES (%s, 'person 5', %s, %s)",
            [tenant, *ring.protect("0700000005", "phone")],
        )
    result = people.reencrypt("--retries", "0")
    assert result.exit_code == 2
    assert result.stdout.endswith("5 rows rewritten, 5 left as they were\n")
    complaints = result.stderr.splitlines()
    assert len(complaints) == 5
    assert sum("stranger" in line for line in complaints) == 1
    assert sum("23505" in line for line in complaints) == 1
    for row in people.rows():
        assert row["phone_hash"] not in result.output
    assert "0700000005" not in result.output
    assert people.counts()["note_encrypted", "unknown"] == 1


def test_a_table_that_refuses_the_update_is_named_with_the_sqlstate(people: People) -> None:
    people.add(people.tenants[0], range(3))
    people.rotate()
    for body, told in (
        ("RAISE EXCEPTION 'no' USING ERRCODE = 'ZL006';", "ZL006"),
        ("RETURN NULL;", "trigger"),
    ):
        ask(
            people.url,
            f"""CREATE OR REPLACE FUNCTION core.refuse() RETURNS trigger LANGUAGE plpgsql
            AS $$ BEGIN {body} END $$;
            CREATE OR REPLACE TRIGGER refuse BEFORE UPDATE ON core.people
            FOR EACH ROW EXECUTE FUNCTION core.refuse()""",
        )
        result = people.reencrypt("--retries", "0")
        assert result.exit_code == 2
        assert result.stdout == "0 rows rewritten, 3 left as they were\n"
        assert [told in line for line in result.stderr.splitlines()] == [True] * 3


def test_a_table_that_lets_no_row_change_is_given_up_and_the_others_are_done(
    people: People,
) -> None:
    people.add(people.tenants[0], range(30))
    people.add(people.tenants[1], range(3))
    people.rotate()
    ask(
        people.url,
        f"""CREATE FUNCTION core.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM nextval('core.asked'); RAISE EXCEPTION 'no' USING ERRCODE = 'ZL006'; END $$;
        CREATE SEQUENCE core.asked; GRANT USAGE ON core.asked TO pgerp_owner;
        CREATE TRIGGER refuse BEFORE UPDATE ON core.people FOR EACH ROW
        WHEN (OLD.tenant_id = {people.tenants[0]}) EXECUTE FUNCTION core.refuse()""",
    )
    result = people.reencrypt("--batch", "5")
    assert result.exit_code == 2
    assert result.stdout.endswith("3 rows rewritten, 30 left as they were\n")
    # Once in the batch, and five times each by itself.
    assert ask(people.url, "SELECT last_value FROM core.asked") == [(6,)]


def test_what_the_server_refuses_altogether_is_an_error_and_no_waiting(people: People) -> None:
    people.add(people.tenants[0], range(3))
    people.rotate()
    ask(people.url, "REVOKE SELECT ON core.people FROM pgerp_owner")
    result = people.reencrypt()
    assert (result.exit_code, "42501" in result.stderr) == (2, True)


def test_a_phone_that_was_written_without_its_country_needs_the_country(people: People) -> None:
    people.add(people.tenants[0], range(2))
    people.rotate()
    assert people.run("reencrypt", "--retries", "0").exit_code == 2
    assert people.counts()["phone_hash", "old"] == 2
    assert people.reencrypt().exit_code == 0


def test_columns_are_found_by_their_types_whatever_the_table_is_called(people: People) -> None:
    ask(
        people.url,
        """CREATE SCHEMA "Odd {}" AUTHORIZATION pgerp_owner; SET ROLE pgerp_owner;
        CREATE TABLE "Odd {}"."T 'x'" (
            "n-1" date NOT NULL, "x 2_encrypted" core.encrypted_value NOT NULL,
            "x 2_hash" core.keyed_hash NOT NULL, other text,
            PRIMARY KEY ("n-1")
        ) PARTITION BY RANGE ("n-1");
        CREATE TABLE "Odd {}".part PARTITION OF "Odd {}"."T 'x'" DEFAULT; RESET ROLE""",
    )
    with connect(people.url) as conn:
        (odd,) = [table for table in find_tables(conn) if table.schema == "Odd {}"]
        assert (odd.pairs, odd.has_tenant) == ({"x 2_encrypted": "x 2_hash"}, False)
        conn.execute(
            """INSERT INTO "Odd {}"."T 'x'" VALUES (%s, %s, %s)""",
            ["2026-11-27", *people.ring.protect("jane@example.com", "email")],
        )
    people.rotate()
    assert people.reencrypt().exit_code == 0
    assert ask(people.url, """SELECT "x 2_hash" FROM "Odd {}"."T 'x'" """) == [
        (people.ring.hash("Jane@example.com", "email"),)
    ]


@pytest.mark.parametrize(
    "columns",
    ["id integer PRIMARY KEY, x_hash core.keyed_hash", "x_encrypted core.encrypted_value"],
)
def test_a_table_that_could_not_be_rewritten_stops_everything(people: People, columns: str) -> None:
    ask(people.url, f"CREATE TABLE core.bad ({columns})")
    assert people.reencrypt().exit_code == 2
    assert people.run("reencrypt", "--dry-run").exit_code == 2


def test_a_client_may_not_and_a_database_without_the_types_is_told(
    people: People, empty_database: str
) -> None:
    people.add(people.tenants[0], range(1))
    with connect(people.url) as conn:
        conn.execute("SET SESSION AUTHORIZATION pgerp_app")
        for act in (
            # It sees no tenant, and would take that for a database without values.
            lambda: count_values(conn),
            lambda: reencrypt(conn, read_keys(people.file), say=lambda _: None),
        ):
            with pytest.raises(PgerpError) as caught:
                act()
            assert caught.value.sqlstate == "42501"
    # Nor does a table of its own help it.
    ask(
        people.url,
        "ALTER TABLE core.people OWNER TO pgerp_app; SET ROLE pgerp_app;"
        " ALTER TABLE core.people NO FORCE ROW LEVEL SECURITY; RESET ROLE",
    )
    with connect(people.url) as conn:
        conn.execute("SET SESSION AUTHORIZATION pgerp_app")
        with pytest.raises(PgerpError):
            count_values(conn)
    result = run(empty_database, "encryption", "reencrypt", "--keys", people.file)
    assert (result.exit_code, "pgerp up" in result.stderr) == (2, True)


def test_neither_keys_nor_plain_texts_reach_the_server(people: People) -> None:
    people.add(people.tenants[0], range(3))
    people.rotate()
    seen: list[bytes] = []
    with connect(people.url) as conn:
        trace = people.file.with_name("trace")
        with trace.open("wb") as stream:
            conn.pgconn.trace(stream.fileno())
            outcome = reencrypt(conn, read_keys(people.file), country="KE", say=lambda _: None)
            conn.pgconn.untrace()
        seen.append(trace.read_bytes())
    assert outcome.rows == 3
    assert people.kid("encryption").encode() in seen[0]
    for text in ("0700000001", "254700000001", "0000001", "note 1"):
        assert text.encode() not in seen[0]
    for line in people.file.read_text().splitlines():
        if '"k":' in line:
            assert line.split('"')[3].encode() not in seen[0]
