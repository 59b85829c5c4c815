"""The life of an entry through the API: what is posted is voided or reversed."""

from __future__ import annotations

import json

import psycopg
import pytest

from pgerp.db import connect
from tests.background import Background
from tests.ledger.books import Books, balance, draft, post, settle
from tests.pgtap import is_empty, results_eq, throws, value

SALE = (("1110", "100"), ("4100", "-100"))
REVERSE = "SELECT ledger.reverse_journal_entry(%s, %s, %s)"
VOID = "SELECT ledger.void_journal_entry(%s, %s)"
POST = "SELECT ledger.post_journal_entry(%s)"
STATUS = "SELECT status::text FROM ledger.journal_entries WHERE id = %s"
CLOSE = "UPDATE ledger.fiscal_periods SET status = 'closed' WHERE code = %s"


def test_a_voided_posted_entry_is_reversed_on_its_own_date_and_linked_both_ways(
    db: psycopg.Connection, books: Books
) -> None:
    entry = post(db, *SALE, date="2026-03-04")
    db.execute(VOID, [entry, "Typed twice"])
    assert value(db, STATUS, [entry]) == "VOIDED"
    results_eq(
        db,
        """SELECT r.reason, e.status::text, e.entry_date::text, e.period_id = o.period_id,
            o.void_reason
        FROM ledger.reversals AS r
        INNER JOIN ledger.journal_entries AS e ON e.id = r.reversal_id
        INNER JOIN ledger.journal_entries AS o ON o.id = r.entry_id WHERE o.id = %s""",
        [("Typed twice", "POSTED", "2026-03-04", True, "Typed twice")],
        [entry],
    )
    assert value(db, "SELECT ledger.account_balance('MAIN', '1110', '2026-03-04')") == 0
    assert balance(db, "1110") == "0.0000"
    settle(db)


def test_a_reversal_has_the_opposite_of_every_column_of_every_line(
    db: psycopg.Connection, books: Books
) -> None:
    lines = [
        {
            "account": "1110", "debit": "10", "currency": "EUR", "rate": "1.1", "description": "d",
            "department": "D1", "counterparty": "C1", "due_date": "2026-04-01",
        },
        {"account": "4100", "credit": "11"},
    ]  # fmt: skip
    entry = value(
        db,
        """SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'Sale', %s,
        p_reference => 'R-1', p_source_module => 'shop', p_source_id => '17')""",
        [json.dumps(lines)],
    )
    reversal = value(db, REVERSE, [entry, "Returned", "2026-04-05"])
    opposite = """SELECT line_no, account_id, {0} amount, currency_code, {0} currency_amount,
        exchange_rate, description, department_code, counterparty, due_date
        FROM ledger.journal_lines WHERE entry_id = %s ORDER BY 1"""
    assert (
        db.execute(opposite.format("-"), [entry]).fetchall()  # type: ignore[arg-type]
        == db.execute(opposite.format(""), [reversal]).fetchall()  # type: ignore[arg-type]
    )
    results_eq(
        db,
        """SELECT entry_date::text, reference, source_module, source_id
        FROM ledger.journal_entries WHERE id = %s""",
        [("2026-04-05", "R-1", "shop", "17")],
        [reversal],
    )
    settle(db)


def test_an_entry_is_reversed_once_and_its_reversal_can_be_reversed(
    db: psycopg.Connection, books: Books
) -> None:
    entry = post(db, *SALE)
    reversal = value(db, REVERSE, [entry, "Wrong", None])
    throws(db, "ZL023", REVERSE, [entry, "Wrong again", None])
    throws(db, "ZL023", VOID, [entry, "Wrong again"])
    value(db, REVERSE, [reversal, "It was right", None])
    assert balance(db, "1110") == "100.0000"
    assert value(db, STATUS, [reversal]) == "VOIDED"
    settle(db)


@pytest.mark.parametrize(
    ("closed", "expected"),
    [((), "2026-03-04"), (("03",), "2026-04-01"), (("03", "04"), "2026-05-01")],
)
def test_without_a_date_a_reversal_goes_to_the_next_open_period(
    db: psycopg.Connection, books: Books, closed: tuple[str, ...], expected: str
) -> None:
    entry = post(db, *SALE, date="2026-03-04")
    for month in closed:
        db.execute(CLOSE, [f"2026-{month}"])
    reversal = value(db, REVERSE, [entry, "Late", None])
    date = "SELECT entry_date::text FROM ledger.journal_entries WHERE id = %s"
    assert value(db, date, [reversal]) == expected


def test_without_an_open_period_nothing_is_reversed(db: psycopg.Connection, books: Books) -> None:
    entry = post(db, *SALE, date="2026-11-04")
    db.execute(
        """UPDATE ledger.fiscal_periods SET status = 'closed'
        WHERE kind = 'regular' AND starts_on > '2026-10-31'"""
    )
    throws(db, "ZL002", REVERSE, [entry, "Late", None])


@pytest.mark.parametrize("reason", [None, "", "  \n", "x" * 2001])
def test_undoing_needs_a_reason(db: psycopg.Connection, books: Books, reason: str | None) -> None:
    throws(db, "ZL027", REVERSE, [post(db, *SALE), reason, None])
    throws(db, "ZL027", VOID, [draft(db, *SALE), reason])


def test_a_reversal_that_may_not_be_leaves_nothing(db: psycopg.Connection, books: Books) -> None:
    entry = post(db, *SALE)
    throws(db, "ZL022", REVERSE, [draft(db, *SALE), "Draft", None])
    throws(db, "ZL003", REVERSE, [entry, "No such year", "2031-01-01"])
    db.execute("UPDATE ledger.accounts SET is_active = false WHERE code = '4100'")
    throws(db, "ZL010", REVERSE, [entry, "Inactive", None])
    db.execute("UPDATE ledger.accounts SET is_active = true WHERE code = '4100'")
    db.execute(CLOSE, ["2026-03"])
    throws(db, "ZL002", VOID, [entry, "Closed"])
    is_empty(db, "SELECT FROM ledger.reversals")
    assert value(db, STATUS, [entry]) == "POSTED"


def test_a_posted_entry_becomes_voided_by_a_true_reversal_only(
    db: psycopg.Connection, books: Books
) -> None:
    entry, same, other = post(db, *SALE), post(db, *SALE), post(db, ("1110", "-1"), ("4100", "1"))
    link = """INSERT INTO ledger.reversals (tenant_id, entry_id, reversal_id, reason)
        VALUES (%s, %s, %s, 'forged')"""
    update = "UPDATE ledger.journal_entries SET status = 'VOIDED' WHERE id = %s"
    throws(db, "ZL006", update, [entry])
    for not_opposite in (same, other):
        throws(db, "ZL025", link, [books.tenant_id, entry, not_opposite])
    throws(
        db, "ZL022", link, [books.tenant_id, entry, draft(db, ("1110", "-100"), ("4100", "100"))]
    )
    opposite = post(db, ("1110", "-100"), ("4100", "100"))
    elsewhere = post(db, ("1110", "-100"), ("4100", "100"), business="SIDE")
    throws(db, "ZL025", link, [books.tenant_id, entry, elsewhere])
    db.execute(link, [books.tenant_id, entry, opposite])
    assert value(db, STATUS, [entry]) == "VOIDED"
    of_business = "SELECT business_id FROM ledger.reversals WHERE entry_id = %s"
    assert value(db, of_business, [entry]) == books.business_id
    throws(db, "23505", link, [books.tenant_id, same, opposite])
    for change in (
        "UPDATE ledger.reversals SET reason = 'x'",
        "DELETE FROM ledger.reversals",
        "TRUNCATE ledger.reversals",
        "UPDATE ledger.journal_entries SET status = 'POSTED' WHERE status = 'VOIDED'",
        "UPDATE ledger.journal_entries SET description = 'x' WHERE status = 'VOIDED'",
    ):
        throws(db, "ZL006", change)
    settle(db)


def test_of_two_who_reverse_at_once_one_is_refused(
    committed_url: str, session: psycopg.Connection
) -> None:
    entry = post(session, *SALE)
    with connect(committed_url) as first, connect(committed_url) as second:
        for conn in (first, second):
            conn.execute("SELECT set_config('pgerp.token', identity.issue_token(1, 'bob'), false)")
        first.execute("BEGIN")
        value(first, REVERSE, [entry, "First", None])
        waiting = Background(second, lambda: value(second, REVERSE, [entry, "Second", None]))
        assert waiting.waits(session)
        first.execute("COMMIT")
        assert waiting.result() == "ZL023"
    assert value(session, "SELECT count(*) FROM ledger.reversals WHERE entry_id = %s", [entry]) == 1


def test_an_entry_reversed_in_the_transaction_that_posts_it_is_still_checked(
    db: psycopg.Connection, books: Books
) -> None:
    entry = post(db, *SALE)
    db.execute(VOID, [entry, "At once"])
    db.execute("UPDATE ledger.accounts SET is_active = false WHERE code = '4100'")
    throws(db, "ZL010", "SET CONSTRAINTS ALL IMMEDIATE")


def test_a_token_reaches_only_entries_of_its_businesses(
    db: psycopg.Connection, books: Books
) -> None:
    entry, plan = post(db, *SALE), draft(db, *SALE)
    side = value(db, "SELECT id FROM identity.businesses WHERE code = 'SIDE'")
    db.execute(
        "SELECT set_config('pgerp.token', identity.issue_token(%s, 'bob', %s), false)",
        [books.tenant_id, [side]],
    )
    throws(db, "ZL026", REVERSE, [entry, "Not mine", None])
    throws(db, "ZL026", VOID, [entry, "Not mine"])
    throws(db, "ZL026", POST, [plan])


@pytest.mark.parametrize("lines", [2, 8, 9, 40])
def test_however_many_lines_an_entry_has_its_balances_are_exact(
    db: psycopg.Connection, books: Books, lines: int
) -> None:
    """Few lines are added to the balances one by one, many in one statement."""
    codes = ("1110", "1120", "1110", "5100")
    debits = [(codes[n % 4], str(n + 1)) for n in range(lines - 1)]
    total = sum(int(amount) for _, amount in debits)
    for _ in range(2):
        post(db, *debits, ("4100", f"-{total}"))
    for code in set(codes):
        expected = 2 * sum(int(amount) for account, amount in debits if account == code)
        assert value(db, "SELECT ledger.account_balance('MAIN', %s)", [code]) == expected
    settle(db)


@pytest.mark.parametrize("how", ["post", "reverse", "batch"])
def test_a_posting_function_leaves_the_guards_of_lines_on(
    db: psycopg.Connection, books: Books, how: str
) -> None:
    entry = post(db, *SALE)
    if how == "reverse":
        db.execute(VOID, [entry, "Wrong"])
    if how == "batch":
        lines = '[{"account": "1110", "debit": "1"}, {"account": "4100", "credit": "1"}]'
        batch = (
            f'[{{"business": "MAIN", "date": "2026-03-04", "description": "x", "lines": {lines}}}]'
        )
        db.execute("SELECT ledger.create_journal_entries(%s)", [batch])
    assert value(db, "SELECT current_setting('pgerp.posting', true)") == ""
