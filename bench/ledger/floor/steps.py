"""The rungs of the ladder: who posts with one demand more than the one before."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import psycopg

from bench.ledger.books import Books
from bench.ledger.contestants import (
    AMOUNT,
    CREDIT,
    DATE,
    DEBIT,
    LINES,
    RAW,
    Contestant,
    contestant,
)

_HERE = Path(__file__).parent
NAMES = {
    1: "1 yearly partitions",
    2: "2 domains and checks",
    3: "3 foreign keys",
    4: "4 function, row security",
    5: "5 guards, request in JSON",
    6: "6 striped balances",
    7: "7 token verified",
}
FUNCTION, REQUEST, TOKEN = 4, 5, 7
_BY_KEYS = f"""\
SELECT {{schema}}.post({{tenant}}, {{business}}, '{{period}}', {DATE}, 'Sale at the till',
{DEBIT}, {CREDIT}, {AMOUNT}::numeric);
"""
_BY_REQUEST = f"""\
SELECT {{schema}}.post({{tenant}}, 'B1', {DATE}, 'Sale at the till', {LINES});
"""
_BY_TOKEN = f"""\
SELECT {{schema}}.post('B1', {DATE}, 'Sale at the till', {LINES});
"""
_BALANCED = "SELECT NOT EXISTS (SELECT FROM {schema}.lines AS l GROUP BY l.tenant_id, l.entry_id \
HAVING sum(l.amount) <> 0 OR count(*) <> 2)"
_EXACT = """\
SELECT NOT EXISTS (
    SELECT FROM (
        SELECT l.account_id, e.period_id, sum(l.amount) AS amount
        FROM {schema}.lines AS l
        INNER JOIN {schema}.entries AS e ON e.tenant_id = l.tenant_id AND e.id = l.entry_id
        GROUP BY l.account_id, e.period_id
    ) AS l
    FULL JOIN (
        SELECT s.account_id, s.period_id, sum(s.debit - s.credit) AS amount
        FROM {schema}.balances AS s
        GROUP BY s.account_id, s.period_id
    ) AS b ON b.account_id = l.account_id AND b.period_id = l.period_id
    WHERE b.amount IS DISTINCT FROM l.amount
)"""
# Plans by key, made once: without these, statistics of a moment could make the floor too high.
_PLANS = {"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off"}


def schema_of(step: int) -> str:
    """The schema of a rung."""
    return f"floor_{step}"


def settings_of(step: int, books: Books) -> dict[str, str]:
    """What the session of a client says of its tenant: its number, or, at the last, its token."""
    if step >= TOKEN:
        return dict(books.options)
    return {"pgerp.tenant_id": str(books.tenant_id)} if step >= FUNCTION else {}


def statements(step: int) -> str:
    """The SQL that makes the schema of a rung: the files of all steps up to it."""
    files = [path for path in sorted(_HERE.glob("[1-9]_*.sql")) if int(path.name[0]) <= step]
    texts = [path.read_text() for path in files]
    if step >= REQUEST:
        texts.append(
            re.sub(
                r"^ *-- \[(\d)-(\d)\]\n(.*?)^ *-- \[end\]\n",
                lambda m: m[3] if int(m[1]) <= step <= int(m[2]) else "",
                (_HERE / "post.sql").read_text(),
                flags=re.DOTALL | re.MULTILINE,
            )
        )
    return "".join(texts).replace("{schema}", schema_of(step))


def make_step(conn: psycopg.Connection, step: int) -> None:
    """Make the schema of one rung.

    Args:
        conn: A superuser's session in the database of the books.
        step: 1 to 7.
    """
    conn.execute(statements(step).encode())


def contestants_of(books: Books, raw: Contestant, ledger: Contestant) -> list[Contestant]:
    """Return the whole ladder: raw, the rungs, and the ledger."""
    rungs = []
    for step, name in NAMES.items():
        schema = schema_of(step)
        script = {0: RAW, 1: _BY_KEYS, 2: _BY_REQUEST, 3: _BY_TOKEN}[
            (step >= FUNCTION) + (step >= REQUEST) + (step >= TOKEN)
        ]
        one = contestant(
            replace(books, options=settings_of(step, books)),
            name,
            script,
            (_EXACT if step > REQUEST else _BALANCED).format(schema=schema),
            schema=schema,
            options=_PLANS,
        )
        rungs.append(one)
    return [replace(raw, name="0 raw"), *rungs, ledger]
