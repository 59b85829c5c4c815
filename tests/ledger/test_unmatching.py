"""Matches are undone, never changed; what is matched is not reversed, what is reversed not open."""

from __future__ import annotations

import psycopg
import pytest

from tests.ledger.books import Books, balance, settle
from tests.ledger.foreign import MATCH, Item, item, match, open_foreign_accounts, open_of, pair
from tests.pgtap import as_role, throws, value

UNMATCH = "SELECT ledger.unmatch(%s, %s)"


@pytest.fixture(autouse=True)
def foreign(db: psycopg.Connection, books: Books) -> None:
    """Books with receivables and payables in EUR."""
    open_foreign_accounts(db)


def test_unmatching_opens_the_items_again_and_reverses_the_gain(db: psycopg.Connection) -> None:
    invoice, payment = item(db, "100", rate="1.1"), item(db, "-70", rate="1.2", date="2026-03-20")
    one = match(db, invoice, payment)
    throws(db, "ZL027", UNMATCH, [one, " "])
    value(db, UNMATCH, [one, "wrong customer"])
    assert open_of(db, invoice) == ("100.0000", "110.0000")
    assert open_of(db, payment) == ("-70.0000", "-84.0000")
    assert [balance(db, "1200"), balance(db, "4910")] == ["26.0000", "0.0000"]
    throws(db, "ZL056", UNMATCH, [one, "again"])
    throws(db, "ZL056", UNMATCH, [invoice.entry_id, "no match"])
    match(db, invoice, payment)
    assert balance(db, "1200") == "33.0000"
    settle(db)


def test_a_match_that_was_undone_later_holds_in_between(db: psycopg.Connection) -> None:
    invoice, payment = item(db, "100", rate="1"), item(db, "-100", rate="1")
    one = match(db, invoice, payment, on="2026-04-01")
    throws(db, "ZL058", f"{UNMATCH[:-1]}, '2026-03-31')", [one, "x"])
    assert value(db, f"{UNMATCH[:-1]}, '2026-05-01')", [one, "x"]) is None
    found = [open_of(db, invoice, day) for day in ("2026-03-31", "2026-04-30", "2026-05-01")]
    assert found == [("100.0000", "100.0000"), None, ("100.0000", "100.0000")]
    # Another match in between would settle it twice as of April.
    throws(db, "ZL058", MATCH, pair(invoice, payment, on="2026-04-15"))
    match(db, invoice, payment)
    settle(db)


@pytest.mark.parametrize("end", ["void", "reverse"])
@pytest.mark.parametrize("which", ["debit", "credit", "gain"])
def test_what_is_matched_is_not_reversed_until_it_is_unmatched(
    db: psycopg.Connection, which: str, end: str
) -> None:
    one = match(db, item(db, "100", rate="1"), item(db, "-50", rate="2"))
    entry_id = value(db, f"SELECT {which}_entry_id FROM ledger.matches")
    call = f"SELECT ledger.{end}_journal_entry(%s, 'wrong')"
    throws(db, "ZL055", call, [entry_id])
    value(db, UNMATCH, [one, "wrong"])
    if which == "gain":
        throws(db, "ZL023", call, [entry_id])
    else:
        value(db, call, [entry_id])
    settle(db)


def test_an_entry_and_its_reversal_settle_each_other(db: psycopg.Connection) -> None:
    invoice = item(db, "100", rate="1.1")
    reverse = "SELECT ledger.reverse_journal_entry(%s, 'wrong', %s)"
    back = Item(value(db, reverse, [invoice.entry_id, "2026-04-02"]), 1)
    assert open_of(db, invoice, "2026-04-01") == ("100.0000", "110.0000")
    assert open_of(db, invoice) is None and open_of(db, back) is None
    throws(db, "ZL053", MATCH, pair(invoice, item(db, "-100", rate="1.1")))
    made = value(db, "SELECT id FROM ledger.matches")
    throws(db, "ZL056", UNMATCH, [made, "it is a reversal's"])
    again = Item(value(db, reverse, [back.entry_id, "2026-05-02"]), 1)
    assert [open_of(db, i) for i in (invoice, back)] == [None, None]
    assert open_of(db, again) == ("100.0000", "110.0000")
    match(db, again, item(db, "-100", rate="1.1"))
    throws(db, "ZL055", reverse, [again.entry_id, "2026-06-02"])
    settle(db)


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE ledger.matches SET amount = 1",
        "UPDATE ledger.matches SET unmatched_on = '2026-12-01', unmatch_reason = 'x', amount = 1",
        "UPDATE ledger.matches SET is_reversal = true",
        "DELETE FROM ledger.matches",
    ],
)
def test_a_match_never_changes_or_goes(db: psycopg.Connection, attack: str) -> None:
    match(db, item(db, "100", rate="1"), item(db, "-50", rate="1"))
    throws(db, "ZL057", attack)
    throws(db, "ZL006", "TRUNCATE ledger.matches")
    with as_role(db, "pgerp_app"):
        throws(db, "42501", attack)


def test_an_undone_match_is_not_undone_otherwise(db: psycopg.Connection) -> None:
    one = match(db, item(db, "100", rate="1"), item(db, "-50", rate="1"))
    value(db, UNMATCH, [one, "x"])
    throws(db, "ZL057", "UPDATE ledger.matches SET unmatched_on = NULL, unmatch_reason = NULL")
    throws(db, "ZL057", "UPDATE ledger.matches SET unmatch_reason = 'y'")


@pytest.mark.parametrize("reason", [None, "", " \n"])
@pytest.mark.parametrize("rate", ["1", "2"])
def test_unmatching_needs_a_reason_with_a_gain_or_without(
    db: psycopg.Connection, rate: str, reason: str | None
) -> None:
    one = match(db, item(db, "100", rate="1"), item(db, "-100", rate=rate))
    throws(db, "ZL027", UNMATCH, [one, reason])


def test_a_gain_whose_period_has_closed_is_undone_in_the_next_one(db: psycopg.Connection) -> None:
    one = match(db, item(db, "100", rate="1"), item(db, "-100", rate="2"))
    db.execute("UPDATE ledger.fiscal_periods SET status = 'closed' WHERE code = '2026-03'")
    value(db, UNMATCH, [one, "wrong"])
    undone = "SELECT unmatched_on::text FROM ledger.matches WHERE id = %s"
    assert value(db, undone, [one]) == "2026-04-01"
    assert balance(db, "4910") == "0.0000"
    settle(db)


def test_a_reversal_is_reversed_though_both_of_its_sides_are_settled(
    db: psycopg.Connection,
) -> None:
    entry = item(db, "100", currency=None, against="2200").entry_id
    reverse = "SELECT ledger.reverse_journal_entry(%s, 'wrong')"
    back = value(db, reverse, [entry])
    assert value(db, "SELECT count(*) FROM ledger.matches WHERE is_reversal") == 2
    value(db, reverse, [back])
    assert [balance(db, "1200"), balance(db, "2200")] == ["100.0000", "-100.0000"]
    settle(db)


def test_a_match_is_not_born_undone(db: psycopg.Connection) -> None:
    invoice, payment = item(db, "100", rate="1"), item(db, "-100", rate="1")
    db.execute(
        """INSERT INTO ledger.matches (tenant_id, debit_entry_id, debit_line_no, credit_entry_id,
            credit_line_no, unmatched_on, unmatch_reason)
        VALUES (identity.current_tenant(), %s, %s, %s, %s, '2026-04-01', 'x')""",
        pair(invoice, payment)[:4],
    )
    kept = "SELECT unmatched_on IS NULL AND unmatch_reason IS NULL FROM ledger.matches"
    assert value(db, kept)
    assert open_of(db, invoice) is None
    settle(db)
