"""What each counterparty owes is carried at the rate of the day, and ends at zero."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books, settle
from tests.ledger.foreign import item, match, open_foreign_accounts, set_rate
from tests.pgtap import results_eq, value

REVALUE = "SELECT ledger.revalue(%s, %s)"


@pytest.fixture(autouse=True)
def foreign(db: psycopg.Connection, books: Books) -> None:
    """Books with accounts for EUR."""
    open_foreign_accounts(db)


def balances(db: psycopg.Connection, day: str, *accounts: str) -> list[str]:
    call = "SELECT ledger.account_balance('MAIN', %s, %s)"
    return [str(value(db, call, [account, day])) for account in accounts]


def carried(db: psycopg.Connection, day: str, account: str = "1200") -> list[tuple[str, ...]]:
    """Return counterparty, open amount and value of each row of the aged balances."""
    call = """SELECT counterparty, total::text, value::text
        FROM ledger.aged_balances('MAIN', %s, %s)"""
    return db.execute(call, [account, day]).fetchall()


def test_each_counterparty_is_carried_at_the_closing_rate(db: psycopg.Connection) -> None:
    item(db, "100", rate="1.10", counterparty="A")
    item(db, "30", rate="1.30", counterparty="B")
    item(db, "-50", rate="1.20", counterparty="B", date="2026-03-10")
    item(db, "10", rate="1.10", counterparty=None)
    set_rate(db, "2026-03-31", "1.25")
    entry_id = value(db, REVALUE, ["MAIN", "2026-03-31"])
    at_close = [
        ("A", "100.0000", "125.0000"), ("B", "-20.0000", "-25.0000"), (None, "10.0000", "12.5000")
    ]  # fmt: skip
    assert carried(db, "2026-03-31") == at_close
    assert balances(db, "2026-03-31", "1200", "4920", "5930") == ["112.5000", "-16.5000", "4.0000"]
    results_eq(
        db,
        """SELECT l.counterparty, l.amount::text, l.currency_amount::text
        FROM ledger.journal_lines AS l WHERE l.entry_id = %s AND l.currency_code = 'EUR'""",
        [("A", "15.0000", "0.0000"), ("B", "-4.0000", "0.0000"), (None, "1.5000", "0.0000")],
        [entry_id],
    )
    next_day = [
        ("A", "100.0000", "110.0000"), ("B", "-20.0000", "-21.0000"), (None, "10.0000", "11.0000")
    ]  # fmt: skip
    assert carried(db, "2026-04-01") == next_day
    assert value(db, REVALUE, ["MAIN", "2026-03-31"]) is None
    settle(db)


def test_counterparties_that_cancel_out_are_revalued_all_the_same(db: psycopg.Connection) -> None:
    """The account as a whole is worth zero at any rate; what each owes is not."""
    item(db, "100", rate="1.10", counterparty="A")
    item(db, "-100", rate="1.10", counterparty="B")
    set_rate(db, "2026-03-31", "1.25")
    assert value(db, REVALUE, ["MAIN", "2026-03-31"]) is not None
    assert carried(db, "2026-03-31") == [
        ("A", "100.0000", "125.0000"), ("B", "-100.0000", "-125.0000")
    ]  # fmt: skip
    assert balances(db, "2026-03-31", "1200", "4920", "5930") == ["0.0000", "-15.0000", "15.0000"]
    settle(db)


@pytest.mark.parametrize("as_of", ["2026-03-31", "2026-03-20"])
def test_values_by_counterparty_sum_to_the_account_and_end_at_zero(
    db: psycopg.Connection, as_of: str
) -> None:
    """Whole periods come from balances, the cut one from lines; the 20th is within one."""
    set_rate(db, "2026-01-01", "1.1", pair="GBP/USD")
    set_rate(db, "2026-01-01", "0.0067", pair="JPY/USD")
    pairs = []
    for n in range(12):
        currency, units = (("EUR", f"{n}.37"), ("GBP", f"{n}.11"), ("JPY", f"{n}01"))[n % 3]
        whose = None if n % 4 == 3 else f"C{n % 4}"
        more: dict[str, Any] = {"currency": currency, "counterparty": whose}
        day = f"2026-0{1 + n % 3}-{10 + n}"
        invoice = item(db, units, rate=f"1.{n}3", date=day, **more)
        pairs.append((invoice, item(db, f"-{units}", rate=f"1.{n}9", date="2026-05-05", **more)))
    for currency, rate in (("EUR", "1.2345"), ("GBP", "1.3333"), ("JPY", "0.00712")):
        set_rate(db, as_of, rate, pair=f"{currency}/USD")
    value(db, REVALUE, ["MAIN", as_of])
    rows = db.execute(
        """SELECT b.total, b.value, round(b.total * ledger.exchange_rate(
            b.currency_code, 'USD', %(day)s), 2)
        FROM ledger.aged_balances('MAIN', '1200', %(day)s) AS b""",
        {"day": as_of},
    ).fetchall()
    assert len(rows) == (12 if as_of == "2026-03-31" else len(rows)) and len(rows) >= 8
    assert [row[1] for row in rows] == [row[2] for row in rows]
    held = value(db, "SELECT ledger.account_balance('MAIN', '1200', %s)", [as_of])
    assert held == sum(row[1] for row in rows)
    for invoice, payment in pairs:
        match(db, invoice, payment)
    assert carried(db, "2026-12-31") == []
    results_eq(
        db,
        """SELECT coalesce(sum(l.amount), 0)::text, sum(l.currency_amount)::text
        FROM ledger.journal_lines AS l INNER JOIN ledger.accounts AS a ON a.id = l.account_id
        WHERE a.code = '1200' GROUP BY l.currency_code, l.counterparty""",
        [("0.0000", "0.0000")] * 12,
    )
    settle(db)


def test_what_others_hold_is_no_counterparty_of_the_business(db: psycopg.Connection) -> None:
    item(db, "100", rate="1.10", counterparty="A")
    item(db, "70", rate="1.10", counterparty="A", business="SIDE")
    item(db, "40", rate="1.10", counterparty="A", status="DRAFT")
    item(db, "20", rate="1.10", counterparty="A", date="2026-04-01")
    set_rate(db, "2026-03-31", "1.20")
    value(db, REVALUE, ["MAIN", "2026-03-31"])
    assert carried(db, "2026-03-31") == [("A", "100.0000", "120.0000")]
    settle(db)
