"""The catalog holds what the files define, no less and no more."""

from __future__ import annotations

import psycopg
import pytest

from pgerp import repeatables
from pgerp.catalog import diff, snapshot
from pgerp.project import own_project
from pgerp.repeatables import Repeatable
from tests.years import THIS_YEAR

# In migrations, since partitions, defaults of columns and domains use them.
FUNCTIONS_OF_MIGRATIONS = {
    "function core.uuid_v7",
    "function core.uuid_v7_floor",
    "function core.is_code",
    "function core.is_blank",
    "function events.schema_condition",
    "function events.schema_keys",
}

# Made in loops over tables or partitions, which the text of the file does not name one by one.
LOOPED_TRIGGERS = ["refuse_truncate", "log_refuse_truncate", "audit_change", "audit_move"]
LOOPED_TRIGGERS += ["truncate_audited"]

OBJECTS = """
SELECT 'function ' || n.nspname || '.' || p.proname
FROM pg_proc AS p INNER JOIN pg_namespace AS n ON n.oid = p.pronamespace
WHERE n.nspname = ANY (%(modules)s)
UNION ALL
SELECT CASE c.relkind WHEN 'v' THEN 'view ' ELSE 'materialized view ' END || c.oid::regclass
FROM pg_class AS c INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY (%(modules)s) AND c.relkind IN ('v', 'm')
UNION ALL
SELECT 'trigger ' || g.tgname || ' on ' || c.oid::regclass
FROM pg_trigger AS g
INNER JOIN pg_class AS c ON c.oid = g.tgrelid
INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY (%(modules)s) AND NOT g.tgisinternal AND g.tgparentid = 0
    AND g.tgname <> ALL (%(looped)s)
"""

MODULES = """
SELECT array_agg(n.nspname) FROM pg_namespace AS n
WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'public', 'pgerp')
"""


@pytest.fixture(scope="module")
def files() -> list[Repeatable]:
    return repeatables.discover([own_project()])


def disagreements(db: psycopg.Connection, files: list[Repeatable]) -> set[str]:
    """Return the functions, views and triggers that either the catalog or the files lack."""
    modules = db.execute(MODULES).fetchone()[0]
    found = db.execute(OBJECTS, {"modules": modules, "looped": LOOPED_TRIGGERS})
    there = {name for (name,) in found} - FUNCTIONS_OF_MIGRATIONS
    return there ^ {name for file in files for name in file.objects}


def test_the_catalog_has_exactly_the_functions_views_and_triggers_of_the_files(
    db: psycopg.Connection, files: list[Repeatable]
) -> None:
    assert disagreements(db, files) == set()


@pytest.mark.parametrize(
    ("sql", "object_name"),
    [
        (
            "CREATE FUNCTION core.extra() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
            "function core.extra",
        ),
        ("CREATE VIEW core.extra AS SELECT 1", "view core.extra"),
        ("CREATE MATERIALIZED VIEW core.extra AS SELECT 1", "materialized view core.extra"),
        ("DROP FUNCTION ledger.income_statement", "function ledger.income_statement"),
        ("DROP TRIGGER users_stamp ON identity.users", "trigger users_stamp on identity.users"),
        (
            "CREATE TRIGGER extra AFTER INSERT ON identity.users EXECUTE FUNCTION core.stamp_row()",
            "trigger extra on identity.users",
        ),
    ],
)
def test_an_object_that_only_one_side_has_is_noticed(
    db: psycopg.Connection, files: list[Repeatable], sql: str, object_name: str
) -> None:
    db.execute(sql)
    assert disagreements(db, files) == {object_name}


def apply_all_again(db: psycopg.Connection, files: list[Repeatable]) -> None:
    db.execute("TRUNCATE pgerp.repeatables")
    applied = repeatables.apply(db, files).applied
    assert len(applied) == len(files)


def test_applying_every_file_again_changes_nothing(
    db: psycopg.Connection, files: list[Repeatable]
) -> None:
    before = snapshot(db)
    apply_all_again(db, files)
    assert diff(before, snapshot(db)) == []


@pytest.mark.parametrize(
    ("sql", "object_name"),
    [
        (
            "ALTER FUNCTION ledger.refuse_truncate() RESET search_path",
            "function ledger.refuse_truncate()",
        ),
        (
            "ALTER POLICY client_isolation ON identity.users USING (true)",
            "policy client_isolation on identity.users",
        ),
        (
            "ALTER TABLE identity.users NO FORCE ROW LEVEL SECURITY",
            "table identity.users",
        ),
        (
            "GRANT INSERT ON ledger.journal_lines TO pgerp_app",
            "privileges on table ledger.journal_lines",
        ),
        (
            "COMMENT ON FUNCTION core.stamp_row() IS 'x'",
            "comment on function core.stamp_row()",
        ),
        (
            "DROP TRIGGER refuse_truncate ON ledger.journal_lines_2027",
            "trigger refuse_truncate on ledger.journal_lines_2027",
        ),
        (
            "ALTER TABLE identity.users DISABLE TRIGGER audit_change",
            "trigger audit_change on identity.users",
        ),
        (
            f"DROP TRIGGER log_refuse_truncate ON audit.log_{THIS_YEAR}",
            f"trigger log_refuse_truncate on audit.log_{THIS_YEAR}",
        ),
    ],
)
def test_what_was_changed_by_hand_is_as_the_files_say_after_they_are_applied_again(
    db: psycopg.Connection, files: list[Repeatable], sql: str, object_name: str
) -> None:
    before = snapshot(db)
    db.execute(sql)
    changed = snapshot(db)
    assert [difference.object for difference in diff(before, changed)] == [object_name]
    apply_all_again(db, files)
    assert diff(before, snapshot(db)) == []
