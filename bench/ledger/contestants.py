"""Who posts: the ledger, a bare INSERT, a naive function, and pgledger where there is a checkout.

Each is a script of pgbench that makes one entry with two lines in a transaction of its own, with
the same random accounts, days and amounts, as the same login with the same session.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from bench.ledger.books import ACCOUNT_ID, Books

_HERE = Path(__file__).parent
_DRAW = """\
\\set debit {debit}
\\set credit random(4001, 4100)
\\set amount random(1, 100000)
\\set day random(0, 27)
"""
_SPREAD, _HOT = "random(1001, 1100)", "1001"
DATE = "(date_trunc('month', current_date)::date + :day::integer)"
AMOUNT = "(:amount::text || '.25')"
DEBIT = f"('{ACCOUNT_ID}' || :debit::text)::uuid"
CREDIT = f"('{ACCOUNT_ID}' || :credit::text)::uuid"
LINES = """format(
'[{{"account": "%s", "debit": "%s.25"}}, {{"account": "%s", "credit": "%s.25"}}]',
:debit::text, :amount::text, :credit::text, :amount::text)::jsonb"""
_LEDGER = f"""\
SELECT ledger.create_journal_entry('B1', {DATE}, 'Sale at the till', {LINES});
"""
RAW = f"""\
WITH entry AS (INSERT INTO {{schema}}.entries (tenant_id, business_id, period_id, entry_date,
status, description, posted_at, created_at, created_by, last_modified_at, last_modified_by,
entry_number)
VALUES ({{tenant}}, {{business}}, '{{period}}', {DATE}, 'POSTED', 'Sale at the till', now(), now(),
'bench', now(), 'bench', nextval('{{schema}}.entry_numbers')) RETURNING id, entry_date)
INSERT INTO {{schema}}.lines (tenant_id, entry_id, line_no, account_id, business_id, entry_date,
amount)
SELECT {{tenant}}, e.id, l.line_no, l.account_id, {{business}}, e.entry_date, l.amount
FROM entry AS e CROSS JOIN (VALUES (1, {DEBIT}, {AMOUNT}::numeric),
(2, {CREDIT}, -{AMOUNT}::numeric)) AS l (line_no, account_id, amount);
"""
_NAIVE = f"""\
SELECT naive.post({{tenant}}, {{business}}, '{{period}}', {DATE}, 'Sale at the till',
{DEBIT}, {CREDIT}, {AMOUNT}::numeric);
"""
_PGLEDGER = f"""\
SELECT t.id FROM pgledger_create_transfer(
:debit::text, :credit::text, {AMOUNT}::numeric, {DATE}::timestamptz) AS t;
"""
_PGLEDGER_FILES = (
    "vendor/scoville-pgsql-ulid/ulid-to-uuid.sql",
    "vendor/scoville-pgsql-ulid/uuid-to-ulid.sql",
    "pgledger.sql",
)
_PGLEDGER_SETUP = """
INSERT INTO pgledger_accounts (
    id, name, currency, allow_negative_balance, allow_positive_balance, created_at, updated_at
)
SELECT n.code::text, 'Account ' || n.code, 'USD', true, true, now(), now()
FROM (VALUES (1001), (4001)) AS t (first_code)
CROSS JOIN LATERAL generate_series(t.first_code, t.first_code + 99) AS n (code);
GRANT USAGE ON SCHEMA pgledger TO pgerp_bench;
GRANT ALL ON ALL TABLES IN SCHEMA pgledger TO pgerp_bench;
"""


@dataclass(frozen=True)
class Contestant:
    """One way to post.

    Attributes:
        name: As tables show it.
        spread: The script with debits on 100 accounts.
        hot: The script with every debit on one account.
        schema: Where what it writes lies.
        exact: A query that tells whether the hot account's balance is the sum of its lines.
        options: Settings of its sessions.
    """

    name: str
    spread: str
    hot: str
    schema: str
    exact: str
    options: dict[str, str] = field(default_factory=dict)


def make(conn: psycopg.Connection, books: Books, pgledger: Path | None) -> list[Contestant]:
    """Make the tables of all contestants, and return these.

    Args:
        conn: A superuser's session in the database of the books.
        books: The books.
        pgledger: A checkout of pgledger, or None.
    """
    twins = (_HERE / "twins.sql").read_text()
    for schema in ("raw", "naive"):
        conn.execute(twins.replace("{schema}", schema).encode())
    conn.execute((_HERE / "naive.sql").read_bytes())
    hot = f"'{ACCOUNT_ID}{_HOT}'"
    found = [
        contestant(
            books,
            "ledger",
            _LEDGER,
            "SELECT ledger.account_balance('B1', '1001') = (SELECT sum(l.amount) "
            f"FROM ledger.journal_lines AS l WHERE l.account_id = {hot} AND l.business_id = "
            f"{books.business_id} AND l.tenant_id = {books.tenant_id})",
        ),
        contestant(books, "raw", RAW, "SELECT true"),
        contestant(
            books,
            "naive",
            _NAIVE,
            f"SELECT (SELECT sum(b.debit - b.credit) FROM naive.balances AS b WHERE b.account_id = "
            f"{hot}) = (SELECT sum(l.amount) FROM naive.lines AS l WHERE l.tenant_id = "
            f"{books.tenant_id} AND l.account_id = {hot})",
        ),
    ]
    if pgledger is not None:
        conn.execute("CREATE SCHEMA pgledger")
        conn.execute("SET search_path = pgledger, public")
        for file in _PGLEDGER_FILES:
            conn.execute((pgledger / file).read_bytes())
        conn.execute(_PGLEDGER_SETUP.encode())
        conn.execute("RESET search_path")
        exact = (
            "SELECT -a.balance = (SELECT -sum(e.amount) FROM pgledger.pgledger_entries AS e "
            "WHERE e.account_id = a.id) FROM pgledger.pgledger_accounts AS a WHERE a.id = '1001'"
        )
        options = {"search_path": "pgledger,public"}
        found.append(contestant(books, "pgledger", _PGLEDGER, exact, options=options))
    return found


def contestant(
    books: Books,
    name: str,
    script: str,
    exact: str,
    *,
    schema: str | None = None,
    options: dict[str, str] | None = None,
) -> Contestant:
    """Fill in a script of pgbench.

    Args:
        books: The books that it posts to.
        name: As tables show it.
        script: The script, with the places {schema}, {tenant}, {business} and {period}.
        exact: As in `Contestant`.
        schema: Where it writes; the name, unless given.
        options: More settings of its sessions than the books have.
    """
    schema = schema or name
    filled = script.format(
        schema=schema, tenant=books.tenant_id, business=books.business_id, period=books.period_id
    )
    return Contestant(
        name,
        _DRAW.format(debit=_SPREAD) + filled,
        _DRAW.format(debit=_HOT) + filled,
        schema,
        exact,
        {**books.options, **(options or {})},
    )
