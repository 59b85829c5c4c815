"""Writing another tenant's rows: by every statement, and were a client ever granted to write."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tests.identity.attacks.prey import NAME, Prey
from tests.identity.conftest import hold
from tests.identity.reach import RELATIONS
from tests.pgtap import as_role, results_eq, throws, value

FIRST = """
SELECT quote_ident(attname) FROM pg_attribute
WHERE attrelid = to_regclass(%s) AND attnum = 1"""

STATEMENTS = [
    "INSERT INTO {0} DEFAULT VALUES",
    "INSERT INTO {0} SELECT * FROM {0} ON CONFLICT DO NOTHING",
    "INSERT INTO {0} ({1}) VALUES (DEFAULT) RETURNING *",
    "UPDATE {0} SET {1} = DEFAULT RETURNING *",
    "UPDATE {0} AS r SET {1} = r.{1} FROM identity.tenants AS t WHERE true",
    "DELETE FROM {0} USING identity.tenants AS t WHERE true RETURNING *",
    "MERGE INTO {0} AS r USING identity.tenants AS s ON true WHEN MATCHED THEN DELETE",
    (
        "MERGE INTO {0} AS r USING identity.tenants AS s ON false"
        " WHEN NOT MATCHED THEN INSERT DEFAULT VALUES"
    ),
    "WITH gone AS (DELETE FROM {0} RETURNING 1) SELECT FROM gone",
    "SELECT FROM {0} FOR KEY SHARE",
    "SELECT FROM {0} FOR SHARE SKIP LOCKED",
    "SELECT FROM {0} FOR UPDATE NOWAIT",
    "TRUNCATE {0}",
    "CREATE TEMP TABLE mine (x integer REFERENCES {0})",
    (
        "CREATE TRIGGER mine BEFORE INSERT ON {0} FOR EACH ROW EXECUTE FUNCTION"
        " suppress_redundant_updates_trigger()"
    ),
    "CREATE RULE mine AS ON SELECT TO {0} DO ALSO NOTHING",
    "CREATE POLICY mine ON {0} USING (true)",
    "ALTER TABLE {0} ADD COLUMN mine text",
    "CREATE TEMP TABLE mine () INHERITS ({0})",
    "CREATE INDEX mine ON {0} ({1})",
    "DECLARE c CURSOR FOR SELECT * FROM {0} FOR UPDATE",
]
# Refused for what is asked, before anybody looks at who asks: the views are not of a kind that is
# written or has triggers, a temporary table refers to its like, what is partitioned has no heir,
# a generated column takes no value.
OTHERWISE = {"55000", "42809", "0A000", "42P16", "428C9"}


@pytest.mark.parametrize("statement", STATEMENTS)
def test_no_statement_of_a_client_writes_or_locks_a_table_or_view(
    prey: Prey, attacker: psycopg.Connection, statement: str
) -> None:
    refused: dict[str, int] = {}
    # CREATE RULE and CREATE TRIGGER wait for a lock before they look at who asks.
    attacker.execute("SET LOCAL lock_timeout = '10s'")
    for (relation,) in attacker.execute(RELATIONS).fetchall():
        column = value(attacker, FIRST, [relation])
        with pytest.raises(psycopg.Error) as caught, attacker.transaction():
            attacker.execute(statement.format(relation, column))  # type: ignore[arg-type]
        state = caught.value.sqlstate or ""
        refused[state] = refused.get(state, 0) + 1
    assert set(refused) <= {"42501", *OTHERWISE}
    # Tables, at least, are refused to who asks.
    assert refused.get("42501", 0) > 30 or "REFERENCES" in statement


@pytest.fixture
def writer(prey: Prey, watcher: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """A session of pgerp_app with a token of A, were it ever granted to write."""
    watcher.execute("GRANT ALL ON ALL TABLES IN SCHEMA identity, ledger, audit TO pgerp_app")
    watcher.execute("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA core, audit TO pgerp_app")
    hold(watcher, prey.world.token())
    with as_role(watcher, "pgerp_app"):
        yield watcher


USER = "INSERT INTO identity.users (tenant_id, subject, name) VALUES (%s, %s, 'Eve')"


@pytest.mark.parametrize("subject", [NAME, "ERSATZ"])
@pytest.mark.parametrize(
    "conflict",
    [
        "",
        "ON CONFLICT DO NOTHING",
        "ON CONFLICT (tenant_id, subject) DO UPDATE SET name = excluded.name",
        "ON CONFLICT (tenant_id, subject) DO UPDATE SET name = users.name RETURNING users.*",
    ],
)
def test_a_writer_could_make_no_row_of_b_and_not_learn_whether_there_is_one(
    prey: Prey, writer: psycopg.Connection, conflict: str, subject: str
) -> None:
    error = throws(writer, "42501", f"{USER} {conflict}", [prey.world.theirs, subject])
    assert prey.told(f"{error} {error.diag.message_detail}", subject) == set()
    # For A itself B's subject is free.
    writer.execute(f"{USER} {conflict}", [prey.world.ours, subject])  # type: ignore[arg-type]


def test_a_writer_could_change_delete_or_merge_no_row_of_b(
    prey: Prey, writer: psycopg.Connection
) -> None:
    for statement in (
        "UPDATE identity.users SET name = 'Eve' WHERE subject = %s",
        "DELETE FROM identity.users WHERE subject = %s",
        (
            "MERGE INTO identity.users AS u USING (VALUES (%s)) AS s (subject)"
            " ON u.subject = s.subject WHEN MATCHED THEN UPDATE SET name = 'Eve'"
        ),
    ):
        assert writer.execute(statement, [NAME]).rowcount == 0
    # A row of A's own goes to nobody else.
    move = "UPDATE identity.users SET tenant_id = %s"
    throws(writer, "42501", move, [prey.world.theirs])
    with writer.transaction(force_rollback=True):
        writer.execute("RESET ROLE")
        results_eq(
            writer, "SELECT name::text FROM identity.users WHERE subject = %s", [(NAME,)], [NAME]
        )


def test_a_writer_could_load_no_rows_by_copy(writer: psycopg.Connection) -> None:
    throws(writer, "0A000", "COPY identity.users FROM STDIN")


def test_a_row_of_a_could_not_refer_to_one_of_b(prey: Prey, writer: psycopg.Connection) -> None:
    """The keys have the tenant in them: to A, B's account is as absent as nobody's."""
    insert = (
        "INSERT INTO ledger.accounts (tenant_id, type_code, code, name, parent_id)"
        " VALUES (%s, 'ASSET', 'child', 'Child', %s)"
    )
    messages = []
    for parent in (prey.side.keys["account"], "00000000-0000-7000-8000-000000000000"):
        error = throws(writer, "23503", insert, [prey.world.ours, parent])
        messages.append(str(error.diag.message_detail).replace(str(parent), "<id>"))
    assert len(set(messages)) == 1


def test_an_error_about_a_row_shows_no_column_to_who_does_not_see_the_row(
    prey: Prey, writer: psycopg.Connection
) -> None:
    """Failing rows and keys are not printed where row security is in force."""
    error = throws(
        writer,
        "23514",
        "UPDATE identity.users SET email = 'no address' WHERE tenant_id = %s",
        [prey.world.ours],
    )
    assert error.diag.message_detail is None
    error = throws(writer, "23505", USER, [prey.world.ours, "ursula"])
    assert error.diag.message_detail is None
