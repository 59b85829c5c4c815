"""A journal of millions of lines over seven years, made by a few statements past the triggers."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg

from bench.ledger.books import Books, make_client, migrate, value
from bench.support import ROOT
from pgerp.db import connect

YEARS = 7
ACCOUNTS = 200
BUSINESSES = ("B1", "B2", "B3")
_CHUNK = 250_000
_PREFIX = "00000000-0000-7000-8000-"

# 1001, the first, gets most: how far down the list an account is, is the square of a random number.
_CHART = f"""
INSERT INTO ledger.accounts (tenant_id, id, type_code, code, name)
SELECT
    %(tenant)s,
    ('{_PREFIX}' || lpad(n.i::text, 12, '0'))::uuid,
    (ARRAY['ASSET', 'REVENUE', 'EXPENSE', 'LIABILITY', 'EQUITY'])[1 + n.i %% 5],
    1001 + n.i,
    'Account ' || 1001 + n.i
FROM generate_series(0, {ACCOUNTS - 1}) AS n (i)
"""
# Hashes of the number instead of random(): every server gets the same journal. Keys have the time
# of their entry, as if it had been posted then, so that they lie in the partition of that year.
_ENTRIES = f"""
WITH facts AS MATERIALIZED (
    SELECT
        n.i,
        r.created_at,
        r.created_at::date AS entry_date,
        (lpad(to_hex((extract(EPOCH FROM r.created_at) * 1000)::bigint), 12, '0')
            || '7000' || '8' || lpad(to_hex(n.i), 15, '0'))::uuid AS id,
        %(businesses)s::integer[] AS businesses,
        floor({ACCOUNTS} * power((hashint8extended(n.i, 1) & 65535) / 65536.0, 2))::integer
            AS debit,
        floor({ACCOUNTS} * power((hashint8extended(n.i, 2) & 65535) / 65536.0, 2))::integer
            AS credit,
        1 + (hashint8extended(n.i, 3) & 1048575) / 100.0 AS amount
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n (i)
    CROSS JOIN LATERAL (
        SELECT timestamptz %(start)s + (timestamptz %(end)s - timestamptz %(start)s)
            * ((n.i - %(from)s) / %(of)s::double precision) AS created_at
    ) AS r
),

entries AS (
    INSERT INTO ledger.journal_entries (
        tenant_id, id, business_id, period_id, entry_date, status, description, reference,
        posted_at, created_at, created_by, last_modified_at, last_modified_by, entry_number
    )
    SELECT
        %(tenant)s, f.id, p.business_id, p.id, f.entry_date, 'POSTED', 'Payment of invoice',
        'R-' || f.i, f.created_at, f.created_at, 'bench', f.created_at, 'bench', f.i
    FROM facts AS f
    INNER JOIN ledger.fiscal_periods AS p
        ON p.tenant_id = %(tenant)s
        AND p.business_id = f.businesses[1 + f.i %% 3]
        AND p.kind = 'regular'
        AND p.starts_on = date_trunc('month', f.entry_date)::date
)

INSERT INTO ledger.journal_lines (
    tenant_id, entry_id, line_no, account_id, business_id, entry_date, amount
)
SELECT
    %(tenant)s, f.id, l.line_no, ('{_PREFIX}' || lpad(l.account::text, 12, '0'))::uuid,
    f.businesses[1 + f.i %% 3], f.entry_date, l.amount
FROM facts AS f
CROSS JOIN LATERAL (
    VALUES
    (1, f.debit, f.amount),
    (2, CASE WHEN f.credit = f.debit THEN (f.credit + 1) %% {ACCOUNTS} ELSE f.credit END, -f.amount)
) AS l (line_no, account, amount)
"""
# In the order in which posting would have made the rows: what a period reads lies together.
_BALANCES = """
INSERT INTO ledger.account_balances (
    tenant_id, account_id, business_id, period_id, currency_code, stripe,
    debit, credit, currency_amount
)
SELECT
    l.tenant_id, l.account_id, e.business_id, e.period_id, 'USD', e.entry_number %% %(stripes)s,
    sum(greatest(l.amount, 0)), sum(greatest(-l.amount, 0)), sum(l.amount)
FROM ledger.journal_lines AS l
INNER JOIN ledger.journal_entries AS e ON e.tenant_id = l.tenant_id AND e.id = l.entry_id
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY min(e.entry_number)
"""


def open_journal(url: str) -> tuple[Books, list[int]]:
    """Make a tenant, three businesses, a chart, the calendar and partitions of seven years.

    Returns:
        The books, and the ids of the businesses.
    """
    migrate(url)
    with connect(url) as conn:
        client_url = make_client(conn, url)
        this_year = value(conn, "SELECT extract(YEAR FROM current_date)::integer")
        conn.execute("SET ROLE pgerp_owner")
        for year in range(this_year - YEARS + 1, this_year):
            if not value(conn, f"SELECT to_regclass('ledger.journal_entries_{year}') IS NOT NULL"):
                conn.execute("SELECT ledger.make_partition_tables(%s, false)", [year])
                conn.execute("SELECT ledger.attach_partition('ledger', %s::text)", [str(year)])
        conn.execute("RESET ROLE")
        conn.execute("SELECT * FROM ledger.create_partitions()")
        tenant = value(conn, "SELECT identity.create_tenant('Bench')")
        token = value(conn, "SELECT identity.issue_token(%s, 'bench', NULL, '7 days')", [tenant])
        conn.execute("SELECT set_config('pgerp.token', %s, false)", [token])
        businesses = []
        for code in BUSINESSES:
            businesses.append(
                value(conn, "SELECT identity.create_business(%s, %s, 'USD')", [code, code])
            )
            for year in range(this_year - YEARS + 1, this_year + 1):
                conn.execute("SELECT ledger.create_fiscal_year(%s, %s)", [code, f"{year}-01-01"])
        conn.execute(_CHART.encode(), {"tenant": tenant})
    books = Books(url, client_url, tenant, businesses[0], "", {"pgerp.token": token})
    return books, businesses


def fill(books: Books, businesses: list[int], have: int, want: int) -> None:
    """Add entries of two lines, from the first of the seven years to yesterday.

    Args:
        books: The books.
        businesses: The ids of the three businesses.
        have: How many lines there are.
        want: How many lines there are to be.
    """
    with connect(books.url) as conn:
        # Of superusers, and only as long as the session: no trigger fires, no key is checked.
        conn.execute("SET session_replication_role = replica")
        conn.execute("SET synchronous_commit = off")
        conn.execute("SET timezone = 'UTC'")
        row = conn.execute(
            "SELECT make_date(extract(YEAR FROM current_date)::integer - %s, 1, 1)::text, "
            "current_date::text",
            [YEARS - 1],
        ).fetchone()
        assert row is not None
        first, count = have // 2 + 1, (want - have) // 2
        facts = {
            "tenant": books.tenant_id,
            "businesses": businesses,
            "from": first,
            "of": count,
        }
        statement = _ENTRIES.replace("%(start)s", f"'{row[0]} 00:00Z'")
        statement = statement.replace("%(end)s", f"'{row[1]} 00:00Z'")
        for start in range(first, first + count, _CHUNK):
            last = min(start + _CHUNK, first + count) - 1
            conn.execute(statement.encode(), {**facts, "first": start, "last": last})
        conn.execute("SELECT setval('ledger.entry_numbers', %s)", [first + count])


def fill_balances(books: Books, stripes: int) -> int:
    """Make the balances anew from the lines; return how many rows they take."""
    with connect(books.url) as conn:
        conn.execute("SET session_replication_role = replica")
        conn.execute("SET work_mem = '256MB'")
        conn.execute("TRUNCATE ledger.account_balances")
        done = conn.execute(_BALANCES.encode(), {"stripes": stripes})
        conn.execute("VACUUM ANALYZE")
        conn.execute("CHECKPOINT")
    return done.rowcount


def fold_balances(books: Books) -> int:
    """Fold balances as `pgerp maintain` does every day; return how many rows are left."""
    with connect(books.url) as conn:
        conn.execute("SELECT set_config('pgerp.token', %s, false)", [books.options["pgerp.token"]])
        while value(conn, "SELECT ledger.fold_balances()"):
            pass
        conn.execute("VACUUM ANALYZE ledger.account_balances")
        rows: int = value(conn, "SELECT count(*) FROM ledger.account_balances")
    return rows


def offenders(conn: psycopg.Connection) -> Iterator[str]:
    """Run every check of the project; yield the names of those that found something."""
    for path in sorted((ROOT / "sql" / "checks").rglob("*.sql")):
        if conn.execute(path.read_bytes()).fetchone():
            yield f"{path.parent.name}/{path.stem}"
