"""Years of the log: made ahead, kept seven years, removed whole, unless a hold keeps them."""

from __future__ import annotations

from functools import partial

import psycopg
import pytest

from pgerp.catalog import snapshot
from pgerp.db import connect
from pgerp.maintain import maintain
from pgerp.transaction import Settings
from tests.audit.conftest import hold
from tests.ledger.books import offenders
from tests.pgtap import as_role, is_empty, results_eq, throws, value
from tests.years import MIGRATED, NEXT, PAST, THIS_YEAR

AHEAD = "SELECT year, moved_rows FROM core.create_year_partitions('audit.log', %s)"
EXPIRE = "SELECT year, held_by FROM audit.remove_expired()"
OLD = """INSERT INTO audit.log
(tenant_id, id, table_name, row_key, action, actor, logged_at, transaction_id)
SELECT %(tenant)s, core.uuid_v7_floor(t.at), 'old', %(year)s::text, 'INSERT', 'x', t.at, '1'
FROM make_timestamptz(%(year)s, 12, 31, 23, 0, 0, 'UTC') AS t (at)"""
PLACE = "SELECT audit.place_legal_hold('Case 7')"
# Wholly over 7 years ago, whenever this runs; and not yet.
GONE, STAYS = 2017, PAST


def old_row(conn: psycopg.Connection, tenant: int, year: int) -> None:
    """Have a row of a year, as if it had been written then."""
    conn.execute(OLD, {"tenant": tenant, "year": year})


def years(conn: psycopg.Connection) -> list[str]:
    """Return the years of the old rows that are in the log."""
    rows = conn.execute("SELECT row_key FROM audit.log WHERE table_name = 'old' ORDER BY 1")
    return [key for (key,) in rows]


@pytest.fixture
def old(db: psycopg.Connection, tenant: int) -> int:
    """A tenant with rows of GONE and STAYS, in partitions of their own."""
    for year in (GONE, STAYS):
        old_row(db, tenant, year)
    results_eq(db, AHEAD, [(GONE, 1), (STAYS, 1)], [2])
    return tenant


def test_partitions_made_ahead_are_like_those_of_the_migration(
    db: psycopg.Connection, tenant: int
) -> None:
    is_empty(db, AHEAD, [2])
    results_eq(db, AHEAD, [(NEXT, 0)], [3])
    found = snapshot(db)

    def shape(year: str) -> dict[str, str]:
        return {
            key.replace(year, "YEAR"): text.split(" FOR VALUES ")[0].replace(year, "YEAR")
            for key, text in found.items()
            if f"audit.log_{year}" in key
        }

    assert len(shape(str(NEXT))) > 10
    assert shape(str(NEXT)) == shape(str(MIGRATED[-1]))
    assert offenders(db) == {}


def test_rows_that_came_before_their_partition_are_moved(
    db: psycopg.Connection, tenant: int
) -> None:
    old_row(db, tenant, GONE)
    before = db.execute("SELECT * FROM audit.log ORDER BY tenant_id, id").fetchall()
    assert "audit/next_partitions_exist" in offenders(db)
    results_eq(db, AHEAD, [(GONE, 1)], [2])
    assert db.execute("SELECT * FROM audit.log ORDER BY tenant_id, id").fetchall() == before
    is_empty(db, "SELECT FROM audit.log_default")
    throws(db, "ZA002", f"DELETE FROM audit.log_{GONE}")
    throws(db, "ZA002", f"TRUNCATE audit.log_{GONE}")
    assert offenders(db) == {}


@pytest.mark.parametrize("ahead", [-1, 51, None])
def test_a_senseless_number_of_years_ahead_is_refused(
    db: psycopg.Connection, ahead: int | None
) -> None:
    throws(db, "22023", AHEAD, [ahead])


def test_years_older_than_seven_are_removed_whole(db: psycopg.Connection, old: int) -> None:
    results_eq(db, EXPIRE, [(GONE, [])])
    assert years(db) == [str(STAYS)]
    assert value(db, "SELECT to_regclass(%s) IS NULL", [f"audit.log_{GONE}"])
    is_empty(db, EXPIRE)
    assert offenders(db) == {}


@pytest.mark.parametrize("keep", [6, 0, -1, None])
def test_nothing_younger_than_seven_years_is_removed(
    db: psycopg.Connection, old: int, keep: int | None
) -> None:
    throws(db, "22023", "SELECT audit.remove_expired(%s)", [keep])
    is_empty(db, "SELECT * FROM audit.remove_expired(50)")
    assert years(db) == [str(GONE), str(STAYS)]


def test_the_year_goes_seven_years_after_its_end(db: psycopg.Connection, tenant: int) -> None:
    for year in (THIS_YEAR - 8, THIS_YEAR - 7):
        old_row(db, tenant, year)
    db.execute(AHEAD, [0])
    results_eq(db, EXPIRE, [(THIS_YEAR - 8, [])])


def test_a_legal_hold_keeps_every_year_with_rows_of_its_tenant(
    db: psycopg.Connection, old: int
) -> None:
    hold(db, old, sub="judge", permissions=["audit.legal_holds"])
    held = value(db, PLACE)
    results_eq(db, EXPIRE, [(GONE, [old])])
    assert years(db) == [str(GONE), str(STAYS)]
    results_eq(db, "SELECT created_by, valid_until FROM audit.legal_holds", [("judge", None)])
    db.execute("SELECT audit.lift_legal_hold(%s)", [held])
    throws(db, "ZA006", "SELECT audit.lift_legal_hold(%s)", [held])
    key = f'{{"id": "{held}"}}'
    results_eq(
        db,
        "SELECT action::text, actor FROM audit.history('audit.legal_holds', %s)",
        [("INSERT", "judge"), ("UPDATE", "judge")],
        [key],
    )
    results_eq(db, EXPIRE, [(GONE, [])])


def test_a_hold_of_a_tenant_without_rows_there_or_not_in_force_keeps_nothing(
    db: psycopg.Connection, old: int
) -> None:
    other = value(db, "SELECT identity.create_tenant('Other')")
    db.execute(
        "INSERT INTO audit.legal_holds (tenant_id, reason, valid_from, valid_until) VALUES"
        " (%(other)s, 'No rows', '2001-01-01', NULL),"
        " (%(old)s, 'Over', '2001-01-01', '2002-01-01'),"
        " (%(old)s, 'To come', now() + interval '1 day', NULL)",
        {"old": old, "other": other},
    )
    results_eq(db, EXPIRE, [(GONE, [])])


def test_a_hold_with_an_end_keeps_until_then(db: psycopg.Connection, old: int) -> None:
    hold(db, old, permissions=["*"])
    db.execute("SELECT audit.place_legal_hold('Case 7', now() + interval '1 hour')")
    results_eq(db, EXPIRE, [(GONE, [old])])
    throws(db, "23514", "SELECT audit.place_legal_hold('Case 8', now() - interval '1 hour')")
    throws(db, "23514", "SELECT audit.place_legal_hold(' ')")


@pytest.mark.parametrize("permissions", [None, [], ["ledger.post_soft_closed"]])
def test_placing_and_lifting_need_the_permission(
    db: psycopg.Connection, old: int, permissions: list[str] | None
) -> None:
    hold(db, old, permissions=permissions)
    with as_role(db, "pgerp_app"):
        throws(db, "ZI011", PLACE)
        throws(db, "ZI011", "SELECT audit.lift_legal_hold(core.uuid_v7())")
    hold(db, old, permissions=["audit.legal_holds"])
    with as_role(db, "pgerp_app"):
        db.execute(PLACE)
    db.execute("SELECT set_config('pgerp.token', '', true)")
    throws(db, "ZI001", PLACE)


def test_a_hold_of_another_tenant_cannot_be_lifted(db: psycopg.Connection, old: int) -> None:
    hold(db, old, permissions=["*"])
    held = value(db, PLACE)
    hold(db, value(db, "SELECT identity.create_tenant('Other')"), permissions=["*"])
    throws(db, "ZA006", "SELECT audit.lift_legal_hold(%s)", [held])


def test_only_members_of_the_owner_maintain_it(db: psycopg.Connection, old: int) -> None:
    for role in ("pgerp_app", "pgerp_readonly", "pgerp_auditor", "pgerp_monitor", "pgerp_backup"):
        with as_role(db, role):
            throws(db, "42501", EXPIRE)
            throws(db, "42501", AHEAD, [2])
    with as_role(db, "pgerp_migrator"):
        results_eq(db, EXPIRE, [(GONE, [])])


def test_a_hold_that_is_being_placed_is_waited_for(clone: str) -> None:
    with connect(clone) as conn:
        tenant = value(conn, "SELECT identity.create_tenant('Tenant')")
        old_row(conn, tenant, GONE)
        conn.execute(AHEAD, [2])
        # Otherwise logging the hold would have it waited for as well, but not from the look on.
        conn.execute("ALTER TABLE audit.legal_holds DISABLE TRIGGER audit_change")
        with connect(clone, autocommit=False) as placing:
            placing.execute(
                "INSERT INTO audit.legal_holds (tenant_id, reason) VALUES (%s, 'Case')", [tenant]
            )
            throws(conn, "55P03", EXPIRE)
            placing.commit()
        results_eq(conn, EXPIRE, [(GONE, [tenant])])


def test_pgerp_maintain_makes_and_removes_years_and_says_what_is_held(clone: str) -> None:
    with connect(clone) as conn:
        one = value(conn, "SELECT identity.create_tenant('One')")
        for year in (GONE, 2016):
            old_row(conn, one, year)
        two = value(conn, "SELECT identity.create_tenant('Two')")
        old_row(conn, two, 2016)
        conn.execute("INSERT INTO audit.legal_holds (tenant_id, reason) VALUES (%s, 'Case')", [two])
    said: list[str] = []
    maintain(
        partial(connect, clone),
        years_ahead=3,
        settings=Settings(),
        say=said.append,
        wait=said.append,
    )
    told = [line for line in said if line.startswith("audit log of ")]
    assert [line.split(":")[0] for line in told] == [
        "audit log of 2016",
        "audit log of 2017",
        f"audit log of {NEXT}",
        "audit log of 2016",
        "audit log of 2017",
    ]
    assert "Two" in told[3] and "One" not in told[3]
    with connect(clone) as conn:
        assert years(conn) == ["2016", "2016"]
        assert offenders(conn) == {}
