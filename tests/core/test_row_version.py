"""core.guard_version: nobody overwrites what they have not seen."""

from __future__ import annotations

import psycopg
import pytest

from pgerp.db import connect
from tests.background import Background
from tests.pgtap import results_eq, throws, value

STALE = "ZK001"
TABLE = """
CREATE TABLE core.parts (id integer PRIMARY KEY, name text, version core.row_version NOT NULL);
CREATE TRIGGER parts_version BEFORE INSERT OR UPDATE ON core.parts
FOR EACH ROW EXECUTE FUNCTION core.guard_version('core.parts');
"""


@pytest.fixture
def parts(db: psycopg.Connection) -> psycopg.Connection:
    """A table with a version, in which one row was read at version 1."""
    db.execute(TABLE)
    db.execute("INSERT INTO core.parts VALUES (1, 'bolt', 7)")
    return db


def test_a_new_row_has_version_1_whatever_the_writer_gives(parts: psycopg.Connection) -> None:
    results_eq(parts, "SELECT version FROM core.parts", [(1,)])


def test_each_update_of_the_version_that_was_read_counts_on(parts: psycopg.Connection) -> None:
    parts.execute("UPDATE core.parts SET name = 'nut', version = 1")
    parts.execute("UPDATE core.parts SET name = 'cog', version = 2")
    results_eq(parts, "SELECT name, version FROM core.parts", [("cog", 3)])


def test_an_update_that_names_no_version_counts_too(parts: psycopg.Connection) -> None:
    parts.execute("UPDATE core.parts SET name = 'nut'")
    results_eq(parts, "SELECT name, version FROM core.parts", [("nut", 2)])


@pytest.mark.parametrize("version", ["1", "3", "NULL"])
def test_a_stale_or_invented_version_is_refused_and_changes_nothing(
    parts: psycopg.Connection, version: str
) -> None:
    parts.execute("UPDATE core.parts SET name = 'nut', version = 1")
    throws(parts, STALE, f"UPDATE core.parts SET name = 'cog', version = {version}")
    results_eq(parts, "SELECT name, version FROM core.parts", [("nut", 2)])


def test_of_two_who_read_the_same_version_the_second_is_refused(
    clone: str,
) -> None:
    with (
        connect(clone, autocommit=False) as first,
        connect(clone) as second,
        connect(clone) as observer,
    ):
        first.execute(TABLE)
        first.execute("INSERT INTO core.parts VALUES (1, 'bolt', 1)")
        first.commit()
        first.execute("UPDATE core.parts SET name = 'nut', version = 1")
        other = Background(
            second, lambda: second.execute("UPDATE core.parts SET name = 'cog', version = 1")
        )
        assert other.waits(observer)
        first.commit()
        assert other.result() == STALE
        assert value(observer, "SELECT name FROM core.parts") == "nut"
