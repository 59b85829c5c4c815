"""Each part of the checks of limits and holds finds what is planted for it, and it alone."""

from __future__ import annotations

import psycopg
import pytest

from tests.ledger.books import Books, offenders, post
from tests.ledger.limits import hold, limit

SPOILED = {
    "UPDATE ledger.account_heads SET balance = balance + 0.0001": "heads_equal_balances",
    "UPDATE ledger.account_heads SET held_debit = 0.0001": "heads_equal_balances",
    "DELETE FROM ledger.account_heads": "heads_equal_balances",
    "UPDATE ledger.held_amounts SET expires_at = expires_at + interval '1 s'": (
        "holds_hold_their_lines"
    ),
    "DELETE FROM ledger.journal_lines WHERE entry_id = (SELECT entry_id FROM ledger.holds)": (
        "holds_hold_their_lines"
    ),
    """UPDATE ledger.holds SET state = 'posted', ended_at = now(),
        posted_entry_id = entry_id""": "holds_hold_their_lines",
    "UPDATE ledger.journal_entries SET status = 'VOIDED' WHERE status = 'DRAFT'": (
        "holds_hold_their_lines"
    ),
    "UPDATE ledger.accounts SET minimum_balance = NULL, credit_limit = 119 WHERE code = '1110'": (
        "limits_are_kept"
    ),
    "UPDATE ledger.accounts SET minimum_balance = 0 WHERE code = '4100'": (
        "watched_accounts_are_marked"
    ),
}


@pytest.mark.parametrize(("spoil", "check"), SPOILED.items())
def test_a_check_finds_each_kind_of_offence(
    db: psycopg.Connection, books: Books, spoil: str, check: str
) -> None:
    limit(db, "1110", minimum_balance=-1000, credit_limit=1000)
    post(db, ("1110", "100"), ("4100", "-100"))
    hold(db, ("1110", "20"), ("4100", "-20"))
    db.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert offenders(db) == {}
    db.execute("SET LOCAL session_replication_role = 'replica'")
    db.execute(spoil)  # type: ignore[arg-type]
    assert f"ledger/{check}" in offenders(db)


def test_an_account_that_began_outside_its_limit_is_no_offence(
    db: psycopg.Connection, books: Books
) -> None:
    limit(db, "1110", minimum_balance=100)
    limit(db, "1120", credit_limit=-100)
    post(db, ("1110", "60"), ("1120", "-60"))
    db.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert offenders(db) == {}
