"""Every migration can be taken back: what was there before is there again, and so on up."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import psycopg

from pgerp import down, runner
from pgerp.catalog import diff, snapshot
from pgerp.db import connect
from pgerp.migrations import discover
from pgerp.partitions import members
from pgerp.project import own_project
from tests.years import maintained_partitions

from .privileges import PUBLIC

PROJECTS = [own_project()]
IDS = [migration.id for migration in discover(PROJECTS)]


def take_back_one(open_: Callable[[], psycopg.Connection]) -> list[str]:
    with open_() as conn:
        plan = down.plan_down(conn, PROJECTS, steps=1)
    return down.down(open_, PROJECTS, plan).migrations


def catalog(open_: Callable[[], psycopg.Connection], *, privileges: bool = True) -> dict[str, str]:
    """Return a snapshot; what is granted can be left out, since that is done when all is there."""
    with open_() as conn:
        found = snapshot(conn)
    return {
        key: text
        for key, text in found.items()
        if privileges or not key.startswith("privileges on ")
    }


def test_every_migration_has_a_file_that_takes_it_back() -> None:
    assert [one.id for one in discover(PROJECTS) if one.rollback is None] == []


def test_each_migration_taken_back_leaves_the_catalog_as_it_was_before(
    empty_database: str, database_url: str
) -> None:
    open_ = partial(connect, empty_database)
    before = {}
    for id_ in IDS:
        before[id_] = catalog(open_, privileges=False)
        assert runner.up(open_, PROJECTS, to=id_).migrations == [id_]
        with open_() as conn:
            assert PUBLIC.offenders(conn) == [], f"after {id_}"
    whole = catalog(open_)
    made = catalog(partial(connect, database_url))
    for name in maintained_partitions():
        for key in members(made, name):
            del made[key]
    assert diff(made, whole) == []
    for id_ in reversed(IDS):
        assert take_back_one(open_) == [id_]
        assert diff(before[id_], catalog(open_, privileges=False)) == [], f"after {id_} was undone"
    assert runner.up(open_, PROJECTS).migrations == IDS
    assert diff(whole, catalog(open_)) == []
