"""Every fault that an entry of a batch can have, one by one: named in both modes, and not kept.

Each has one fault, so that each rule is what refuses something; the text and the SQLSTATE of a rule
are written apart from each other in the functions, and both must be there.
"""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books, open_books, settle
from tests.ledger.foreign import open_foreign_accounts
from tests.ledger.limits import limit
from tests.ledger.periods import EVERYDAY
from tests.pgtap import throws, value

SKIP = """SELECT ordinal, sqlstate, error IS NULL, entry_id IS NULL, is_new
    FROM ledger.create_journal_entries(%s, 'skip_bad')"""
ATOMIC = "SELECT * FROM ledger.create_journal_entries(%s)"
LINES = [{"account": "1110", "debit": "5"}, {"account": "4100", "credit": "5"}]
GONE = object()
"""A field that is left out."""

HEADERS: list[tuple[dict[str, Any], str]] = [
    ({"colour": "red"}, "ZL015"),
    ({"business": GONE}, "ZL015"),
    ({"business": "NONE"}, "ZI005"),
    ({"business": "THEIRS"}, "ZI005"),
    ({"business": "SIDE"}, "ZI006"),
    ({"business": "SHUT"}, "ZI007"),
    ({"date": GONE}, "ZL015"),
    ({"date": "2026-02-30"}, "ZL015"),
    ({"date": "infinity"}, "ZL015"),
    ({"date": "4 March 2026"}, "ZL015"),
    ({"date": "2031-01-15"}, "ZL003"),
    ({"date": "2026-01-15"}, "ZL002"),
    ({"date": "2026-02-15"}, "ZL002"),
    ({"date": "2026-01-31", "status": "POSTED"}, "ZL002"),
    ({"description": GONE}, "ZL015"),
    ({"description": "x" * 2001}, "ZL015"),
    ({"reference": "x" * 201}, "ZL015"),
    ({"status": "VOIDED"}, "ZL016"),
    ({"status": "posted"}, "ZL016"),
    ({"source_module": "x" * 64}, "ZL015"),
    ({"source_module": "Sales"}, "ZL015"),
    ({"source_module": ""}, "ZL015"),
    ({"source_module": "sales"}, "ZL021"),
    ({"source_module": "ledger"}, "ZL021"),
    ({"source_module": "shop", "source_id": "x" * 201}, "ZL015"),
    ({"source_id": "17"}, "ZL015"),
    ({"period_kind": "closing"}, "ZL015"),
    ({"period_kind": "odd"}, "ZL015"),
    ({"period_kind": "adjusting"}, "ZL003"),
    ({"idempotency_key": ""}, "ZL015"),
    ({"idempotency_key": "x" * 201}, "ZL015"),
    ({"idempotency_key": "x\n"}, "ZL015"),
    ({"lines": GONE}, "ZL015"),
    ({"lines": {}}, "ZL015"),
    ({"lines": "x"}, "ZL015"),
    ({"lines": []}, "ZL005"),
    ({"lines": LINES[:1]}, "ZL005"),
    ({"lines": [LINES[0], LINES[1] | {"credit": "5.0001"}]}, "ZL001"),
]
EUR = {"currency": "EUR", "rate": "2"}
FAULTS: list[tuple[dict[str, Any] | str | None, str]] = [
    ("x", "ZL015"),
    (None, "ZL015"),
    ({"colour": "red"}, "ZL015"),
    ({"account": GONE}, "ZL015"),
    ({"description": "x" * 2001}, "ZL015"),
    *(
        ({field: text}, "ZL015")
        for field in ("department", "counterparty")
        for text in ("", "x" * 201, " x", "x ", "x\ny")
    ),
    ({"due_date": "2026-02-30"}, "ZL015"),
    ({"due_date": "soon"}, "ZL015"),
    ({"account": "9999"}, "ZL007"),
    ({"account": "T-9"}, "ZL007"),
    ({"account": "1000"}, "ZL009"),
    ({"account": "1190"}, "ZL010"),
    ({"account": "1130"}, "ZL012"),
    ({"account": "1150"}, "ZL014"),
    ({"account": "1160"}, "ZL021"),
    ({"debit": GONE}, "ZL011"),
    ({"debit": "0"}, "ZL011"),
    ({"debit": "-5"}, "ZL011"),
    ({"debit": "5.00001"}, "ZL011"),
    ({"debit": GONE, "credit": "5.00001"}, "ZL011"),
    ({"debit": "10000000000000000"}, "ZL011"),
    ({"debit": GONE, "credit": "10000000000000000"}, "ZL011"),
    ({"debit": "1e1"}, "ZL011"),
    ({"debit": "NaN"}, "ZL011"),
    ({"credit": "5"}, "ZL011"),
    ({"credit": "3"}, "ZL011"),
    ({"credit": "x"}, "ZL011"),
    ({"debit": "x", "credit": "5"}, "ZL011"),
    ({"currency": "USD", "rate": "1"}, "ZL014"),
    ({"rate": "1"}, "ZL014"),
    ({"currency": "XXQ", "rate": "1"}, "ZL014"),
    ({"currency": "HRK", "rate": "1"}, "ZL014"),
    ({"currency": "EUR"}, "ZL014"),
    (EUR | {"rate": "0"}, "ZL014"),
    (EUR | {"rate": "-2"}, "ZL014"),
    (EUR | {"rate": "2.00000000001"}, "ZL014"),
    (EUR | {"rate": "10000000000"}, "ZL014"),
    (EUR | {"debit": "5.001"}, "ZL011"),
    (EUR | {"debit": "0.01", "rate": "0.4"}, "ZL011"),
    (EUR | {"debit": "9999999999999999"}, "ZL011"),
]


def entry(**fields: Any) -> dict[str, Any]:
    given = {"business": "MAIN", "date": "2026-03-04", "description": "x", "lines": LINES} | fields
    return {name: said for name, said in given.items() if said is not GONE}


def faulty(fault: dict[str, Any] | str | None, sqlstate: str) -> dict[str, Any]:
    """Return an entry whose first line has a fault, and whose last one has one of another kind."""
    line: Any = fault
    if isinstance(fault, dict):
        given = LINES[0] | fault
        line = {name: said for name, said in given.items() if said is not GONE}
    other = {"account": "1000" if sqlstate == "ZL007" else "9998", "debit": "1"}
    return entry(lines=[line, LINES[1], other])


BAD: list[tuple[Any, str]] = [
    *((entry(**fields), sqlstate) for fields, sqlstate in HEADERS),
    *((faulty(fault, sqlstate), sqlstate) for fault, sqlstate in FAULTS),
    *((odd, "ZL015") for odd in ("x", 5, None, [])),
]


@pytest.fixture(autouse=True)
def stage(db: psycopg.Connection) -> Books:
    """Books with everything that can be wrong: the token covers MAIN and SHUT, which is shut."""
    theirs = open_books(db, "Theirs")
    db.execute("SELECT identity.create_business('THEIRS', 'Theirs', 'USD')")
    db.execute("SELECT ledger.create_fiscal_year('THEIRS', '2026-01-01')")
    db.execute("SELECT ledger.create_account('T-9', 'Theirs', 'ASSET')")
    books = open_books(db, "Ours")
    assert theirs.tenant_id != books.tenant_id
    open_foreign_accounts(db)
    shut = value(db, "SELECT identity.create_business('SHUT', 'Shut', 'USD')")
    db.execute("SELECT ledger.create_fiscal_year('SHUT', '2026-01-01')")
    db.execute("UPDATE identity.businesses SET is_active = false WHERE code = 'SHUT'")
    for code in ("1190", "1160"):
        db.execute("SELECT ledger.create_account(%s, 'x', 'ASSET')", [code])
    db.execute("UPDATE ledger.accounts SET is_active = false WHERE code = '1190'")
    db.execute("UPDATE ledger.accounts SET control_module = 'sales' WHERE code = '1160'")
    db.execute("INSERT INTO ledger.currencies (code, name, numeric_code, minor_unit, is_active)"
               " VALUES ('HRK', 'Kuna', '191', 2, false)"
               " ON CONFLICT (code) DO UPDATE SET is_active = false")  # fmt: skip
    for status, code in (("closed", "2026-01"), ("soft_closed", "2026-02")):
        db.execute("UPDATE ledger.fiscal_periods SET status = %s WHERE code = %s", [status, code])
    hold(db, books, [books.business_id, shut])
    return books


def hold(
    db: psycopg.Connection, books: Books, businesses: list[int] | None, *permissions: str
) -> None:
    db.execute(
        """SELECT set_config('pgerp.token', identity.issue_token(
            %s, 'alice', %s, '1 day', %s::text[]), false)""",
        [books.tenant_id, businesses, [*EVERYDAY, *permissions]],
    )


def count(db: psycopg.Connection) -> int:
    found: int = value(db, "SELECT count(*) FROM ledger.journal_entries")
    return found


def test_each_fault_is_named_and_the_good_entries_are_kept(db: psycopg.Connection) -> None:
    batch = [entry(idempotency_key="first"), *(bad for bad, _ in BAD), entry()]
    rows = db.execute(SKIP, [json.dumps(batch)]).fetchall()
    assert rows[0] == (1, None, True, False, True)
    assert rows[-1] == (len(batch), None, True, False, True)
    found = {row[0]: row[1:] for row in rows}
    wrong = {
        json.dumps(bad): (found[n], sqlstate)
        for n, (bad, sqlstate) in enumerate(BAD, start=2)
        if found[n] != (sqlstate, False, True, False)
    }
    assert wrong == {}
    assert [row[0] for row in rows] == list(range(1, len(batch) + 1))
    assert count(db) == 2
    assert value(db, "SELECT count(*) FROM ledger.idempotency_keys") == 1
    settle(db)


def test_what_a_limit_refuses_does_not_bring_in_what_is_wrong_otherwise(
    db: psycopg.Connection, stage: Books
) -> None:
    """A batch that breaks a limit is taken apart: entries with a fault stay out all the same."""
    hold(db, stage, None)
    limit(db, "1110", credit_limit=7)
    hold(db, stage, [stage.business_id])
    on = [{"account": "1120", "debit": "1"}, LINES[1] | {"credit": "1"}]
    made = entry(idempotency_key="made", lines=on)
    assert db.execute(SKIP, [json.dumps([made])]).fetchall()[0][1] is None
    batch = [entry(), entry(lines=[]), entry(), entry(lines=on[:1]), made, entry(lines=on)]
    rows = db.execute(SKIP, [json.dumps(batch)]).fetchall()
    found = [(row[1], row[4]) for row in rows]
    assert found == [
        (None, True), ("ZL005", False), ("ZL031", False), ("ZL005", False), (None, False),
        (None, True),
    ]  # fmt: skip
    assert count(db) == 3
    settle(db)


def test_each_fault_refuses_the_whole_batch(db: psycopg.Connection) -> None:
    for bad, sqlstate in BAD:
        throws(db, sqlstate, ATOMIC, [json.dumps([entry(), bad, entry()])])
    assert count(db) == 0


def test_the_first_bad_entry_names_the_fault(db: psycopg.Connection) -> None:
    batch = [entry(), entry(status="VOIDED"), entry(date="2031-01-15"), entry(lines=[])]
    throws(db, "ZL016", ATOMIC, [json.dumps(batch)])
    throws(db, "ZL005", ATOMIC, [json.dumps(batch[::-1])])


def test_a_fault_of_the_header_is_named_before_those_of_the_lines(db: psycopg.Connection) -> None:
    throws(db, "ZL003", ATOMIC, [json.dumps([entry(date="2031-01-15", lines=["x"])])])


@pytest.mark.parametrize("mode", [None, "Atomic", "skip", ""])
def test_there_are_two_modes(db: psycopg.Connection, mode: str | None) -> None:
    throws(db, "22023", "SELECT ledger.create_journal_entries(%s, %s)", ["[]", mode])


@pytest.mark.parametrize("entries", [None, "{}", '"x"', "null", "5"])
def test_entries_come_as_an_array(db: psycopg.Connection, entries: str | None) -> None:
    throws(db, "ZL015", ATOMIC, [entries])


def test_a_batch_of_nothing_is_nothing(db: psycopg.Connection) -> None:
    for call in (ATOMIC, SKIP):
        assert db.execute(call, ["[]"]).fetchall() == []


def test_drafts_may_be_what_posted_entries_may_not(db: psycopg.Connection) -> None:
    """Unbalanced, of one line or none, in a period that is closed."""
    batch = [
        entry(status="DRAFT", **fields)
        for fields in (
            {"lines": []},
            {"lines": LINES[:1]},
            {"date": "2026-01-15"},
            {"date": "2026-02-15"},
        )
    ]
    assert {row[1:] for row in db.execute(SKIP, [json.dumps(batch)])} == {(None, True, False, True)}
    posted = "SELECT count(*) FROM ledger.journal_entries WHERE posted_at IS NOT NULL"
    assert [count(db), value(db, posted)] == [4, 0]
    assert value(db, "SELECT count(*) FROM ledger.account_balances") == 0
    settle(db)


def test_who_may_posts_as_a_module_and_into_soft_closed_periods(
    db: psycopg.Connection, stage: Books
) -> None:
    sale = [{"account": "1160", "debit": "5"}, LINES[1]]
    given = entry(lines=sale, source_module="sales")
    late = entry(date="2026-02-15")
    hold(db, stage, None, "ledger.post_as.sales", "ledger.post_soft_closed")
    rows = db.execute(SKIP, [json.dumps([given, late, entry(lines=sale), entry(lines=sale,
                      source_module="shop")])]).fetchall()  # fmt: skip
    assert [row[1] for row in rows] == [None, None, "ZL021", "ZL021"]
    hold(db, stage, None, "ledger.post_as.sales")
    assert [row[1] for row in db.execute(SKIP, [json.dumps([given, late])])] == [None, "ZL002"]
    settle(db)
