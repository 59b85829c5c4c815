"""Journal numbers: gap-free per business and fiscal year, in order, given once."""

from __future__ import annotations

from typing import Any

import psycopg

from tests.ledger.books import Books, offenders, post
from tests.ledger.periods import CLOSE, CLOSE_YEAR, POST, REOPEN, SALE, SALE_JSON, retain, settle
from tests.pgtap import as_role, throws, value

ASSIGN = "SELECT ledger.assign_journal_numbers('MAIN', %s)"


def numbers(db: psycopg.Connection, *entries: Any) -> list[Any]:
    return [value(db, "SELECT ledger.journal_number(%s)", [entry]) for entry in entries]


def test_numbers_follow_dates_and_then_the_order_of_posting(
    db: psycopg.Connection, books: Books
) -> None:
    days = ["2026-03-09", "2026-02-01", "2026-03-04", "2026-03-04", "2026-04-01"]
    entries = [post(db, *SALE, date=day) for day in days]
    other = post(db, *SALE, business="SIDE")
    assert numbers(db, *entries) == [None] * 5
    with as_role(db, "pgerp_app"):
        assert value(db, ASSIGN, ["2026-03-31"]) == 4
        assert numbers(db, *entries, other) == [4, 1, 2, 3, None, None]
        assert [value(db, ASSIGN, [None]) for _ in range(2)] == [1, 0]
        assert value(db, "SELECT ledger.assign_journal_numbers('SIDE')") == 1
    assert numbers(db, *entries, other) == [4, 1, 2, 3, 5, 1]
    settle(db)
    assert offenders(db) == {}


def test_drafts_get_no_number_and_reversed_entries_keep_theirs(
    db: psycopg.Connection, books: Books
) -> None:
    make = "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s, 'DRAFT')"
    draft, abandoned = (value(db, make, [SALE_JSON]) for _ in range(2))
    db.execute("SELECT ledger.void_journal_entry(%s, 'x')", [abandoned])
    mistake = post(db, *SALE)
    reversal = value(db, "SELECT ledger.reverse_journal_entry(%s, 'x')", [mistake])
    assert value(db, ASSIGN, [None]) == 2
    assert numbers(db, draft, abandoned, mistake, reversal) == [None, None, 1, 2]


def test_closing_a_period_numbers_its_entries_and_late_ones_continue(
    db: psycopg.Connection, books: Books
) -> None:
    march, april, may = (post(db, *SALE, date=f"2026-0{month}-04") for month in (3, 4, 5))
    settle(db)
    db.execute(CLOSE, ["2026-04"])
    assert numbers(db, march, april, may) == [None, 1, None]
    db.execute(CLOSE, ["2026-03"])
    db.execute(REOPEN, ["2026-03"])
    late = post(db, *SALE, date="2026-03-01")
    settle(db)
    assert numbers(db, march, april, may, late) == [2, 1, None, None]
    db.execute(CLOSE, ["2026-03"])
    assert numbers(db, march, april, may, late) == [2, 1, None, 3]
    assert offenders(db) == {}


def test_each_fiscal_year_starts_at_one_and_its_closing_entry_comes_last(
    db: psycopg.Connection, books: Books
) -> None:
    retain(db)
    db.execute("SELECT ledger.create_fiscal_year('MAIN', '2027-01-01')")
    following = post(db, *SALE, date="2027-01-01")
    adjusting = value(db, POST, ["2026-12-31", SALE_JSON, "adjusting"])
    regular = post(db, *SALE, date="2026-12-31")
    settle(db)
    assert value(db, ASSIGN, ["2026-06-30"]) == 0
    closing = value(db, CLOSE_YEAR, ["2026"])
    settle(db)
    assert value(db, ASSIGN, [None]) == 1
    assert numbers(db, regular, adjusting, closing, following) == [1, 2, 3, 1]
    assert offenders(db) == {}


def test_a_number_is_shown_to_those_who_may_see_its_business(
    db: psycopg.Connection, books: Books
) -> None:
    entry = post(db, *SALE)
    settle(db)
    db.execute(CLOSE, ["2026-03"])
    show = "SELECT ledger.journal_number(%s)"
    for businesses, expected in (([1], 1), ([2], None)):
        db.execute(
            "SELECT set_config('pgerp.token', identity.issue_token(%s, 'bob', %s), true)",
            [books.tenant_id, businesses],
        )
        with as_role(db, "pgerp_readonly"):
            assert value(db, show, [entry]) == expected
    with as_role(db, "pgerp_app"):
        throws(db, "ZI006", ASSIGN, [None])
