"""Idempotency keys: a request that is sent twice is carried out once."""

from __future__ import annotations

import psycopg

from tests.ledger.books import Books, as_json, offenders
from tests.pgtap import throws, value

CALL = "SELECT ledger.create_journal_entry(%s, %s, %s, %s)"
GOOD = as_json(("1110", "100.00"), ("4100", "-100.00"))


def test_the_same_key_with_the_same_request_gives_the_same_entry(
    db: psycopg.Connection, books: Books
) -> None:
    call = CALL[:-1] + ", p_idempotency_key => 'k')"
    first = value(db, call, ["MAIN", "2026-03-04", "x", GOOD])
    reordered = '[ {"debit":"100.00","account":"1110"}, {"credit":"100.00","account":"4100"} ]'
    assert value(db, call, ["MAIN", "2026-03-04", "x", reordered]) == first
    assert value(db, "SELECT count(*) FROM ledger.journal_entries") == 1
    throws(db, "ZL008", call, ["MAIN", "2026-03-05", "x", GOOD])


def test_a_key_whose_request_failed_is_free_again(db: psycopg.Connection, books: Books) -> None:
    call = CALL[:-1] + ", p_idempotency_key => 'k')"
    throws(db, "ZL003", call, ["MAIN", "2031-01-01", "x", GOOD])
    value(db, call, ["MAIN", "2026-03-04", "x", GOOD])


def test_a_draft_that_is_deleted_frees_its_key(db: psycopg.Connection, books: Books) -> None:
    call = "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s, %s, NULL, 'k')"
    value(db, call, [GOOD, "DRAFT"])
    db.execute("DELETE FROM ledger.journal_entries")
    assert offenders(db) == {}
    value(db, call, [GOOD, "POSTED"])
