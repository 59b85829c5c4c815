"""ledger.create_partitions: made ahead, like their siblings, without losing or failing anything."""

from __future__ import annotations

import psycopg
import pytest

from pgerp.catalog import snapshot
from pgerp.db import connect
from tests.background import Background
from tests.ledger.books import Books, balance, offenders, open_books, post
from tests.pgtap import as_role, is_empty, results_eq, throws, value
from tests.years import MIGRATED, NEXT, THIS_YEAR

AHEAD = "SELECT year, moved_entries FROM ledger.create_partitions(%s)"
# Before there was a ledger, and later than maintenance is asked for.
OLD, FAR = 2019, THIS_YEAR + 18

ENTRY = """INSERT INTO ledger.journal_entries
(tenant_id, business_id, id, entry_date, status, description)
VALUES (%(tenant)s, %(business)s, %(id)s, '2026-03-04', 'POSTED', 'stray')"""
FREE = """SELECT core.uuid_v7_floor(make_timestamptz(
    %s, 9, 9, 9, 9, 9, 'UTC'))::text"""
LINES = """INSERT INTO ledger.journal_lines
(tenant_id, entry_id, line_no, account_id, business_id, entry_date, amount)
SELECT tenant_id, %(id)s, CASE code WHEN '1110' THEN 1 ELSE 2 END, id, 0, '2000-01-01',
    CASE code WHEN '1110' THEN 7 ELSE -7 END
FROM ledger.accounts WHERE tenant_id = %(tenant)s AND code IN ('1110', '4100')"""


def stray(db: psycopg.Connection, books: Books, year: int) -> str:
    """Post an entry whose key was made in a year; return the key."""
    key = value(
        db,
        "SELECT core.uuid_v7_floor(make_timestamptz(%s, 6, 1, 0, 0, 0, 'UTC'))::text",
        [year],
    )
    given = {"tenant": books.tenant_id, "business": books.business_id, "id": key}
    db.execute(ENTRY, given)
    db.execute(LINES, given)
    db.execute("SET CONSTRAINTS ALL IMMEDIATE")
    db.execute("SET CONSTRAINTS ALL DEFERRED")
    return str(key)


def shape(found: dict[str, str], name: str) -> dict[str, str]:
    """Return what a snapshot says of one partition, with the year taken out of it."""
    year = name.rsplit("_", 1)[1]
    return {
        key.replace(year, "YEAR"): text.split(" FOR VALUES ")[0].replace(year, "YEAR")
        for key, text in found.items()
        if name in key
    }


def place(db: psycopg.Connection, key: str) -> set[str]:
    """Return the partitions that an entry and its lines are in."""
    rows = db.execute(
        """SELECT tableoid::regclass::text FROM ledger.journal_entries WHERE id = %(id)s
        UNION SELECT tableoid::regclass::text FROM ledger.journal_lines WHERE entry_id = %(id)s""",
        {"id": key},
    )
    return {name for (name,) in rows}


def test_nothing_happens_where_the_partitions_are(db: psycopg.Connection, books: Books) -> None:
    before = snapshot(db)
    is_empty(db, "SELECT * FROM ledger.create_partitions()")
    assert snapshot(db) == before
    assert offenders(db) == {}


def test_partitions_made_ahead_are_like_those_of_the_migrations(
    db: psycopg.Connection, books: Books
) -> None:
    results_eq(db, AHEAD, [(NEXT, 0), (NEXT + 1, 0)], [4])
    is_empty(db, AHEAD, [4])
    found = snapshot(db)
    for table in ("journal_entries", "journal_lines"):
        ours = shape(found, f"{table}_{NEXT + 1}")
        assert len(ours) > 10
        assert ours == shape(found, f"{table}_{MIGRATED[-1]}")
    assert offenders(db) == {}


def test_a_partition_made_ahead_takes_its_year_and_guards_it(
    db: psycopg.Connection, books: Books
) -> None:
    db.execute(AHEAD, [4])
    key = stray(db, books, NEXT)
    entries, lines = f"ledger.journal_entries_{NEXT}", f"ledger.journal_lines_{NEXT}"
    assert place(db, key) == {entries, lines}
    for attack in (
        f"UPDATE {entries} SET description = 'x'",
        f"DELETE FROM {entries}",
        f"TRUNCATE {entries} CASCADE",
        f"UPDATE {lines} SET amount = 1",
        f"TRUNCATE {lines}",
    ):
        throws(db, "ZL006", attack)
    assert offenders(db) == {}


def test_rows_that_came_before_their_partition_are_moved_unchanged(
    db: psycopg.Connection, books: Books
) -> None:
    other = open_books(db, "Other")
    keys = [stray(db, who, year) for who in (books, other) for year in (OLD, NEXT, FAR)]
    entries = "SELECT * FROM ledger.journal_entries ORDER BY tenant_id, id"
    lines = "SELECT * FROM ledger.journal_lines ORDER BY tenant_id, entry_id, line_no"
    before = [db.execute(query).fetchall() for query in (entries, lines)]
    assert "ledger/next_partitions_exist" in offenders(db)
    results_eq(db, AHEAD, [(OLD, 2), (NEXT, 2)], [3])
    assert [db.execute(query).fetchall() for query in (entries, lines)] == before
    assert place(db, keys[0]) == {f"ledger.journal_entries_{OLD}", f"ledger.journal_lines_{OLD}"}
    assert place(db, keys[1]) == {f"ledger.journal_entries_{NEXT}", f"ledger.journal_lines_{NEXT}"}
    assert place(db, keys[2]) == {"ledger.journal_entries_default", "ledger.journal_lines_default"}
    assert balance(db, "1110") == "21.0000"
    throws(db, "ZL006", "UPDATE ledger.journal_lines SET amount = 1")
    throws(db, "ZL006", "DELETE FROM ledger.journal_entries_default")
    for year, suffix in ((OLD, OLD), (FAR, "default")):
        orphan = LINES.replace("journal_lines", f"journal_lines_{suffix}")
        alone = {"tenant": books.tenant_id, "id": value(db, FREE, [year])}
        throws(db, "23503", orphan, alone, deferred=True)
    found = snapshot(db)
    assert shape(found, f"journal_lines_{OLD}") == shape(found, f"journal_lines_{MIGRATED[-1]}")
    # What lies further ahead than asked for waits, and the check says so.
    assert set(offenders(db)) == {"ledger/next_partitions_exist"}
    db.execute(AHEAD, [20])
    assert offenders(db) == {}


@pytest.mark.parametrize("years", [-1, 51, None])
def test_a_senseless_number_of_years_is_refused(
    db: psycopg.Connection, books: Books, years: int | None
) -> None:
    throws(db, "22023", AHEAD, [years])


def test_only_members_of_the_owner_make_partitions(db: psycopg.Connection, books: Books) -> None:
    for role in ("pgerp_app", "pgerp_readonly", "pgerp_auditor", "pgerp_monitor", "pgerp_backup"):
        with as_role(db, role):
            throws(db, "42501", AHEAD, [4])
    with as_role(db, "pgerp_migrator"):
        results_eq(db, AHEAD, [(NEXT, 0)], [3])
    owner = "SELECT relowner::regrole::text FROM pg_class WHERE relname = %s"
    assert value(db, owner, [f"journal_lines_{NEXT}"]) == "pgerp_owner"


@pytest.mark.parametrize("with_strays", [False, True])
def test_posting_waits_for_maintenance_and_maintenance_gives_up_before_posting_does(
    clone: str, with_strays: bool
) -> None:
    with (
        connect(clone) as poster,
        connect(clone) as maintainer,
        connect(clone) as observer,
    ):
        books = open_books(poster)
        if with_strays:
            with poster.transaction():
                stray(poster, books, NEXT)
        # Someone posts and does not end: maintenance gives up, and what was posted stays.
        with poster.transaction():
            post(poster, ("1110", "5"), ("4100", "-5"))
            throws(maintainer, "55P03", AHEAD, [3])
            post(poster, ("1110", "5"), ("4100", "-5"))
        # Maintenance does not end: posting and reading wait for it, and then go on.
        with maintainer.transaction():
            maintainer.execute(AHEAD, [3])
            work = Background(poster, lambda: post(poster, ("1110", "5"), ("4100", "-5")))
            assert work.waits(observer)
        assert work.result() is None
        assert balance(poster, "1110") == ("22.0000" if with_strays else "15.0000")
        assert offenders(observer) == {}


def test_what_is_interrupted_leaves_nothing(db: psycopg.Connection, books: Books) -> None:
    stray(db, books, NEXT)
    before = snapshot(db)
    with db.transaction(force_rollback=True):
        db.execute(AHEAD, [3])
    assert snapshot(db) == before
    assert value(db, "SELECT count(*) FROM ledger.journal_lines_default") == 2
