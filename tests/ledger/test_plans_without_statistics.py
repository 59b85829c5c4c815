"""What posting looks up by key is found by that key, also before the first ANALYZE."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import psycopg
import pytest

from pgerp.db import connect
from tests.ledger.books import open_books, post
from tests.pgtap import as_role, value

LOOKUPS = {
    "journal_lines_2026_pkey": """SELECT FROM ledger.journal_lines_2026 AS l
        WHERE l.tenant_id = $1 AND l.entry_id = $2""",
    "journal_entries_2026_pkey": """SELECT FROM ledger.journal_entries_2026 AS e
        WHERE e.tenant_id = $1 AND e.id = $2""",
    "account_balances_pkey": """SELECT FROM ledger.account_balances AS b
        WHERE b.tenant_id = $1 AND b.account_id = $2 AND b.business_id = 1
            AND b.period_id = $2 AND b.currency_code = 'USD' AND b.stripe = 1""",
}


@pytest.fixture(scope="module")
def untouched(
    new_database: Callable[[str | None], AbstractContextManager[str]], template: str
) -> Iterator[psycopg.Connection]:
    """A database of its own: what other tests roll back leaves indexes of other sizes."""
    with new_database(template) as url, connect(url, autocommit=False) as conn:
        yield conn


@pytest.mark.parametrize("index", LOOKUPS)
def test_a_table_without_statistics_is_searched_by_its_key(
    untouched: psycopg.Connection, index: str
) -> None:
    """All indexes that begin with the tenant cost the same then, and the newest is taken."""
    db = untouched
    with as_role(db, "pgerp_owner"):
        db.execute("SET LOCAL enable_seqscan = off")
        db.execute("SET LOCAL plan_cache_mode = 'force_generic_plan'")
        db.execute(f"PREPARE lookup (integer, uuid) AS {LOOKUPS[index]}".encode())
        id_ = "01a1f8bc-0000-7000-8000-000000000001"
        plan = db.execute(f"EXPLAIN EXECUTE lookup (1, '{id_}')".encode()).fetchall()
        db.execute("DEALLOCATE lookup")
    assert any(f"using {index} " in line for (line,) in plan), plan


def test_a_posting_reads_the_period_of_its_date_and_no_other(
    untouched: psycopg.Connection,
) -> None:
    """Twelve years of books have 156 periods; before, each up to the date was read."""
    db = untouched
    open_books(db, "Long-lived")
    for year in range(2015, 2026):
        db.execute("SELECT ledger.create_fiscal_year('MAIN', make_date(%s, 1, 1))", [year])
    # So many rows, autovacuum would have analyzed.
    db.execute("ANALYZE ledger.fiscal_periods")
    read = (
        "SELECT pg_stat_get_xact_tuples_returned('ledger.fiscal_periods_starts_on_key'::regclass)"
    )
    before = value(db, read)
    post(db, ("1110", "1"), ("4100", "-1"))
    assert value(db, read) - before == 1
    db.rollback()
