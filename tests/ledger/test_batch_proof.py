"""The proof of a batch by itself: what it calls sound, and what it hands on to be looked at."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books, draft, post, settle
from tests.ledger.test_batches import ID
from tests.pgtap import value

PROOF = """SELECT p.doubtful::text, cardinality(p.changes), p.is_watched
    FROM ledger.prove_entries(%s, %s::uuid[]) AS p"""
LINE = """ROW(1, '{id}', 1, '2026-03-04', {no}, (SELECT id FROM ledger.accounts
    WHERE tenant_id = {tenant} AND code = '{account}'), {amount}, {currency}, {units}, {rate},
    NULL, NULL, NULL, NULL, NULL, NULL)"""


def prove(db: psycopg.Connection, books: Books, *entries: Any) -> tuple[Any, ...]:
    db.execute("SELECT identity.enter_tenant(%s)", [books.tenant_id])
    row = db.execute(PROOF, [books.tenant_id, [str(entry) for entry in entries]]).fetchone()
    assert row is not None
    return row


def test_a_plain_entry_is_sound(db: psycopg.Connection, books: Books) -> None:
    entry = post(db, ("1110", "5"), ("4100", "-5"))
    assert prove(db, books, entry) == ("{}", 2, False)


def test_a_draft_is_not_taken_for_posted(db: psycopg.Connection, books: Books) -> None:
    sketch = draft(db, ("1110", "5"), ("4100", "-5"))
    assert prove(db, books, sketch) == (f"{{{sketch}}}", 0, False)


def test_an_entry_that_is_not_there_puts_all_in_doubt(db: psycopg.Connection, books: Books) -> None:
    entry = post(db, ("1110", "5"), ("4100", "-5"))
    assert prove(db, books, entry, ID)[0] == f"{{{entry},{ID}}}"


@pytest.mark.parametrize(
    ("amount", "units", "rate", "sqlstate"),
    [
        ("10", "5", "2", None),
        ("9", "5", "2", "ZL011"),
        ("10.01", "5.005", "2", "ZL011"),
    ],
)
def test_what_a_batch_has_converted_is_worked_out_again(
    db: psycopg.Connection, books: Books, amount: str, units: str, rate: str, sqlstate: str | None
) -> None:
    db.execute("SELECT identity.enter_tenant(%s)", [books.tenant_id])
    common = {"id": ID, "tenant": books.tenant_id}
    rows = ", ".join(
        LINE.format(no=no, account=account, amount=a, currency=c, units=u, rate=r, **common)
        for no, account, a, c, u, r in (
            (1, "1110", amount, "'EUR'", units, rate),
            (2, "4100", f"-{amount}", "NULL", "NULL", "NULL"),
        )
    )
    insert = f"""SELECT ledger.insert_entries({books.tenant_id}, ARRAY[ROW(
        1, '{ID}', 1, 'USD', '2026-03-04', 'POSTED', 'x', NULL, NULL, NULL, true, NULL, NULL,
        NULL, NULL, 'regular', (SELECT id FROM ledger.fiscal_periods WHERE business_id = 1
        AND tenant_id = {books.tenant_id} AND code = '2026-03')
    )]::ledger.parsed_entry[], ARRAY[{rows}]::ledger.parsed_line[])"""
    try:
        with db.transaction():
            db.execute(insert.encode())
        found = None
    except psycopg.Error as error:
        found = error.sqlstate
    assert found == sqlstate
    assert value(db, "SELECT count(*) FROM ledger.journal_entries") == (sqlstate is None)
    settle(db)
