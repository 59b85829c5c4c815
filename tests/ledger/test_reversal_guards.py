"""What a reversal must be, on every path: each guard by itself."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from pgerp.db import connect
from tests.background import Background
from tests.ledger.books import Books, as_json, draft, open_books, post, settle
from tests.ledger.test_lifecycle import CLOSE, REVERSE, SALE, VOID
from tests.pgtap import throws, value

BACK = (("1110", "-100"), ("4100", "100"))
LINK = """INSERT INTO ledger.reversals (tenant_id, entry_id, reversal_id, reason)
    SELECT tenant_id, id, %s, 'by hand' FROM ledger.journal_entries WHERE id = %s"""
DATE = "SELECT entry_date::text FROM ledger.journal_entries WHERE id = %s"


def dated(db: psycopg.Connection, entry: Any) -> Any:
    """Reverse an entry without a date; return the date that it got."""
    return value(db, DATE, [value(db, REVERSE, [entry, "why", None])])


def test_a_draft_is_refused_as_such_though_it_would_not_balance(
    db: psycopg.Connection, books: Books
) -> None:
    throws(db, "ZL022", REVERSE, [draft(db, ("1110", "100")), "why", None])


def test_a_long_description_stays_within_its_bounds(db: psycopg.Connection, books: Books) -> None:
    entry = value(
        db,
        "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', %s, %s)",
        ["x" * 2000, as_json(*SALE)],
    )
    reversal = value(db, REVERSE, [entry, "why", None])
    length = "SELECT length(description) FROM ledger.journal_entries WHERE id = %s"
    assert value(db, length, [reversal]) == 2000
    settle(db)


def test_the_next_open_period_is_one_of_the_entrys_business(
    db: psycopg.Connection, books: Books
) -> None:
    entry = post(db, *SALE)
    side = "(SELECT id FROM identity.businesses WHERE code = 'SIDE')"
    close = f"UPDATE ledger.fiscal_periods SET status = 'closed' WHERE business_id <> {side}"
    db.execute(f"{close} AND code IN ('2026-03', '2026-04')".encode())
    assert dated(db, entry) == "2026-05-01"
    settle(db)


def test_the_next_open_period_is_a_regular_one(db: psycopg.Connection, books: Books) -> None:
    """The adjusting period is open, but takes no reversal of an entry that is not in it."""
    db.execute("SELECT ledger.create_fiscal_year('MAIN', '2027-01-01')")
    entry = post(db, *SALE)
    db.execute(
        "UPDATE ledger.fiscal_periods SET status = 'closed'"
        " WHERE kind = 'regular' AND ends_on BETWEEN '2026-03-01' AND '2026-12-31'"
    )
    assert dated(db, entry) == "2027-01-01"
    settle(db)


def test_an_adjusting_entry_is_reversed_in_its_own_period(
    db: psycopg.Connection, books: Books
) -> None:
    entry = value(
        db,
        "SELECT ledger.create_journal_entry('MAIN', '2026-12-31', 'x', %s,"
        " p_period_kind => 'adjusting')",
        [as_json(*SALE)],
    )
    db.execute(CLOSE, ["2026-12"])
    assert dated(db, entry) == "2026-12-31"
    settle(db)


def test_by_hand_only_a_posted_entry_reverses_a_posted_one(
    db: psycopg.Connection, books: Books
) -> None:
    sale, sketch, abandoned = post(db, *SALE), draft(db, *SALE), draft(db, *SALE)
    db.execute(VOID, [abandoned, "why"])
    throws(db, "ZL023", LINK, [post(db, *BACK), abandoned])
    throws(db, "ZL022", LINK, [post(db, *BACK), sketch])
    throws(db, "ZL022", LINK, [draft(db, *BACK), sale])


FOREIGN = {"currency": "EUR", "rate": "2"}


@pytest.mark.parametrize(
    ("entry", "reversal", "other"),
    [
        ({}, {"debit": "99"}, {"credit": "99"}),
        ({}, {"account": "1120"}, {}),
        ({"department": "A"}, {"department": "B"}, {}),
        ({"counterparty": "A"}, {"counterparty": "B"}, {}),
        (FOREIGN | {"debit": "50"}, {}, {}),
        (FOREIGN | {"debit": "50"}, {"currency": "EUR", "debit": "25", "rate": "4"}, {}),
    ],
)
def test_by_hand_a_reversal_is_the_exact_opposite(
    db: psycopg.Connection,
    books: Books,
    entry: dict[str, str],
    reversal: dict[str, str],
    other: dict[str, str],
) -> None:
    def make(side: str, first: dict[str, str], second: dict[str, str]) -> Any:
        names = {"debit": side, "credit": "credit" if side == "debit" else "debit"}
        lines = [
            {names.get(key, key): text for key, text in line.items()}
            for line in (
                {"account": "1110", "debit": "100"} | first,
                {"account": "4100", "credit": "100"} | second,
            )
        ]
        return value(
            db,
            "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s)",
            [json.dumps(lines)],
        )

    sale = make("debit", entry, {})
    throws(db, "ZL025", LINK, [make("credit", reversal, other), sale])
    db.execute(LINK, [make("credit", entry, {}), sale])
    settle(db)


def test_by_hand_a_reversal_is_of_the_same_business(db: psycopg.Connection, books: Books) -> None:
    throws(db, "ZL025", LINK, [post(db, *BACK, business="SIDE"), post(db, *SALE)])


def test_what_was_recorded_neither_changes_nor_goes(db: psycopg.Connection, books: Books) -> None:
    value(db, REVERSE, [post(db, *SALE), "why", None])
    throws(db, "ZL006", "UPDATE ledger.reversals SET reason = 'other'")
    throws(db, "ZL006", "DELETE FROM ledger.reversals")


def test_by_hand_the_second_of_two_waits_and_is_told(clone: str) -> None:
    with connect(clone) as observer, connect(clone) as one, connect(clone) as other:
        open_books(observer)
        sale, first, second = post(observer, *SALE), post(observer, *BACK), post(observer, *BACK)
        one.execute("BEGIN")
        one.execute(LINK, [first, sale])
        waiting = Background(other, lambda: other.execute(LINK, [second, sale]))
        assert waiting.waits(observer)
        one.execute("COMMIT")
        assert waiting.result() == "ZL023"
