"""Entries in one foreign currency that only rounding keeps from balancing get a line for it."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books, balance, settle
from tests.ledger.foreign import open_foreign_accounts
from tests.ledger.limits import limit
from tests.pgtap import results_eq, throws, value


@pytest.fixture(autouse=True)
def foreign(db: psycopg.Connection, books: Books) -> None:
    """Books with receivables in EUR."""
    open_foreign_accounts(db)


LINES = [("1200", "debit", "33.33")] * 3 + [("4100", "credit", "99.99")]


def rounded(lines: list[tuple[str, str, str]], rate: str, **more: str) -> str:
    return json.dumps(
        [
            {"account": account, side: amount, "currency": "EUR", "rate": rate} | more
            for account, side, amount in lines
        ]
    )


POST = "SELECT ledger.post_journal_entry(%s)"
CALL = "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s)"


def test_what_rounding_leaves_goes_to_the_rounding_difference_account(
    db: psycopg.Connection,
) -> None:
    value(db, CALL, [rounded(LINES, "1.005")])
    assert [balance(db, "1200"), balance(db, "4100")] == ["100.5000", "-100.4900"]
    assert balance(db, "5910") == "-0.0100"
    batch = [
        {
            "business": "MAIN",
            "date": "2026-03-04",
            "description": "x",
            "status": status,
            "lines": json.loads(rounded(lines, "1.005")),
        }
        for status, lines in (
            ("POSTED", LINES),
            ("POSTED", LINES[1:]),
            ("DRAFT", LINES),
            ("POSTED", [LINES[0], ("4100", "credit", "33.33")]),
        )
    ]
    results_eq(
        db,
        """SELECT c.ordinal, c.sqlstate, (SELECT count(*) FROM ledger.journal_lines AS l
            WHERE l.entry_id = c.entry_id)
        FROM ledger.create_journal_entries(%s, 'skip_bad') AS c""",
        [(1, None, 0), (2, "ZL001", 0), (3, None, 0), (4, None, 0)],
        [json.dumps(batch)],
    )
    counts = """SELECT count(*)::integer FROM ledger.journal_lines
        GROUP BY entry_id ORDER BY entry_id"""
    assert [row[0] for row in db.execute(counts)] == [5, 5, 4, 2]
    assert balance(db, "5910") == "-0.0200"
    settle(db)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([*LINES[:3], ("4100", "credit", "99.98")], "not balanced in its currency"),
        ([*LINES, ("1110", "debit", "0.01")], "a cent too much"),
    ],
)
def test_what_is_no_rounding_does_not_balance(
    db: psycopg.Connection, lines: list[tuple[str, str, str]], why: str
) -> None:
    throws(db, "ZL001", CALL, [rounded(lines, "1.005")])


def test_two_currencies_or_two_rates_do_not_pass_for_rounding(db: psycopg.Connection) -> None:
    both = json.loads(rounded(LINES, "1.005"))
    both[0]["currency"] = "GBP"
    throws(db, "ZL001", CALL, [json.dumps(both)])
    mixed = json.loads(rounded(LINES, "1.005"))
    mixed[3] = {"account": "4100", "credit": "100.49"}
    throws(db, "ZL001", CALL, [json.dumps(mixed)])
    beside = json.loads(rounded(LINES, "1.005"))
    beside += [{"account": "1110", "debit": "5.01"}, {"account": "4100", "credit": "5"}]
    throws(db, "ZL001", CALL, [json.dumps(beside)])
    # Four lines, a cent each: five cents are too many.
    other = json.loads(rounded(LINES, "1.005"))
    other[3]["rate"] = "1.0056"
    throws(db, "ZL001", CALL, [json.dumps(other)])


def test_without_an_account_for_it_a_rounding_difference_does_not_balance(
    db: psycopg.Connection,
) -> None:
    db.execute("DELETE FROM ledger.account_roles WHERE role = 'rounding_difference'")
    throws(db, "ZL001", CALL, [rounded(LINES, "1.005")])


def lines_of(db: psycopg.Connection, entry_id: Any) -> list[tuple[Any, ...]]:
    """Return number, account, both amounts of each line of an entry."""
    return db.execute(
        """SELECT l.line_no, a.code::text, l.amount::text, l.currency_amount::text
        FROM ledger.journal_lines AS l JOIN ledger.accounts AS a ON a.id = l.account_id
        WHERE l.entry_id = %s ORDER BY l.line_no""",
        [entry_id],
    ).fetchall()


def drafted(db: psycopg.Connection, lines: str, call: str = CALL) -> Any:
    return value(db, call[:-1] + ", 'DRAFT')", [lines])


@pytest.mark.parametrize(
    ("lines", "rate"),
    [
        (LINES, "1.005"),
        ([*LINES[:2], ("4100", "credit", "66.66")], "1.005"),
        ([("1200", "credit", "33.33")] * 3 + [("4100", "debit", "99.99")], "1.0051"),
        (LINES, "1.1"),
    ],
)
def test_a_draft_that_is_posted_gets_the_line_that_a_posted_entry_gets(
    db: psycopg.Connection, lines: list[tuple[str, str, str]], rate: str
) -> None:
    posted = value(db, CALL, [rounded(lines, rate)])
    draft = drafted(db, rounded(lines, rate))
    assert len(lines_of(db, draft)) == len(lines)
    value(db, POST, [draft])
    assert lines_of(db, draft) == lines_of(db, posted)
    for column in ("amount", "currency_amount"):
        total = f"SELECT sum({column}) FROM ledger.journal_lines WHERE entry_id = %s"
        assert value(db, total, [draft]) == 0
    settle(db)


def test_a_draft_with_gaps_in_its_numbers_gets_its_line_behind_the_last(
    db: psycopg.Connection,
) -> None:
    draft = drafted(db, rounded([("1110", "debit", "1"), *LINES], "1.005"))
    db.execute("SELECT ledger.remove_journal_line(%s, 1)", [draft])
    value(db, POST, [draft])
    numbers = [(row[0], row[1]) for row in lines_of(db, draft)]
    assert numbers == [(2, "1200"), (3, "1200"), (4, "1200"), (5, "4100"), (6, "5910")]
    assert balance(db, "5910") == "-0.0100"
    settle(db)


def test_units_without_decimals_are_rounded_to_units(db: psycopg.Connection) -> None:
    db.execute("SELECT identity.create_business('TOKYO', 'Tokyo', 'JPY')")
    db.execute("SELECT ledger.create_fiscal_year('TOKYO', '2026-01-01')")
    call = CALL.replace("MAIN", "TOKYO")
    lines = rounded(LINES, "160.05")
    posted, draft = value(db, call, [lines]), drafted(db, lines, call)
    value(db, POST, [draft])
    assert lines_of(db, draft) == lines_of(db, posted)
    amounts = ["5334.0000", "5334.0000", "5334.0000", "-16003.0000", "1.0000"]
    assert [row[2] for row in lines_of(db, draft)] == amounts
    settle(db)


def test_a_draft_that_is_off_by_more_than_rounding_is_not_posted(db: psycopg.Connection) -> None:
    for lines in ([*LINES[:3], ("4100", "credit", "99.98")], [*LINES, ("1110", "debit", "0.01")]):
        throws(db, "ZL001", POST, [drafted(db, rounded(lines, "1.005"))])
    draft = drafted(db, rounded(LINES, "1.005"))
    db.execute("DELETE FROM ledger.account_roles WHERE role = 'rounding_difference'")
    throws(db, "ZL001", POST, [draft])
    assert len(lines_of(db, draft)) == 4


def test_a_status_set_past_the_functions_adds_no_line(db: psycopg.Connection) -> None:
    draft = drafted(db, rounded(LINES, "1.005"))
    with pytest.raises(psycopg.Error) as refused, db.transaction():
        db.execute("UPDATE ledger.journal_entries SET status = 'POSTED' WHERE id = %s", [draft])
        db.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert refused.value.sqlstate == "ZL001"


HOLD = "SELECT ledger.hold_journal_entry('MAIN', '2026-03-04', 'x', %s)"
POST_HELD = "SELECT ledger.post_held_entry(%s, %s)"


def test_what_is_held_has_its_rounding_line_from_the_beginning(db: psycopg.Connection) -> None:
    limit(db, "5910", minimum_balance=-1)
    posted = value(db, CALL, [rounded(LINES, "1.005")])
    held = value(db, HOLD, [rounded(LINES, "1.005")])
    assert lines_of(db, held) == lines_of(db, posted)
    total = "SELECT sum(amount)::text FROM ledger.held_amounts WHERE entry_id = %s"
    assert value(db, total, [held]) == "0.0000"
    settle(db)
    assert value(db, POST_HELD, [held, None]) == held
    assert balance(db, "5910") == "-0.0200"
    settle(db)


def test_a_part_of_a_hold_may_round_where_the_whole_did_not(db: psycopg.Connection) -> None:
    whole = [("1200", "debit", "99.99"), ("1120", "debit", "0.01"), ("4100", "credit", "100")]
    held = value(db, HOLD, [rounded(whole, "1.005")])
    assert len(lines_of(db, held)) == 3
    some = [*LINES[1:3], ("4100", "credit", "66.66")]
    part = value(db, POST_HELD, [held, rounded(some, "1.005")])
    assert [row[1:3] for row in lines_of(db, part)][-1] == ("5910", "-0.0100")
    settle(db)
    more = json.dumps([{"account": "5910", "credit": "0.01"}, {"account": "1200", "debit": "0.01"}])
    third = value(db, HOLD, [rounded(whole, "1")])
    throws(db, "ZL037", POST_HELD, [third, more])


def test_an_account_that_takes_no_rounding_differences_is_named(db: psycopg.Connection) -> None:
    draft = drafted(db, rounded(LINES, "1.005"))
    db.execute("SELECT ledger.deactivate_account('5910')")
    throws(db, "ZL010", POST, [draft])
    throws(db, "ZL010", CALL, [rounded(LINES, "1.005")])
    given = {"business": "MAIN", "date": "2026-03-04", "description": "x"}
    batch = [
        given | {"lines": json.loads(rounded(lines, "1.005"))}
        for lines in (LINES, [LINES[0], ("4100", "credit", "33.33")])
    ]
    results_eq(
        db,
        """SELECT c.ordinal, c.sqlstate, c.is_new
        FROM ledger.create_journal_entries(%s, 'skip_bad') AS c""",
        [(1, "ZL010", False), (2, None, True)],
        [json.dumps(batch)],
    )
    settle(db)


def test_the_account_of_the_business_goes_before_that_of_all_and_that_of_others_is_none(
    db: psycopg.Connection,
) -> None:
    db.execute("SELECT ledger.create_account('5911', 'Own rounding', 'EXPENSE')")
    db.execute("SELECT ledger.create_account('5912', 'Their rounding', 'EXPENSE')")
    role = "SELECT ledger.set_account_role('rounding_difference', %s, %s)"
    db.execute(role, ["5911", "MAIN"])
    db.execute(role, ["5912", "SIDE"])
    for call in (CALL, CALL.replace("MAIN", "SIDE")):
        value(db, call, [rounded(LINES, "1.005")])
    assert [balance(db, "5911"), balance(db, "5912", "SIDE")] == ["-0.0100"] * 2
    db.execute(
        "DELETE FROM ledger.account_roles WHERE business_id IS DISTINCT FROM"
        " (SELECT id FROM identity.businesses WHERE code = 'SIDE' AND tenant_id ="
        " identity.current_tenant())"
    )
    throws(db, "ZL001", CALL, [rounded(LINES, "1.005")])
    settle(db)
