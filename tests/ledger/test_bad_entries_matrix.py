"""Bad entries on every path, as every role: refused with their SQLSTATE, and nothing is left."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import psycopg
import pytest

from pgerp.db import connect
from tests.ledger.bad_entries import (
    BAD,
    CLIENTS,
    FINE,
    NOBODY,
    OWNERS,
    ROLES,
    Bad,
    Stage,
    set_stage,
    step_on_stage,
)
from tests.ledger.books import offenders, post
from tests.ledger.entry_paths import FUNCTIONS, TABLES
from tests.pgtap import as_role, value
from tests.years import THIS_YEAR

YEAR = f"_{THIS_YEAR}"

EVERYTHING = """
SELECT md5(string_agg(r.t, '|' ORDER BY r.t)) FROM (
    SELECT e::text AS t FROM ledger.all_journal_entries AS e
    UNION ALL SELECT l::text FROM ledger.all_journal_lines AS l
    UNION ALL SELECT b::text FROM ledger.account_balances AS b
    UNION ALL SELECT k::text FROM ledger.idempotency_keys AS k
    UNION ALL SELECT r::text FROM ledger.reversals AS r
) AS r
"""


@pytest.fixture(scope="module")
def stage_url(
    new_database: Callable[[str | None], AbstractContextManager[str]], template: str
) -> Iterator[str]:
    """Committed books with one posted entry, and a role that may do nothing."""
    with new_database(template) as url, connect(url) as conn:
        set_stage(conn)
        post(conn, ("1110", "100"), ("4100", "-100"))
        yield url


@pytest.fixture
def stage(stage_url: str) -> Iterator[Stage]:
    """A session on these books, in a transaction that is rolled back."""
    with connect(stage_url, autocommit=False) as conn:
        conn.execute(f"CREATE ROLE {NOBODY}".encode())
        yield step_on_stage(conn)
        conn.rollback()


def outcome(stage: Stage, role: str, act: Callable[[], None]) -> str:
    """Return the SQLSTATE of doing something as a role to the end of its transaction, or done."""
    conn = stage.conn
    try:
        with conn.transaction(force_rollback=True):
            if role != "superuser":
                conn.execute("SELECT set_config('role', %s, true)", [role])
            act()
            conn.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except psycopg.Error as error:
        return error.sqlstate or "?"
    return "done"


@pytest.mark.parametrize("role", ROLES)
def test_no_bad_entry_comes_in_by_a_function(stage: Stage, role: str) -> None:
    before = value(stage.conn, EVERYTHING)
    wrong = {}
    for bad in BAD:
        if bad.by_api is None:
            continue
        for name, path in FUNCTIONS.items():
            if name == "hold" and {"period_kind", "status"} & dict(bad.header).keys():
                # It cannot be said there.
                continue
            wanted = {"42501"} if role in CLIENTS else codes(bad, name)
            found = outcome(stage, role, lambda path=path, bad=bad: path(stage, bad, ""))
            if found not in wanted:
                wrong[f"{bad.name} by {name}"] = (found, wanted)
    assert wrong == {}
    assert value(stage.conn, EVERYTHING) == before
    assert offenders(stage.conn) == {}


def codes(bad: Bad, path: str) -> set[str]:
    """Return what a posting function raises: to a batch, what is missing is a fault of shape."""
    assert bad.by_api is not None
    is_missing = bad.name in ("no description", "no business")
    return {"ZL015"} if path in ("atomic", "skip_bad") and is_missing else {bad.by_api}


@pytest.mark.parametrize("role", [role for role in ROLES if role not in CLIENTS])
def test_a_batch_that_skips_bad_entries_names_each_and_keeps_none(stage: Stage, role: str) -> None:
    before = value(stage.conn, EVERYTHING)
    speakable = [bad for bad in BAD if bad.by_api is not None]
    batch = json.dumps([stage.request(bad) for bad in speakable])
    with as_role(stage.conn, "postgres" if role == "superuser" else role):
        rows = stage.conn.execute(
            "SELECT ordinal, sqlstate, entry_id, is_new"
            " FROM ledger.create_journal_entries(%s, 'skip_bad') ORDER BY 1",
            [batch],
        ).fetchall()
    found = {bad.name: row[1] for bad, row in zip(speakable, rows, strict=True)}
    assert found == {bad.name: codes(bad, "skip_bad").pop() for bad in speakable}
    assert {row[2:] for row in rows} == {(None, False)}
    assert value(stage.conn, EVERYTHING) == before


@pytest.mark.parametrize("role", CLIENTS)
def test_who_may_not_post_sends_no_batch_that_skips(stage: Stage, role: str) -> None:
    call = "SELECT ledger.create_journal_entries(%s, 'skip_bad')"
    for bad in (FINE, *BAD[:3]):
        batch = [json.dumps([stage.request(bad)])]
        found = outcome(stage, role, lambda batch=batch: stage.conn.execute(call, batch))  # type: ignore[misc]
        assert found == "42501", bad.name


def test_every_role_of_pgerp_is_tried(stage: Stage) -> None:
    # Roles are the server's: logins of other tests may be there too. Services may nothing that
    # pgerp_app may not, workers and subscribers nothing of the ledger: tests/identity/matrix.
    found = stage.conn.execute(
        "SELECT rolname FROM pg_roles"
        " WHERE rolname ~ '^pgerp'"
        " AND rolname !~ '^pgerp_(client_|bench$|service|worker|subscriber)'"
        " AND rolname <> %s",
        [NOBODY],
    )
    assert {row[0] for row in found} == set(ROLES) - {"superuser", NOBODY}


@pytest.mark.parametrize("suffix", ["", YEAR], ids=["tables", "partitions"])
@pytest.mark.parametrize("role", ROLES)
def test_no_bad_entry_comes_in_by_the_tables(stage: Stage, role: str, suffix: str) -> None:
    before = value(stage.conn, EVERYTHING)
    wrong = {}
    for bad in BAD:
        for name, path in TABLES.items():
            if bad.change is None and "UPDATE" in name:
                continue
            if bad.lines == FINE.lines and not bad.header and "UPDATE" not in name:
                continue
            if bad.by_table is None and role in ("superuser", *OWNERS):
                continue
            found = outcome(stage, role, lambda path=path, bad=bad: path(stage, bad, suffix))
            wanted = bad.by_table or "42501"
            if role in CLIENTS or role == "pgerp_app":
                wanted = "42501"
            elif role in OWNERS and name == "COPY":
                # PostgreSQL does not copy into what row security guards.
                wanted = "0A000"
            if found != wanted:
                wrong[f"{bad.name} by {name}"] = (found, wanted)
    assert wrong == {}
    assert value(stage.conn, EVERYTHING) == before
    assert offenders(stage.conn) == {}


def test_the_paths_themselves_take_a_good_entry(stage: Stage) -> None:
    """Otherwise the matrix would prove nothing."""
    for name, path in (FUNCTIONS | {k: TABLES[k] for k in ("INSERT", "COPY", "MERGE")}).items():
        for suffix in ("", YEAR):
            act = lambda path=path, suffix=suffix: path(stage, FINE, suffix)  # noqa: E731
            assert outcome(stage, "superuser", act) == "done", name
    assert outcome(stage, "pgerp_app", lambda: FUNCTIONS["single"](stage, FINE, "")) == "done"
    for role in OWNERS:
        assert outcome(stage, role, lambda: TABLES["INSERT"](stage, FINE, "")) == "done"
    harmless = Bad(
        "", "", "", FINE.lines, change=("journal_lines", "SET description = 'x'", "true")
    )
    for name in ("UPDATE", "MERGE UPDATE"):
        act = lambda name=name: TABLES[name](stage, harmless, "")  # noqa: E731
        assert outcome(stage, "superuser", act) == "done", name


ATTACKS = [
    "UPDATE ledger.journal_entries{0} SET description = 'other'",
    "UPDATE ledger.journal_entries{0} SET entry_date = '2026-05-06'",
    "UPDATE ledger.journal_entries{0} SET status = 'DRAFT'",
    "UPDATE ledger.journal_entries{0} SET status = 'VOIDED'",
    "UPDATE ledger.journal_entries{0} SET reference = 'x', posted_at = NULL",
    "DELETE FROM ledger.journal_entries{0}",
    "TRUNCATE ledger.journal_entries{0} CASCADE",
    "UPDATE ledger.journal_lines{0} SET amount = amount * 2",
    "UPDATE ledger.journal_lines{0} SET description = 'x'",
    "UPDATE ledger.journal_lines{0} SET account_id = account_id",
    "DELETE FROM ledger.journal_lines{0}",
    "DELETE FROM ledger.journal_lines{0} WHERE line_no = 2",
    "TRUNCATE ledger.journal_lines{0}",
    """INSERT INTO ledger.journal_lines{0}
    (tenant_id, entry_id, line_no, account_id, business_id, entry_date, amount)
    SELECT tenant_id, entry_id, 9, account_id, business_id, entry_date, 5
    FROM ledger.journal_lines WHERE line_no = 1""",
    """MERGE INTO ledger.journal_lines{0} AS l USING (VALUES (1)) AS v (n) ON l.line_no = v.n
    WHEN MATCHED THEN UPDATE SET amount = 7""",
    """MERGE INTO ledger.journal_lines{0} AS l USING (VALUES (1)) AS v (n) ON true
    WHEN MATCHED THEN DELETE""",
    """MERGE INTO ledger.journal_entries{0} AS e USING (VALUES (1)) AS v (n) ON true
    WHEN MATCHED THEN UPDATE SET reference = 'x'""",
    """MERGE INTO ledger.journal_entries{0} AS e USING (VALUES (1)) AS v (n) ON true
    WHEN MATCHED THEN DELETE""",
    """INSERT INTO ledger.journal_entries{0} AS e SELECT * FROM ledger.journal_entries
    ON CONFLICT (tenant_id, id) DO UPDATE SET description = 'other'""",
    """INSERT INTO ledger.journal_lines{0} AS l SELECT * FROM ledger.journal_lines
    ON CONFLICT (tenant_id, entry_id, line_no) DO UPDATE SET amount = l.amount * 2""",
    "TRUNCATE ledger.account_balances",
    "TRUNCATE identity.tenants CASCADE",
]


@pytest.mark.parametrize("role", ROLES)
def test_a_posted_entry_and_its_lines_never_change_and_never_go(stage: Stage, role: str) -> None:
    before = value(stage.conn, EVERYTHING)
    wanted = "ZL006" if role in ("superuser", *OWNERS) else "42501"
    found = {
        attack.format(suffix): outcome(
            stage, role, lambda attack=attack, suffix=suffix: _run(stage, attack.format(suffix))
        )
        for attack in ATTACKS
        for suffix in ("", YEAR)
    }
    # The tenants' own guard comes before the journal's.
    tenants = "TRUNCATE identity.tenants CASCADE"
    assert found.pop(tenants) == ("ZA001" if wanted == "ZL006" else wanted)
    assert {attack: code for attack, code in found.items() if code != wanted} == {}
    assert value(stage.conn, EVERYTHING) == before


COPY = """COPY ledger.journal_lines{0}
    (tenant_id, entry_id, line_no, account_id, business_id, entry_date, amount) FROM STDIN"""


@pytest.mark.parametrize("role", ROLES)
def test_no_line_is_copied_into_a_posted_entry(stage: Stage, role: str) -> None:
    before = value(stage.conn, EVERYTHING)
    line = stage.conn.execute(
        """SELECT tenant_id, entry_id, 9, account_id, business_id, entry_date, 5
        FROM ledger.journal_lines WHERE line_no = 1"""
    ).fetchone()
    assert line is not None

    def act(suffix: str) -> None:
        with stage.conn.cursor().copy(COPY.format(suffix).encode()) as rows:
            rows.write_row(line)

    # PostgreSQL does not copy into what row security guards.
    wanted = "ZL006" if role == "superuser" else "0A000" if role in OWNERS else "42501"
    for suffix in ("", YEAR):
        assert outcome(stage, role, lambda suffix=suffix: act(suffix)) == wanted  # type: ignore[misc]
    assert value(stage.conn, EVERYTHING) == before


@pytest.mark.parametrize("role", ROLES)
def test_no_partition_is_truncated(stage: Stage, role: str) -> None:
    tables = stage.conn.execute(
        """SELECT t.relid::regclass::text
        FROM unnest(ARRAY['ledger.journal_entries', 'ledger.journal_lines',
            'ledger_archive.journal_entries', 'ledger_archive.journal_lines']) AS r (name)
        CROSS JOIN LATERAL pg_partition_tree(r.name) AS t"""
    ).fetchall()
    assert len(tables) >= 10
    wanted = "ZL006" if role in ("superuser", *OWNERS) else "42501"
    for (table,) in tables:
        for more in ("", " CASCADE", " RESTART IDENTITY CASCADE"):
            act = lambda table=table, more=more: _run(stage, f"TRUNCATE {table}{more}")  # noqa: E731
            found = outcome(stage, role, act)
            # Without CASCADE the foreign key of the lines answers first.
            assert found == wanted or (more == "" and found == "0A000"), table


def _run(stage: Stage, statement: str) -> None:
    stage.conn.execute(statement.encode())


def test_a_row_of_another_year_does_not_enter_a_partition(stage: Stage) -> None:
    for name in ("INSERT", "MERGE", "COPY"):
        for suffix in (f"_{THIS_YEAR + 1}", "_default"):
            act = lambda name=name, suffix=suffix: TABLES[name](stage, FINE, suffix)  # noqa: E731
            # Triggers before the row would let it move to its own partition, which is not possible.
            assert outcome(stage, "superuser", act) == "0A000", (name, suffix)


@pytest.mark.parametrize("role", OWNERS)
def test_the_owner_writes_only_for_the_tenant_that_was_entered(stage: Stage, role: str) -> None:
    for entered in ("", "999999"):
        stage.conn.execute("SELECT set_config('pgerp.tenant_id', %s, true)", [entered])
        # No period of any other tenant is seen.
        assert outcome(stage, role, lambda: TABLES["INSERT"](stage, FINE, "")) == "ZL003"
