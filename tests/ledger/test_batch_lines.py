"""What a batch takes in other words, and what becomes of its lines."""

from __future__ import annotations

import json

import psycopg

from tests.ledger.books import Books, settle
from tests.ledger.test_batch_refusals import ATOMIC, LINES, SKIP, entry
from tests.pgtap import throws, value
from tests.years import THIS_YEAR


def test_what_is_said_in_more_words_than_needed_is_taken(
    db: psycopg.Connection, books: Books
) -> None:
    lines = [
        {"account": "1110", "debit": "5.00000", "credit": "0"},
        {"account": "1110", "debit": 5, "currency": "USD"},
        {"account": "4100", "credit": "10.0", "debit": "0", "due_date": "2026-02-28"},
    ]
    assert db.execute(SKIP, [json.dumps([entry(lines=lines)])]).fetchall() == [
        (1, None, True, False, True)
    ]
    assert db.execute(
        """SELECT amount::text, currency_code, currency_amount, exchange_rate
        FROM ledger.journal_lines ORDER BY line_no"""
    ).fetchall() == [(n, None, None, None) for n in ("5.0000", "5.0000", "-10.0000")]
    settle(db)


def test_converted_amounts_have_the_decimals_of_the_functional_currency(
    db: psycopg.Connection, books: Books
) -> None:
    db.execute("SELECT set_config('pgerp.token', identity.issue_token("
               "identity.current_tenant()), false)")  # fmt: skip
    for code, currency in (("YEN", "JPY"), ("GOLD", "XAU")):
        db.execute("SELECT identity.create_business(%s, 'x', %s)", [code, currency])
        db.execute("SELECT ledger.create_fiscal_year(%s, '2026-01-01')", [code])
    lines = [line | {"currency": "EUR", "rate": "1.23456"} for line in LINES]
    batch = [entry(business=business, lines=lines) for business in ("MAIN", "YEN", "GOLD")]
    assert [row[1] for row in db.execute(SKIP, [json.dumps(batch)])] == [None] * 3
    amounts = "SELECT amount::text FROM ledger.journal_lines WHERE amount > 0 ORDER BY entry_id"
    assert [row[0] for row in db.execute(amounts)] == ["6.1700", "6.0000", "6.1728"]
    settle(db)


def test_lines_that_something_drops_are_missed(db: psycopg.Connection, books: Books) -> None:
    db.execute(
        f"""CREATE FUNCTION pg_temp.drop_line() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN RETURN CASE WHEN NEW.line_no < 3 THEN NEW END; END';
        CREATE TRIGGER aaa BEFORE INSERT ON ledger.journal_lines_{THIS_YEAR}
        FOR EACH ROW EXECUTE FUNCTION pg_temp.drop_line()"""
    )
    lines = [*LINES, {"account": "1110", "debit": "1"}, {"account": "4100", "credit": "1"}]
    throws(db, "XX000", ATOMIC, [json.dumps([entry(lines=lines)])])


def test_after_a_batch_plain_statements_are_judged_and_counted_again(
    db: psycopg.Connection, books: Books
) -> None:
    for status in ("POSTED", "DRAFT"):
        value(db, "SELECT count(*) FROM ledger.create_journal_entries(%s)",
              [json.dumps([entry(status=status)])])  # fmt: skip
        assert value(db, "SELECT current_setting('pgerp.posting')") == ""
