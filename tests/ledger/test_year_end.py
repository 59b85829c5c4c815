"""Closing a fiscal year: its revenue and expenses go to retained earnings."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books, as_json, balance, offenders, post
from tests.ledger.periods import (
    CLOSE,
    CLOSE_YEAR,
    POST,
    RENT,
    REOPEN_YEAR,
    SALE,
    events,
    income,
    lines_of,
    parts,
    retain,
    settle,
    status,
)
from tests.pgtap import as_role, lives, throws, value


@pytest.fixture(autouse=True)
def retained(db: psycopg.Connection, books: Books) -> None:
    retain(db)


def test_closing_a_year_takes_its_result_to_retained_earnings(
    db: psycopg.Connection, books: Books
) -> None:
    post(db, *SALE, date="2026-03-04")
    post(db, *RENT, date="2026-12-31")
    lives(db, POST, ["2026-12-31", as_json(("5100", "5"), ("2110", "-5")), "adjusting"])
    post(db, *SALE, business="SIDE")
    settle(db)
    before = income(db)
    with as_role(db, "pgerp_app"):
        entry_id = value(db, CLOSE_YEAR, ["2026"])
    settle(db)
    assert lines_of(db, entry_id) == [
        ("4100", "100.0000", None, None),
        ("5100", "-35.0000", None, None),
        ("3200", "-65.0000", None, None),
    ]
    assert income(db) == before == {"4100": "100.0000", "5100": "35.0000"}
    assert [balance(db, code) for code in ("4100", "5100", "3200")] == [
        "0.0000",
        "0.0000",
        "-65.0000",
    ]
    assert balance(db, "4100", "SIDE") == "-100.0000"
    assert parts(db, "2026-12-30") == ["0", "-100", "0"]
    assert parts(db, "2026-12-31") == ["-65", "0", "0"]
    closed = """SELECT count(*) FROM ledger.fiscal_periods
        WHERE status = 'closed' AND business_id = 1 AND tenant_id = %s"""
    assert value(db, closed, [books.tenant_id]) == 14
    assert [event[0] for event in events(db, "2026-CL")] == ["posted", "closed"]
    assert offenders(db) == {}


def test_a_year_with_open_periods_is_only_closed_with_them_if_that_is_wanted(
    db: psycopg.Connection, books: Books
) -> None:
    db.execute(
        "SELECT ledger.close_period('MAIN', p.code) FROM ledger.fiscal_periods AS p"
        " WHERE business_id = 1 AND kind = 'regular' AND tenant_id = %s",
        [books.tenant_id],
    )
    only = "SELECT ledger.close_fiscal_year('MAIN', '2026', false)"
    throws(db, "ZL043", only)
    db.execute(CLOSE, ["2026-13"])
    lives(db, only)
    assert status(db, "2026-CL") == "closed"


def test_a_year_without_result_closes_without_an_entry_and_without_an_account_for_it(
    db: psycopg.Connection, books: Books
) -> None:
    db.execute("DELETE FROM ledger.account_roles")
    post(db, ("1110", "5"), ("2110", "-5"))
    settle(db)
    assert value(db, CLOSE_YEAR, ["2026"]) is None
    assert value(db, REOPEN_YEAR, ["2026"]) is None
    assert value(db, CLOSE_YEAR, ["2026"]) is None
    settle(db)
    assert offenders(db) == {}


def test_a_year_whose_result_is_zero_needs_no_line_of_retained_earnings(
    db: psycopg.Connection, books: Books
) -> None:
    db.execute("DELETE FROM ledger.account_roles")
    post(db, ("5100", "100"), ("4100", "-100"))
    settle(db)
    entry_id = value(db, CLOSE_YEAR, ["2026"])
    settle(db)
    assert [line[:2] for line in lines_of(db, entry_id)] == [
        ("4100", "100.0000"),
        ("5100", "-100.0000"),
    ]


@pytest.mark.parametrize(("lines", "result"), [(SALE, "-100.0000"), (RENT, "30.0000")])
def test_a_year_with_revenue_or_expenses_alone_closes(
    db: psycopg.Connection, books: Books, lines: Any, result: str
) -> None:
    post(db, *lines)
    settle(db)
    value(db, CLOSE_YEAR, ["2026"])
    settle(db)
    assert balance(db, "3200") == result
    assert offenders(db) == {}


def test_without_an_account_for_retained_earnings_nothing_happens(
    db: psycopg.Connection, books: Books
) -> None:
    db.execute("DELETE FROM ledger.account_roles")
    post(db, *SALE)
    settle(db)
    throws(db, "ZL024", CLOSE_YEAR, ["2026"])
    assert status(db, "2026-01") == "open"


def test_a_business_carries_forward_to_its_own_account_before_the_shared_one(
    db: psycopg.Connection, books: Books
) -> None:
    db.execute("SELECT ledger.create_account('3201', 'Of SIDE', 'EQUITY', NULL, 'SIDE')")
    db.execute("SELECT ledger.set_account_role('retained_earnings', '3201', 'SIDE')")
    db.execute("SELECT ledger.create_account('4200', 'Sales of SIDE', 'REVENUE', NULL, 'SIDE')")
    post(db, ("1110", "7"), ("4200", "-7"), business="SIDE")
    post(db, *SALE, business="SIDE")
    post(db, *SALE)
    settle(db)
    db.execute(
        "SELECT ledger.close_fiscal_year(code, '2026') FROM identity.businesses"
        " WHERE tenant_id = %s",
        [books.tenant_id],
    )
    settle(db)
    assert [balance(db, "3201", "SIDE"), balance(db, "3200", "SIDE")] == ["-107.0000", "0"]
    assert balance(db, "3200") == "-100.0000"
    assert offenders(db) == {}


def test_hundreds_of_accounts_close_in_one_entry(db: psycopg.Connection, books: Books) -> None:
    for n in range(300):
        kind, sign = (("REVENUE", "-"), ("EXPENSE", ""))[n % 2]
        db.execute("SELECT ledger.create_account(%s, 'x', %s)", [f"9{n:03}", kind])
        other = sign.replace("-", "+") or "-"
        post(db, (f"9{n:03}", f"{sign}{n + 1}"), ("1110", f"{other}{n + 1}".lstrip("+")))
    settle(db)
    entry_id = value(db, CLOSE_YEAR, ["2026"])
    settle(db)
    assert len(lines_of(db, entry_id)) == 301
    assert balance(db, "3200") == "150.0000"
    assert offenders(db) == {}


@pytest.mark.parametrize(
    "change", ["is_active = false", "is_postable = false", "control_module = 'billing'"]
)
def test_accounts_that_take_no_entries_any_more_are_emptied_all_the_same(
    db: psycopg.Connection, books: Books, change: str
) -> None:
    post(db, *SALE)
    settle(db)
    db.execute(f"UPDATE ledger.accounts SET {change} WHERE code = '4100'")
    value(db, CLOSE_YEAR, ["2026"])
    settle(db)
    assert income(db) == {"4100": "100.0000"}
    assert balance(db, "3200") == "-100.0000"


@pytest.mark.parametrize(
    ("sqlstate", "change"),
    [("ZL010", "is_active = false"), ("ZL014", "currency_code = 'EUR'")],
)
def test_an_account_that_takes_no_entries_does_not_take_the_result(
    db: psycopg.Connection, books: Books, sqlstate: str, change: str
) -> None:
    post(db, *SALE)
    settle(db)
    db.execute(f"UPDATE ledger.accounts SET {change} WHERE code = '3200'")
    throws(db, sqlstate, CLOSE_YEAR, ["2026"])


def test_a_result_is_not_carried_to_an_account_of_the_result(
    db: psycopg.Connection, books: Books
) -> None:
    db.execute("SELECT ledger.set_account_role('retained_earnings', '5100')")
    post(db, *SALE)
    settle(db)
    throws(db, "ZL043", CLOSE_YEAR, ["2026"])


def currency_line(account: str, amount: str, rate: str, currency: str = "CLF") -> str:
    side = "credit" if amount.startswith("-") else "debit"
    return (
        f'{{"account": "{account}", "{side}": "{amount.lstrip("-")}", "currency": "{currency}",'
        f' "rate": "{rate}"}}'
    )


@pytest.mark.parametrize(
    "amounts",
    [
        [("-100", "1.25")],
        [("-100", "1.25"), ("-50.55", "1.1017")],
        [("-100", "1.25"), ("100", "1.20")],
        [("-100", "1.20"), ("90", "1.40")],
        [("-0.0001", "5000")],
        [("-0.0001", "500"), ("0.0002", "999999")],
        [("-99999999.99", "1.2345678901"), ("-0.01", "1000000")],
        [("-1", "9999999999"), ("0.9999", "1")],
        [("-0.5", "1.0000000001"), ("0.4999", "2")],
    ],
)
@pytest.mark.parametrize("restricted", [True, False])
def test_both_currencies_of_an_account_go_to_zero(
    db: psycopg.Connection, books: Books, amounts: list[tuple[str, str]], restricted: bool
) -> None:
    if restricted:
        db.execute("UPDATE ledger.accounts SET currency_code = 'CLF' WHERE code = '4100'")
    else:
        post(db, *SALE)
    for amount, rate in amounts:
        opposite = amount[1:] if amount.startswith("-") else "-" + amount
        both = f"[{currency_line('4100', amount, rate)}, {currency_line('1120', opposite, rate)}]"
        db.execute("SELECT ledger.create_journal_entry('MAIN', '2026-05-06', 'x', %s)", [both])
    settle(db)
    earned = value(
        db, "SELECT sum(balance) FROM ledger.trial_balance('MAIN') WHERE account_code = '4100'"
    )
    value(db, CLOSE_YEAR, ["2026"])
    settle(db)
    left = """SELECT sum(b.debit - b.credit)::numeric, sum(b.currency_amount)::numeric
        FROM ledger.account_balances AS b JOIN ledger.accounts AS a ON a.id = b.account_id
        WHERE a.code = '4100' GROUP BY b.currency_code"""
    assert set(db.execute(left).fetchall()) == {(0, 0)}
    assert Decimal(balance(db, "3200")) == earned
    assert offenders(db) == {}
