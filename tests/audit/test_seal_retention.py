"""Years that go when they are old enough leave the seals sound; years that go by hand are found."""

from __future__ import annotations

import contextlib
from pathlib import Path

import psycopg
import pytest

from pgerp.db import connect
from tests.audit.sealed import Log, enter, facts, found, make_log, report, seal_log
from tests.audit.test_retention import EXPIRE, GONE
from tests.background import Background
from tests.pgtap import is_empty, results_eq, throws, value
from tests.years import THIS_YEAR

OLD = """INSERT INTO audit.log
(tenant_id, id, table_name, row_key, action, actor, logged_at, transaction_id)
SELECT %(tenant)s, (left(core.uuid_v7_floor(t.at)::text, 35) || %(n)s)::uuid, 'old', 'x', 'INSERT',
    'x', t.at, '1'
FROM make_timestamptz(%(year)s, 6, 1, 0, 0, 0, 'UTC') AS t (at)"""
OF_THE_YEAR = "FROM audit.sealed_changes WHERE log_id < '01800000-0000-0000-0000-000000000000'"


@pytest.fixture
def log(clone: str, tmp_path: Path) -> Log:
    """A log of which the first seals, of a tenant and of none, cover rows of 2017."""
    with connect(clone) as conn:
        # The tenant that make_log makes is the next one.
        tenant = value(conn, "SELECT nextval('identity.tenants_id_seq')") + 1
        for n in (1, 2, 3):
            conn.execute(OLD, {"tenant": tenant, "year": GONE, "n": n})
        conn.execute(OLD, {"tenant": 0, "year": GONE, "n": 1})
        conn.execute("SELECT core.create_year_partitions('audit.log', 2)")
    made = make_log(clone, tmp_path)
    assert made.tenant == tenant
    assert found(made, made.file) == []
    return made


def remove(log: Log) -> None:
    with connect(log.url) as conn:
        results_eq(conn, EXPIRE, [(GONE, [])])


def test_a_year_that_was_removed_is_told_and_leaves_the_seals_sound(
    log: Log, tmp_path: Path
) -> None:
    remove(log)
    assert (found(log), found(log, log.file)) == ([], [])
    assert [(tenant.name, [(one.what, one.text) for one in tenant.taken])
            for tenant in report(log).tenants] == [
        ("(no tenant)", [("removal", f"{GONE}, 1 rows")]),
        ("Books", [("removal", f"{GONE}, 3 rows")]),
    ]  # fmt: skip
    with connect(log.url) as conn:
        results_eq(
            conn,
            "SELECT tenant_id, log_year, row_count, seal_nos::text FROM audit.removals"
            " ORDER BY tenant_id",
            [(0, GONE, 1, "{[1,2)}"), (log.tenant, GONE, 3, "{[1,2)}")],
        )
        is_empty(conn, f"SELECT {OF_THE_YEAR}")
        seal_log(conn, log.file)
        new = tmp_path / "new.jsonl"
        seal_log(conn, new)
    # A file that is begun later has the seal, and none of its leaves.
    assert (found(log), found(log, log.file), found(log, new)) == ([], [], [])


def test_a_year_removed_by_hand_is_named_row_by_row(log: Log) -> None:
    with connect(log.url) as conn:
        conn.execute(f"DROP TABLE audit.log_{GONE}")
    assert {kind for kind, _ in facts(found(log))} == {"deleted"}
    assert len(found(log)) == 4


def test_a_year_removed_by_hand_with_its_leaves_is_named(log: Log) -> None:
    with connect(log.url) as conn:
        conn.execute(f"DROP TABLE audit.log_{GONE}")
        conn.execute("SET session_replication_role = replica")
        conn.execute(f"DELETE {OF_THE_YEAR}")
    assert facts(found(log)) == [("altered", 1), ("altered", 1)]


def forge(conn: psycopg.Connection, log: Log, *, year: int, seals: str, at: str) -> str:
    """Forge the record of a removal, and its row of the log, past the triggers."""
    conn.execute("SET session_replication_role = replica")
    conn.execute("SET timezone = 'Asia/Tokyo'")
    id: str = value(
        conn,
        f"""INSERT INTO audit.removals (tenant_id, log_year, row_count, seal_nos, created_at,
            created_by, last_modified_at, last_modified_by)
        VALUES (%s, %s, 3, %s, {at}, 'x', now(), 'x') RETURNING id::text""",
        [log.tenant, year, seals],
    )
    conn.execute(
        """INSERT INTO audit.log (tenant_id, table_name, row_key, action, new_row, actor, logged_at,
            transaction_id)
        SELECT r.tenant_id, 'audit.removals', r.id::text, 'INSERT', to_jsonb(r), 'x', now(), '7'
        FROM audit.removals AS r"""
    )
    return id


def test_a_year_that_goes_before_its_time_is_named_whatever_the_record_says(log: Log) -> None:
    with connect(log.url) as conn:
        id = forge(conn, log, year=THIS_YEAR, seals="{[2,3)}", at="now()")
        conn.execute(
            "DELETE FROM audit.log WHERE id IN (SELECT s.log_id FROM audit.sealed_changes AS s"
            " WHERE s.seal_no = 2 AND s.tenant_id <> 0)"
        )
        conn.execute("DELETE FROM audit.sealed_changes WHERE seal_no = 2 AND tenant_id <> 0")
        assert facts(found(log)) == [("inserted", id)]


def test_seals_of_young_rows_do_not_go_with_an_old_year(log: Log) -> None:
    with connect(log.url) as conn:
        forge(conn, log, year=GONE, seals="{[1,4)}", at="now()")
        conn.execute(
            "DELETE FROM audit.log AS l USING audit.sealed_changes AS s WHERE l.id = s.log_id"
            " AND l.tenant_id = %s",
            [log.tenant],
        )
        conn.execute("DELETE FROM audit.sealed_changes WHERE tenant_id = %s", [log.tenant])
        # Seal 3 follows one that was complete up to this year; seal 2 only the file can tell.
        assert facts(found(log)) == [("missing", 3)]
        assert set(facts(found(log, log.file))) == {("missing", 3), ("missing", 2)}


def test_a_row_slipped_into_a_year_that_is_gone_is_named(log: Log) -> None:
    remove(log)
    with connect(log.url) as conn:
        conn.execute(OLD, {"tenant": log.tenant, "year": GONE, "n": 7})
    assert [kind for kind, _ in facts(found(log))] == ["inserted"]


def test_a_record_of_a_removal_stays_and_is_not_made_before_the_time(log: Log) -> None:
    new = (
        "INSERT INTO audit.removals (tenant_id, log_year, row_count, seal_nos)"
        " SELECT %s, extract(YEAR FROM now() AT TIME ZONE 'UTC')::integer - %s, 1, '{}'"
    )
    remove(log)
    with connect(log.url, autocommit=False) as conn:
        for role in (None, "pgerp_owner"):
            enter(conn, log.tenant)
            if role:
                conn.execute("SET LOCAL ROLE pgerp_owner")
            throws(conn, "ZA009", "UPDATE audit.removals SET row_count = 7")
            throws(conn, "ZA009", "DELETE FROM audit.removals")
            throws(conn, "ZA001", "TRUNCATE audit.removals")
            for years in (0, 1, 7):
                throws(conn, "ZA011", new, [log.tenant, years])
            conn.execute(new, [log.tenant, 8])
            # Leaves of another year stay all the same.
            throws(conn, "ZA010", "DELETE FROM audit.sealed_changes")
        conn.execute("RESET ROLE")
        conn.execute(
            "INSERT INTO audit.legal_holds (tenant_id, reason) VALUES (%s, 'Case')", [log.tenant]
        )
        throws(conn, "ZA008", new, [log.tenant, 8])


@pytest.mark.parametrize("role", [None, "pgerp_owner"])
def test_leaves_go_only_with_the_year_and_the_seals_of_the_record(
    log: Log, role: str | None
) -> None:
    new = (
        "INSERT INTO audit.removals (tenant_id, log_year, row_count, seal_nos)"
        " VALUES (%s, %s, 3, %s)"
    )
    with connect(log.url, autocommit=False) as conn:
        enter(conn, log.tenant)
        if role:
            conn.execute(f"SET LOCAL ROLE {role}")
        conn.execute(new, [log.tenant, GONE, "{}"])
        conn.execute(new, [log.tenant, GONE - 1, "{[1,9)}"])
        throws(conn, "ZA010", f"DELETE {OF_THE_YEAR} AND tenant_id <> 0")
        conn.execute(new, [log.tenant, GONE, "{[1,9)}"])
        throws(conn, "ZA010", "DELETE FROM audit.sealed_changes WHERE seal_no = 2")
        assert conn.execute(f"DELETE {OF_THE_YEAR} AND tenant_id <> 0").rowcount == 3


def expire(conn: psycopg.Connection) -> list[tuple[object, ...]]:
    """Remove what expired, as often as it takes to get the locks."""
    while True:
        with contextlib.suppress(psycopg.errors.LockNotAvailable):
            return conn.execute(EXPIRE).fetchall()


def test_a_year_waits_for_whoever_seals_rows_of_it(log: Log) -> None:
    with connect(log.url) as conn, connect(log.url) as sealing, connect(log.url) as observer:
        # Nothing of this tenant is sealed so far, so its first seal covers the old year.
        other = value(conn, "SELECT identity.create_tenant('Other')")
        conn.execute(OLD, {"tenant": other, "year": GONE, "n": 1})
        token = value(conn, "SELECT identity.issue_token(%s)", [other])
        sealing.execute("SELECT set_config('pgerp.token', %s, false)", [token])
        sealing.execute("BEGIN")
        assert sealing.execute("SELECT audit.seal()").rowcount == 2
        removing = Background(conn, lambda: expire(conn))
        assert removing.waits(observer)
        sealing.execute("COMMIT")
        assert removing.result() is None
        assert removing.value == [(GONE, [])]
    assert (found(log), found(log, log.file)) == ([], [])
