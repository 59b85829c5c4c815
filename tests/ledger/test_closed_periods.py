"""No path posts into a closed period: every way in, on journal and partitions, by anyone."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books, offenders, post
from tests.ledger.periods import CLOSE, SALE, SALE_JSON, hold, settle
from tests.pgtap import as_role, lives, throws, value
from tests.years import THIS_YEAR

ENTRY = """(tenant_id, business_id, id, entry_date, status, description, period_kind)
SELECT %(tenant)s, 1, core.uuid_v7(), '2026-03-04', 'POSTED'::ledger.entry_status, 'x',
    'regular'::ledger.period_kind"""
MERGE = """(SELECT 1 AS one) AS s ON false WHEN NOT MATCHED THEN
INSERT (tenant_id, business_id, entry_date, status, description)
VALUES (%(tenant)s, 1, '2026-03-31', 'POSTED', 'x')"""

# Drafts: %(inside)s lies in the closed March, %(outside)s in April, %(last)s on the last day of the
# year, whose adjusting period is closed too; %(posted)s is a posted entry of April.
CHANGES = {
    "post the draft in it": ("ZL002", "status = 'POSTED' WHERE id = %(inside)s"),
    "post a draft and date it there": (
        "ZL002",
        "status = 'POSTED', entry_date = '2026-03-31' WHERE id = %(outside)s",
    ),
    "post a draft as adjusting": (
        "ZL002",
        "status = 'POSTED', period_kind = 'adjusting' WHERE id = %(last)s",
    ),
    "post the draft in it with another period's id": (
        "ZL002",
        """status = 'POSTED', period_id = (SELECT period_id FROM ledger.journal_entries
        WHERE id = %(outside)s) WHERE id = %(inside)s""",
    ),
    "pretend that it was posted before": (
        "ZL002",
        "status = 'POSTED', posted_at = '2026-03-05' WHERE id = %(inside)s",
    ),
    "date a posted entry there": ("ZL006", "entry_date = '2026-03-31' WHERE id = %(posted)s"),
    "move a posted entry to the adjusting period": (
        "ZL006",
        "period_kind = 'adjusting' WHERE id = %(posted)s",
    ),
    "give a posted entry its period": (
        "ZL006",
        """period_id = (SELECT period_id FROM ledger.journal_entries WHERE id = %(inside)s)
        WHERE id = %(posted)s""",
    ),
}
WAYS = {
    "insert": ("ZL002", "INSERT INTO {table} " + ENTRY),
    "insert on conflict": ("ZL002", f"INSERT INTO {{table}} {ENTRY} ON CONFLICT DO NOTHING"),
    "insert as adjusting": (
        "ZL002",
        "INSERT INTO {table} "
        + ENTRY.replace("2026-03-04", "2026-12-31").replace("'regular'", "'adjusting'"),
    ),
    "merge": ("ZL002", "MERGE INTO {table} AS t USING " + MERGE),
} | {way: (state, f"UPDATE {{table}} SET {change}") for way, (state, change) in CHANGES.items()}
WAYS["merge a draft in it"] = (
    "ZL002",
    """MERGE INTO {table} AS t USING (SELECT %(inside)s::uuid AS id) AS s ON t.id = s.id
    WHEN MATCHED THEN UPDATE SET status = 'POSTED'""",
)
CALLS = {
    "post": "create_journal_entry('MAIN', '2026-03-31', 'x', %(lines)s)",
    "post as adjusting": (
        "create_journal_entry('MAIN', '2026-12-31', 'x', %(lines)s, p_period_kind => 'adjusting')"
    ),
    "batch": "create_journal_entries(%(batch)s)",
    "post the draft in it": "post_journal_entry(%(inside)s)",
    "reverse an entry into it": "reverse_journal_entry(%(posted)s, 'x', '2026-03-31')",
    "reverse an entry of it": "reverse_journal_entry(%(old)s, 'x', '2026-03-04')",
}
CLIENTS = ["pgerp_app", "pgerp_readonly", "pgerp_auditor", "pgerp_monitor", "pgerp_backup"]
TABLES = ["ledger.journal_entries", f"ledger.journal_entries_{THIS_YEAR}"]


@pytest.fixture
def ids(db: psycopg.Connection, books: Books) -> dict[str, Any]:
    """March and the adjusting period are closed; drafts and posted entries around them."""
    draft = "SELECT ledger.create_journal_entry('MAIN', %s, 'x', %s, 'DRAFT')"
    made = {
        name: value(db, draft, [date, SALE_JSON])
        for name, date in (
            ("inside", "2026-03-04"),
            ("outside", "2026-04-01"),
            ("last", "2026-12-31"),
        )
    }
    made |= {"posted": post(db, *SALE, date="2026-04-02"), "old": post(db, *SALE)}
    settle(db)
    db.execute(CLOSE, ["2026-03"])
    db.execute(CLOSE, ["2026-13"])
    batch = {"business": "MAIN", "date": "2026-03-31", "description": "x"}
    batch["lines"] = json.loads(SALE_JSON)
    return made | {
        "tenant": books.tenant_id,
        "lines": SALE_JSON,
        "batch": json.dumps([batch]),
    }


def untouched(db: psycopg.Connection) -> None:
    rows = """SELECT count(*) FROM ledger.journal_entries AS e
        JOIN ledger.fiscal_periods AS p ON p.id = e.period_id
        WHERE p.status <> 'open' AND e.posted_at IS NOT NULL"""
    assert value(db, rows) == 1
    assert offenders(db) == {}


def owner(db: psycopg.Connection, tenant_id: int) -> None:
    """What a session of the owner sets to see rows at all."""
    db.execute("SELECT set_config('pgerp.tenant_id', %s, true)", [str(tenant_id)])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("role", ["superuser", "pgerp_owner"])
def test_no_statement_of_those_who_own_the_tables_posts_into_it(
    db: psycopg.Connection, ids: dict[str, Any], role: str, table: str, way: str
) -> None:
    hold(db, ids["tenant"], "*")
    sqlstate, statement = WAYS[way]
    with as_role(db, "none" if role == "superuser" else role):
        owner(db, ids["tenant"])
        throws(db, sqlstate, statement.format(table=table), ids)
    untouched(db)


@pytest.mark.parametrize("table", TABLES)
def test_a_draft_in_it_is_voided_without_coming_to_count(
    db: psycopg.Connection, ids: dict[str, Any], table: str
) -> None:
    void = f"UPDATE {table} SET status = 'VOIDED', posted_at = now() WHERE id = %(inside)s"
    lives(db, void, ids, deferred=True)
    untouched(db)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("role", ["superuser", "pgerp_owner"])
def test_no_copy_posts_into_it(
    db: psycopg.Connection, ids: dict[str, Any], role: str, table: str
) -> None:
    hold(db, ids["tenant"], "*")
    columns = "(tenant_id, business_id, id, entry_date, status, description)"
    with as_role(db, "none" if role == "superuser" else role):
        owner(db, ids["tenant"])
        if role == "pgerp_owner":
            # COPY FROM does not go with row security at all.
            throws(db, "0A000", f"COPY {table} {columns} FROM STDIN")
            return
        with pytest.raises(psycopg.Error) as refused, db.transaction():
            new = value(db, "SELECT core.uuid_v7()")
            with db.cursor().copy(f"COPY {table} {columns} FROM STDIN") as copy:
                copy.write_row((ids["tenant"], 1, new, "2026-03-04", "POSTED", "x"))
    assert refused.value.sqlstate == "ZL002"
    untouched(db)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("table", TABLES)
def test_clients_write_the_journal_by_no_statement(
    db: psycopg.Connection, ids: dict[str, Any], table: str, way: str
) -> None:
    for role in CLIENTS:
        with as_role(db, role):
            throws(db, "42501", WAYS[way][1].format(table=table), ids)
            throws(db, "42501", f"COPY {table} (tenant_id) FROM STDIN")
    untouched(db)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("permissions", [[], ["*"]], ids=["", "all permissions"])
def test_no_function_posts_into_it(
    db: psycopg.Connection, ids: dict[str, Any], permissions: list[str], call: str
) -> None:
    hold(db, ids["tenant"], *permissions)
    with as_role(db, "pgerp_app"):
        throws(db, "ZL002", f"SELECT ledger.{CALLS[call]}", ids)
    for role in CLIENTS[1:]:
        with as_role(db, role):
            throws(db, "42501", f"SELECT ledger.{CALLS[call]}", ids)
    untouched(db)


@pytest.mark.parametrize("table", ["ledger.journal_lines", f"ledger.journal_lines_{THIS_YEAR}"])
@pytest.mark.parametrize("entry", ["old", "posted"])
def test_posted_entries_get_no_lines(
    db: psycopg.Connection, ids: dict[str, Any], table: str, entry: str
) -> None:
    """Within the transaction that posts they would; here it is a later one."""
    db.execute("SET LOCAL session_replication_role = 'replica'")
    db.execute(
        "UPDATE ledger.journal_entries SET posted_at = posted_at - interval '1 day'"
        " WHERE posted_at IS NOT NULL"
    )
    db.execute("SET LOCAL session_replication_role = 'origin'")
    add = f"""INSERT INTO {table}
        (tenant_id, entry_id, line_no, account_id, business_id, entry_date, amount)
        SELECT tenant_id, entry_id, line_no + 9, account_id, business_id, entry_date, amount
        FROM ledger.journal_lines WHERE entry_id = %({entry})s"""
    throws(db, "ZL006", add, ids)


def test_who_posts_and_then_closes_in_one_transaction_may(
    db: psycopg.Connection, ids: dict[str, Any]
) -> None:
    post(db, *SALE, date="2026-05-05")
    db.execute(CLOSE, ["2026-05"])
    db.execute("SET CONSTRAINTS ALL IMMEDIATE")
    throws(
        db,
        "ZL002",
        """SELECT ledger.create_journal_entry('MAIN', '2026-05-05', 'x',
        '[{"account": "1110", "debit": "1"}, {"account": "4100", "credit": "1"}]')""",
    )
